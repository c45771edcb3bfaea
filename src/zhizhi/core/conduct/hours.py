"""The hours of contact: those of the law, agreements that replace them, and zones abroad."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.said import Stood
from zhizhi.core.conduct.words import WEEKDAYS
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall
from zhizhi.core.law.features import WindowState

Interval = tuple[datetime, datetime]
Hours = Callable[[date], list[Interval]]
"""The intervals of a civil day, in order; the last one may run into the next day."""

HORIZON_DAYS = 400
_ONE_LAW_TIME = frozenset(
    ["Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Kashgar", "PRC"]
)


def zones_abroad(keys: tuple[str, ...], zone: ZoneInfo) -> tuple[str, ...]:
    """Zones whose own clock counts beside the law's. Law: the mainland has one legal time, Xinjiang included."""
    at_home = _ONE_LAW_TIME if zone.key in _ONE_LAW_TIME else frozenset({zone.key})
    return tuple(key for key in dict.fromkeys(keys) if key not in at_home)


_SECOND = timedelta(seconds=1)


def plain_hours(zone: ZoneInfo, opens: int, closes: int, edges: str = "half_open") -> Hours:
    """The same hours every day.

    Boundary: with open edges they begin a second after the opening, with closed ones they end a second after the close.
    """
    lead = _SECOND if edges == "open" else timedelta(0)
    tail = _SECOND if edges == "closed" else timedelta(0)
    return lambda day: [(wall(zone, day, opens) + lead, wall(zone, day, closes) + tail)]


def agreed_hours(zone: ZoneInfo, opens: int, closes: int, stood: list[Stood], clause_widens: bool) -> Hours:
    """The hours of the law, or on each day those of the agreement that stands for it.

    Reading: a standard clause is obeyed where it narrows; where it widens it counts only with `clause_widens`.
    """

    def hours(day: date) -> list[Interval]:
        found: list[Interval] = []
        for start, end in _stretches(zone, day, stood):
            for first, last in _on_stretch(zone, day, start, opens, closes, stood, clause_widens):
                if max(first, start) < min(last, end):
                    found.append((max(first, start), min(last, end)))
        return _joined(found)

    return hours


def _stretches(zone: ZoneInfo, day: date, stood: list[Stood]) -> Iterator[Interval]:
    """The day cut where an agreement begins or ends."""
    first, last = wall(zone, day, 0), wall(zone, day, MINUTES_PER_DAY)
    turns = {turn for one in stood for turn in (one.since, one.until) if turn is not None and first < turn < last}
    edges = [first, *sorted(turns), last]
    return pairwise(edges)


def _on_stretch(
    zone: ZoneInfo, day: date, at: datetime, opens: int, closes: int, stood: list[Stood], clause_widens: bool
) -> Iterator[Interval]:
    for of_day, shift in ((day - timedelta(days=1), -MINUTES_PER_DAY), (day, 0)):
        start, end = _minutes(of_day, at, opens, closes, stood, clause_widens)
        if shift == 0 or end > MINUTES_PER_DAY:
            yield wall(zone, day, max(0, start + shift)), wall(zone, day, min(MINUTES_PER_DAY, end + shift))


def _minutes(
    day: date, at: datetime, opens: int, closes: int, stood: list[Stood], clause_widens: bool
) -> tuple[int, int]:
    """Start and end on a day in minutes after its midnight; an end beyond 1,440 lies on the next day."""
    chosen = _chosen(day, at, stood)
    if chosen is None:
        return opens, closes
    said = chosen.said
    assert isinstance(said.start, int), "an agreement of hours has a start"
    assert said.end is not None, "an agreement of hours has an end"
    start, end = said.start, said.end if said.end > said.start else said.end + MINUTES_PER_DAY
    if said.form == "standard_clause" and not clause_widens:
        first = max(start, opens)
        return first, max(first, min(end, closes))
    return start, end


