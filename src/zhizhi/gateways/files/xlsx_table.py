"""XLSX, read cell by cell in bounded memory. What a spreadsheet computed, guessed or rounded is refused."""

import os
import re
import warnings
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.sniff import TRUNCATED, fingerprint_of
from zhizhi.gateways.files.table import (
    DEFAULT_CHUNK,
    MAX_UNPACK_RATIO,
    RATIO_MATTERS_FROM_OCTETS,
    Chunk,
    RowFault,
    Table,
    TableError,
    TableOptions,
    Value,
    ValueRow,
    check_header,
    column_letter,
    fit_row,
)
from zhizhi.gateways.files.xlsx_bombs import holds_too_much, strings_parts

# openpyxl reads this at its import. Its defused parser is in Python and four times slower than the one in C; a document
# type, which alone makes XML dangerous, is refused below before any part is parsed, so nothing is left to defuse.
os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")
import openpyxl

MAX_SHEET_OCTETS = 2 * 1024**3
MAX_SHARED_STRING_OCTETS = 256 * 1024**2  # openpyxl holds the shared strings in memory
MAX_PARTS = 10_000
MAX_PROLOG_OCTETS = 65_536
_ROOT = re.compile(rb"<[A-Za-z_]")
MAX_MERGES = 100_000
MAX_HEADER_SEARCH = 1_000
EXACT_DIGITS = 15  # a spreadsheet keeps no more
_BLOCK = 1_048_576
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_LONGEST_MERGE_TAG = 200


@dataclass(frozen=True, slots=True)
class _Merge:
    first_row: int
    last_row: int
    name: str


class XlsxTable(Table):
    """One sheet of a workbook. Dates become dates, whole numbers int, other numbers Decimal with at most 15 digits."""

    kind = "xlsx"

    def __init__(self, path: Path, options: TableOptions) -> None:
        _refuse_bomb(path)
        self.fingerprint = fingerprint_of(path)
        self._octets = path.open("rb")  # a path would be judged by its name
        try:
            with _readable():
                self._book = openpyxl.load_workbook(self._octets, read_only=True, data_only=False, keep_links=False)
            with _readable():
                self._sheet = self._choose(options.sheet)
                self.sheet_name = str(self._sheet.title)
                self._sheet.reset_dimensions()  # the declared size is often wrong
                # openpyxl does not read merges in read-only mode, and has no public name for the sheet's part
                self._merges = _find_merges(path, self._sheet._worksheet_path)
                self.header_row, self.columns = self._find_header()
        except BaseException:
            self._octets.close()
            raise

    def close(self) -> None:
        """Close the workbook."""
        self._book.close()
        self._octets.close()

    def chunks(self, size: int = DEFAULT_CHUNK, start: int = 0) -> Iterator[Chunk]:
        """Rows from number `start` on, numbered as the spreadsheet shows them."""
        first = max(start, self.header_row + 1)
        numbers: list[int] = []
        rows: list[ValueRow] = []
        faults: list[RowFault] = []
        number = first - 1
        for number, cells in enumerate(self._cells(first), first):
            fitted = self._read(number, cells)
            if isinstance(fitted, RowFault):
                faults.append(fitted)
            elif fitted is not None:
                numbers.append(number)
                rows.append(fitted)
            if len(rows) + len(faults) >= size:
                yield Chunk(numbers, rows, faults, number + 1)
                numbers, rows, faults = [], [], []
        if rows or faults:
            yield Chunk(numbers, rows, faults, number + 1)

    def _cells(self, first: int) -> Iterator[Sequence[Any]]:
        with _readable():
            yield from self._sheet.iter_rows(min_row=first)

    def _choose(self, name: str | None) -> Any:
        sheets = {sheet.title: sheet for sheet in self._book.worksheets}
        if name is not None:
            if name not in sheets:
                raise TableError("sheet_missing", _NO_SUCH_SHEET.fill(name=name, sheets="、".join(sheets)))
            return sheets[name]
        filled = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible" and _has_content(sheet)]
        if not filled:
            raise TableError("empty_file", _EMPTY_BOOK)
        if len(filled) > 1:
            titles = "、".join(str(sheet.title) for sheet in filled)
            raise TableError("sheet_not_named", _SHEET_NOT_NAMED.fill(sheets=titles))
        return filled[0]

    def _find_header(self) -> tuple[int, tuple[str, ...]]:
        for number, cells in enumerate(self._sheet.iter_rows(max_row=MAX_HEADER_SEARCH), 1):
            if all(cell.value is None for cell in cells):
                continue
            merge = self._merge_at(number)
            if merge:
                raise TableError("merged_cells", _MERGED_HEADER.fill(row=number, cells=merge.name), number)
            for position, cell in enumerate(cells):
                if cell.data_type == "f":
                    place = f"{column_letter(position)}{number}"
                    raise TableError("formula", _FORMULA.fill(cell=place), number, column_letter(position))
            return number, check_header([cell.value for cell in cells], number)
        raise TableError("no_header", _EMPTY_BOOK)

    def _merge_at(self, row: int) -> _Merge | None:
        position = bisect_right(self._merges, row, key=lambda merge: merge.first_row)
        return next((merge for merge in self._merges[:position] if merge.last_row >= row), None)

    def _read(self, number: int, cells: Sequence[Any]) -> ValueRow | RowFault | None:
        values: list[Value] = []
        fault: tuple[str, str, Text] | None = None
        for position, cell in enumerate(cells):
            value = cell.value
            if value is None or (type(value) is str and cell.data_type not in ("f", "e")):
                values.append(value)
                continue
            read = _read_cell(value, cell.data_type)
            if isinstance(read, _CellFault):
                column = column_letter(position)
                fault = fault or (column, read.code, read.text.fill(cell=f"{column}{number}"))
                values.append(None)
            else:
                values.append(read)
        values += [None] * (len(self.columns) - len(values))
        if self._merges and (merge := self._merge_at(number)):
            return RowFault(number, None, "merged_cells", _MERGED.fill(cells=merge.name), tuple(values))
        if fault:
            column, code, text = fault
            return RowFault(number, column, code, text, tuple(values))
        return fit_row(values, self.columns, number)


