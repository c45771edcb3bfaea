"""Reading a document without trust: every finding is noted, and the one that is checked first is refused at the end.

A value that is absent or cannot be read is replaced by the stand-in that the reader was given (`otherwise`), so that
reading goes on and later findings are noted as well. A stand-in never decides anything: what made it stand in is noted
under a code that is checked before everything that could follow from it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from zhizhi.core.debt.errors import ErrorCode, Finding
from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.limits import ID_CHARACTERS_MAX, MONEY_MINOR_MAX
from zhizhi.core.kernel.rates import YEARLY_MAX, parse_rate
from zhizhi.core.kernel.text import Text

RECORDS_MAX = 10_000
"""Longest list in one case: debts, spans, flows, events, days of a calendar."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Fields:
    """One JSON object: which keys it may have, and a reader for every kind of value of the format."""

    def __init__(self, values: Mapping[str, object], place: str, findings: list[Finding]) -> None:
        self._values = values
        self._place = place
        self.findings = findings

    def keys(self, required: Iterable[str], optional: Iterable[str] = (), unused: Iterable[str] = ()) -> None:
        """Note unknown, missing and unused keys; an unused one is of the format and plays no part in this question."""
        required, unused = tuple(required), tuple(unused)
        known = {*required, *optional, *unused}
        if any(key not in known for key in self._values):
            listed = ", ".join(sorted(known))
            self._note(
                ErrorCode.UNKNOWN_KEY, "", Text(f"含未知键；可用：{listed}", f"holds an unknown key; known: {listed}")
            )
        for key in required:
            if key not in self._values:
                self._note(ErrorCode.MISSING_KEY, key, Text("缺失", "is missing"))
        for key in unused:
            if key in self._values:
                self._note(ErrorCode.CONFLICT, key, Text("在此处不适用", "plays no part here"))

    def has(self, key: str) -> bool:
        """True where the object has the key, readable or not."""
        return key in self._values

    def text(self, key: str, otherwise: T, *, longest: int | None = ID_CHARACTERS_MAX) -> str | T:
        """Text of 1 to `longest` characters; None: of any length, for a value whose own rule looks at it later."""
        return self._text_at(key, self._values[key], otherwise, longest) if self.has(key) else otherwise

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of identifiers, perhaps empty."""
        return tuple(self._text_at(place, item, "", ID_CHARACTERS_MAX) for place, item in self._items(key))

    def flag(self, key: str, otherwise: T) -> bool | T:
        """True or false."""
        if not self.has(key):
            return otherwise
        value = self._values[key]
        return (
            value
            if isinstance(value, bool)
            else self._bad_type(key, Text("须为 true 或 false", "must be true or false"), otherwise)
        )

    def count(self, key: str, otherwise: T, *, at_least: int, at_most: int | None = None) -> int | T:
        """A whole number within its range. Boundary: both ends are within."""
        value = self._integer(key)
        if value is None:
            return otherwise
        if value < at_least or (at_most is not None and value > at_most):
            upper = "" if at_most is None else f" – {at_most}"
            return self._refuse(
                ErrorCode.BAD_VALUE,
                key,
                Text(f"超出范围：{at_least}{upper}", f"is outside its range: {at_least}{upper}"),
                otherwise,
            )
        return value

    def money(self, key: str, otherwise: T, *, above_zero: bool = False) -> int | T:
        """Minor units: a whole number from 0, or from 1, to 10^15."""
        value = self._integer(key)
        if value is None:
            return otherwise
        if value < 0 or value > MONEY_MINOR_MAX:
            return self._refuse(
                ErrorCode.BAD_AMOUNT, key, Text("须在 0 至 10^15 之间", "must be from 0 to 10^15"), otherwise
            )
        if above_zero and value == 0:
            return self._refuse(ErrorCode.BAD_AMOUNT, key, Text("须大于 0", "must be above 0"), otherwise)
        return value

    def rate(self, key: str, otherwise: T, *, at_most: Fraction = YEARLY_MAX) -> Fraction | T:
        """A decimal in text, exact."""
        written = self.text(key, None, longest=None)
        if written is None:
            return otherwise
        try:
            return parse_rate(written, at_most)
        except ValueError:
            wrong = Text(
                f'须为小数文本，如 "0.24"，不超过 {at_most}', f'must be a decimal such as "0.24", at most {at_most}'
            )
            return self._refuse(ErrorCode.BAD_RATE, key, wrong, otherwise)

    def day(self, key: str, otherwise: T) -> date | T:
        """A civil day."""
        return self._day_at(key, self._values[key], otherwise) if self.has(key) else otherwise

    def days(self, key: str) -> tuple[date, ...]:
        """A list of civil days, perhaps empty."""
        return tuple(self._day_at(place, item, date.min) for place, item in self._items(key))

    def choice(
        self,
        key: str,
        kinds: type[E],
        otherwise: T,
        *,
        among: Collection[E] | None = None,
        code: ErrorCode = ErrorCode.BAD_VALUE,
    ) -> E | T:
        """One word of a closed list, or of the part of it that fits here."""
        offered = {kind.value: kind for kind in kinds if among is None or kind in among}
        return self._choice_at(key, self._values[key], offered, otherwise, code) if self.has(key) else otherwise

    def choices(self, key: str, kinds: type[E]) -> tuple[E, ...]:
        """A list of words of a closed list, perhaps empty."""
        offered = {kind.value: kind for kind in kinds}
        words = (self._choice_at(place, item, offered, None, ErrorCode.BAD_VALUE) for place, item in self._items(key))
        return tuple(word for word in words if word is not None)

    def record(self, key: str, *, unnamed: bool = False) -> "Fields":
        """An object inside this one; places inside an unnamed one are called as if they stood outside all."""
        found = self._record_at(key, self._values[key]) if self.has(key) else self._nothing(key)
        return Fields(found._values, "", found.findings) if unnamed else found

    def records(self, key: str, *, at_least: int = 0) -> list["Fields"]:
        """A list of objects; `at_least` 1 where an empty list asks nothing."""
        items = self._items(key)
        if self.has(key) and isinstance(self._values[key], list) and len(items) < at_least:
            self._note(ErrorCode.BAD_VALUE, key, Text("不得为空列表", "must not be an empty list"))
        return [self._record_at(place, item) for place, item in items]

    def _items(self, key: str) -> list[tuple[str, object]]:
        if not self.has(key):
            return []
        items = self._values[key]
        if not isinstance(items, list):
            return self._bad_type(key, Text("须为列表", "must be a list"), [])
        if len(items) > RECORDS_MAX:
            return self._refuse(
                ErrorCode.BAD_VALUE, key, Text(f"最多 {RECORDS_MAX} 项", f"holds more than {RECORDS_MAX} items"), []
            )
        return [(f"{key}[{index}]", item) for index, item in enumerate(items)]

    def _record_at(self, place: str, value: object) -> "Fields":
        if isinstance(value, dict):
            return Fields(value, self._placed(place), self.findings)
        return self._bad_type(place, Text("须为对象", "must be an object"), self._nothing(place))

    def _nothing(self, place: str) -> "Fields":
        """An object that is not there: what is found missing in it is nobody's finding."""
        return Fields({}, self._placed(place), [])

    def _integer(self, key: str) -> int | None:
        if not self.has(key):
            return None
        value = self._values[key]
        # A flag is an int to Python and 100.0 equals 100; neither is a whole number in JSON.
        if type(value) is int:
            return value
        return self._bad_type(key, Text("须为整数", "must be a whole number without a point"), None)

    def _text_at(self, place: str, value: object, otherwise: T, longest: int | None) -> str | T:
        if not isinstance(value, str):
            return self._bad_type(place, Text("须为文本", "must be text"), otherwise)
        if longest is not None and not 1 <= len(value) <= longest:
            return self._refuse(
                ErrorCode.BAD_VALUE,
                place,
                Text(f"须为 1 至 {longest} 个字符", f"must be of 1 to {longest} characters"),
                otherwise,
            )
        return value

    def _day_at(self, place: str, value: object, otherwise: T) -> date | T:
        written = self._text_at(place, value, None, None)
        if written is None:
            return otherwise
        try:
            return parse_day(written)
        except ValueError:
            wrong = Text("须为日历日 YYYY-MM-DD（1900 至 2199 年）", "must be a day YYYY-MM-DD from 1900 to 2199")
            return self._refuse(ErrorCode.BAD_DATE, place, wrong, otherwise)

    def _choice_at(self, place: str, value: object, offered: Mapping[str, E], otherwise: T, code: ErrorCode) -> E | T:
        word = self._text_at(place, value, None, None)
        if word is None:
            return otherwise
        if word in offered:
            return offered[word]
        listed = ", ".join(offered)
        return self._refuse(code, place, Text(f"须为其中之一：{listed}", f"must be one of {listed}"), otherwise)

    def _bad_type(self, place: str, wrong: Text, otherwise: T) -> T:
        return self._refuse(ErrorCode.BAD_TYPE, place, wrong, otherwise)

    def _refuse(self, code: ErrorCode, place: str, wrong: Text, otherwise: T) -> T:
        self._note(code, place, wrong)
        return otherwise

    def _note(self, code: ErrorCode, place: str, wrong: Text) -> None:
        self.findings.append(Finding(code, self._placed(place), wrong))

    def _placed(self, place: str) -> str:
        return f"{self._place}.{place}" if self._place and place else self._place or place
