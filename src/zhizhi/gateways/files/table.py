"""A table file as an import sees it: columns, numbered rows, faults of single rows, errors of the whole file."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Self, overload

from zhizhi.core.kernel.text import Text

Value = str | int | Decimal | bool | date | datetime | None
ValueRow = Sequence[Value]

MAX_COLUMNS = 2_000
MAX_HEADER_LENGTH = 200
MAX_FILE_OCTETS = 4 * 1024**3
MAX_UNPACKED_OCTETS = 8 * 1024**3
MAX_UNPACK_RATIO = 200
RATIO_MATTERS_FROM_OCTETS = 64 * 1024**2
DEFAULT_CHUNK = 500
MAX_CELL_OCTETS = 524_288
MAX_CHUNK_OCTETS = 256 * 1024**2


class TableError(Exception):
    """The file cannot be read as a table; nothing of it counts. Its text names place and remedy, no value."""

    def __init__(self, code: str, text: Text, row: int | None = None, column: str | None = None) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text
        self.row = row
        self.column = column


@dataclass(frozen=True, slots=True)
class RowFault:
    """One row that cannot be used, with what could be read of it; the rows around it can."""

    row: int
    column: str | None
    code: str
    text: Text
    values: ValueRow = field(repr=False)

    def __len__(self) -> int:
        """No cells that could be used."""
        return 0

    def __bool__(self) -> bool:
        return True


class Lines(Sequence[ValueRow]):
    """Rows of a plain text file, split when they are asked for; `lines` may be split elsewhere."""

    __slots__ = ("delimiter", "lines")

    def __init__(self, lines: list[str], delimiter: str) -> None:
        self.lines = lines
        self.delimiter = delimiter

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, place: int) -> ValueRow: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ValueRow]: ...
    def __getitem__(self, place: int | slice) -> ValueRow | Sequence[ValueRow]:
        if isinstance(place, slice):
            return Lines(self.lines[place], self.delimiter)
        return self.lines[place].split(self.delimiter)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list of rows


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows; `rows[i]` is row `numbers[i]` of the file. `resume_at` is the `start` of what follows."""

    numbers: Sequence[int]
    rows: Sequence[ValueRow] = field(repr=False)
    faults: list[RowFault]
    resume_at: int


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the import map may fix; whatever is None is recognised from the file."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    max_octets: int = MAX_FILE_OCTETS


class Table(ABC):
    """An open table. The header's row has a number too: in most files it is row 1 and the first data row is row 2."""

    kind: str
    columns: tuple[str, ...]
    header_row: int
    fingerprint: str
    encoding: str | None = None

    @abstractmethod
    def chunks(self, size: int = DEFAULT_CHUNK, start: int = 0) -> Iterator[Chunk]:
        """Rows from number `start` on, at most `size` at a time, in memory that does not grow with the file."""

    def rows(self, start: int = 0) -> Iterator[tuple[int, ValueRow] | RowFault]:
        """Rows one by one in the order of the file; a faulty row comes as its fault."""
        for chunk in self.chunks(start=start):
            numbered = zip(chunk.numbers, chunk.rows, strict=True)
            if chunk.faults:
                yield from _merge(numbered, iter(chunk.faults))
            else:
                yield from numbered

    def close(self) -> None:  # noqa: B027 - only some tables hold a file open
        """Release the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _merge(
    rows: Iterator[tuple[int, ValueRow]], faults: Iterator[RowFault]
) -> Iterator[tuple[int, ValueRow] | RowFault]:
    fault = next(faults, None)
    for row in rows:
        while fault is not None and fault.row < row[0]:
            yield fault
            fault = next(faults, None)
        yield row
    if fault is not None:
        yield from itertools.chain((fault,), faults)


def column_letter(position: int) -> str:
    """The letter of a column as a spreadsheet shows it: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_header(cells: Sequence[object], row: int) -> tuple[str, ...]:
    """The names of the columns, trimmed. Refuses: none, too many, blank, twice, or a first row that holds data."""
    names = ["" if cell is None else str(cell).strip().lstrip("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError("no_header", _NO_HEADER, row)
    if len(names) > MAX_COLUMNS:
        raise TableError("too_many_columns", _TOO_MANY_COLUMNS.fill(count=len(names), limit=MAX_COLUMNS), row)
    if any(len(name) > MAX_HEADER_LENGTH for name in names):
        raise TableError("not_a_table", _HEADER_TOO_LONG.fill(limit=MAX_HEADER_LENGTH), row)
    if "" in names:
        letter = column_letter(names.index(""))
        raise TableError("blank_header", _BLANK_HEADER.fill(column=letter), row, letter)
    if all(_is_a_value(name) for name in names):
        raise TableError("no_header", _NO_HEADER, row)
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        if name in seen:
            first, second = column_letter(seen[name]), column_letter(position)
            text = _DUPLICATE_HEADER.fill(name=name, first=first, second=second)
            raise TableError("duplicate_header", text, row, name)
        seen[name] = position
    return tuple(names)


def fit_row(values: ValueRow, columns: Sequence[str], row: int) -> ValueRow | RowFault | None:
    """A row of another length than the header: its blank tail cut, None where all of it is blank, else the fault."""
    width = len(columns)
    if not any(value not in ("", None) for value in values):
        return None
    if len(values) > width and not any(value not in ("", None) for value in values[width:]):
        return values[:width]
    if len(values) == width:
        return values
    text = _RAGGED.fill(found=len(values), expected=width)
    return RowFault(row, None, "ragged_row", text, tuple(values))


def _is_a_value(name: str) -> bool:
    """Whether a header cell looks like data: a number, an amount or a date."""
    stripped = (
        name.replace("-", "").replace("/", "").replace(".", "").replace(",", "").replace(":", "").replace(" ", "")
    )
    return stripped.isdecimal()


_NO_HEADER = Text(
    zh="第一行不是表头;请在第一行写上各列名称",
    en="the first row is no header; put the names of the columns into the first row",
)
_TOO_MANY_COLUMNS = Text(
    zh="表头有 {count} 列,上限 {limit} 列;请检查分隔符,或删去不用的列",
    en="the header has {count} columns, at most {limit} are read; check the delimiter or remove what is not used",
)
_HEADER_TOO_LONG = Text(
    zh="表头中有超过 {limit} 个字符的列名;文件可能不是表格,或分隔符不对",
    en="a column name is longer than {limit} characters; the file may be no table, or the delimiter is another",
)
_BLANK_HEADER = Text(
    zh="表头第 {column} 列没有名称,请补上", en="column {column} of the header has no name; give it one"
)
_DUPLICATE_HEADER = Text(
    zh="列名 `{name}` 出现两次(第 {first} 列和第 {second} 列),请改名",
    en="the column name `{name}` stands twice (columns {first} and {second}); rename one",
)
_RAGGED = Text(
    zh="该行有 {found} 格,表头有 {expected} 列;请检查多余或缺少的分隔符、未加引号的文字",
    en="the row has {found} cells, the header {expected} columns; look for a missing or extra delimiter",
)
