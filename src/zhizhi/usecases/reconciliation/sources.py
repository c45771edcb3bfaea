"""Whose records are expected, when, and how they are read: `records.toml`, strict (docs/reconcile.md)."""

import re
import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.words import CHANNELS
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import day_in, parse_clock, wall, zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import SECOND, Limits
from zhizhi.usecases.audit.log_map import LogMap

KINDS = {
    "carrier": Text("运营商", "carrier"),
    "provider": Text("短信或邮件服务商", "provider"),
    "agency": Text("委外机构", "agency"),
}
SOURCES_MAX = 200
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class SourcesRefused(Refused):
    """The settings cannot be used; the text names the source, the key and the remedy."""


@dataclass(frozen=True, slots=True)
class RecordSource:
    """Somebody whose records of our contacts are expected every day.

    `collector`, `gateway`: only contacts of that lender or agency, or through that provider, are theirs. `key`: what a
    record and a permit meet by, the `number` or the `person`. `log_map` is read from `map_name` by whoever opens files.
    """

    code: str
    name: str
    kind: str
    lender: str
    channels: tuple[str, ...]
    folder: str
    file: str
    map_name: str
    zone: ZoneInfo
    since: date
    due_minutes: int
    collector: str = ""
    gateway: str = ""
    clock: str = "system"
    key: str = "number"
    tolerance_seconds: int = 60
    apart_seconds: int = 1800
    length_tolerance_seconds: int = 3
    callers: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    answer_days: int = 5
    log_map: LogMap | None = field(default=None, compare=False, repr=False)

    def day(self, on: date) -> tuple[datetime, datetime]:
        """The civil day as instants; 23 or 25 hours where the clock changes."""
        return wall(self.zone, on, 0), wall(self.zone, on + timedelta(days=1), 0)

    def yesterday(self, at: datetime) -> date:
        """The latest day that is over."""
        return day_in(self.zone, at) - timedelta(days=1)

    def due_at(self, on: date) -> datetime:
        """By when the file of a day has to be there: on the day after."""
        return wall(self.zone, on + timedelta(days=1), self.due_minutes)

    def ready_at(self, on: date) -> datetime:
        """From when every permit of a day is known, those a tolerance past midnight too."""
        return self.day(on)[1] + timedelta(seconds=self.tolerance_seconds)

    def file_of(self, on: date) -> str:
        """The name of the file of a day."""
        return self.file.format(day=on)

    def limits(self, on: date) -> Limits:
        """What matching allows on a day."""
        opens, closes = self.day(on)
        return Limits(
            opens=micros(opens),
            closes=micros(closes),
            tolerance=self.tolerance_seconds * SECOND,
            apart=self.apart_seconds * SECOND,
            length_tolerance=self.length_tolerance_seconds,
        )


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def read_sources(body: str, name: str = "records.toml") -> list[RecordSource]:
    """Read and check the settings. Refuses: what is no TOML, an unknown key, a value out of its range."""
    try:
        tables = tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise SourcesRefused("not_toml", Text(f"{name}: 不是 TOML:{error}", f"{name}: not TOML: {error}")) from error
    if len(tables) > SOURCES_MAX:
        raise _refused(name, "", f"超过 {SOURCES_MAX} 个来源", f"more than {SOURCES_MAX} sources")
    return [_source(name, code, table) for code, table in tables.items()]


def _source(name: str, code: str, table: object) -> RecordSource:
    if not _CODE.fullmatch(code):
        raise _refused(
            name, code, "代码须为小写字母、数字、- 或 _", "a code is lower-case letters, digits, `-` and `_`"
        )
    if not isinstance(table, dict):
        raise _refused(name, code, "须为表", "is a table")
    for key in table:
        if key not in _KEYS:
            raise _refused(
                name,
                f"{code}.{key}",
                f"不认识的键；可用：{', '.join(_KEYS)}",
                f"unknown key; one of {', '.join(_KEYS)}",
            )
    read: dict[str, Any] = {}
    for key, (attribute, reader) in _KEYS.items():
        if key in table:
            try:
                read[attribute] = reader(table[key])
            except _Wrong as wrong:
                raise _refused(name, f"{code}.{key}", wrong.text.zh, wrong.text.en) from wrong
        elif key in _REQUIRED:
            raise _refused(name, f"{code}.{key}", "必填", "is required")
    return RecordSource(code=code, **{"name": code, **read})


