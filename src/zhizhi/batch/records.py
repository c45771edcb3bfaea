"""Records: all that rules read of a proposal. Of millions of proposals few records differ; rules are asked of those.

What takes few values is packed into whole numbers, a few bits a column, by the table that it stands in; the numbers of
a proposal are sums. They tell records apart and join them, are never null, and are unpacked where rules are asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis

from zhizhi.batch.asked import ROLES, Scene, debtor_states, own_features
from zhizhi.batch.debts import DEBTS_MAX, states_asked
from zhizhi.batch.demand import Demand
from zhizhi.batch.joins import attach
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, column_of
from zhizhi.batch.wishes import KINDS

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

    def packed(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """The share that columns have in each key. What is certainly true or false costs an engine nothing."""
        shares: dict[str, list[Column]] = {key: [] for key in self.keys}
        certain = dict.fromkeys(self.keys, 0)
        for name, column in columns.items():
            field = self._fields[name]
            if column is YES or column is NO:
                certain[field.key] += (2 if column is YES else 1) << field.shift
            else:
                shares[field.key].append(field.packed(column))
        return {key: reduce(add, [*shares[key], ibis.literal(certain[key], "int64")]) for key in self.keys}

    def of_table(self, rows: Table, keys: Sequence[str], columns: Mapping[str, Column], prefix: str) -> Table:
        """A table of its keys and the share of its columns in each key of the packing that they touch."""
        touched = {self._fields[name].key for name in columns}
        shares = {f"{prefix}_{key}": column for key, column in self.packed(columns).items() if key in touched}
        return rows.select(*keys, **shares)

    def unpacked(self, rows: Table) -> dict[str, Column]:
        """The columns of rows that carry the keys."""
        return {name: field.unpacked(rows[field.key]) for name, field in self._fields.items()}


def domains(demand: Demand) -> dict[str, Sequence[str] | None]:
    """What is packed, with what it can be as far as a rule can tell: first what every proposal has."""
    roles = sorted({*ROLES, *demand.choices.get("party.role", ())})
    states = sorted({*states_asked(demand), "not_due"})
    found: dict[str, Sequence[str] | None] = {
        "complaint_open": None, "unreachable_by_contract": None, "crowded": None, "state": states,
        "role": roles, "named_by_debtor": None, "liability_evidence": None, "leaves_estate": None,
        "point_source": demand.choices.get("point.source", ()), "misdirected": None,
        "point_place": demand.choices.get("contact.place", ()),
    }  # fmt: skip
    return found


def told_of_some(demand: Demand) -> list[str]:
    """Truths of proposals with something beside them; of all others they are false."""
    found = ["continues", "replies", "ordered", "paused", "several", "several_resting"]
    found += [f"several_{state}" for state in states_asked(demand)]
    found += [column_of("debtor.state", state) for state in debtor_states(demand)]
    asked_for = [*KINDS, "callback.requested", "callback.timed", "contact.first"]
    return found + [column_of(name) for name in asked_for if demand.asks(name)]


def with_persons(scene: Scene, packing: Packing, rows: Table) -> Table:
    """Proposals with what their person and party say, packed as `party_<key>`, and their point, as `point_<key>`.

    Boundary: whose person or party is not in the book has a key that is null, and no record. (Left joins: of an inner
    join by two columns an engine expects so few rows that it hashes the proposals themselves for the next.)
    """
    facts = scene.facts
    persons = facts.persons.inner_join(scene.holders, "person")
    of_persons = {
        "complaint_open": persons.complaint_open,
        "unreachable_by_contract": persons.unreachable_by_contract,
        "crowded": persons.debt_count > DEBTS_MAX,
        "state": persons.only_state,
    }
    parties, points = facts.parties, facts.points
    of_parties = {
        "role": parties.role,
        "named_by_debtor": parties.named_by_debtor,
        "liability_evidence": parties.liability_evidence,
        "leaves_estate": parties.estate_value_minor > 0,
    }
    of_points = {
        "point_source": points["source"],
        "misdirected": points.misdirected,
        "point_place": points.place,
    }
    people = packing.of_table(persons, ("person",), of_persons, "person")
    parties = packing.of_table(parties, ("person", "party"), of_parties, "party").inner_join(people, "person")
    shares = {f"party_{key}": _sum_of(parties, (f"party_{key}", f"person_{key}")) for key in packing.keys}
    shares = {name: share for name, share in shares.items() if share is not None}
    rows = attach(rows, parties.select("person", "party", **shares), ["person", "party"])
    return attach(rows, packing.of_table(points, ("person", "point"), of_points, "point"), ["person", "point"])


def with_shares(rows: Table, shares: Mapping[str, Column]) -> dict[str, Column]:
    """The keys of rows: their own shares and those of their person, party and point. No point has no share."""
    found = {}
    for key, share in shares.items():
        beside = [rows[name] for name in (f"party_{key}",) if name in rows.columns]
        named = [rows[f"point_{key}"].fill_null(0)] if f"point_{key}" in rows.columns else []
        found[key] = reduce(add, [share, *beside, *named])
    return found


def _sum_of(rows: Table, names: Sequence[str]) -> Column | None:
    """The sum of the columns of these names that there are."""
    found = [rows[name] for name in names if name in rows.columns]
    return reduce(add, found) if found else None


def unfolded(demand: Demand, rows: Table) -> Table:
    """Records with every feature that the tables tell, made of what was unpacked."""
    rows = rows.mutate(not_due=ibis.ifelse(rows.several, rows.several_resting, rows.state == "not_due"))
    states = {
        state: ibis.ifelse(rows.several, rows[f"several_{state}"], rows.state == state)
        for state in states_asked(demand)
    }
    found = own_features(demand, rows)
    asked_for = sorted(value for feature, value in demand.values if feature == "debts.state")
    found |= {column_of("debts.state", state): states[state] for state in asked_for}
    if demand.asks("debts.disputed"):
        name = column_of("debts.disputed")
        found[name] = rows[name] | states["disputed"]
    return rows.mutate(**found)


def _bits(values: tuple[str, ...] | None) -> int:
    return 2 if values is None else (len(values) + 1).bit_length()
