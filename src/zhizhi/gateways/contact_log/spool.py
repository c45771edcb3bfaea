"""Rows of a log on disk, taken up by person and time: DuckDB sorts within a bound of memory.

PII: whatever the log holds, for the length of a run, in a private folder that is removed with it.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

MEMORY = "1GB"
FETCH_ROWS = 20_000
_COLUMNS = pa.schema([("person", pa.string()), ("at", pa.int64()), ("row", pa.int64()), ("cells", pa.string())])


class DiskSpool:
    """A spool in a private folder of its own. Implements `zhizhi.usecases.audit.audit_log.Spool`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="zhizhi-audit-", dir=folder))
        self._database = duckdb.connect(str(self._folder / "rows.duckdb"))
        self._database.execute(f"SET memory_limit = '{MEMORY}'")
        self._database.execute(f"SET temp_directory = '{self._folder}'")
        self._database.execute("SET threads = 2")
        self._database.execute('CREATE TABLE log (person VARCHAR, "at" BIGINT, "row" BIGINT, cells VARCHAR)')

    def add(self, rows: Sequence[tuple[str, int, int, str]]) -> None:
        """Lay rows down."""
        batch = pa.table(list(zip(*rows, strict=True)), schema=_COLUMNS)
        self._database.register("batch", batch)
        self._database.execute("INSERT INTO log SELECT * FROM batch")
        self._database.unregister("batch")

    def ordered(self) -> Iterator[Sequence[tuple[str, int, int, str]]]:
        """Take all rows up: by person, then instant, then row."""
        found = self._database.execute('SELECT person, "at", "row", cells FROM log ORDER BY person, "at", "row"')
        while batch := found.fetchmany(FETCH_ROWS):
            yield batch

    def close(self) -> None:
        """Remove everything."""
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
