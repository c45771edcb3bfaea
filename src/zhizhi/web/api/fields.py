"""Fields of what may be sent: each says what it is, checks it, and tells in both languages what to write instead.

pydantic walks the record; what is wrong with a value is said here, so that a message names the remedy and no value.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from zhizhi.core.kernel.text import Text

TOLD = "told"
ID_DIGITS_MAX = 18
CODE = re.compile(r"[A-Z][A-Z_]{0,39}", re.ASCII)
# Letters before ids, as the documents of conduct cases have them.
PARTY, POINT, DEBT, CONTACT, PERMIT = "p", "m", "d", "e", "t"


class Shape(BaseModel):
    """A record that may be sent: nothing beside its fields, nothing converted, nothing of its values in an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Nothing(Shape):
    """An empty body: `{}`."""


def wrong(text: Text) -> PydanticCustomError:
    """What is wrong with a value, for the problem that is answered."""
    return PydanticCustomError(TOLD, "wrong", {"zh": text.zh, "en": text.en})


@dataclass(frozen=True)
class Said(ABC):
    """Base of fields: `zh` and `en` say what it is. `nullable`, found from the type, lets `null` stand for absent."""

    zh: str
    en: str

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The value. Refuses: `wrong`."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Its type in the document."""

    def __get_pydantic_core_schema__(self, source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """A check of our own in place of pydantic's."""
        if type(None) not in get_args(source):
            return core_schema.no_info_plain_validator_function(self.read, metadata={"nullable": False})
        return core_schema.no_info_plain_validator_function(
            lambda value: None if value is None else self.read(value), metadata={"nullable": True}
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What the document says of it."""
        schema = {"description": f"{self.zh} · {self.en}", **self.schema()}
        metadata: dict[str, Any] = dict(core.get("metadata") or {})
        if metadata.get("nullable"):
            schema["type"] = [schema["type"], "null"]
        return schema


@dataclass(frozen=True)
class Line(Said):
    """A text of one line, of visible characters."""

    most: int = 100
    least: int = 1

    def read(self, value: Any) -> str:
        """As it came."""
        if not isinstance(value, str) or not self.least <= len(value) <= self.most or not value.isprintable():
            raise wrong(
                Text(
                    f"请填 {self.least}–{self.most} 个可见字符的文字",
                    f"help: a text of {self.least} to {self.most} visible characters",
                )
            )
        return value

    def schema(self) -> dict[str, Any]:
        """Lengths."""
        return {"type": "string", "minLength": self.least, "maxLength": self.most}


@dataclass(frozen=True)
class Lines(Line):
    """A text that may have several lines."""

    def read(self, value: Any) -> str:
        """As it came; of control characters only line ends and tabs."""
        if isinstance(value, str) and value.translate(_BREAKS).isprintable() and self.least <= len(value) <= self.most:
            return value
        return super().read(value)


_BREAKS = str.maketrans("", "", "\n\r\t")


@dataclass(frozen=True)
class Code(Said):
    """A code of a published list: capital letters, so that nothing else can be said in its place."""

    def read(self, value: Any) -> str:
        """The code."""
        if not isinstance(value, str) or not CODE.fullmatch(value):
            raise wrong(Text("请填代码（大写字母与下划线）", "help: a code, capital letters and underscores"))
        return value

    def schema(self) -> dict[str, Any]:
        """Its form; which there are, `words` tells."""
        return {"type": "string", "pattern": f"^{CODE.pattern}$"}


@dataclass(frozen=True)
class OneOf(Said):
    """One of a closed list of words."""

    words: tuple[str, ...]

    def read(self, value: Any) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.words:
            raise wrong(Text(f"可选：{'、'.join(self.words)}", f"help: one of {', '.join(self.words)}"))
        return value

    def schema(self) -> dict[str, Any]:
        """The words; which of them may be left out stands at `nullable`."""
        return {"type": "string", "enum": list(self.words)}

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """`null` is one of the words where it may be left out."""
        schema = super().__get_pydantic_json_schema__(core, handler)
        return {**schema, "enum": [*self.words, None]} if isinstance(schema["type"], list) else schema


@dataclass(frozen=True)
class Whole(Said):
    """A whole number in bounds."""

    least: int
    most: int

    def read(self, value: Any) -> int:
        """The number."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise wrong(
                Text(f"请填 {self.least}–{self.most} 的整数", f"help: a whole number from {self.least} to {self.most}")
            )
        return value

    def schema(self) -> dict[str, Any]:
        """Bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class WrittenWhole(Whole):
    """The same, as it stands in an address."""

    def read(self, value: Any) -> int:
        """The number of its digits."""
        return super().read(
            int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value
        )


@dataclass(frozen=True)
class YesNo(Said):
    """True or false."""

    def read(self, value: Any) -> bool:
        """The answer."""
        if not isinstance(value, bool):
            raise wrong(Text("请填 true 或 false", "help: true or false"))
        return value

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Instant(Said):
    """An instant with its offset."""

    def read(self, value: Any) -> datetime:
        """The instant."""
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or not 2000 <= at.year <= 2200:
            raise wrong(Text("请填带时区的 ISO 8601 时刻", "help: an ISO 8601 instant with offset"))
        return at

    def schema(self) -> dict[str, Any]:
        """RFC 3339."""
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True)
class Day(Said):
    """A civil day."""

    def read(self, value: Any) -> date:
        """The day."""
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-03-02") else None
        except ValueError:
            day = None
        if day is None or not 2000 <= day.year <= 2200:
            raise wrong(Text("请填日期，如 2026-03-02", "help: a date such as 2026-03-02"))
        return day

    def schema(self) -> dict[str, Any]:
        """RFC 3339."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Id(Said):
    """An id that an answer gave out before, with the letter that conduct cases write before it."""

    letter: str

    def read(self, value: Any) -> int:
        """The number inside."""
        number = number_of(value, self.letter)
        if number is None:
            raise wrong(Text("请填接口答复中的编号（文字）", "help: an id as an answer gave it, as text"))
        return number

    def schema(self) -> dict[str, Any]:
        """Opaque to the client, but for its form."""
        return {"type": "string", "pattern": f"^{self.letter}[0-9]{{1,18}}$"}


def number_of(value: object, letter: str = "") -> int | None:
    """The number inside an id; None for what is none."""
    if not isinstance(value, str) or not value.startswith(letter):
        return None
    digits = value.removeprefix(letter)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= ID_DIGITS_MAX else None


@dataclass(frozen=True)
class Contract(Said):
    """A document of an outside contract; whoever reads it checks it (contract/*.md)."""

    def read(self, value: Any) -> dict[str, Any]:
        """As it came."""
        if not isinstance(value, dict):
            raise wrong(Text("请给出对象", "help: give an object"))
        return value

    def schema(self) -> dict[str, Any]:
        """An object whose keys the contract knows."""
        return {"type": "object", "additionalProperties": True}


@dataclass(frozen=True)
class Many:
    """A list of records, from one to so many; what is wrong inside is said by the records."""

    zh: str
    en: str
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The length first, then each."""

        def check(value: Any) -> Any:
            if not isinstance(value, list) or not 1 <= len(value) <= self.most:
                raise wrong(Text(f"请给出 1–{self.most} 项的列表", f"help: give a list of 1 to {self.most}"))
            return value

        return core_schema.no_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Bounds of its length."""
        told = {"description": f"{self.zh} · {self.en}", "minItems": 1, "maxItems": self.most}
        return {**handler(core), **told}


def both(texts: Iterable[Text]) -> list[dict[str, str]]:
    """Texts as answers hold them."""
    return [text.to_document() for text in texts]
