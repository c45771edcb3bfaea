"""Writes a book to files, row by row with flat memory: CSV or Parquet, and a manifest that says synthetic."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.generator.book import LARGEST_BOOK, Book, columns_of
from zhizhi.gateways.generator.refusal import BookRefused
from zhizhi.gateways.generator.tables import NEVER_IMPORTED, TABLES, is_integer

Format = Literal["csv", "parquet"]
VERSION = "1"
MANIFEST = "manifest.json"
_BATCH_ROWS = 20_000
_ACCOUNTS = Text(zh="账户数须在 1 与 {last} 之间", en="the number of accounts must lie between 1 and {last}")
_FILE = Text(zh="没有名为 `{name}` 的文件；可选：{names}", en="there is no file `{name}`; there are {names}")


class CsvSink:
    """CSV in UTF-8 without mark, line feeds, no quotes: no value needs any, and one that would is an error."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Open the file and write the header."""
        self.rows = 0
        self._file = path.open("w", encoding="utf-8", newline="\n", buffering=1 << 18)
        self._width = len(columns)
        self._file.write(",".join(columns) + "\n")

    def write(self, cells: Iterable[Sequence[str]]) -> None:
        """Append rows. Refuses: a value with a comma, a quote or a line break (ValueError)."""
        lines = [",".join(row) for row in cells]
        text = "\n".join(lines)
        commas, breaks = len(lines) * (self._width - 1), max(len(lines) - 1, 0)
        if text.count(",") != commas or text.count("\n") != breaks or '"' in text or "\r" in text:
            raise ValueError("a value holds a comma, a quote or a line break; mend the texts of parameters.toml")
        if lines:
            self._file.write(text + "\n")
        self.rows += len(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class ParquetSink:
    """Parquet with text and 64-bit integers; an empty cell is null. The bytes depend on the version of pyarrow."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Open the file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.rows = 0
        self._columns, self._arrow = columns, pa
        fields = [pa.field(name, pa.int64() if is_integer(name) else pa.string()) for name in columns]
        self._schema = pa.schema(fields, metadata={"synthetic": "true"})
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[Sequence[str]] = []

    def write(self, cells: Iterable[Sequence[str]]) -> None:
        """Append rows; they are written in row groups of a fixed size."""
        self._waiting.extend(cells)
        while len(self._waiting) >= _BATCH_ROWS:
            self._flush(self._waiting[:_BATCH_ROWS])
            del self._waiting[:_BATCH_ROWS]

    def _flush(self, rows: list[Sequence[str]]) -> None:
        columns = zip(*rows, strict=True)
        arrays = [
            self._arrow.array(
                [(int(cell) if is_integer(name) else cell) if cell else None for cell in column],
                self._schema.field(name).type,
            )
            for name, column in zip(self._columns, columns, strict=True)
        ]
        self._writer.write_table(self._arrow.table(arrays, schema=self._schema))
        self.rows += len(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._waiting and kind is None:
            self._flush(self._waiting)
        self._writer.close()


Sink = CsvSink | ParquetSink
Sinks = dict[str, Sink]


def write_book(
    book: Book,
    out: Path,
    accounts: int,
    *,
    format: Format = "csv",
    only: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> dict[str, object]:
    """Write the files of a book and return its manifest, which is written last: a folder without it is half a book.

    `only`: names of files; without any, all. `progress` hears how many accounts are done.
    Refuses: a size that the numbers do not suffice for, an unknown file name (BookRefused).
    """
    if not 1 <= accounts <= LARGEST_BOOK:
        raise BookRefused("accounts", _ACCOUNTS.fill(last=LARGEST_BOOK))
    unknown = sorted(set(only) - set(TABLES))
    if unknown:
        raise BookRefused("file", _FILE.fill(name=unknown[0], names=", ".join(TABLES)))
    tables = [name for name in TABLES if not only or name in only]
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)
    with ExitStack() as stack:
        sinks: Sinks = {}
        for name in tables:
            path, columns = out / f"{name}.{format}", columns_of(name)
            sink: Sink = CsvSink(path, columns) if format == "csv" else ParquetSink(path, columns)
            stack.enter_context(sink)
            sinks[name] = sink
        _write_rows(book, sinks, accounts, progress)
    manifest = _manifest(book, out, accounts, format, {name: sinks[name].rows for name in tables})
    (out / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return manifest


_ONCE = ("lenders", "agencies", "staff")
_CHUNK = 500


def _write_rows(book: Book, sinks: Sinks, accounts: int, progress: Callable[[int], None] | None) -> None:
    once = {
        "lenders": book.organisation.lender_rows,
        "agencies": book.organisation.agency_rows,
        "staff": book.organisation.staff_rows,
    }
    for name in _ONCE:
        if name in sinks:
            sinks[name].write(_cells(name, once[name]()))
    of_accounts = [name for name in ("instalments", "payments") if name in sinks]
    of_persons = [name for name in sinks if name not in (*_ONCE, "accounts", *of_accounts)]
    for start in range(0, accounts, _CHUNK):
        indices = range(start, min(start + _CHUNK, accounts))
        if "accounts" in sinks:
            sinks["accounts"].write(map(book.account_cells, indices))
        for index in indices if of_accounts or of_persons else ():
            rows = book.account_histories(index) if of_accounts else {}
            if of_persons and book.accounts.person_of(index) == index:
                rows = rows | book.person_histories(index, accounts)
            for name in (*of_accounts, *of_persons):
                if rows.get(name):
                    sinks[name].write(_cells(name, rows[name]))
        if progress:
            progress(indices.stop)


def _cells(table: str, rows: Iterable[dict[str, str | int]]) -> list[list[str]]:
    names = TABLES[table]
    return [[*[str(row.get(name, "")) for name in names], "true"] for row in rows]


def _manifest(book: Book, out: Path, accounts: int, format: Format, rows: dict[str, int]) -> dict[str, object]:
    return {
        "synthetic": True,
        "notice": "合成数据，不对应任何真实的人 · synthetic data, no real person stands behind any row",
        "generator": f"zhizhi generate {VERSION}",
        "seed": book.seed,
        "on": book.on.isoformat(),
        "calibration": book.calibration,
        "accounts": accounts,
        "format": format,
        "parameters_sha256": book.parameters.sha256,
        "never_import": [name for name in NEVER_IMPORTED if name in rows],
        "files": {
            name: {"rows": count, "sha256": _digest(out / f"{name}.{format}"), "columns": list(columns_of(name))}
            for name, count in rows.items()
        },
    }


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
