"""Shapes: the different records that rules read. Of millions few thousand differ; rules are asked of those.

What takes few values is packed into whole numbers, a few bits a column, so that records are told apart and joined by a
few integers that are never null, and unpacked where the rules are asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis

from zhizhi.batch.asked import Scene, ways, who
from zhizhi.batch.demand import Demand, asked_by
from zhizhi.batch.rules import Reader
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import any_of, column_of
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.nodes import Cap, Cooldown

KEY_BITS = 60
"""Bits of a key that are used: a key is never negative."""

OTHER = "-"
"""Stands for every value of a choice that no rule asks for."""

Domains = Mapping[str, Sequence[str] | None]
"""Columns by name: the values of a choice that rules ask for, or None for a truth."""


@dataclass(frozen=True, slots=True)
class _Field:
    """Where a column lies: 0 is null; of a truth 1 is false and 2 true; of a choice 1 is any other value."""

    values: tuple[str, ...] | None
    key: str
    shift: int

    @property
    def mask(self) -> int:
        return ((1 << _bits(self.values)) - 1) << self.shift

    def packed(self, column: Column) -> Column:
        if self.values is None:
            return ibis.cases((column, self._number(2)), (~column, self._number(1)), else_=self._number(0))
        found = [(column == value, self._number(2 + place)) for place, value in enumerate(self.values)]
        return ibis.cases(*found, (column.notnull(), self._number(1)), else_=self._number(0))

    def unpacked(self, key: Column) -> Column:
        part = key & ibis.literal(self.mask, "int64")
        if self.values is None:
            return ibis.cases((part == self._number(2), True), (part == self._number(1), False))
        found = [(part == self._number(2 + place), value) for place, value in enumerate(self.values)]
        return ibis.cases(*found, (part == self._number(1), OTHER))

    def _number(self, code: int) -> Column:
        return ibis.literal(code << self.shift, "int64")


class Packing:
    """How columns are packed into keys `<prefix>_0`, … and back."""

    def __init__(self, prefix: str, domains: Domains) -> None:
        self._fields: dict[str, _Field] = {}
        number, shift = 0, 0
        for name, values in domains.items():
            listed = None if values is None else tuple(values)
            if shift + _bits(listed) > KEY_BITS:
                number, shift = number + 1, 0
            self._fields[name] = _Field(listed, f"{prefix}_{number}", shift)
            shift += _bits(listed)
        self.keys = tuple(dict.fromkeys(field.key for field in self._fields.values()))

    def packed(self, rows: Table) -> dict[str, Column]:
        """The keys of rows that carry the columns."""
        return {
            key: reduce(add, [field.packed(rows[name]) for name, field in self._fields.items() if field.key == key])
            for key in self.keys
        }

    def unpacked(self, rows: Table) -> dict[str, Column]:
        """The columns of rows that carry the keys."""
        return {name: field.unpacked(rows[field.key]) for name, field in self._fields.items()}


def shapes_of(scene: Scene, rows: Table) -> tuple[Table, Table]:
    """Proposals with `shape` in the place of their features, and the shapes with all features that the tables tell.

    Beside the shape stands what may be asked of its proposals: `concerned_<n>` for the bodies that are counted and
    `asks_first`. What only ways of contact and collectors tell comes in by their ids.
    """
    demand = scene.demand
    packing = Packing("key", domains(demand, rows))
    rows = rows.mutate(**packing.packed(rows))
    rows = scene.plan.step("features", rows.drop(*[name for name in rows.columns if _is_packed(demand, name)]))
    keys = ("contact", "collector", *packing.keys)
    found = rows.select(*keys).distinct()
    found = found.mutate(shape=ibis.row_number().over(order_by=list(keys)))
    found = found.inner_join(ways(demand, scene.facts.contacts), "contact")
    found = found.inner_join(who(demand, scene.facts.collectors), "collector")
    found = found.mutate(**packing.unpacked(found))
    reader = Reader(found)
    asked = {
        name: any_of(
            reader.concerned(bound.clause) for bound in demand.clauses_of(type(body)) if bound.clause.body == body
        )
        for name, body in counted_bodies(demand).items()
    }
    if demand.asks("contact.first"):
        bounds = [bound for period in demand.periods for bound in period.bounds if "contact.first" in asked_by(bound)]
        asked["asks_first"] = any_of(reader.may_block(bound.clause) for bound in bounds)
    shapes = scene.plan.step("shapes", found.mutate(**asked))
    rows = rows.inner_join(shapes.select(*keys, "shape", *asked), list(keys)).drop(*keys)
    return scene.plan.step("shaped", rows), shapes.drop(*keys, *asked)


def counted_bodies(demand: Demand) -> dict[str, Cap | Cooldown]:
    """The bodies for which events are counted, each by the name of the column of the proposals that it may concern."""
    bodies: list[Cap | Cooldown] = [*demand.bodies(Cap), *demand.bodies(Cooldown)]
    return {f"concerned_{number}": body for number, body in enumerate(bodies)}


def domains(demand: Demand, rows: Table) -> dict[str, Sequence[str] | None]:
    """The features that stand on proposals, with what they can be as far as a rule can tell."""
    found: dict[str, Sequence[str] | None] = {}
    for feature in sorted(demand.features):
        name, kind = column_of(feature), FEATURES[feature].type
        if name in rows.columns and kind != "day":
            assert kind in ("flag", "choice"), "what takes many values is no shape"
            found[name] = demand.choices[feature] if kind == "choice" else None
    names = sorted(column_of(feature, value) for feature, value in demand.values)
    return found | dict.fromkeys(name for name in names if name in rows.columns)


def _is_packed(demand: Demand, name: str) -> bool:
    return name.startswith("f_") and not any(
        FEATURES[feature].type == "day" and name.removesuffix("_anniversary") == column_of(feature)
        for feature in demand.features
    )


def _bits(values: tuple[str, ...] | None) -> int:
    return 2 if values is None else (len(values) + 1).bit_length()
