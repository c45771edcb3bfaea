"""A record as values: what each symbol of the solver is worth for one contact at one instant.

Axioms are checked with it, and formulas against the reference evaluator.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from zhizhi.core.conduct.consent import Call, consented_to_call
from zhizhi.core.conduct.hours import zones_abroad
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.said import Stood
from zhizhi.core.kernel.days import add_years
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, wall, zone_of
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Gate, Window
from zhizhi.core.law.reasoning.symbols import CLOCK, SITUATION, Symbol

ONE_DAY = timedelta(days=1)

Worth = bool | int


def measured(record: Record, symbol: Symbol) -> Worth:
    """What a symbol is worth for a record."""
    return _WORTH[symbol.kind](record, symbol.key)


def _known(record: Record, feature: str) -> Worth:
    return record.value(feature) is not None


def _holds(record: Record, key: tuple[str, str | bool]) -> Worth:
    value = record.value(key[0])
    return key[1] in value if isinstance(value, frozenset) else value == key[1]


def _number(record: Record, feature: str) -> Worth:
    value = record.value(feature)
    if value is None:
        return 0
    if FEATURES[feature].type == "day":
        assert isinstance(value, date), "a feature of type day"
        return (record.day - value).days
    assert isinstance(value, int), "an integer feature"
    return value


def _inside(record: Record, term: Window) -> Worth:
    return record.window(term).inside


def _spared(record: Record, term: Avoid) -> Worth:
    return record.spared(term).inside


def _certain(record: Record, term: Cap) -> Worth:
    return record.count(term).certain


def _possible(record: Record, term: Cap) -> Worth:
    return record.count(term).possible


def _agreed(record: Record, kind: str, narrows: bool) -> int | None:
    """The lowest number of the agreements that stand: of those that replace the limit, or of those that only narrow."""
    view = record.view
    found = []
    for stood in view.said.stood_at("agree_frequency", record.at, by=view.party.id, day=record.day):
        counts = stood.said.point is None or (kind == "dials" and stood.said.point == view.proposed.point)
        if counts and stood.narrows == narrows and stood.said.per_day is not None:
            found.append(stood.said.per_day)
    return min(found, default=None)


def _opened(record: Record, term: Gate) -> Worth:
    return record.gate(term).is_open is True


def _closed(record: Record, term: Gate) -> Worth:
    return record.gate(term).is_open is False


def _barred(record: Record, term: Cooldown) -> Worth:
    until = record.cooldown(term).certain_until
    return until is not None and record.at < until


def _perhaps_barred(record: Record, term: Cooldown) -> Worth:
    until = record.cooldown(term).possible_until
    return until is not None and record.at < until


def _came(record: Record, term: After) -> Worth:
    since = record.after(term).certain_from
    return since is not None and since <= record.at


def _perhaps_came(record: Record, term: After) -> Worth:
    since = record.after(term).possible_from
    return since is not None and since <= record.at


def _consent(record: Record, days: int) -> bool | None:
    view = record.view
    return consented_to_call(view, Call(view.party.id, view.proposed.point, record.at), days)[0]


def _situation(record: Record, name: str) -> Worth:
    return _SITUATIONS[name](record)


def _agreements(record: Record) -> list[Stood]:
    view = record.view
    return view.said.stood("agree_hours", by=view.party.id) if view.party.role == "debtor" else []


def _inconvenient(record: Record) -> list[Stood]:
    return record.view.said.stood("inconvenient_time", by=record.view.party.id)


def _abroad(record: Record) -> tuple[str, ...]:
    return zones_abroad(record.view.case.time_zones, record.view.zone)


def _one(record: Record, all_stood: list[Stood]) -> Stood | None:
    """The only statement, where it stands on the days around the contact and names plain hours of every day."""
    if len(all_stood) != 1 or all_stood[0].narrows:
        return None
    stood, view = all_stood[0], record.view
    said = stood.said
    first = wall(view.zone, record.day - 2 * ONE_DAY, 0)
    last = wall(view.zone, record.day + 4 * ONE_DAY, 0)
    around = stood.since <= first and (stood.until is None or stood.until >= last)
    plain = said.on is None and said.days is None and isinstance(said.start, int) and said.end is not None
    if not around or not plain or said.start >= said.end:  # type: ignore[operator]  # both are minutes here
        return None
    return stood


def _whole_day(record: Record) -> bool:
    """Whether the clocks of the law's zone run through the days around the contact without a change."""
    view = record.view
    days = [wall(view.zone, record.day + timedelta(days=n), 0) for n in range(-1, 4)]
    return all(after - before == ONE_DAY for before, after in pairwise(days))


