"""A body is read into its record, or refused with every place that is wrong and what to write there."""

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from zhizhi.core.kernel.text import Text
from zhizhi.web.api.problems import Place, Problem

BODY_BYTES_MAX = 64 * 1024
PLACES_MAX = 20
NOT_JSON = Text("请求体不是 UTF-8 的 JSON 对象", "the body is no JSON object in UTF-8")
TOO_LARGE = Text("请求体过大", "the body is too large; help: ask for fewer persons at once")
WRONG = Text("请求有误，逐项见 errors", "the request is wrong, see `errors` for each place")
MISSES = Text("必填", "help: add it")
UNKNOWN = Text("没有这个字段，请删除", "there is no such field; help: leave it out")
TWICE = Text("字段重复出现", "a field stands twice; help: leave one out")

Shape = TypeVar("Shape")


class _Twice(ValueError):
    """A key of an object stands twice: the two could be read differently by two readers."""


def read_body(shape: type[Shape], body: bytes) -> Shape:
    """The record. Refuses: a body that is too large, no JSON, or not of this shape."""
    if len(body) > BODY_BYTES_MAX:
        raise Problem(413, "too_large", TOO_LARGE)
    try:
        written = json.loads(body, object_pairs_hook=_object, parse_constant=_no_constant)
    except _Twice as twice:
        raise Problem(400, "bad_json", TWICE) from twice
    except (ValueError, RecursionError) as error:
        raise Problem(400, "bad_json", NOT_JSON) from error
    if not isinstance(written, dict):
        raise Problem(400, "bad_json", NOT_JSON)
    wrong: list[Place] = []
    record = _record(shape, written, "", wrong)
    if wrong:
        raise Problem(422, "bad_request", WRONG, tuple(wrong[:PLACES_MAX]))
    return record  # type: ignore[no-any-return]  # built from `shape`


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    written = dict(pairs)
    if len(written) != len(pairs):
        raise _Twice
    return written


def _no_constant(_word: str) -> float:
    raise ValueError("NaN and Infinity are no JSON")


def _record(shape: Any, written: Mapping[str, Any], at: str, wrong: list[Place]) -> Any:
    kinds = _kinds(shape)
    known = {one.name: one for one in fields(shape)}
    # a name that nobody declared is not repeated: it may be a value in the wrong place
    if any(name not in known for name in written):
        wrong.append(Place(f"{at}/", UNKNOWN.fill()))
    values: dict[str, Any] = {}
    for name, one in known.items():
        place = f"{at}/{name}"
        if name not in written:
            if one.default is MISSING:
                wrong.append(Place(place, MISSES))
            continue
        values[name] = _value(kinds[name], written[name], place, one, wrong)
    return None if wrong else shape(**values)


_kinds = cache(get_type_hints)


def _value(kind: Any, written: Any, place: str, one: "Field[Any]", wrong: list[Place]) -> Any:
    optional = get_origin(kind) in (Union, types.UnionType)
    kinds = [part for part in get_args(kind) if part is not type(None)] if optional else [kind]
    if optional and written is None:
        return None
    kind = kinds[0]
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], written, place, one, wrong)
    problem = _wrong_with(kind, written, one.metadata)
    if problem is not None:
        wrong.append(Place(place, problem))
        return None
    return datetime.fromisoformat(written) if kind is datetime else written


def _list(kind: Any, written: Any, place: str, one: "Field[Any]", wrong: list[Place]) -> Any:
    assert is_dataclass(kind), "lists are of records"
    most = one.metadata["most"]
    if not isinstance(written, list) or not 1 <= len(written) <= most:
        wrong.append(Place(place, Text(f"请给出 1–{most} 项的列表", f"help: give a list of 1 to {most}")))
        return None
    items = []
    for n, item in enumerate(written):
        if isinstance(item, dict):
            items.append(_record(kind, item, f"{place}/{n}", wrong))
        else:
            wrong.append(Place(f"{place}/{n}", Text("请给出对象", "help: give an object")))
    return tuple(items)


def _wrong_with(kind: Any, written: Any, bounds: Mapping[str, Any]) -> Text | None:
    if kind is int:
        least, most = bounds["least"], bounds["most"]
        if isinstance(written, bool) or not isinstance(written, int) or not least <= written <= most:
            return Text(f"请填 {least}–{most} 的整数", f"help: a whole number from {least} to {most}")
        return None
    if kind is datetime:
        return (
            None
            if _is_instant(written)
            else Text("请填带时区的 ISO 8601 时刻", "help: an ISO 8601 instant with offset")
        )
    if bounds["one_of"]:
        words = bounds["one_of"]
        if written not in words:
            return Text(f"可选：{'、'.join(words)}", f"help: one of {', '.join(words)}")
        return None
    least, most = bounds["least"], bounds["most"]
    if not isinstance(written, str) or not least <= len(written) <= most or not written.isprintable():
        return Text(f"请填 {least}–{most} 个可见字符的文字", f"help: a text of {least} to {most} visible characters")
    return None


def _is_instant(written: Any) -> bool:
    if not isinstance(written, str):
        return False
    try:
        at = datetime.fromisoformat(written)
        return at.tzinfo is not None and 2000 <= at.year <= 2200
    except ValueError:
        return False
