"""A conduct case as the names and values of a form, and back; the shape of the format says what stands where.

Names are places: `events.2.talk_seconds`. A blank field is an absent key: not known, never no. Instants are written on
one wall clock and get its offset when the document is made.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from zhizhi.core.conduct.shape import (
    CASE,
    STATEMENT_BASE,
    STATEMENT_NEEDED,
    STATEMENTS,
    Kind,
    Shape,
)
from zhizhi.core.kernel.instants import parse_instant

Flat = dict[str, list[str]]

ROWS_MAX = 40
SKIPPED = frozenset({"title", "basis", "confidence", "cites", "notes", "expect"})
NONE_FOUND = "none-found"
"""The tick by which somebody says that content was screened, whether or not a mark was found."""

_IN_TIME_ORDER = ("statements", "events")
_ID_LETTERS = {"events": "e", "debts": "d", "parties": "p", "points": "m"}
_INSTANTS = frozenset({"instant", "until"})


class TooManyRows(Exception):
    """A case with more rows of one kind than the form holds."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def is_list(kind: Kind) -> bool:
    """Whether a key holds rows."""
    return kind.name in ("objects", "statements")


def keys_of(kind: Kind, flat: Mapping[str, list[str]], place: str) -> tuple[Mapping[str, Kind], frozenset[str]]:
    """The keys of an object or row and those it must have; those of a statement hang on its kind."""
    if kind.name == "statements":
        chosen = first(flat, f"{place}.kind")
        keys, needed = STATEMENTS.get(chosen, ({}, frozenset[str]()))
        return {**STATEMENT_BASE, **keys}, STATEMENT_NEEDED | needed
    assert kind.shape is not None, "objects have a shape"
    return kind.shape.keys, kind.shape.needed


def first(flat: Mapping[str, list[str]], name: str) -> str:
    """The first value of a field; blank where there is none."""
    return next(iter(flat.get(name, ())), "")


def rows_of(flat: Mapping[str, list[str]], place: str) -> list[str]:
    """The places of the rows of a list, in their order."""
    return [f"{place}.{row}" for row in flat.get(f"{place}.row", ()) if row.isdecimal()][:ROWS_MAX]


def from_post(posted: QueryDict) -> Flat:
    """The fields of the case that a form was sent with."""
    return {name: [value.strip() for value in values] for name, values in posted.lists() if isinstance(name, str)}


def to_flat(document: Mapping[str, Any], zone: ZoneInfo) -> Flat:
    """The form of a document that was read as a case. Refuses: TooManyRows."""
    flat: Flat = {}
    _flatten(CASE, document, "", zone, flat)
    return flat


def _flatten(shape: Shape, written: Mapping[str, Any], prefix: str, zone: ZoneInfo, flat: Flat) -> None:
    for key, kind in shape.keys.items():
        if key in written and kind.name != "ignored":
            _flatten_one(kind, written[key], f"{prefix}{key}", zone, flat)


def _flatten_one(kind: Kind, value: Any, place: str, zone: ZoneInfo, flat: Flat) -> None:
    if is_list(kind):
        if len(value) > ROWS_MAX:
            raise TooManyRows(place)
        flat[f"{place}.row"] = [str(n) for n in range(len(value))]
        for n, row in enumerate(value):
            flat[f"{place}.{n}.kind"] = [str(row.get("kind", ""))]
            keys, needed = keys_of(kind, flat, f"{place}.{n}")
            _flatten(Shape(keys, needed), row, f"{place}.{n}.", zone, flat)
    elif kind.name == "object":
        assert kind.shape is not None, "objects have a shape"
        _flatten(kind.shape, value, f"{place}.", zone, flat)
    elif kind.name == "choices":
        flat[place] = [*value, NONE_FOUND] if kind.may_be_empty else list(value)
    elif kind.name in ("texts", "zones"):
        flat[place] = [" ".join(value)]
    elif kind.name == "flag":
        flat[place] = ["true" if value else "false"]
    elif kind.name in _INSTANTS:
        flat[place] = [_on_clock(str(value), zone)]
    else:
        flat[place] = [str(value)]


