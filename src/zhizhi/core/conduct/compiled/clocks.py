"""Hours of contact, and hours that a party named as inconvenient, read off tables of a civil day.

A day's hours depend on the zone, the day and the minutes that were named, never on the person, so they are kept. What
does not repeat day by day (an agreement for one weekday, hours over midnight, what begins today) the reference reads.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Statement
from zhizhi.core.conduct.compiled.glance import Glance
from zhizhi.core.conduct.compiled.lines import FORBID, Heard
from zhizhi.core.conduct.compiled.measures import Lines, measured
from zhizhi.core.conduct.hours import Interval, spared_hours, window_state, zones_abroad
from zhizhi.core.conduct.said import Stood
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall, zone_of
from zhizhi.core.law.evaluate import Outcome
from zhizhi.core.law.nodes import Avoid, Window

DAYS_KEPT = 8_192
_NOTHING, _DAY = timedelta(0), timedelta(days=1)
Wish = tuple[int | None, int | None, frozenset[str] | None]
"""Hours that a party named: from, to, on which weekdays."""


def window(lines: Lines, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Hours of contact: the law's own or agreed ones, on every clock that counts."""
    term = lines[0].bound.clause.body
    assert isinstance(term, Window), "the body that this measures"
    own = _minutes(glance, term, day)
    if own is None or own[0] >= own[1] or own[1] >= MINUTES_PER_DAY:
        return measured(lines, surely, glance, at, day, heard)
    length = glance.length if term.whole else _NOTHING
    first, last = _hours(glance.zone, day, *own)
    keys = glance.case.time_zones
    abroad = _abroad(keys, glance.zone) if term.zones and (len(keys) > 1 or keys[0] != glance.zone.key) else ()
    if first <= at < last and at + length <= last and (not abroad or is_plain(term)):
        for zone in abroad:
            begins, ends = _hours(zone, day_in(zone, at), term.opens, term.closes)
            if not begins <= at < ends or at + length > ends:
                return measured(lines, surely, glance, at, day, heard)
            last = min(last, ends)
        heard.ends.append(last)
        return None
    start, end = (first, last) if at < first else _hours(glance.zone, day + _DAY, *own)
    if abroad or not surely or start <= at or start + length > end:
        return measured(lines, surely, glance, at, day, heard)
    said = _closed_until(start)
    heard.blockers += [(line, said) for line in lines]
    return None


@lru_cache(maxsize=DAYS_KEPT)
def _closed_until(start: datetime) -> Outcome:
    return Outcome(FORBID, start, start)


def closed_until(windows: Sequence[Window], glance: Glance, at: datetime, day: date) -> datetime | None:
    """The opening hour on the day before which the law's own hours surely bar the contact; None where none does."""
    latest = None
    for term in windows:
        first, _ = _hours(glance.zone, day, term.opens, term.closes)
        if at < first and (latest is None or first > latest):
            latest = first
    return latest


def _minutes(glance: Glance, term: Window, day: date) -> tuple[int, int] | None:
    """When the hours of every day from this one on begin and end, in minutes; None where that is not so simple."""
    stood = glance.agreed if "agree_hours" in glance.kinds and glance.party.role == "debtor" else ()
    assert isinstance(term.opens, int), "numbers are filled in before a rule is compiled"
    assert isinstance(term.closes, int), "numbers are filled in before a rule is compiled"
    if not stood:
        return (term.opens, term.closes) if term.edges == "half_open" else None
    one, said = stood[0], stood[0].said
    if len(stood) > 1 or one.narrows or one.until is not None or one.since > wall(glance.zone, day, 0):
        return None
    if said.on is not None or said.days is not None or not isinstance(said.start, int) or said.end is None:
        return None
    if said.form == "standard_clause" and not term.clause_widens and said.start < said.end:
        return max(said.start, term.opens), min(said.end, term.closes)
    return said.start, said.end


def is_plain(term: Window) -> bool:
    """Whether the law's own hours lie within a day and are half-open, so that they never run on over midnight."""
    return term.opens < term.closes < MINUTES_PER_DAY and term.edges == "half_open"  # type: ignore[operator]  # filled in


@lru_cache(maxsize=DAYS_KEPT)
def _hours(zone: ZoneInfo, day: date, opens: int, closes: int) -> Interval:
    return wall(zone, day, opens), wall(zone, day, closes)


@lru_cache(maxsize=DAYS_KEPT)
def _abroad(keys: tuple[str, ...], zone: ZoneInfo) -> tuple[ZoneInfo, ...]:
    return tuple(zone_of(key) for key in zones_abroad(keys, zone))


def avoid(lines: Lines, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Hours that the party named as inconvenient; nothing where it named none."""
    stood = glance.spared if "inconvenient_time" in glance.kinds else ()
    if not stood:
        return None
    term = lines[0].bound.clause.body
    assert isinstance(term, Avoid), "the body that this measures"
    zone, midnight = glance.zone, wall(glance.zone, day, 0)
    keys = glance.case.time_zones
    many = term.zones and (len(keys) > 1 or keys[0] != zone.key) and _abroad(keys, zone)
    if many or not surely or term.edges != "half_open":
        return measured(lines, surely, glance, at, day, heard)
    if any(one.until is not None or one.since > midnight for one in stood):
        return measured(lines, surely, glance, at, day, heard)
    wishes = tuple([_wish(one) for one in stood])
    state = window_state(at, glance.length if term.whole else _NOTHING, [(zone, lambda of: _free(zone, of, wishes))])
    if not state.inside:
        said = Outcome(FORBID, state.opens_at, state.opens_at)
        heard.blockers += [(line, said) for line in lines]
    elif state.closes_at is not None:
        heard.ends.append(state.closes_at)
    return None


def _wish(one: Stood) -> Wish:
    start = one.said.start
    return (start if isinstance(start, int) else None, one.said.end, one.said.days)


@lru_cache(maxsize=DAYS_KEPT)
def _free(zone: ZoneInfo, day: date, wishes: tuple[Wish, ...]) -> list[Interval]:
    """What wishes that stand all day leave of it."""
    since = wall(zone, day, 0)
    named = [
        Stood(Statement(since, "", "inconvenient_time", start=start, end=end, days=days), since, None)
        for start, end, days in wishes
    ]
    return spared_hours(zone, named)(day)
