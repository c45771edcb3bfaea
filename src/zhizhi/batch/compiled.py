"""The law over a book as one plan: proposals and facts in, one row of decision a proposal out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis

from zhizhi.batch.asked import Scene, asked, own_features, with_debtor_states
from zhizhi.batch.callbacks import with_callbacks
from zhizhi.batch.debts import DEBTS_MAX, with_debts
from zhizhi.batch.demand import Period
from zhizhi.batch.history import with_first
from zhizhi.batch.instants import Spoke, next_instant, standing_of, with_changes
from zhizhi.batch.joins import attach
from zhizhi.batch.measures import Measured
from zhizhi.batch.rules import BITS, EFFECTS, Reader, effects_of, masks
from zhizhi.batch.said import bearing
from zhizhi.batch.shapes import Packing, shapes_of
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, all_of, any_of, surely
from zhizhi.batch.wishes import with_wishes
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import Cap

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the bits and columns of a decision mean.

    `rules`: of the masks named in EFFECTS; `features`: of `null_<n>`, what is not known; sixty names a mask, the first
    at the lowest bit. `budgets`: rules with the columns `used_<n>` and `limit_<n>`, null where they do not apply.
    """

    rules: tuple[str, ...]
    features: tuple[str, ...]
    budgets: tuple[str, ...]


def layout_of(scene: Scene) -> Layout:
    """What the bits and columns of decisions of a scene mean."""
    demand = scene.demand
    lacking = [f"{broken.pack}/does-not-verify" for broken in demand.law.broken]
    lacking.append(f"{demand.law.profile}/no-law-in-force")
    capped = {bound.rule.id for bound in demand.clauses_of(Cap)}
    return Layout(
        rules=(*demand.rules, *lacking),
        features=tuple(sorted(demand.features)),
        budgets=tuple(rule for rule in demand.rules if rule in capped),
    )


def decisions(scene: Scene, next_instants: bool) -> Table:
    """One row a proposal: verdict, masks, budgets, and where asked for the next permitted instant.

    `undecided`: the tables cannot tell it; `search`: they cannot tell its next instant.
    """
    asked_of, rows, shapes, pairs = features(scene)
    rows = _with_released(scene, rows, asked_of)
    if next_instants:
        rows = with_changes(scene, rows, asked_of)
    measured = Measured(scene, rows, asked_of, pairs)
    periods, whole = scene.demand.periods, measured.rows
    if len(periods) > 1:
        whole = scene.plan.step("measured", whole)
    parts = []
    for number in range(len(periods)):
        measured.rows = _of_period(periods, number, whole)
        part = _of_kinds(scene, measured, shapes, number, next_instants)
        parts.append(scene.plan.step(f"said_{number}", part) if len(periods) > 1 else part)
    found = ibis.union(*parts) if len(parts) > 1 else parts[0]
    if not next_instants:
        return found
    refused = found.verdict != "permit"
    return found.mutate(
        next_us=ibis.ifelse(refused, found.next_us, ibis.null("int64")),
        search=refused & found.search & ~found.undecided,
    )


