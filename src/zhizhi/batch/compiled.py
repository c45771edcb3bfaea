"""The law over a book as one plan: proposals and facts in, one row of decision a proposal out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis

from zhizhi.batch.asked import Scene, asked, dated, with_debtor_states, with_party_and_point
from zhizhi.batch.beside import beside, near_events
from zhizhi.batch.callbacks import with_callbacks
from zhizhi.batch.debts import with_debts
from zhizhi.batch.history import OF_PROPOSAL
from zhizhi.batch.instants import Spoke, next_instant, said_by, standing_of, with_changes
from zhizhi.batch.joins import attach
from zhizhi.batch.measures import Measured
from zhizhi.batch.occasions import OF_DAY, counted_bodies, occasions_of
from zhizhi.batch.records import Packing, domains, told_of_some, unfolded, with_persons, with_shares
from zhizhi.batch.rules import BITS, EFFECTS, Reader, effects_of, masks
from zhizhi.batch.said import OF_SPEAKERS, bearing
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, all_of, any_of, column_of, surely
from zhizhi.batch.wishes import with_wishes
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import Cap


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
    lacking = [broken.rule for broken in demand.law.broken]
    lacking.append(f"{demand.law.profile}/no-law-in-force")
    capped = {bound.rule.id for bound in demand.clauses_of(Cap)}
    return Layout(
        rules=(*demand.rules, *lacking),
        features=tuple(sorted(demand.features)),
        budgets=tuple(rule for rule in demand.rules if rule in capped),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The law's measures and how all that is read of a proposal is packed: its own record, and what is told beside."""

    measured: Measured
    frees: Mapping[tuple[str, ...], str]
    """Of every rule by its names the column of whether a person released its holds."""
    own: Packing
    beside: Packing

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells records apart."""
        return ("occasion", "telling", *self.own.keys)


def decisions(scene: Scene) -> None:
    """Adds the steps of a book to its plan: `decisions`, `answers` and, where next instants are asked for, `next`.

    `decisions`: one row a proposal. `answers`: what each `answer` of these says, masks and budgets. `next`: the next
    permitted instants of those that are refused. `undecided`: the tables cannot tell it; `search`: they cannot tell
    its next instant.
    """
    measured, frees = Measured(scene), _frees(scene)
    own = Packing("key", {**domains(scene.demand), **dict.fromkeys(measured.lawful_names)})
    beside_them = [*measured.truths, *told_of_some(scene.demand), *frees.values()]
    told = _Told(measured, frees, own, Packing("told", dict.fromkeys(beside_them)))
    occasions, settled = occasions_of(scene)
    rows, special, tellings = _rows(scene, told, occasions)
    records = scene.plan.step("records", _records(scene, told, rows, settled, tellings))
    periods = range(len(scene.demand.periods))
    kinds = [scene.plan.step(f"kinds_{n}", _kinds(scene, told, records, n)) for n in periods]
    decided = scene.plan.step("decisions", _united([_of_period(scene, told, rows, kind) for kind in kinds]))
    scene.plan.step("answers", _united([kind.select("answer", "hold_for", *_answered(kind)) for kind in kinds]))
    if scene.next_instants:
        waiting = _waiting(scene, told, decided, special)
        scene.plan.step("next", _united([_next_of(scene, told, waiting, kinds[n], n) for n in periods]))


def _united(tables: Sequence[Table]) -> Table:
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def _answered(rows: Table) -> list[str]:
    """The columns that say what an answer is, besides the verdict."""
    beginnings = (*[f"{effect}_" for effect in EFFECTS], "null_", "used_", "limit_")
    return [name for name in rows.columns if name.startswith(beginnings) and name.rpartition("_")[2].isdigit()]


def _rows(scene: Scene, told: _Told, occasions: Table) -> tuple[Table, Table, Table]:
    """One row a proposal: its record in a few numbers; those with something beside them; what is told of these."""
    special, tellings = _tellings(scene, told, occasions)
    rows = attach(dated(scene, scene.facts.proposals), occasions.select(*OF_DAY, "occasion"), OF_DAY)
    numbered = special.inner_join(tellings, [*told.beside.keys, *told.measured.numbers()]).select("proposal", "telling")
    rows = attach(with_persons(scene, told.own, rows), numbered, fills={"telling": 0})
    shares = told.own.packed(told.measured.lawful(rows))
    kept = [*(["zone"] if len(scene.zones) != 1 else []), *(["next_wanted"] if scene.next_instants else [])]
    rows = rows.mutate(next_wanted=rows.next_wanted.fill_null(True))
    found = rows.select("proposal", "person", "day", "occasion", "telling", *kept, **with_shares(rows, shares))
    return scene.plan.step("rows", found), special, tellings


def _tellings(scene: Scene, told: _Told, occasions: Table) -> tuple[Table, Table]:
    """Proposals beside which something stands, with what is told in a few numbers; and every such telling, numbered."""
    measured = told.measured
    near = scene.plan.step("near", near_events(scene))
    ids, first = beside(scene, occasions, near)
    rows = _with_what_stands_beside(scene, told, ids, first, near, occasions)
    truths = {name: rows[name] for name in (*told_of_some(scene.demand), *told.frees.values())}
    numbers = {name: rows[name].fill_null(_NO_NUMBER).cast("int64") for name in measured.numbers()}
    packed = told.beside.packed(truths | measured.said(rows))
    rows = scene.plan.step("told", rows.select("proposal", *_lasting(scene, measured), **packed, **numbers))
    keys = [*packed, *numbers]
    tellings = rows.select(*keys).distinct()
    tellings = tellings.mutate(telling=ibis.row_number().over(order_by=keys).cast("int64") + 1)
    return rows, scene.plan.step("tellings", tellings)


_NO_NUMBER = -1
"""Stands for a limit that there is not: what tells records apart is never null."""


def _lasting(scene: Scene, measured: Measured) -> tuple[str, ...]:
    """What next instants read of what stands beside a proposal, row by row."""
    return ("has_hours", "abroad", *measured.instants) if scene.next_instants else ()


def _records(scene: Scene, told: _Told, rows: Table, settled: Table, tellings: Table) -> Table:
    """The different records of proposals with every feature, truth of a measure and number that is read of them."""
    measured = told.measured
    silent = dict.fromkeys([*told_of_some(scene.demand), *told.frees.values()], NO) | measured.silent()
    constant = told.beside.packed(silent)
    records = rows.select(*told.keys).distinct().inner_join(settled, "occasion")
    records = attach(records, tellings, "telling")
    numbers = {
        name: records[name].fill_null(_NO_NUMBER if value is None else value).nullif(_NO_NUMBER)
        for name, value in measured.numbers().items()
    }
    records = records.mutate(**{key: records[key].coalesce(share) for key, share in constant.items()}, **numbers)
    records = records.mutate(**told.own.unpacked(records), **told.beside.unpacked(records))
    return unfolded(scene.demand, records.mutate(**measured.settled(records)))


def _with_what_stands_beside(
    scene: Scene, told: _Told, ids: Table, first: Table, near: Table, occasions: Table
) -> Table:
    """The proposals with something beside them, and all of that."""
    demand, plan = scene.demand, scene.plan
    rows = with_debts(scene, asked(scene, scene.facts.proposals.semi_join(ids, "proposal")))
    rows = rows.inner_join(occasions.drop("occasion", "asks_first"), OF_DAY)
    truths = [name for name in told_of_some(demand) if name in rows.columns]
    read = dict.fromkeys([*OF_SPEAKERS, *OF_PROPOSAL, "abroad", *truths, *counted_bodies(demand)])
    asked_of = plan.step("asked", rows.select(*read))
    of_speakers = plan.step("of_speakers", asked_of.semi_join(scene.said, "person").select(*OF_SPEAKERS))
    heard = plan.step("heard", with_party_and_point(scene, of_speakers))
    pairs = plan.step("bearing", bearing(scene, heard))
    rows = with_wishes(scene, with_debtor_states(scene, asked_of), heard, pairs)
    if demand.asks("callback.requested", "callback.timed"):
        rows = with_callbacks(scene, rows, pairs)
    if demand.asks("contact.first"):
        name = column_of("contact.first")
        rows = attach(rows, first.mutate(**{name: YES}), fills={name: False})
    rows = _with_released(scene, rows, asked_of, told.frees)
    return told.measured.beside(rows, asked_of, pairs, near)


def _of_period(scene: Scene, told: _Told, rows: Table, kinds: Table) -> Table:
    """Decisions of the proposals of a period: what their records say."""
    rows = rows.inner_join(kinds.select(*told.keys, "verdict", "answer", "undecided"), list(told.keys))
    rows = rows.mutate(day_ends_us=scene.clock(rows).wall(rows.day + 1, 0))
    wanted = ["next_wanted"] if scene.next_instants else []
    return rows.select("proposal", "person", "day_ends_us", "verdict", "answer", "undecided", *wanted)


def _waiting(scene: Scene, told: _Told, decided: Table, special: Table) -> Table:
    """The refused proposals whose next instant is asked for, with what it depends on beside their records."""
    refused = decided.filter(decided.next_wanted & (decided.verdict != "permit") & ~decided.undecided)
    asked_of = dated(scene, scene.facts.proposals.filter(scene.facts.proposals.next_wanted.fill_null(True)))
    asked_of = asked_of.select("proposal", "person", "at_us", "seq", "day", "zone", "length_us", "collector")
    waiting = refused.select("proposal", "answer", "day_ends_us").inner_join(asked_of, "proposal")
    waiting = scene.plan.step("next_asked", waiting)
    lasting = _lasting(scene, told.measured)
    fills = dict.fromkeys([name for name in lasting if not name.endswith("_us")], False)
    rows = attach(waiting, special.select("proposal", *lasting), fills=fills)
    return scene.plan.step("waiting", with_changes(scene, rows, waiting))


def _next_of(scene: Scene, told: _Told, waiting: Table, kinds: Table, number: int) -> Table:
    """The next instants of the refused proposals of a period."""
    period, spoke = scene.demand.periods[number], _spoke(scene, number)
    turns = [turn for turn in scene.demand.turns if turn > period.first]
    rows = waiting.inner_join(kinds.drop(*told.keys, *_answered(kinds), "hold_for", "verdict", "undecided"), "answer")
    rows, columns = next_instant(told.measured, rows, spoke, turns, number)
    return rows.select("proposal", **columns)


def _spoke(scene: Scene, number: int) -> list[Spoke]:
    return [Spoke(bound, f"r{number}_{place}") for place, bound in enumerate(scene.demand.periods[number].bounds)]


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


def _kinds(scene: Scene, told: _Told, records: Table, number: int) -> Table:
    """What the rules of a period say of each record: verdict, masks, budgets, and what next instants read of rules."""
    layout, period, spoke = layout_of(scene), scene.demand.periods[number], _spoke(scene, number)
    records = records.filter(records.period == number)
    reader = Reader(records)
    records = records.mutate(**{f"{one.name}_active": reader.active(one.bound.clause) for one in spoke})
    records = scene.plan.step(f"active_{number}", records)
    reader, measures = Reader(records), told.measured.of_records(records)
    effects: dict[str, Column] = {}
    for one in spoke:
        active = records[f"{one.name}_active"]
        free = records[told.frees[_names_of(one.bound)]] if scene.reviewed else NO
        said = effects_of(one.bound, reader, measures, active, free)
        effects |= {f"{one.name}_{effect}": column for effect, column in said.items()}
    nulls = {f"null_of_{name}": reader.is_unknown(name) for name in sorted(scene.demand.features) if reader.knows(name)}
    kept = (*told.keys, "crowded", *told.measured.numbers())
    found = scene.plan.step(f"effects_{number}", records.select(*kept, **effects, **nulls))
    lacking = scene.demand.law.broken or not period.in_force
    columns = _lacking(scene, layout) if lacking else _said(found, layout, spoke)
    columns["undecided"] = any_of([columns["undecided"], surely(found.crowded)])
    missing = {name: found[f"null_of_{name}"] for name in layout.features if f"null_of_{name}" in found.columns}
    columns |= masks(layout.features, missing, "null") | _budgets(told.measured, found, layout, spoke)
    if scene.next_instants:
        columns |= standing_of(told.measured, found, spoke)
    answer = ibis.row_number().over(order_by=list(told.keys)).cast("int64") + number * ANSWERS_MAX
    return _with_verdict(layout, found.select(*told.keys, answer=answer, **columns))


ANSWERS_MAX = 1 << 36
"""More different answers than a part of a book can have in a period: their numbers stay apart."""


def _said(rows: Table, layout: Layout, spoke: Sequence[Spoke]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for effect in EFFECTS:
        flags = {one.bound.rule.id: said_by(rows, one, effect) for one in spoke}
        columns |= masks(layout.rules, {rule: flag for rule, flag in flags.items() if flag is not NO}, effect)
    columns["undecided"] = any_of(said_by(rows, one, "undecided") for one in spoke)
    return columns


def _lacking(scene: Scene, layout: Layout) -> dict[str, Column]:
    """Decisions where there is no law to permit anything by: held for a person."""
    law = scene.demand.law
    names = [broken.rule for broken in law.broken] or [f"{law.profile}/no-law-in-force"]
    columns = {"undecided": NO}
    for effect in EFFECTS:
        columns |= masks(layout.rules, dict.fromkeys(names, YES) if effect == "hold" else {}, effect)
    return columns


def _budgets(measured: Measured, rows: Table, layout: Layout, spoke: Sequence[Spoke]) -> dict[str, Column]:
    by_rule = {one.bound.rule.id: one for one in spoke}
    columns = {}
    for number, rule in enumerate(layout.budgets):
        one, none = by_rule.get(rule), ibis.null("int64")
        used = limit = none
        cap = one.bound.clause.body if one is not None else None
        if one is not None and isinstance(cap, Cap) and measured.tells(cap):
            applies = said_by(rows, one, "applies")
            limit = ibis.ifelse(applies, measured.limit(rows, cap), none)
            used = ibis.ifelse(applies & measured.limit(rows, cap).notnull(), measured.used(rows, cap), none)
        columns[f"used_{number}"], columns[f"limit_{number}"] = used, limit
    return columns


def _frees(scene: Scene) -> dict[tuple[str, ...], str]:
    """Of every rule by its names the column of whether a person released its holds; none where nobody released any."""
    bounds = [bound for period in scene.demand.periods for bound in period.bounds] if scene.reviewed else []
    names = dict.fromkeys(_names_of(bound) for bound in bounds)
    return {of_rule: f"free_{number}" for number, of_rule in enumerate(names)}


def _names_of(bound: Bound) -> tuple[str, ...]:
    """The id of a rule and the rows that it carries: by any of them its holds are released."""
    return tuple(sorted({bound.rule.id, *bound.rule.rows}))


def _with_released(scene: Scene, rows: Table, asked_of: Table, frees: Mapping[tuple[str, ...], str]) -> Table:
    """Proposals with what a person released, for now and for the channel."""
    if not frees:
        return rows
    reviews = scene.facts.reviews.rename(released_us="at_us")
    found = asked_of.select("proposal", "person", "at_us", "channel").inner_join(reviews, "person")
    covers = found.channels.isnull() | found.channels.contains(found.channel)
    found = found.filter(covers & (found.released_us <= found.at_us) & (found.at_us < found.until_us))
    released = {column: found.rule.isin(names).any() for names, column in frees.items()}
    found = scene.plan.step("released", found.group_by("proposal").agg(**released))
    return attach(rows, found, fills=dict.fromkeys(released, False))
