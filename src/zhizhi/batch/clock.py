"""The civil clock of a zone over columns: offsets from the zone's own list of changes, no engine's time zones.

Every engine then agrees with the others and with the single decision, which reads the same list.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import ibis

from zhizhi.batch.tables import Column
from zhizhi.core.kernel.instants import zone_of

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 86_400 * SECOND_US
_FIRST, _LAST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_AHEAD = 40_000
"""Added before a division and taken off after it: no engine is asked how it rounds below 1970."""

Changes: TypeAlias = tuple[tuple[int, int], ...]
"""Instants from which an offset holds, and the offset, in microseconds; the first holds since ever."""


class NoZone(ValueError):
    """A law that goes by the debtor's clock is asked about persons of whom no zone is known."""

    def __init__(self, persons: int | None = None) -> None:
        whom = "the persons" if persons is None else f"{persons} of the persons"
        super().__init__(
            f"the law goes by the debtor's clock, and of {whom} who are asked about none is known (`persons.zones`);"
            " help: fill the column with IANA zones, the debtor's own first, or decide by a law that names its zone"
        )


@lru_cache(maxsize=64)
def changes_of(key: str) -> Changes:
    """Every change of a zone from 1900 to 2199."""
    zone = zone_of(key)

    def offset(instant: datetime) -> int:
        found = instant.astimezone(zone).utcoffset()
        assert found is not None, "an aware instant has an offset"
        return found // timedelta(microseconds=1)

    changes = [(-(2**62), offset(_FIRST))]
    day = _FIRST
    while day < _LAST:
        ahead = day + timedelta(days=1)
        if offset(ahead) != offset(day):
            low, high = day, ahead
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (low, middle) if offset(middle) == offset(ahead) else (middle, high)
            changes.append(((high - _EPOCH) // timedelta(microseconds=1), offset(ahead)))
        day = ahead
    return tuple(changes)


class Clock:
    """Days and wall clocks of one zone, or of the zone that a column names, over instants between two bounds.

    Refuses: no zone at all (NoZone).
    """

    def __init__(self, keys: Sequence[str], first_us: int, last_us: int, zone: Column | None = None) -> None:
        if not keys:
            raise NoZone
        assert len(keys) == 1 or zone is not None, "several zones are told apart by a column"
        self._zone = zone
        self._changes = {key: _within(changes_of(key), first_us - 2 * DAY_US, last_us + 2 * DAY_US) for key in keys}

    def day(self, at_us: Column) -> Column:
        """The civil day of an instant, in days since 1970."""
        return whole_days(at_us + self._offset(at_us, _starts))

    def wall(self, day: Column, minutes: Column | int) -> Column:
        """The instant at which the clock shows so many minutes after midnight of a day; skipped hours as the kernel."""
        local = day.cast("int64") * DAY_US + minutes * MINUTE_US
        return local - self._offset(local, _wall_starts)

    def _offset(self, at: Column, starts: "Callable[[Changes], Changes]") -> Column:
        by_zone = {key: _chain(at, starts(changes)) for key, changes in self._changes.items()}
        if len(by_zone) == 1:
            return next(iter(by_zone.values()))
        return ibis.cases(*[(self._zone == key, offset) for key, offset in by_zone.items()])


def whole_days(local_us: Column) -> Column:
    """Whole days since 1970 of a clock in microseconds.

    Some engines divide as doubles: a multiple of a day has few enough digits for that to be exact, anything else not.
    """
    positive = local_us + _DAYS_AHEAD * DAY_US
    return ((positive - positive % DAY_US) // DAY_US).cast("int64") - _DAYS_AHEAD


def _within(changes: Changes, first_us: int, last_us: int) -> Changes:
    """The changes that matter between two instants; the first one holds at the earlier."""
    before = [change for change in changes if change[0] <= first_us]
    return (before[-1], *(change for change in changes if first_us < change[0] <= last_us))


def _starts(changes: Changes) -> Changes:
    return changes


def _wall_starts(changes: Changes) -> Changes:
    """The local clock from which each offset is used: a skipped or repeated hour is read with the offset before it."""
    found = [changes[0]]
    for (_, before), (turn, after) in pairwise(changes):
        found.append((turn + max(before, after), after))
    return tuple(found)


def _chain(at: Column, starts: Changes) -> Column:
    if len(starts) == 1:
        return ibis.literal(starts[0][1], "int64")
    return ibis.cases(*[(at >= start, offset) for start, offset in reversed(starts[1:])], else_=starts[0][1])
