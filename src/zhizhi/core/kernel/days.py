"""Civil days: reading them, half-open spans of them, and the periods of the Civil Code that run from them."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from zhizhi.core.kernel.limits import PERIOD_UNITS_MAX

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)

# date.fromisoformat also reads `20260506` and `2026-W19-3`; the documents hold one form only.
_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def parse_day(written: str) -> date:
    """Read `YYYY-MM-DD`, 1900 to 2199. Refuses: any other form, a day that no calendar has (ValueError)."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError("not a day of the form YYYY-MM-DD")
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("outside 1900 to 2199")
    return day


def add_days(day: date, count: int) -> date:
    """`D + n ND`: so many civil days later; the day itself is not counted. Law: CC 201."""
    return day + timedelta(days=_counted(count))


def add_months(day: date, count: int) -> date:
    """`D + n M`: the same day number so many months later, or the last day of a month that lacks it.

    Law: CC 202. Boundary: always reckoned from `day`, so 31 January + 2 M is 31 March, whatever February did.
    """
    months = day.year * 12 + day.month - 1 + _counted(count)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_years(day: date, count: int) -> date:
    """`D + n Y`: 29 February becomes 28 February of a common year. Law: CC 202."""
    return add_months(day, 12 * _counted(count))


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Every day from `first` up to but not including `until`."""

    first: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.first:
            raise ValueError("a span does not end before it begins")

    @classmethod
    def through(cls, first: date, last_day: date) -> "DaySpan":
        """The span whose last day is included, as statutes write it."""
        return cls(first, last_day + timedelta(days=1))

    @property
    def days(self) -> int:
        """Number of days; 0 for a span that begins and ends on one day."""
        return (self.until - self.first).days

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.until

    def cut_at(self, stop_on: date) -> "DaySpan":
        """The part before `stop_on`. Boundary: a span that begins on or after it keeps its first day and no days."""
        return DaySpan(self.first, max(self.first, min(self.until, stop_on)))


def _counted(count: int) -> int:
    if abs(count) > PERIOD_UNITS_MAX:
        raise ValueError(f"a period counts at most {PERIOD_UNITS_MAX} units")
    return count
