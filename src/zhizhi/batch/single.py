"""The proposals that the tables cannot tell: each as a case through the single decision, back into the same columns."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zhizhi.batch.asked import Scene
from zhizhi.batch.compiled import Layout
from zhizhi.batch.from_cases import to_us
from zhizhi.batch.rules import BITS, EFFECTS
from zhizhi.batch.tables import Facts
from zhizhi.batch.to_cases import cases_of
from zhizhi.core.conduct.compiled.decide import compile_law
from zhizhi.core.conduct.decision import Decision

CHUNK = 20_000
"""Cases in memory at a time."""

OPEN = ("undecided", "search", "next_wanted")
"""Columns of decisions that say what the single decision is asked for; some are missing where no instant is."""


def decide_singly(connection: Any, facts: Facts, scene: Scene, layout: Layout, found: pa.Table) -> pa.Table:
    """Decisions with the verdicts that were undecided, and the next instants that had to be searched.

    `singly` says which rows the single decision answered.
    """
    open_ = found["undecided"]
    if "search" in found.column_names:
        open_ = pc.or_(open_, found["search"])
    settled = found.filter(pc.invert(open_))
    settled = settled.append_column("singly", pa.array([False] * len(settled), pa.bool_()))
    numbers = found.filter(open_)["proposal"].to_pylist()
    parts = [settled]
    for first in range(0, len(numbers), CHUNK):
        rows = list(_answers(connection, facts, scene, layout, found, numbers[first : first + CHUNK]))
        parts.append(pa.Table.from_pylist(rows, schema=settled.schema))
    return pa.concat_tables(parts).drop_columns([name for name in OPEN if name in found.column_names])


def _answers(
    connection: Any, facts: Facts, scene: Scene, layout: Layout, found: pa.Table, numbers: list[int]
) -> Iterator[dict[str, object]]:
    known = {row["proposal"]: row for row in found.filter(pc.is_in(found["proposal"], pa.array(numbers))).to_pylist()}
    law, reading = scene.demand.law, scene.demand.reading
    compiled = compile_law(law)
    for number, case in zip(numbers, cases_of(connection, facts, numbers, law, reading), strict=True):
        row, decision = known[number], compiled.decide(case)
        if row["undecided"]:
            row |= _masks_of(layout, decision) | _budgets_of(layout, decision)
            row |= {"verdict": decision.verdict.value, "hold_for": decision.hold_for and decision.hold_for.value}
        if row.get("next_wanted"):
            row["next_us"] = to_us(decision.next_permitted_at)
        yield {**row, "singly": True}


def _masks_of(layout: Layout, decision: Decision) -> dict[str, int]:
    """The masks of a decision. Which facts it lacks stands in the decision itself, not in the masks."""
    words = {"forbid": "forbid", "presumed_violation": "presume", "hold": "hold"}
    held: dict[str, set[str]] = {effect: set() for effect in EFFECTS}
    for reason in decision.reasons:
        held[words[reason.effect.value]].add(reason.rule)
    masks = {}
    for effect, rules in held.items():
        for first in range(0, len(layout.rules), BITS):
            part = layout.rules[first : first + BITS]
            masks[f"{effect}_{first // BITS}"] = sum(1 << place for place, name in enumerate(part) if name in rules)
    return masks


def _budgets_of(layout: Layout, decision: Decision) -> dict[str, int | None]:
    spent = {budget.rule: budget for budget in decision.budgets}
    columns: dict[str, int | None] = {}
    for number, rule in enumerate(layout.budgets):
        budget = spent.get(rule)
        columns[f"used_{number}"] = None if budget is None else budget.used
        columns[f"limit_{number}"] = None if budget is None else budget.limit
    return columns