def _one_abroad(record: Record) -> bool:
    keys, view = _abroad(record), record.view
    if len(keys) != 1:
        return False
    offsets = {(record.at + timedelta(days=n)).astimezone(zone_of(keys[0])).utcoffset() for n in range(-2, 4)}
    return len(offsets) == 1 and view.length < ONE_DAY


def _agreed_hours(record: Record) -> Stood | None:
    """Boundary: hours around the clock run on into the next day and are left open."""
    stood = _one(record, _agreements(record))
    if stood is None or (stood.said.start, stood.said.end) == (0, MINUTES_PER_DAY):
        return None
    return stood


def _leap(record: Record) -> bool:
    before = record.day - timedelta(days=366)
    return add_years(before, 1) >= record.day


_SITUATIONS: Mapping[str, Callable[[Record], bool]] = {
    "point.named": lambda record: record.view.proposed.point is not None,
    "hours.plain": lambda record: not _agreements(record) and _whole_day(record),
    "hours.agreed": lambda record: _agreed_hours(record) is not None and _whole_day(record),
    "hours.specific": lambda record: (
        (stood := _agreed_hours(record)) is not None and stood.said.form != "standard_clause"
    ),
    "spared.none": lambda record: not _inconvenient(record),
    "spared.one": lambda record: _one(record, _inconvenient(record)) is not None and _whole_day(record),
    "abroad.none": lambda record: not _abroad(record),
    "abroad.one": lambda record: _one_abroad(record) and _whole_day(record),
    "leap": _leap,
}
assert set(_SITUATIONS) == set(SITUATION), "every situation is measured, and nothing else"


def _clock(record: Record, name: str) -> Worth:
    return _CLOCKS[name](record)


def _seconds_from_midnight(record: Record, instant: datetime) -> timedelta:
    return instant - wall(record.view.zone, record.day, 0)


def _begin(record: Record) -> int:
    return _seconds_from_midnight(record, record.at) // timedelta(seconds=1)


def _end(record: Record) -> int:
    """Boundary: part of a second at the end is a second."""
    return -(-_seconds_from_midnight(record, record.at + record.view.length) // timedelta(seconds=1))


def _shift(record: Record) -> int:
    keys = _abroad(record)
    if not keys:
        return 0
    there, here = (record.at.astimezone(zone).utcoffset() for zone in (zone_of(keys[0]), record.view.zone))
    assert there is not None, "a zone has an offset"
    assert here is not None, "a zone has an offset"
    return (there - here) // timedelta(seconds=1)


def _minutes(stood: Stood | None, end: bool) -> int:
    if stood is None:
        return 0
    value = stood.said.end if end else stood.said.start
    assert isinstance(value, int), "hours are minutes of a day"
    return value


_CLOCKS: Mapping[str, Callable[[Record], int]] = {
    "begin": _begin,
    "end": _end,
    "shift": _shift,
    "agreed_from": lambda record: _minutes(_agreed_hours(record), end=False),
    "agreed_to": lambda record: _minutes(_agreed_hours(record), end=True),
    "avoid_from": lambda record: _minutes(_one(record, _inconvenient(record)), end=False),
    "avoid_to": lambda record: _minutes(_one(record, _inconvenient(record)), end=True),
}
assert set(_CLOCKS) == set(CLOCK), "every clock is measured, and nothing else"

_WORTH: Mapping[str, Callable[[Record, Any], Worth]] = {
    "known": _known,
    "holds": _holds,
    "number": _number,
    "inside": _inside,
    "spared": _spared,
    "certain": _certain,
    "possible": _possible,
    "agrees": lambda record, kind: _agreed(record, kind, narrows=False) is not None,
    "agreed_number": lambda record, kind: _agreed(record, kind, narrows=False) or 0,
    "narrows": lambda record, kind: _agreed(record, kind, narrows=True) is not None,
    "narrow_number": lambda record, kind: _agreed(record, kind, narrows=True) or 0,
    "open": _opened,
    "closed": _closed,
    "barred": _barred,
    "perhaps_barred": _perhaps_barred,
    "came": _came,
    "perhaps_came": _perhaps_came,
    "consented": lambda record, days: _consent(record, days) is True,
    "unconsented": lambda record, days: _consent(record, days) is False,
    "situation": _situation,
    "clock": _clock,
}