def _of_kinds(scene: Scene, measured: Measured, shapes: Table, number: int, next_instants: bool) -> Table:
    """Decisions of the proposals of a period: the rules are asked of their different records, the rest row by row."""
    period, layout, rows = scene.demand.periods[number], layout_of(scene), measured.rows
    spoke = [Spoke(bound, f"r{number}_{place}") for place, bound in enumerate(period.bounds)]
    free = {f"{one.name}_free": _released(rows, one.bound) for one in spoke if scene.reviewed}
    packing = Packing("record", measured.domain | dict.fromkeys(free))
    rows = rows.mutate(**free)
    rows = scene.plan.step(f"rows_{number}", rows.mutate(**packing.packed(rows)).drop(*measured.domain, *free))
    keys = ("shape", *packing.keys)
    records = rows.select(*keys).distinct().inner_join(shapes, "shape")
    measured.records = scene.plan.step(f"records_{number}", records.mutate(**packing.unpacked(records)))
    kinds = _with_verdict(layout, _spoken(scene, measured, spoke, number, keys))
    measured.rows = rows.inner_join(scene.plan.step(f"kinds_{number}", kinds), list(keys))
    columns = _budgets(measured, layout, spoke)
    if next_instants:
        turns = [turn for turn in scene.demand.turns if turn > period.first]
        columns["next_us"], columns["search"] = next_instant(measured, spoke, turns, number)
    rows = measured.rows
    columns["undecided"] = rows.undecided | (rows.debt_count > DEBTS_MAX)
    said = [f"{mask}_{part}" for mask in EFFECTS for part in range(-(-len(layout.rules) // BITS))]
    said += [name for name in rows.columns if name.startswith("null_")]
    return rows.select(*_KEPT, *said, "verdict", "hold_for", **columns)


_KEPT = ("proposal", "person", "day_ends_us")


def _of_period(periods: Sequence[Period], number: int, rows: Table) -> Table:
    """The proposals of the days of a period."""
    if number:
        rows = rows.filter(rows.day >= (periods[number].first - _EPOCH).days)
    if number + 1 < len(periods):
        rows = rows.filter(rows.day < (periods[number + 1].first - _EPOCH).days)
    return rows


def _with_verdict(layout: Layout, found: Table) -> Table:
    parts = range(-(-len(layout.rules) // BITS))

    def said(effect: str) -> Column:
        return ~all_of(found[f"{effect}_{part}"] == 0 for part in parts)

    verdict = ibis.cases(
        (said("forbid"), "forbid"), (said("hold"), "hold"), (said("presume"), "presumed_violation"), else_="permit"
    )
    outcomes = all_of(found[f"hold_{part}"] == found[f"outcomes_{part}"] for part in parts)
    found = found.mutate(verdict=verdict, waits=ibis.ifelse(outcomes, "outcome", "person"))
    return found.mutate(hold_for=ibis.ifelse(found.verdict == "hold", found.waits, ibis.null("string"))).drop("waits")


def features(scene: Scene) -> tuple[Table, Table, Table, Table]:
    """One row a proposal, the same with what events settle, the shapes of their features, and the statements."""
    demand = scene.demand
    rows = with_debtor_states(scene, with_debts(scene, asked(scene)))
    rows = scene.plan.step("asked", rows)
    pairs = scene.plan.step("bearing", bearing(scene, rows))
    rows = with_wishes(scene, rows, pairs)
    if demand.asks("callback.requested", "callback.timed"):
        rows = with_callbacks(scene, rows, pairs)
    rows = rows.mutate(**own_features(demand, rows))
    kept = [name for name in rows.columns if name.startswith("f_") or name in _READ_LATER]
    rows, shapes = shapes_of(scene, rows.select(*kept))
    with_events = with_first(scene, rows) if demand.asks("contact.first") else rows
    return rows, with_events, shapes, pairs


_READ_LATER = (
    "proposal", "person", "party", "point", "at_us", "seq", "day", "zone", "length_us", "abroad", "debts", "many",
    "only_state", "due_mask", "lender_mask", "collector_id", "robot", "contact", "collector", "channel", "debt_count",
    "contract_ends_day", "no_contact_order_until_us", "hardship_until_us",
)  # fmt: skip
"""What measures, budgets and next instants are made from, besides the shapes."""


def _spoken(scene: Scene, measured: Measured, spoke: Sequence[Spoke], number: int, keys: Sequence[str]) -> Table:
    """What the rules of a period say of each record: masks, and what next instants and budgets read of single rules."""
    layout, period, records = layout_of(scene), scene.demand.periods[number], measured.records
    reader = Reader(records)
    records = records.mutate(**{f"{one.name}_active": reader.active(one.bound.clause) for one in spoke})
    measured.records = scene.plan.step(f"active_{number}", records)
    reader = Reader(measured.records)
    effects: dict[str, Column] = {}
    for one in spoke:
        active = measured.records[f"{one.name}_active"]
        free = measured.records[f"{one.name}_free"] if scene.reviewed else NO
        said = effects_of(one.bound, reader, measured, active, free)
        effects |= {f"{one.name}_{effect}": column for effect, column in said.items()}
    nulls = {f"null_of_{name}": reader.is_unknown(name) for name in sorted(scene.demand.features) if reader.knows(name)}
    found = scene.plan.step(f"effects_{number}", measured.records.select(*keys, **effects, **nulls))
    lacking = scene.demand.law.broken or not period.in_force
    columns = _lacking(scene, layout) if lacking else _said(found, layout, spoke)
    missing = {name: found[f"null_of_{name}"] for name in layout.features if f"null_of_{name}" in found.columns}
    columns |= masks(layout.features, missing, "null")
    columns |= standing_of(found, spoke)
    return found.select(*keys, **columns)


def _released(rows: Table, bound: Bound) -> Column:
    """Whether a person released the holds of a rule for a proposal."""
    names = sorted({bound.rule.id, *bound.rule.rows})
    return any_of(surely(rows.released.contains(name)) for name in names)


def _said(rows: Table, layout: Layout, spoke: Sequence[Spoke]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for effect in EFFECTS:
        columns |= masks(layout.rules, {one.bound.rule.id: rows[f"{one.name}_{effect}"] for one in spoke}, effect)
    columns["undecided"] = any_of(rows[f"{one.name}_undecided"] for one in spoke)
    return columns


def _lacking(scene: Scene, layout: Layout) -> dict[str, Column]:
    """Decisions where there is no law to permit anything by: held for a person."""
    law = scene.demand.law
    names = [f"{broken.pack}/does-not-verify" for broken in law.broken] or [f"{law.profile}/no-law-in-force"]
    columns = {"undecided": NO}
    for effect in EFFECTS:
        columns |= masks(layout.rules, dict.fromkeys(names, YES) if effect == "hold" else {}, effect)
    return columns


def _budgets(measured: Measured, layout: Layout, spoke: Sequence[Spoke]) -> dict[str, Column]:
    by_rule = {one.bound.rule.id: one for one in spoke}
    columns = {}
    for number, rule in enumerate(layout.budgets):
        one, none = by_rule.get(rule), ibis.null("int64")
        used = limit = none
        cap = one.bound.clause.body if one is not None else None
        if one is not None and isinstance(cap, Cap) and measured.tells(cap):
            rows = measured.rows
            applies = rows[f"{one.name}_applies"]
            limit = ibis.ifelse(applies, measured.limit(cap), none)
            used = ibis.ifelse(applies & measured.limit(cap).notnull(), measured.used(cap), none)
        columns[f"used_{number}"], columns[f"limit_{number}"] = used, limit
    return columns


def _with_released(scene: Scene, rows: Table, asked_of: Table) -> Table:
    """Proposals with `released`: rules and rows whose holds a person released, for now and for the channel."""
    if not scene.reviewed:
        return rows
    reviews = scene.facts.reviews.rename(released_us="at_us")
    found = asked_of.select("proposal", "person", "at_us", "channel").inner_join(reviews, "person")
    covers = found.channels.isnull() | found.channels.contains(found.channel)
    found = found.filter(covers & (found.released_us <= found.at_us) & (found.at_us < found.until_us))
    return attach(rows, found.group_by("proposal").agg(released=found.rule.collect()))


__all__ = ["DEBTS_MAX", "Layout", "decisions", "features", "layout_of"]
