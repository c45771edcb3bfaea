"""Working days: Monday to Friday, but the public holidays, and the weekend days that are worked instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from zhizhi.core.kernel.days import DaySpan
from zhizhi.core.kernel.limits import PERIOD_UNITS_MAX

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)

# Days off, as (month, day), that the statute fixes by the solar calendar; the moving feasts wait for the notice.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Holidays and make-up workdays, and the days for which they are known.

    Outside `known` a day is reckoned: Monday to Friday except `FIXED_HOLIDAYS`. `known` None: they hold for ever.
    Every search ends, because `off` is finite: beyond its last day a week always has a working day.
    """

    off: frozenset[date]
    on: frozenset[date]
    known: DaySpan | None
    version: str

    def __post_init__(self) -> None:
        if self.off & self.on:
            raise ValueError("a day is both off and on")

    def is_provisional(self, day: date) -> bool:
        """True where the official notice for that year is not known."""
        return self.known is not None and day not in self.known

    def is_working(self, day: date) -> bool:
        """True for a day on which offices are open."""
        if day in self.on:
            return True
        if day in self.off or day.weekday() >= _SATURDAY:
            return False
        return not (self.is_provisional(day) and (day.month, day.day) in FIXED_HOLIDAYS)

    def roll(self, day: date) -> date:
        """First working day on or after `day`. Law: CC 203."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def back(self, day: date) -> date:
        """Last working day on or before `day`: the cautious end of a period that is ours to keep."""
        while not self.is_working(day):
            day -= _ONE_DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """`D + n WD`: the n-th working day after `day`. Refuses: a count below 1 or above the limit (ValueError)."""
        if not 1 <= count <= PERIOD_UNITS_MAX:
            raise ValueError(f"count 1 to {PERIOD_UNITS_MAX} working days")
        for _ in range(count):
            day = self.roll(day + _ONE_DAY)
        return day

    def extended(self, *, off: Iterable[date], on: Iterable[date], until: date, version: str) -> "WorkCalendar":
        """The same calendar, known up to `until` by a newer notice."""
        if self.known is None or until < self.known.until:
            raise ValueError("a calendar is extended forward, from the day up to which it is known")
        known = DaySpan(self.known.first, until)
        return WorkCalendar(self.off | frozenset(off), self.on | frozenset(on), known, version)
