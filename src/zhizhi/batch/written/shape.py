"""The shape of a conduct case as DuckDB reads it from its text: the type of the document, and what is wrong with one.

Made from `core.conduct.shape`, so that there is one shape. A document is plain if every key in it is one of the shape
and can be read, every choice is a listed one, every instant is one, and every reference leads somewhere. One that is
not is left to the reader of cases, which says what is wrong with it, or reads it. Boundary: whether a text is one, a
number whole and a zone one of the list is not asked again: the reader asked it when the case was first decided.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from zhizhi.core.conduct.case import COLLECTOR_ITSELF, CREDITOR
from zhizhi.core.conduct.shape import CASE, COUNT_MAX, STATEMENT_BASE, STATEMENT_NEEDED, STATEMENTS, Kind, Shape
from zhizhi.core.kernel.limits import MONEY_MINOR_MAX

_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)"
_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d|24:00"
_PLAIN_TYPES = {"flag": "BOOLEAN", "count": "BIGINT", "minor": "BIGINT"}
_LISTS = ("texts", "choices", "zones")
_STATEMENT = Shape(
    {**STATEMENT_BASE, **{key: kind for keys, _ in STATEMENTS.values() for key, kind in keys.items()}}, STATEMENT_NEEDED
)
_REFERRING = {
    "party": "parties", "point": "points", "attributed_to": "debts", "in_reply_to": "events", "on_call": "events",
}  # fmt: skip
_OURSELVES = f"('{COLLECTOR_ITSELF}', '{CREDITOR}')"


def structure() -> str:
    """The type of a document for `from_json`."""
    return json.dumps(_typed(CASE))


def faults() -> str:
    """How many things are wrong with the document `d` that was read from `text`; nought where it is plain.

    Asked of `columns.HEADS`. PostgreSQL writes `": "` after each key of a jsonb and nowhere else, except within a text:
    a document is then thought to have more keys than it has, and is not plain.
    """
    written = "((length(text) - length(replace(text, '\": ', ''))) // 3)"
    found = [f"({written} <> {_keys('d', CASE)})::INT", *_of_object("d", CASE), *_references()]
    return f"coalesce({_sum(found)}, 1)"


def instant(written: str) -> str:
    """A written instant as microseconds of UTC; null where it is none."""
    return f"epoch_us(try_cast({written} AS TIMESTAMPTZ))"


def position(names: str, name: str) -> str:
    """The place of an id in a list of ids, from nought; null where it is not there."""
    return f"(list_position({names}, {name}) - 1)"


def _typed(shape: Shape) -> dict[str, Any]:
    return {key: _type_of(kind) for key, kind in shape.keys.items() if kind.name != "ignored"}


def _type_of(kind: Kind) -> Any:
    if kind.name == "statements":
        return [_typed(_STATEMENT)]
    if kind.shape is not None:
        return [_typed(kind.shape)] if kind.name == "objects" else _typed(kind.shape)
    return ["VARCHAR"] if kind.name in _LISTS else _PLAIN_TYPES.get(kind.name, "VARCHAR")


def _keys(owner: str, shape: Shape) -> str:
    """How many keys an object has, those of objects within it counted."""
    return _sum(_key_counts(owner, shape))


def _key_counts(owner: str, shape: Shape) -> Iterator[str]:
    for key, kind in shape.keys.items():
        if kind.name == "ignored":
            continue
        value = f'{owner}."{key}"'
        yield f"({value} IS NOT NULL)::INT"
        inner = _STATEMENT if kind.name == "statements" else kind.shape
        if inner is not None and kind.name == "object":
            yield f"CASE WHEN {value} IS NULL THEN 0 ELSE {_keys(value, inner)} END"
        elif inner is not None:
            yield _each(value, partial(_keys, shape=inner))


def _of_object(owner: str, shape: Shape) -> Iterator[str]:
    yield from (f'({owner}."{key}" IS NULL)::INT' for key in sorted(shape.needed))
    if "state" in shape.keys and "states" in shape.keys:
        yield f"(({owner}.state IS NULL) = ({owner}.states IS NULL))::INT"
    for key, kind in shape.keys.items():
        yield from _of_value(f'{owner}."{key}"', kind)


def _of_value(value: str, kind: Kind) -> Iterator[str]:
    if not kind.may_be_empty:
        yield f"coalesce((len({value}) = 0)::INT, 0)"
    if kind.name == "object":
        assert kind.shape is not None, "an object has a shape"
        yield f"CASE WHEN {value} IS NULL THEN 0 ELSE {_sum(_of_object(value, kind.shape))} END"
    elif kind.name == "objects":
        shape = kind.shape
        assert shape is not None, "objects have a shape"
        yield _each(value, lambda one: _sum(_of_object(one, shape)))
    elif kind.name == "statements":
        yield _each(value, lambda one: _sum(_of_statement(one)))
    elif (test := _test(value, kind)) is not None:
        yield f"({value} IS NOT NULL AND NOT coalesce({test}, false))::INT"


def _of_statement(said: str) -> Iterator[str]:
    """Each key belongs to some kinds of statement, and may be of another type in another."""
    yield from (f'({said}."{key}" IS NULL)::INT' for key in sorted(STATEMENT_NEEDED))
    for key, kind in STATEMENT_BASE.items():
        yield from _of_value(f'{said}."{key}"', kind)
    for key in sorted(_STATEMENT.keys.keys() - STATEMENT_BASE.keys()):
        value = f'{said}."{key}"'
        using = [name for name, (keys, _) in STATEMENTS.items() if key in keys]
        yield f"({value} IS NOT NULL AND {said}.kind NOT IN ({_listed(using)}))::INT"
        needing = [name for name, (_, needed) in STATEMENTS.items() if key in needed]
        if needing:
            yield f"({value} IS NULL AND {said}.kind IN ({_listed(needing)}))::INT"
        for name in using:
            inner = " + ".join(_of_value(value, STATEMENTS[name][0][key]))
            if inner:
                yield f"CASE WHEN {said}.kind = '{name}' THEN {inner} ELSE 0 END"


def _test(value: str, kind: Kind) -> str | None:
    """What a value has to be, besides of its type."""
    an_instant = f"regexp_full_match({value}, '{_INSTANT}') AND try_cast({value} AS TIMESTAMPTZ) IS NOT NULL"
    a_day = f"regexp_full_match({value}, '{_DAY}') AND try_cast({value} AS DATE) IS NOT NULL"
    tests = {
        "choice": f"{value} IN ({_listed(sorted(kind.choices))})",
        "choices": f"list_has_all([{_listed(sorted(kind.choices))}], {value})",
        "instant": an_instant,
        "day": a_day,
        "until": f"({an_instant}) OR ({a_day})",
        "clock": f"regexp_full_match({value}, '{_CLOCK}')",
        "count": f"{value} BETWEEN 0 AND {COUNT_MAX}",
        "minor": f"{value} BETWEEN 0 AND {MONEY_MINOR_MAX}",
    }
    return tests.get(kind.name)


def _references() -> Iterator[str]:
    """Ids that are used twice, names of what is not there, and what is not in the order of time."""
    for listed in ("debts_ids", "parties_ids", "points_ids", "events_ids"):
        yield f"(len(list_distinct({listed})) <> len({listed}))::INT"
    yield _each("d.points", lambda one: _lost(f"{one}.party", "parties"))
    yield _each("d.events", _of_contact)
    yield _of_contact("d.proposed")
    yield _each("d.statements", _of_speaker)
    for key in ("events", "statements"):
        times = f"list_transform(d.{key}, lambda x: {instant('x.at')})"
        yield f"({times} <> list_sort({times}))::INT"


def _lost(name: str, key: str) -> str:
    return f"({name} IS NOT NULL AND NOT list_contains({key}_ids, {name}))::INT"


def _of_contact(one: str) -> str:
    of_debts = f"coalesce((NOT list_has_all(debts_ids, {one}.debts))::INT, 0)"
    return _sum([of_debts, *(_lost(f"{one}.{name}", key) for name, key in _REFERRING.items())])


def _of_speaker(said: str) -> str:
    nowhere = f"{_lost(f'{said}.of', 'parties')} * {_lost(f'{said}.of', 'points')}"
    speaker = f'({said}."by" NOT IN {_OURSELVES})::INT * {_lost(f"{said}.by", "parties")}'
    about = [_lost(f"{said}.point", "points"), _lost(f"{said}.debt", "debts")]
    return _sum([speaker, *about, f"({said}.kind = 'object_use')::INT * {nowhere}"])


def _each(listed: str, inner: Callable[[str], str]) -> str:
    """The sum over a list; nought where there is none. The names of elements within each other do not meet."""
    one = "inner_one" if listed.startswith("one.") else "one"
    return f"coalesce(list_sum(list_transform({listed}, lambda {one}: {inner(one)})), 0)"


def _sum(parts: Iterable[str]) -> str:
    return f"({' + '.join(parts) or '0'})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
