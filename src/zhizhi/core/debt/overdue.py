"""How long a debt is overdue, and the bucket that the field speaks of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

BUCKET_DAYS = 30


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due amount and what of it is still unpaid."""

    due_on: date
    unpaid_minor: int


def days_past_due(instalments: Iterable[Instalment], on: date) -> int | None:
    """Days since the oldest due day that is still unpaid; None where nothing is unpaid.

    Boundary: the due day itself is 0, the day after it 1, a day before it negative.
    """
    oldest = min((instalment.due_on for instalment in instalments if instalment.unpaid_minor > 0), default=None)
    return None if oldest is None else (on - oldest).days


def bucket(days: int | None) -> str:
    """`M0` while nothing is overdue, `M1` for days 1 to 30, `M2` for 31 to 60, and so on by thirty days."""
    overdue = 0 if days is None else max(days, 0)
    return f"M{-(-overdue // BUCKET_DAYS)}"
