"""Refused rows as a sheet that a person opens, mends and sends again; `zhizhi import --refused` writes the same."""

from collections.abc import Iterable, Sequence

from zhizhi.core.kernel.sheets import ENCODING, refused_heading, refused_line
from zhizhi.core.kernel.text import Language
from zhizhi.store.imports.reads import RefusedCells


def sheet_of(header: Sequence[str], rows: Iterable[RefusedCells], language: Language) -> bytes:
    """The whole sheet: row number, the cells as they came, then the column, the reason and its remedy."""
    lines = [refused_heading(header)]
    for row in rows:
        reason, _, remedy = row.reason.in_language(language).partition("；" if language == "zh" else "; help: ")
        lines.append(refused_line(row.row_number, row.cells, len(header), (row.column, reason, remedy)))
    return "".join(lines).encode(ENCODING)
