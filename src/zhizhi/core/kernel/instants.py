"""Instants: reading and writing them, and the civil days and wall clocks of a zone. Inside, all are in UTC.

Zones come from the locked data of the package `tzdata`, never from the machine: two machines with one release decide
alike, and a decision names the data.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]  # data with one word of code, and no types

from zhizhi.core.kernel.days import FIRST_DAY, LAST_DAY

MINUTES_PER_DAY = 24 * 60
ZONE_DATA: str = tzdata.IANA_VERSION
"""Version of the time-zone data, as IANA names it."""
_NO_PLACE = "Factory"

# datetime.fromisoformat reads more forms than the documents hold, and takes an instant without an offset.
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_CLOCK = re.compile(r"(\d{2}):(\d{2})", re.ASCII)


def parse_instant(written: str) -> datetime:
    """Read `YYYY-MM-DDTHH:MM:SS±HH:MM` as UTC. Refuses: another form, no offset, outside 1900 to 2199 (ValueError)."""
    if _WRITTEN.fullmatch(written) is None:
        raise ValueError("not an instant of the form YYYY-MM-DDTHH:MM:SS+HH:MM")
    instant = datetime.fromisoformat(written)
    if not FIRST_DAY < instant.date() < LAST_DAY:
        raise ValueError("outside 1900 to 2199")
    return instant.astimezone(UTC)


def parse_clock(written: str) -> int:
    """Read `HH:MM` as minutes after midnight. Boundary: `24:00` is the end of the day. Refuses: ValueError."""
    match = _CLOCK.fullmatch(written)
    if match is None:
        raise ValueError("not a wall clock of the form HH:MM")
    minutes = int(match[1]) * 60 + int(match[2])
    if int(match[2]) >= 60 or minutes > MINUTES_PER_DAY:
        raise ValueError("no such wall clock")
    return minutes


class ListedZone(ZoneInfo):
    """A zone of the list. A copy, also in another process, is the zone of the same key."""

    def __reduce__(self) -> tuple[Callable[[str], ZoneInfo], tuple[str]]:
        return zone_of, (self.key,)


@lru_cache(maxsize=1024)
def zone_of(key: str) -> ZoneInfo:
    """The zone of an IANA key.

    Refuses: a key that is not on the list, the clock of this machine and the zone of no place among them (ValueError).
    """
    if key not in _listed() or key == _NO_PLACE:
        raise ValueError("not a time zone of the IANA list")
    with files(tzdata).joinpath("zoneinfo", *key.split("/")).open("rb") as written:
        return ListedZone.from_file(written, key=key)


@lru_cache(maxsize=1)
def _listed() -> frozenset[str]:
    return frozenset(files(tzdata).joinpath("zones").read_text(encoding="ascii").split())


BEIJING = zone_of("Asia/Shanghai")
"""The zone of the product's own days: the Chinese packs count theirs in it."""


def day_in(zone: ZoneInfo, instant: datetime) -> date:
    """The civil day that an instant falls on."""
    return instant.astimezone(zone).date()


@lru_cache(maxsize=8192)
def wall(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """The instant at which the wall clock of a zone shows `minutes` after midnight of a day.

    Boundary: 1,440 is midnight at the end of the day. A clock time that the change to summer time skips is read with
    the offset before the change; one that comes twice is its first.
    """
    whole, minute = divmod(minutes, MINUTES_PER_DAY)
    local = datetime.combine(day + timedelta(days=whole), time(minute // 60, minute % 60), tzinfo=zone)
    return local.astimezone(UTC)


def whole_second(instant: datetime) -> datetime:
    """The instant itself, or the next whole second after it."""
    if instant.microsecond == 0:
        return instant
    return instant.replace(microsecond=0) + timedelta(seconds=1)


def write_instant(instant: datetime, zone: ZoneInfo) -> str:
    """`YYYY-MM-DDTHH:MM:SS±HH:MM` on the clock of a zone."""
    return instant.astimezone(zone).isoformat()