@dataclass(frozen=True, slots=True)
class _CellFault:
    code: str
    text: Text


def _read_cell(value: object, data_type: str) -> Value | _CellFault:
    if data_type == "f":
        return _CellFault("formula", _FORMULA)
    if data_type == "e":
        return _CellFault("error_cell", _ERROR_CELL)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, (bool, date)):
        return value
    if isinstance(value, (int, float)):
        if abs(value) >= 10**EXACT_DIGITS:
            return _CellFault("rounded_number", _ROUNDED)
        return value if isinstance(value, int) else Decimal(f"{value:.{EXACT_DIGITS}g}")
    return str(value)


def _has_content(sheet: Any) -> bool:
    return any(cell is not None for row in sheet.iter_rows(max_row=MAX_HEADER_SEARCH, values_only=True) for cell in row)


def _refuse_bomb(path: Path) -> None:
    """Before anything is unpacked: the declared sizes, which zipfile never reads beyond."""
    with _readable(), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise TableError("unpacks_too_large", _BOMB)
        if any(part.flag_bits & 1 for part in parts):
            raise TableError("password_protected", _ENCRYPTED)
        strings = strings_parts(archive)
    packed = max(1, path.stat().st_size)
    unpacked = sum(part.file_size for part in parts)
    shared = sum(part.file_size for part in parts if part.filename in strings)
    too_dense = unpacked > RATIO_MATTERS_FROM_OCTETS and unpacked > packed * MAX_UNPACK_RATIO
    too_much = unpacked > MAX_SHEET_OCTETS or shared > MAX_SHARED_STRING_OCTETS
    if too_dense or too_much:
        raise TableError("unpacks_too_large", _BOMB)
    with _readable(), zipfile.ZipFile(path) as archive:
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as file:
                    _refuse_document_type(file.read(MAX_PROLOG_OCTETS))
        if holds_too_much(archive):
            raise TableError("unpacks_too_large", _BOMB)


