"""Rejected rows as a CSV that a person opens in Excel, mends and sends again, and in which no cell is a formula."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from zhizhi.core.kernel.sheets import REASON_COLUMNS, refused_heading, refused_line
from zhizhi.gateways.files.sheet_file import SheetFile
from zhizhi.gateways.files.table import ValueRow


class RejectedRows(SheetFile):
    """Writes rejected rows: row number, the row as it came, then column, reason and remedy.

    PII: whatever the rows hold; who makes the file seals it and erases it in time.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        super().__init__(path, refused_heading(columns))
        self._width = len(columns)

    def write(self, row: int, values: ValueRow, problems: Iterable[tuple[str, str, str]]) -> None:
        """One row with its problems as (column, reason, remedy); several stand in one cell, one a line."""
        cells = ["" if value is None else str(value) for value in values]
        explained = ["\n".join(parts) for parts in zip(*problems, strict=True)] or [""] * len(REASON_COLUMNS)
        self.add(refused_line(row, cells, self._width, explained))
