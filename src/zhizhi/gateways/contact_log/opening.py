"""One door to a contact log: CSV, XLSX and Parquet as the import reads them, and an array of JSON objects."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import (
    DEFAULT_CHUNK,
    Chunk,
    RowFault,
    Table,
    TableError,
    TableOptions,
    ValueRow,
    check_header,
)

JSON_OCTETS_MAX = 512 * 1024**2
_BLANK = b" \t\r\n\xef\xbb\xbf"
_HEAD = 64


def open_log(path: Path, options: TableOptions | None = None) -> Table:
    """Open a log, recognised by its content. Refuses: what is no table and no array of objects (TableError)."""
    with path.open("rb") as file:
        begins = file.read(_HEAD).lstrip(_BLANK)
    return JsonTable(path) if begins[:1] == b"[" else open_table(path, options)


class JsonTable(Table):
    """An array of flat objects; their keys, in the order of first appearance, are the columns. Row 1 is the first."""

    kind = "json"
    header_row = 0

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > JSON_OCTETS_MAX:
            raise TableError("too_large", _TOO_LARGE)
        octets = path.read_bytes()
        self.fingerprint = hashlib.sha256(octets).hexdigest()
        try:
            rows = json.loads(octets)
        except (ValueError, RecursionError) as error:
            raise TableError("not_json", _NOT_JSON) from error
        if not isinstance(rows, list) or not rows:
            raise TableError("not_json", _NOT_JSON)
        self._rows: list[Any] = rows
        names = dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row)
        self.columns = check_header(list(names), 0)

    def chunks(self, size: int = DEFAULT_CHUNK, start: int = 0) -> Iterator[Chunk]:
        """Rows from number `start` on. An object that is none, or holds objects, is a faulty row."""
        first = max(start, 1)
        while first <= len(self._rows):
            numbers, rows, faults = [], [], []
            last = min(first + size, len(self._rows) + 1)
            for number in range(first, last):
                cells = self._cells(self._rows[number - 1])
                if cells is None:
                    faults.append(RowFault(number, None, "not_flat", _NOT_FLAT, ()))
                else:
                    numbers.append(number)
                    rows.append(cells)
            yield Chunk(numbers, rows, faults, last)
            first = last

    def _cells(self, row: object) -> ValueRow | None:
        if not isinstance(row, dict) or any(isinstance(cell, dict | list) for cell in row.values()):
            return None
        return tuple(_text(row.get(name)) for name in self.columns)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return ("true" if cell else "false") if isinstance(cell, bool) else str(cell)


_NOT_JSON = Text(
    "不是 JSON 对象的数组;请导出为 [{…}, {…}],或用 CSV、XLSX",
    "no JSON array of objects; help: export it as [{…}, {…}], or as CSV or XLSX",
)
_TOO_LARGE = Text("JSON 文件过大;请改用 CSV 或 Parquet", "the JSON file is too large; help: use CSV or Parquet")
_NOT_FLAT = Text("该行不是单层的对象;请展开嵌套的字段", "the row is no flat object; help: flatten what is nested")