def _on_clock(written: str, zone: ZoneInfo) -> str:
    try:
        return parse_instant(written).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return written


def to_document(flat: Mapping[str, list[str]], zone: ZoneInfo) -> dict[str, Any]:
    """The document that the form stands for; what cannot be read stays as typed, for the reader of cases to refuse."""
    return _object(CASE.keys, flat, "", zone)


def _object(keys: Mapping[str, Kind], flat: Mapping[str, list[str]], prefix: str, zone: ZoneInfo) -> dict[str, Any]:
    found = {}
    for key, kind in keys.items():
        value = _value(kind, flat, f"{prefix}{key}", zone)
        if value is not None and key not in SKIPPED:
            found[key] = value
    return found


def _value(kind: Kind, flat: Mapping[str, list[str]], place: str, zone: ZoneInfo) -> object:
    if is_list(kind):
        rows = [_object(keys_of(kind, flat, row)[0], flat, f"{row}.", zone) for row in rows_of(flat, place)]
        filled = [row for row in rows if row]
        return filled if filled or "." not in place else None
    if kind.name == "object":
        assert kind.shape is not None, "objects have a shape"
        return _object(kind.shape.keys, flat, f"{place}.", zone) or None
    if kind.name == "choices":
        given = flat.get(place, [])
        marks = [one for one in given if one not in ("", NONE_FOUND)]
        return marks if marks or NONE_FOUND in given else None
    written = first(flat, place)
    return None if written == "" else _read(kind, written, zone)


def _read(kind: Kind, written: str, zone: ZoneInfo) -> object:
    if kind.name in ("texts", "zones"):
        return written.replace(",", " ").split()
    if kind.name == "flag":
        return {"true": True, "false": False}.get(written, written)
    if kind.name in ("count", "minor"):
        return int(written) if written.isascii() and written.isdecimal() and len(written) < 20 else written
    if kind.name in _INSTANTS and "T" in written:
        return _with_offset(written, zone)
    return written


def _with_offset(written: str, zone: ZoneInfo) -> str:
    try:
        local = datetime.fromisoformat(written)
    except ValueError:
        return written
    return written if local.tzinfo is not None else local.replace(tzinfo=zone).isoformat()


def in_time_order(document: dict[str, Any]) -> dict[str, Any]:
    """The same with the history and what was said in time order; a row whose time cannot be read stays behind."""
    sorted_rows = {place: sorted(document.get(place, ()), key=_time_of) for place in _IN_TIME_ORDER}
    return {**document, **sorted_rows}


def _time_of(row: Mapping[str, Any]) -> tuple[bool, datetime]:
    try:
        return False, parse_instant(str(row.get("at", "")))
    except ValueError:
        return True, datetime.max.replace(tzinfo=UTC)


def add_row(flat: Flat, place: str) -> Flat:
    """One more row at the end of a list, with an id that is free where its rows have one."""
    taken = [int(row) for row in flat.get(f"{place}.row", ()) if row.isdecimal()]
    if len(taken) >= ROWS_MAX:
        return flat
    number = max(taken, default=-1) + 1
    added = {**flat, f"{place}.row": [*map(str, taken), str(number)]}
    if place in _ID_LETTERS:
        ids = {first(flat, f"{row}.id") for row in rows_of(flat, place)}
        free = next(n for n in range(1, ROWS_MAX + 2) if f"{_ID_LETTERS[place]}{n}" not in ids)
        added[f"{place}.{number}.id"] = [f"{_ID_LETTERS[place]}{free}"]
    return added


def drop_row(flat: Flat, row: str) -> Flat:
    """Without one row."""
    place, _, number = row.rpartition(".")
    rest = {name: values for name, values in flat.items() if not name.startswith(f"{row}.")}
    return {**rest, f"{place}.row": [one for one in flat.get(f"{place}.row", ()) if one != number]}
