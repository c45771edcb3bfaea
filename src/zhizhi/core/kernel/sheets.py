"""CSV that a person opens in a spreadsheet: no cell of it is a formula, and every cell comes back as it was.

The lines are for files in UTF-8 with a byte order mark, without which a spreadsheet reads Chinese as noise.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

ENCODING = "utf-8-sig"
MARK_COLUMN = "zhizhi_row"
"""In first place it tells a reader that cells are guarded."""

REASON_COLUMNS = ("zhizhi_column", "zhizhi_reason", "zhizhi_remedy")
EXPORT_COLUMN = "zhizhi_export"
"""Says in every row which export it left with: rows that are copied carry it along."""

OWN_COLUMNS = frozenset((MARK_COLUMN, *REASON_COLUMNS, EXPORT_COLUMN))
# also a cell that already begins with quotes before such a character, so that taking one quote off restores every cell
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guard(cell: str) -> str:
    """A cell that a spreadsheet shows as text: one that could start a formula gets a quote in front."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell before `guard`."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell, 1) else cell


def sheet_line(cells: Iterable[str | int]) -> str:
    """One line, guarded and ended."""
    line = io.StringIO(newline="")
    guarded = [guard(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(line, lineterminator="\r\n").writerow(guarded)
    return line.getvalue()


def sheet_cells(sheet: str) -> Iterator[list[str]]:
    """The cells of every line of a guarded sheet, as they were before."""
    for line in csv.reader(io.StringIO(sheet, newline="")):
        yield [unguard(cell) for cell in line]


def refused_heading(columns: Sequence[str]) -> str:
    """The heading of refused rows: `zhizhi_row`, the columns of the file, then column, reason and remedy."""
    return sheet_line([MARK_COLUMN, *columns, *REASON_COLUMNS])


def refused_line(row: int, cells: Sequence[str], width: int, reason: Sequence[str]) -> str:
    """One refused row as it came, cut or filled to the width of its file, and why: column, reason, remedy."""
    fitted = [*cells[:width], *[""] * (width - len(cells))]
    return sheet_line([row, *fitted, *reason])
