"""A body or a query is read into its record, or refused with every place that is wrong and what to write there."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zhizhi.core.kernel.text import Text
from zhizhi.web.api.fields import TOLD
from zhizhi.web.api.problems import Place, Problem

BODY_BYTES_MAX = 64 * 1024
PLACES_MAX = 20
NOT_JSON = Text("请求体不是 UTF-8 的 JSON 对象", "the body is no JSON object in UTF-8")
TOO_LARGE = Text("请求体过大", "the body is too large; help: ask for fewer persons at once")
WRONG = Text("请求有误，逐项见 errors", "the request is wrong, see `errors` for each place")
MISSES = Text("必填", "help: add it")
UNKNOWN = Text("没有这个字段，请删除", "there is no such field; help: leave it out")
TWICE = Text("字段重复出现", "a field stands twice; help: leave one out")
NO_OBJECT = Text("请给出对象", "help: give an object")

Record = TypeVar("Record", bound=BaseModel)


class _Twice(ValueError):
    """A key of an object stands twice: the two could be read differently by two readers."""


def read_body(shape: type[Record], body: bytes, bytes_max: int = BODY_BYTES_MAX) -> Record:
    """The record. Refuses: a body that is too large, no JSON, or not of this shape."""
    if len(body) > bytes_max:
        raise Problem(413, "too_large", TOO_LARGE)
    try:
        written = json.loads(body, object_pairs_hook=_object, parse_constant=_no_constant)
    except _Twice as twice:
        raise Problem(400, "bad_json", TWICE) from twice
    except (ValueError, RecursionError) as error:
        raise Problem(400, "bad_json", NOT_JSON) from error
    if not isinstance(written, dict):
        raise Problem(400, "bad_json", NOT_JSON)
    return checked(shape, written)


def checked(shape: type[Record], written: Mapping[str, Any], at: str = "") -> Record:
    """The record of what was written. Refuses: what is not of this shape, place by place below the pointer `at`."""
    try:
        return shape.model_validate(written)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise Problem(422, "bad_request", WRONG, tuple(_places(found, at))) from None


def _places(found: list[ErrorDetails], at: str) -> list[Place]:
    """One place once, in the order of the record."""
    places = {(place := _place(one, at)).pointer: place for one in reversed(found)}
    return list(reversed(places.values()))[:PLACES_MAX]


def _place(one: ErrorDetails, at: str) -> Place:
    if one["type"] == "extra_forbidden":
        # a name that nobody declared is not repeated: it may be a value in the wrong place
        return Place(at + _pointer(one["loc"][:-1]) + "/", UNKNOWN)
    pointer = at + _pointer(one["loc"])
    if one["type"] == TOLD:
        told = one["ctx"]
        return Place(pointer, Text(told["zh"], told["en"]))
    return Place(pointer, MISSES if one["type"] == "missing" else NO_OBJECT)


def _pointer(path: tuple[int | str, ...]) -> str:
    return "".join(f"/{part}" for part in path)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    written = dict(pairs)
    if len(written) != len(pairs):
        raise _Twice
    return written


def _no_constant(_word: str) -> float:
    raise ValueError("NaN and Infinity are no JSON")
