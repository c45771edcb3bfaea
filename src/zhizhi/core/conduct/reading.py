"""Reading a document against a shape: every wrong thing is found, and what is right comes out as typed values."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from zhizhi.core.conduct.errors import CaseCode, Finding
from zhizhi.core.conduct.shape import (
    COUNT_MAX,
    ID_CHARACTERS_MAX,
    ITEMS_MAX,
    STATEMENT_BASE,
    STATEMENT_KEYS,
    STATEMENT_NEEDED,
    STATEMENTS,
    TEXT_CHARACTERS_MAX,
    Kind,
    Shape,
)
from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.instants import parse_clock, parse_instant, zone_of
from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.text import Text

Object = dict[str, object]
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_UNKNOWN_KEY = Text("不是此处可用的键", "is not a key of this place; help: keys are listed in the case format")
_MISSING_KEY = Text("缺失", "is missing")
_NOT_OBJECT = Text("应为对象", "must be an object")
_NOT_ARRAY = Text("应为数组", "must be an array")
_NOT_TEXT = Text("应为文本", "must be text")
_NOT_FLAG = Text("应为 true 或 false", "must be true or false")
_NOT_INTEGER = Text("应为整数", "must be an integer")
_EMPTY = Text("不得为空", "must not be empty")
_TOO_MANY = Text(f"至多 {ITEMS_MAX} 项", f"must hold at most {ITEMS_MAX} items")
_NOT_LISTED = Text("不在允许的取值之内", "is not in its list of values")
_LENGTH = Text("长度超出范围", "is outside its length")
_NO_TEXT = Text("含有不成字的编码", "holds half a character; help: write whole Unicode characters")
_RANGE = Text("超出范围", "is outside its range")
_NO_ZONE = Text("不是 IANA 时区", "is not a time zone of the IANA list")
_NO_CLOCK = Text("应为 HH:MM", "must be HH:MM")
_NO_DAY = Text("应为日期 YYYY-MM-DD", "must be a date YYYY-MM-DD")
_NO_INSTANT = Text("应为带时差的时刻", "must be an instant with an offset, YYYY-MM-DDTHH:MM:SS+HH:MM")
_NO_PART = Text("不适用于这种陈述", "plays no part in a statement of this kind")


def _is_zone(key: str) -> bool:
    try:
        zone_of(key)
    except ValueError:
        return False
    return True


def _is_plainly_right(kind: Kind, written: object) -> bool:
    """A quick yes for most of a document, listed words, flags and short plain text; the readers judge the rest."""
    if isinstance(written, str):
        if kind.name == "choice":
            return written in kind.choices
        return kind.name == "text" and 0 < len(written) <= ID_CHARACTERS_MAX and written.isascii()
    return isinstance(written, bool) and kind.name == "flag"


class Reader:
    """Collects what is wrong with one document while its values are read. What is wrong reads as absent."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def refuse(self, code: CaseCode, place: str, wanted: Text) -> None:
        """Note one thing wrong."""
        self.findings.append(Finding(code, place, wanted))

    def read_object(self, shape: Shape, written: object, place: str) -> Object:
        """The keys of an object that are right, read."""
        if not isinstance(written, dict):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_OBJECT)
            return {}
        return self._read_keys(shape.keys, shape.needed, written, place)

    def _read_keys(
        self, keys: Mapping[str, Kind], needed: frozenset[str], written: Mapping[str, object], place: str
    ) -> Object:
        prefix = f"{place}." if place else ""
        values: Object = {}
        for key, value in written.items():
            kind = keys.get(key)
            if kind is None:
                named = _LONE_SURROGATE.sub("?", f"{prefix}{key}"[:TEXT_CHARACTERS_MAX])
                self.refuse(CaseCode.UNKNOWN_KEY, named, _UNKNOWN_KEY)
                continue
            if _is_plainly_right(kind, value):
                values[key] = value
                continue
            read = self._read(kind, value, f"{prefix}{key}")
            if read is not None:
                values[key] = read
        if not needed <= written.keys():
            for key in sorted(needed - written.keys()):
                self.refuse(CaseCode.MISSING_KEY, f"{prefix}{key}", _MISSING_KEY)
        return values

    def _read(self, kind: Kind, written: object, place: str) -> object | None:
        return _READERS[kind.name](self, kind, written, place)

    def _ignored(self, _kind: Kind, _written: object, _place: str) -> None:
        return None

    def _text(self, _kind: Kind, written: object, place: str) -> str | None:
        if not isinstance(written, str):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_TEXT)
        elif not 1 <= len(written) <= (ID_CHARACTERS_MAX if place == "id" else TEXT_CHARACTERS_MAX):
            self.refuse(CaseCode.BAD_VALUE, place, _LENGTH)
        elif _LONE_SURROGATE.search(written):
            self.refuse(CaseCode.BAD_VALUE, place, _NO_TEXT)
        else:
            return written
        return None

    def _flag(self, _kind: Kind, written: object, place: str) -> bool | None:
        if isinstance(written, bool):
            return written
        self.refuse(CaseCode.BAD_TYPE, place, _NOT_FLAG)
        return None

    def _integer(self, written: object, place: str, greatest: int, code: CaseCode) -> int | None:
        if not isinstance(written, int) or isinstance(written, bool):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_INTEGER)
        elif not 0 <= written <= greatest:
            self.refuse(code, place, _RANGE)
        else:
            return written
        return None

    def _count(self, _kind: Kind, written: object, place: str) -> int | None:
        return self._integer(written, place, COUNT_MAX, CaseCode.BAD_VALUE)

    def _minor(self, _kind: Kind, written: object, place: str) -> int | None:
        return self._integer(written, place, MONEY_MINOR_MAX, CaseCode.BAD_AMOUNT)

    def _choice(self, kind: Kind, written: object, place: str) -> str | None:
        if not isinstance(written, str):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_TEXT)
        elif written not in kind.choices:
            self.refuse(CaseCode.BAD_VALUE, place, _NOT_LISTED)
        else:
            return written
        return None

    def _dated(
        self, written: object, place: str, parse: Callable[[str], date | datetime], wanted: Text
    ) -> date | datetime | None:
        if not isinstance(written, str):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_TEXT)
            return None
        try:
            return parse(written)
        except (ValueError, OverflowError):
            self.refuse(CaseCode.BAD_DATE, place, wanted)
            return None

    def _day(self, _kind: Kind, written: object, place: str) -> object:
        return self._dated(written, place, parse_day, _NO_DAY)

    def _instant(self, _kind: Kind, written: object, place: str) -> object:
        return self._dated(written, place, parse_instant, _NO_INSTANT)

    def _until(self, _kind: Kind, written: object, place: str) -> object:
        if isinstance(written, str) and "T" not in written:
            return self._dated(written, place, parse_day, _NO_DAY)
        return self._dated(written, place, parse_instant, _NO_INSTANT)

    def _clock(self, _kind: Kind, written: object, place: str) -> int | None:
        if not isinstance(written, str):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_TEXT)
            return None
        try:
            return parse_clock(written)
        except ValueError:
            self.refuse(CaseCode.BAD_VALUE, place, _NO_CLOCK)
            return None

    def _array(self, kind: Kind, written: object, place: str) -> list[object] | None:
        if not isinstance(written, list):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_ARRAY)
        elif len(written) > ITEMS_MAX:
            self.refuse(CaseCode.BAD_VALUE, place, _TOO_MANY)
        elif not written and not kind.may_be_empty:
            self.refuse(CaseCode.BAD_VALUE, place, _EMPTY)
        else:
            return written
        return None

    def _texts(self, kind: Kind, written: object, place: str) -> tuple[str, ...] | None:
        items = self._array(kind, written, place)
        read = [self._text(kind, item, f"{place}[{n}]") for n, item in enumerate(items or ())]
        return None if items is None else tuple(item for item in read if item is not None)

    def _choices(self, kind: Kind, written: object, place: str) -> frozenset[str] | None:
        items = self._array(kind, written, place)
        read = [self._choice(kind, item, f"{place}[{n}]") for n, item in enumerate(items or ())]
        return None if items is None else frozenset(item for item in read if item is not None)

    def _zones(self, kind: Kind, written: object, place: str) -> tuple[str, ...] | None:
        keys = self._texts(kind, written, place)
        for n, key in enumerate(keys or ()):
            if not _is_zone(key):
                self.refuse(CaseCode.BAD_VALUE, f"{place}[{n}]", _NO_ZONE)
        return keys

    def _object(self, kind: Kind, written: object, place: str) -> Object:
        assert kind.shape is not None
        return self.read_object(kind.shape, written, place)

    def _objects(self, kind: Kind, written: object, place: str) -> tuple[Object, ...] | None:
        assert kind.shape is not None
        shape = kind.shape
        items = self._array(kind, written, place)
        return (
            None
            if items is None
            else tuple(self.read_object(shape, item, f"{place}[{n}]") for n, item in enumerate(items))
        )

    def _statements(self, kind: Kind, written: object, place: str) -> tuple[Object, ...] | None:
        items = self._array(kind, written, place)
        return None if items is None else tuple(self._statement(item, f"{place}[{n}]") for n, item in enumerate(items))

    def _statement(self, written: object, place: str) -> Object:
        if not isinstance(written, dict):
            self.refuse(CaseCode.BAD_TYPE, place, _NOT_OBJECT)
            return {}
        chosen = written.get("kind")
        keys, needed = STATEMENTS.get(chosen, ({}, frozenset())) if isinstance(chosen, str) else ({}, frozenset[str]())
        usable = {}
        for key, value in written.items():
            if key in STATEMENT_KEYS and key not in keys and key not in STATEMENT_BASE:
                if keys or chosen in STATEMENTS:
                    self.refuse(CaseCode.CONFLICT, f"{place}.{key}", _NO_PART)
                continue
            usable[key] = value
        return self._read_keys({**STATEMENT_BASE, **keys}, STATEMENT_NEEDED | needed, usable, place)


_READERS: Mapping[str, Callable[[Reader, Kind, object, str], object | None]] = {
    "ignored": Reader._ignored,
    "text": Reader._text,
    "flag": Reader._flag,
    "count": Reader._count,
    "minor": Reader._minor,
    "choice": Reader._choice,
    "choices": Reader._choices,
    "texts": Reader._texts,
    "zones": Reader._zones,
    "day": Reader._day,
    "instant": Reader._instant,
    "until": Reader._until,
    "clock": Reader._clock,
    "object": Reader._object,
    "objects": Reader._objects,
    "statements": Reader._statements,
}
