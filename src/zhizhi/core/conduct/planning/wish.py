"""What somebody wishes for: so many contacts of a kind inside a span, at better and worse times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Case, Proposed
from zhizhi.core.conduct.words import WEEKDAYS
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall

WISHES_MAX = 20
CONTACTS_MAX = 60
HORIZON_DAYS_MAX = 62
APART_MINUTES = 60
"""How far apart contacts of one wish lie where it does not say."""

LASTS_MINUTES: Mapping[str, int] = {"voice": 10, "visit": 60}
"""How long a contact is planned to take where the wish does not say; every other channel takes no time."""

FITTING: Mapping[str, frozenset[str]] = {
    "voice": frozenset({"mobile", "landline"}),
    "ringless_voicemail": frozenset({"mobile", "landline"}),
    "sms": frozenset({"mobile"}),
    "im": frozenset({"im"}),
    "email": frozenset({"email"}),
    "letter": frozenset({"postal"}),
    "visit": frozenset({"place"}),
    "app": frozenset({"sign_in"}),
    "web": frozenset({"sign_in"}),
}
"""Kinds of points that a channel reaches."""


@dataclass(frozen=True, slots=True)
class Times:
    """Clock times of a day in the law's zone, half-open, and the days on which they begin.

    Boundary: an end that is not after the start lies on the next day.
    """

    start: int = 0
    end: int = MINUTES_PER_DAY
    days: frozenset[str] | None = None

    def next_in(self, zone: ZoneInfo, at: datetime) -> datetime:
        """The first instant from `at` on that lies inside."""
        end = self.end if self.end > self.start else self.end + MINUTES_PER_DAY
        day = day_in(zone, at) - timedelta(days=1)
        for ahead in range(len(WEEKDAYS) + 2):
            of_day = day + timedelta(days=ahead)
            if self.days is None or WEEKDAYS[of_day.weekday()] in self.days:
                opens, closes = wall(zone, of_day, self.start), wall(zone, of_day, end)
                if at < closes:
                    return max(at, opens)
        raise AssertionError("some day of a week is named")

    def holds(self, zone: ZoneInfo, at: datetime) -> bool:
        """Whether an instant lies inside."""
        return self.next_in(zone, at) == at


@dataclass(frozen=True, slots=True)
class Wish:
    """So many contacts of a kind. `contact.at` and its planned end mean nothing here.

    `points`: any of them will do; None where the contact goes to no point. `prefer`: better at these times. `only`:
    never outside. `apart`: at least this long from the end of one of them to the beginning of the next; `apart_days`:
    nor before so many civil days later.
    """

    id: str
    count: int
    contact: Proposed
    points: tuple[str | None, ...]
    lasts: timedelta
    apart: timedelta
    apart_days: int = 0
    prefer: Times | None = None
    only: Times | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """The span into which contacts are planned: from an instant, begun before another."""

    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class PlanCase:
    """A document to plan: the case, what is wished for, and for when."""

    case: Case
    wishes: tuple[Wish, ...]
    horizon: Horizon


def points_for(case: Case, contact: Proposed) -> tuple[str | None, ...]:
    """Where a contact may go: the point it names, else every point of its party that the channel reaches."""
    if contact.point is not None:
        return (contact.point,)
    kinds = FITTING.get(contact.channel, frozenset())
    found = tuple(point.id for point in case.points if point.party == contact.party and point.kind in kinds)
    return found or (None,)
