"""Stretches of time over which a law says the same: between the days on which something comes into force or ends."""

from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import InForce, Pack

LEAP_YEARS_APART = 9
"""Beyond this many years there is a leap year, whatever the century."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `first`, before `until` (None: without end), under which no rule or number changes."""

    first: date
    until: date | None

    def day(self, wanted: date) -> date:
        """A day of the stretch: the wanted one where it lies in it, else the nearest."""
        last = wanted if self.until is None else min(wanted, self.until - timedelta(days=1))
        return max(last, self.first)

    def day_after_leap(self) -> date | None:
        """A day of the stretch whose year before it holds a 29 February: there a year is 366 days long."""
        for year in range(self.first.year - 1, self.first.year + LEAP_YEARS_APART):
            if isleap(year):
                found = max(date(year, 3, 1), self.first)
                if found < date(year + 1, 3, 1) and (self.until is None or found < self.until):
                    return found
        return None


def spans_of(pack: Pack) -> Iterator[InForce]:
    """Every span that a pack names: its own, its articles', its parameters'."""
    yield pack.in_force
    for article in pack.articles:
        if article.in_force is not None:
            yield article.in_force
    for parameter in pack.params.values():
        for value in parameter.values:
            yield value.span


def stretches(laws: Iterable[Law]) -> list[Stretch]:
    """The stretches of several laws together, the latest first."""
    turns: set[date] = set()
    for law in laws:
        for pack in law.packs:
            for span in spans_of(pack):
                turns.add(span.first)
                if span.until is not None:
                    turns.add(span.until)
    days = sorted(turns)
    found = [Stretch(first, until) for first, until in pairwise(days)]
    if days:
        found.append(Stretch(days[-1], None))
    return found[::-1]
