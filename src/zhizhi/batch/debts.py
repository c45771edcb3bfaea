"""Debts of a contact: their states, who lent them, and which of them a contact and an event share.

Most persons have one debt in one state: for them every mask is null and everything concerns everything. For the others
(`many`) a debt of a person is a bit, and so is a lender.
"""

import ibis

from zhizhi.batch.asked import Scene, holds
from zhizhi.batch.demand import Demand
from zhizhi.batch.joins import attach
from zhizhi.batch.tables import Column, Facts, Table

DEBTS_MAX = 60
"""Most debts of one person that fit a mask; a person with more is decided one by one."""


def with_debts(scene: Scene, rows: Table) -> Table:
    """Proposals with `several` debts, and of these their masks and `several_<state>`: whether one is in the state.

    `several_resting`: whether no debt of the contact is due. `mask`: debts of the contact; `due_mask`: debts of the
    person that are due; `lender_mask`: lenders of the contact.
    """
    holders = scene.holders.select("person", "many", resting=scene.holders.only_state == "not_due")
    other = holders.filter(holders.many | holders.resting)
    rows = attach(rows, other, "person", {"many": False, "resting": False})
    states = states_asked(scene.demand)
    several = holders.filter(holders.many).select("person", "many")
    masks = _masks(scene, scene.facts.proposals.inner_join(several, "person"), states)
    rows = attach(rows, scene.plan.step("masks", masks))
    flags = {f"several_{state}": rows[f"is_{state}"].fill_null(False) for state in states}
    flags["several_resting"] = (rows.mask & rows.due_mask) == 0
    return rows.mutate(several=rows.many, **flags).drop(*[f"is_{state}" for state in states])


def holders_of(facts: Facts) -> Table:
    """Persons with how many debts they have, and whether these are `many`: several, or one with dated states."""
    debts = facts.debts
    found = debts.group_by("person").agg(
        debt_count=debts.count(), only_state=debts.state.min(), undated=debts.state.count()
    )
    return found.mutate(many=(found.debt_count > 1) | (found.undated == 0)).drop("undated")


def numbered(facts: Facts, holders: Table) -> Table:
    """Debts of persons with several, or with dated states: each with its bit and that of its lender."""
    debts = facts.debts.semi_join(holders.filter(holders.many & (holders.debt_count <= DEBTS_MAX)), "person")
    place = ibis.row_number().over(group_by="person", order_by="debt")
    lender = ibis.dense_rank().over(group_by="person", order_by="lender")
    debts = debts.select("person", "debt", "lender", "product", "state", place=place, lender_place=lender)
    one = ibis.literal(1, "int64")
    return debts.mutate(bit=one << debts.place, lender_bit=one << debts.lender_place).drop("place", "lender_place")


def states_asked(demand: Demand) -> list[str]:
    """The states of debts that decide something."""
    asked_for = {value for feature, value in demand.values if feature == "debts.state"}
    return sorted(asked_for | ({"disputed"} if demand.asks("debts.disputed") else set()))


def named_debts(scene: Scene, rows: Table) -> Table:
    """The debts of each proposal of a person with several, one row a debt of the person; `named`: of the contact."""
    several = rows.filter(rows.many).select("proposal", "person", "at_us", "debts")
    pairs = several.inner_join(scene.several, "person")
    return pairs.mutate(named=pairs.debts.isnull() | pairs.debts.contains(pairs.debt)).drop("debts")


def event_masks(scene: Scene, hits: Table) -> Table:
    """Masks of the debts and lenders of events, by person and event; of those that name debts of who has several.

    `hits` carries `person`, `event`, `event_debts` and `many`.
    """
    naming = hits.filter(hits.many & hits.event_debts.notnull()).select("person", "event", "event_debts").distinct()
    naming = naming.mutate(debt=naming.event_debts.unnest()).drop("event_debts").distinct()
    naming = naming.inner_join(scene.several.select("person", "debt", "bit", "lender_bit"), ["person", "debt"])
    masks = naming.group_by("person", "event").agg(event_mask=naming.bit.sum().cast("int64"))
    lenders = naming.select("person", "event", "lender_bit").distinct()
    lenders = lenders.group_by("person", "event").agg(event_lender_mask=lenders.lender_bit.sum().cast("int64"))
    return masks.inner_join(lenders, ["person", "event"])


def same_lender(hits: Table) -> Column:
    """Whether an event was about a debt of a lender that the contact is about."""
    both = (hits.lender_mask & hits.event_lender_mask) != 0
    return ~hits.many | hits.debts.isnull() | hits.event_debts.isnull() | both.fill_null(False)


def none_due(hits: Table) -> Column:
    """Whether no debt that an event was about is due at the instant of the proposal."""
    everything = ibis.literal(-1, "int64")
    due = (hits.event_mask.fill_null(everything) & hits.due_mask) == 0
    return ibis.ifelse(hits.many, due, hits.resting)


def _masks(scene: Scene, rows: Table, states: list[str]) -> Table:
    pairs = named_debts(scene, rows)
    spans = scene.facts.debt_spans.rename(held="state")
    held = pairs.filter(pairs.state.isnull()).select("proposal", "person", "debt", "at_us")
    held = held.inner_join(spans, ["person", "debt"])
    held = held.filter(holds(held))
    dated = held.group_by("proposal", "debt").agg(
        held_not_due=(held.held == "not_due").any(),
        held_other=(held.held != "not_due").any(),
        **{f"held_{state}": (held.held == state).any() for state in states},
    )
    pairs = attach(pairs, dated, ["proposal", "debt"])
    resting = ibis.ifelse(pairs.state.notnull(), pairs.state == "not_due", pairs.held_not_due & ~pairs.held_other)
    pairs = pairs.mutate(
        due=~resting.fill_null(False),
        **{
            f"is_{state}": ibis.ifelse(pairs.state.notnull(), pairs.state == state, pairs[f"held_{state}"])
            for state in states
        },
    )
    zero = ibis.literal(0, "int64")
    masks = pairs.group_by("proposal").agg(
        mask=ibis.ifelse(pairs.named, pairs.bit, zero).sum().cast("int64"),
        due_mask=ibis.ifelse(pairs.due, pairs.bit, zero).sum().cast("int64"),
        **{f"is_{state}": (pairs.named & pairs[f"is_{state}"].fill_null(False)).any() for state in states},
    )
    lenders = pairs.filter(pairs.named).select("proposal", "lender_bit").distinct()
    lenders = lenders.group_by("proposal").agg(lender_mask=lenders.lender_bit.sum().cast("int64"))
    return masks.inner_join(lenders, "proposal")
