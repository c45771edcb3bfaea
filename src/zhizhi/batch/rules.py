"""Rules as columns: what each says of a proposal, gathered into masks with one bit a rule.

Refuses nothing and guesses nothing: where a rule asks what the tables cannot tell, the proposal is `undecided`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any as AnyValue

import ibis

from zhizhi.batch.demand import asked_by
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, all_of, any_of, column_of, is_open, negated, surely, truth
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import (
    Clause,
    Forbid,
    Hold,
    Not,
    Require,
)

_KINDS = {"flag": "boolean", "set": "boolean", "choice": "string", "integer": "int64", "day": "int64"}
"""The columns of features by their type; a set is one column a value."""

BITS = 60
"""Rules or facts that one mask holds."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What the tables say for the body of a rule. Truths are never null.

    `open`: it holds since something is not known; `only_outcomes`: open outcomes are all of that.
    """

    forbid: Column
    hold: Column = NO
    open: Column = NO
    undecided: Column = NO
    only_outcomes: Column = NO


Measures = Callable[[AnyValue], Measure]


EFFECTS = ("forbid", "presume", "hold", "unsure", "open", "outcomes")
"""Masks of a decision. `unsure`: it is not known whether a rule that holds applies or is lifted; `open`: it holds since
something that it says is not known; `outcomes`: it holds for nothing but open outcomes."""


class Reader:
    """Reads conditions over the columns of a table; a feature that is not there is not known."""

    def __init__(self, rows: Table) -> None:
        self.rows = rows
        self._columns = frozenset(rows.columns)

    def look_up(self, name: str) -> Column:
        """The column of a feature, or of `feature=value` for a set; null where no table tells."""
        feature, _, value = name.partition("=")
        column = column_of(feature, value or None)
        return self.rows[column] if column in self._columns else ibis.null(_KINDS[FEATURES[feature].type])

    def knows(self, feature: str) -> bool:
        """Whether the tables tell a feature."""
        name = column_of(feature)
        return any(column == name or column.startswith(f"{name}__") for column in self._columns)

    def is_unknown(self, feature: str) -> Column:
        """Whether a feature is not known for a proposal."""
        name = column_of(feature)
        return next(self.rows[c] for c in self.rows.columns if c == name or c.startswith(f"{name}__")).isnull()

    def active(self, clause: Clause) -> Column:
        """Whether a rule applies and nothing lifts it; null where that is not known."""
        return truth(clause.when, self.look_up) & ~truth(clause.unless, self.look_up)

    def concerned(self, clause: Clause) -> Column:
        """Whether a rule may apply."""
        return self.active(clause).fill_null(True)

    def may_block(self, clause: Clause) -> Column:
        """Whether a rule may block, whatever the features say that are not there yet."""
        body, concerned = clause.body, self.concerned(clause)
        if not isinstance(body, Forbid | Require | Hold):
            return concerned
        condition = Not(body.condition) if isinstance(body, Require) else body.condition
        return concerned & truth(condition, self.look_up).fill_null(True)


def effects_of(bound: Bound, reader: Reader, measures: Measures, active: Column, released: Column) -> dict[str, Column]:
    """What a rule says of a proposal, by EFFECTS, and whether the tables cannot tell it; never what it cannot say.

    Boundary: where it is not known whether it applies or is lifted, a prohibition is a hold. `released`: a person has
    looked at its holds.
    """
    clause = bound.clause
    measure = _body(clause.body, reader, measures)
    sure, unsure = surely(active), active.isnull()
    forbid = all_of([sure, measure.forbid])
    held = any_of([all_of([sure, measure.hold]), all_of([unsure, any_of([measure.forbid, measure.hold])])])
    hold = all_of([held, negated(released)])
    blind = any(not reader.knows(feature) for feature in asked_by(bound))
    said = {
        "forbid": forbid if clause.breach == "forbid" else NO,
        "presume": forbid if clause.breach == "presumed_violation" else NO,
        "hold": hold,
        "unsure": all_of([hold, unsure]),
        "open": all_of([hold, measure.open]),
        "outcomes": all_of([hold, sure, measure.only_outcomes]),
        "applies": all_of([active.fill_null(True), negated(all_of([held, released]))]),
        "undecided": all_of([active.fill_null(True), YES if blind else measure.undecided]),
    }
    return {effect: column for effect, column in said.items() if column is not NO}


def _body(body: AnyValue, reader: Reader, measures: Measures) -> Measure:
    if isinstance(body, Forbid | Require | Hold):
        broken = truth(Not(body.condition) if isinstance(body, Require) else body.condition, reader.look_up)
        certain, unknown = surely(broken), is_open(broken)
        return Measure(NO, certain | unknown, unknown) if isinstance(body, Hold) else Measure(certain, unknown, unknown)
    return measures(body)


def masks(names: Sequence[str], flags: Mapping[str, Column], prefix: str) -> dict[str, Column]:
    """Columns `<prefix>_0`, … with one bit for each name whose flag is true."""
    found = {}
    for number in range(0, max(len(names), 1), BITS):
        part = [
            ibis.ifelse(flags[name], ibis.literal(1 << place, "int64"), ibis.literal(0, "int64"))
            for place, name in enumerate(names[number : number + BITS])
            if name in flags
        ]
        found[f"{prefix}_{number // BITS}"] = reduce(add, part) if part else ibis.literal(0, "int64")
    return found