class _Wrong(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def _refused(name: str, place: str, zh: str, en: str) -> SourcesRefused:
    return SourcesRefused("bad_sources", Text(f"{name}: {place}: {zh}", f"{name}: {place}: {en}"))


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("须为文字", "is text")
    return value


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _Wrong('须为文字列表，如 ["a"]', 'is a list of texts such as ["a"]')
    return tuple(value)


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise _Wrong(f"须为其中之一：{', '.join(known)}", f"is one of {', '.join(known)}")
        return str(value)

    return read


def _channels(value: object) -> tuple[str, ...]:
    found = _words(value)
    unknown = [one for one in found if one not in CHANNELS]
    if unknown or not found:
        raise _Wrong(f"渠道须为：{', '.join(CHANNELS)}", f"channels are {', '.join(CHANNELS)}")
    return found


def _zone(value: object) -> ZoneInfo:
    try:
        return zone_of(_word(value))
    except ValueError:
        raise _Wrong("不是 IANA 时区，如 Asia/Shanghai", "no IANA zone such as Asia/Shanghai") from None


def _clock(value: object) -> int:
    try:
        return parse_clock(_word(value))
    except ValueError:
        raise _Wrong('须为时刻，如 "09:00"', 'is a clock time such as "09:00"') from None


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _Wrong("须为日期，如 2026-03-01(不加引号)", "is a day such as 2026-03-01, without quotes")
    return value


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _Wrong(f"须为 {least} 至 {most} 的整数", f"is a whole number from {least} to {most}")
        return value

    return read


_TRIED = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 4, 1), date(2027, 3, 1))
"""Days whose files have to have names of their own."""


def _file_name(value: object) -> str:
    """A name with the day in it, as in `cdr-{day}.csv` or `cdr-{day:%Y%m%d}.csv`; never another folder's."""
    word = _word(value)
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(word) if name is not None]
        written = {word.format(day=day) for day in _TRIED}
    except (ValueError, KeyError, IndexError, AttributeError):
        fields, written = [], set()
    if set(fields) != {"day"} or len(written) != len(_TRIED) or any(PurePath(one).name != one for one in written):
        raise _Wrong(
            "须为含 {day} 的文件名，如 cdr-{day}.csv", "is a file name with {day} in it, such as cdr-{day}.csv"
        )
    return word


_KEYS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "name": ("name", _word),
    "kind": ("kind", _one_of(*KINDS)),
    "lender": ("lender", _word),
    "channels": ("channels", _channels),
    "collector": ("collector", _word),
    "gateway": ("gateway", _word),
    "clock": ("clock", _one_of("system", "declared")),
    "key": ("key", _one_of("number", "person")),
    "folder": ("folder", _word),
    "file": ("file", _file_name),
    "map": ("map_name", _word),
    "zone": ("zone", _zone),
    "since": ("since", _day),
    "due": ("due_minutes", _clock),
    "tolerance_seconds": ("tolerance_seconds", _whole(0, 3600)),
    "apart_seconds": ("apart_seconds", _whole(0, 6 * 3600)),
    "length_tolerance_seconds": ("length_tolerance_seconds", _whole(0, 3600)),
    "callers": ("callers", _words),
    "prefixes": ("prefixes", _words),
    "answer_days": ("answer_days", _whole(1, 90)),
}
_REQUIRED = ("kind", "lender", "channels", "folder", "file", "map", "zone", "since", "due")
