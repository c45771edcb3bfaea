"""Rejected rows as a CSV that a person opens in Excel, mends and sends again, and in which no cell is a formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from zhizhi.gateways.files.table import ValueRow

MARK_COLUMN = "zhizhi_row"
REASON_COLUMNS = ("zhizhi_column", "zhizhi_reason", "zhizhi_remedy")
# also a cell that already begins with quotes before such a character, so that taking one quote off restores every cell
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guard(cell: str) -> str:
    """A cell that a spreadsheet shows as text: one that could start a formula gets a quote in front."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell before `guard`."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell, 1) else cell


class RejectedRows:
    """Writes rejected rows: row number, the row as it came, then column, reason and remedy. UTF-8 with BOM, for Excel.

    PII: whatever the rows hold. The file is private (0600); who makes it seals it and erases it in time.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        path.touch(mode=0o600)
        self._width = len(columns)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([guard(name) for name in (MARK_COLUMN, *columns, *REASON_COLUMNS)])

    def write(self, row: int, values: ValueRow, problems: Iterable[tuple[str, str, str]]) -> None:
        """One row with its problems as (column, reason, remedy); several stand in one cell, one a line."""
        cells = ["" if value is None else str(value) for value in values[: self._width]]
        cells += [""] * (self._width - len(cells))
        explained = ["\n".join(parts) for parts in zip(*problems, strict=True)] or ["", "", ""]
        self._writer.writerow([str(row), *(guard(cell) for cell in cells), *(guard(cell) for cell in explained)])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
