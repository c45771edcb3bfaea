"""Refused rows as a sheet that a person opens, mends and sends again; the form that `zhizhi import --refused` writes.

A screen may not import a gateway, so the form stands here a second time; tests/web/test_around.py sends a sheet of this
module through the reader of gateways/files and holds the two together.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from zhizhi.core.kernel.text import Language
from zhizhi.store.imports.reads import RefusedCells

BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet reads Chinese as noise
ROW_COLUMN = "zhizhi_row"  # in first place it tells the reader that cells are guarded
REASON_COLUMNS = ("zhizhi_column", "zhizhi_reason", "zhizhi_remedy")
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def sheet_of(header: Sequence[str], rows: Iterable[RefusedCells], language: Language) -> str:
    """The whole sheet: row number, the cells as they came, then the column, the reason and its remedy."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow([_guard(name) for name in (ROW_COLUMN, *header, *REASON_COLUMNS)])
    for row in rows:
        cells = [*row.cells[: len(header)], *[""] * (len(header) - len(row.cells))]
        reason, _, remedy = row.reason.in_language(language).partition("；" if language == "zh" else "; help: ")
        table.writerow([str(row.row_number), *map(_guard, cells), *map(_guard, (row.column, reason, remedy))])
    return BYTE_ORDER_MARK + written.getvalue()


def _guard(cell: str) -> str:
    """A cell that a spreadsheet shows as text, never as a formula."""
    return f"'{cell}" if _RISKY.match(cell) else cell