def _chosen(day: date, at: datetime, stood: list[Stood]) -> Stood | None:
    """The agreement for a day: for that date, else for its weekday, else a general one; of equals the latest."""
    best: tuple[int, int] | None = None
    chosen = None
    weekday = WEEKDAYS[day.weekday()]
    for place, one in enumerate(stood):
        if one.since > at or (one.until is not None and one.until <= at):
            continue
        said = one.said
        if said.on is not None:
            rank = 2 if said.on == day else None
        elif said.days is not None:
            rank = 1 if weekday in said.days else None
        else:
            rank = 0
        if rank is not None and (best is None or (rank, place) > best):
            best, chosen = (rank, place), one
    return chosen


def spared_hours(zone: ZoneInfo, stood: list[Stood], edges: str = "half_open") -> Hours:
    """What is left of each day between the hours that somebody named as inconvenient, while he stands by it.

    Boundary: hours are half-open, with closed edges an end that was named is inconvenient too; an end that is not after
    the start lies on the next day; without days every day is meant, without a start from midnight, without an end to
    midnight.
    """
    tail = _SECOND if edges == "closed" else timedelta(0)

    def hours(day: date) -> list[Interval]:
        first, last = wall(zone, day, 0), wall(zone, day, MINUTES_PER_DAY)
        free, begin = [], first
        for start, end in _joined(list(_inconvenient(zone, day, stood, tail))):
            if begin < start:
                free.append((begin, start))
            begin = end
        return [*free, (begin, last)] if begin < last else free

    return hours


def _inconvenient(zone: ZoneInfo, day: date, stood: list[Stood], tail: timedelta) -> Iterator[Interval]:
    first, last = wall(zone, day, 0), wall(zone, day, MINUTES_PER_DAY)
    for one in stood:
        said = one.said
        opens = said.start if isinstance(said.start, int) else 0
        closes = MINUTES_PER_DAY if said.end is None else said.end
        closes += MINUTES_PER_DAY if closes <= opens else 0
        for of_day in (day - timedelta(days=1), day):
            if said.days is None or WEEKDAYS[of_day.weekday()] in said.days:
                start = max(wall(zone, of_day, opens), one.since, first)
                named = wall(zone, of_day, closes) + (tail if said.end is not None else timedelta(0))
                end = min(named, one.until or last, last)
                if start < end:
                    yield start, end


def _joined(intervals: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for first, last in sorted(intervals):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def window_state(at: datetime, length: timedelta, clocks: list[tuple[ZoneInfo, Hours]]) -> WindowState:
    """Where a contact of some length stands against several clocks, all of which have to be open."""
    closes = []
    inside = True
    for zone, hours in clocks:
        held = _holding(zone, hours, at)
        if held is None or at + length > held[1]:
            inside = False
        if held is not None:
            closes.append(held[1])
    if inside:
        return WindowState(True, None, min(closes))
    return WindowState(False, _next_start(at, length, clocks), None)


def _holding(zone: ZoneInfo, hours: Hours, at: datetime) -> Interval | None:
    """The interval that an instant lies in, run on over midnight where the next day begins open."""
    day = day_in(zone, at)
    for first, last in hours(day):
        if first <= at < last:
            end = last
            for ahead in (1, 2):
                if end != wall(zone, day + timedelta(days=ahead), 0):
                    break
                following = hours(day + timedelta(days=ahead))
                if not following or following[0][0] != end:
                    break
                end = following[0][1]
            return first, end
    return None


def _next_start(at: datetime, length: timedelta, clocks: list[tuple[ZoneInfo, Hours]]) -> datetime | None:
    limit = at + timedelta(days=HORIZON_DAYS)
    start = at
    while start <= limit:
        moved = start
        for zone, hours in clocks:
            next_start = _start_from(zone, hours, moved, length, limit)
            if next_start is None:
                return None
            moved = next_start
        if moved == start:
            return start
        start = moved
    return None


def _start_from(zone: ZoneInfo, hours: Hours, at: datetime, length: timedelta, limit: datetime) -> datetime | None:
    """The first start not before an instant from which a contact of some length fits into one interval."""
    held = _holding(zone, hours, at)
    if held is not None and at + length <= held[1]:
        return at
    day = day_in(zone, at)
    while wall(zone, day, 0) <= limit:
        for first, _ in hours(day):
            if first > at:
                whole = _holding(zone, hours, first)
                if whole is not None and first + length <= whole[1]:
                    return first
        day += timedelta(days=1)
    return None