def _refuse_document_type(head: bytes) -> None:
    """A part must be plain XML whose root element comes soon and without a document type (entities, outside files)."""
    root = _ROOT.search(head)
    is_plain = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    if not is_plain or root is None or b"<!DOCTYPE" in head[: root.start()].upper():
        raise TableError("unsafe_xml", _UNSAFE)


def _find_merges(path: Path, part: str) -> list[_Merge]:
    found: list[_Merge] = []
    tail = b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as file:
        while block := file.read(_BLOCK):
            window = tail + block
            keep_from = len(window)
            for match in _MERGE.finditer(window):
                left, top, right, bottom = (octets.decode() for octets in match.groups())
                found.append(_Merge(int(top), int(bottom), f"{left}{top}:{right}{bottom}"))
                keep_from = match.end()
            if len(found) > MAX_MERGES:
                raise TableError("merged_cells", _TOO_MANY_MERGES)
            last_match_end = keep_from if keep_from < len(window) else 0
            tail = window[max(last_match_end, len(window) - _LONGEST_MERGE_TAG) :]
    return sorted(set(found), key=lambda merge: (merge.first_row, merge.last_row))


@contextmanager
def _readable() -> Iterator[None]:
    """Openpyxl's many ways to say that a file is damaged, as one; its warnings about decoration are dropped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except TableError:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError) as error:
            raise TableError("truncated", TRUNCATED) from error
        except (ParseError, DefusedXmlException, AttributeError, IndexError) as error:
            raise TableError("truncated", TRUNCATED) from error
        except (OverflowError, NotImplementedError) as error:
            raise TableError("truncated", TRUNCATED) from error


_NO_SUCH_SHEET = Text(
    zh="工作簿中没有名为 `{name}` 的工作表;现有:{sheets}",
    en="the workbook has no sheet `{name}`; it has: {sheets}",
)
_SHEET_NOT_NAMED = Text(
    zh="工作簿有多个非空工作表({sheets});请在映射中写明 sheet",
    en="several sheets hold something ({sheets}); name one as `sheet` in the map",
)
_EMPTY_BOOK = Text(zh="工作簿是空的", en="the workbook is empty")
_MERGED_HEADER = Text(
    zh="表头所在的第 {row} 行有合并单元格 {cells};请删去标题行并取消合并",
    en="row {row}, where the header should be, has merged cells {cells}; remove the title row and unmerge",
)
_MERGED = Text(
    zh="该行属于合并单元格 {cells};请取消合并并逐行填写",
    en="the row is part of the merged cells {cells}; unmerge and fill in every row",
)
_TOO_MANY_MERGES = Text(zh="合并单元格过多;请取消合并", en="too many merged cells; unmerge them")
_FORMULA = Text(
    zh="单元格 {cell} 是公式;请复制后选择“粘贴为数值”",
    en="cell {cell} holds a formula; copy and paste it as a value",
)
_ERROR_CELL = Text(
    zh="单元格 {cell} 是错误值(如 #N/A)或超出范围的日期,请更正",
    en="cell {cell} holds an error (such as #N/A) or a date out of range; mend it",
)
_ROUNDED = Text(
    zh="单元格 {cell} 的数字超过 15 位,表格软件已改变其末位;请将该列设为文本后重新填写",
    en="the number in cell {cell} was rounded to 15 digits; format the column as text and enter it again",
)
_BOMB = Text(
    zh="工作簿解压后过大,拒绝读取;请另存为 CSV",
    en="the workbook unpacks to far too much; save it as CSV",
)
_UNSAFE = Text(
    zh="工作簿的内部结构不正常(含 DTD 或不是 XML),拒绝读取;请在表格软件中另存为 .xlsx",
    en="the workbook is built in an unsafe way (a DTD, or no XML); save it as .xlsx in a spreadsheet program",
)
_ENCRYPTED = Text(zh="工作簿有密码保护;请去掉密码", en="the workbook is protected by a password; remove it")
