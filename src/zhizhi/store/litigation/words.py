"""Limits of court files, and how many rows a page shows."""

from zhizhi.core.kernel.text import Text

BATCH_MAX = 200
COURT_CHARACTERS_MAX = 60
DOCKET_CHARACTERS_MAX = 60
FIRM_CHARACTERS_MAX = 60
ROWS_MAX = 300
CALENDAR_DAYS = 60

CLAIMS = {
    "balance": Text("现欠余额", "what is owed now"),
    "principal": Text("仅本金", "the principal alone"),
}
"""What is claimed of each debt."""


def file_number(file_id: int) -> str:
    """How people call a file."""
    return f"S{file_id}"
