"""decide_book(connection, facts, law): the proposals of a book in tables; what the tables cannot tell, one by one.

    connection = ibis.duckdb.connect()
    book = decide_book(connection, Facts.read(connection, folder), load_law("cn.bank.online"))
    book.decisions        # Arrow, one row a proposal: verdict, masks, budgets, next_us, singly
    book.reasons()        # Arrow, one row a proposal and rule: effect

The answers are those of `core.conduct.decide`. `single` says how many of them it gave itself, and why.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from zhizhi.batch.asked import Scene, zones_away
from zhizhi.batch.clock import NoZone
from zhizhi.batch.compiled import ANSWERS_MAX, Layout, decisions, layout_of
from zhizhi.batch.debts import holders_of, numbered
from zhizhi.batch.demand import demand_of
from zhizhi.batch.joins import attach, in_steps, to_arrow, to_parquet, uncollected
from zhizhi.batch.plan import Plan, forget_the_asked, mounted_facts, of_the_asked
from zhizhi.batch.rules import BITS
from zhizhi.batch.said import spans
from zhizhi.batch.single import OPEN, decide_singly
from zhizhi.batch.tables import Facts, Table
from zhizhi.batch.truth import NO
from zhizhi.core.kernel.instants import day_in, zone_of
from zhizhi.core.law.law import Law

PERSONS = 1_000_000
"""Persons that are decided at a time, where nobody says otherwise."""
FEW = 3
"""Where one person of so many or fewer is asked about, the others' facts are left out before anything is worked out."""

_WORDS = {"forbid": "forbid", "presume": "presumed_violation", "hold": "hold"}


@dataclass(frozen=True, slots=True)
class Book:
    """Decisions of a book. The single decision gave `undecided` of the verdicts and `searched` of the next instants."""

    decisions: pa.Table
    layout: Layout
    undecided: int
    searched: int

    def reasons(self) -> pa.Table:
        """One row a proposal and rule that blocks it: `proposal`, `rule`, `effect`."""
        parts = [
            pa.table({"proposal": held, "rule": [rule] * len(held), "effect": [word] * len(held)})
            for effect, word in _WORDS.items()
            for place, rule in enumerate(self.layout.rules)
            if len(held := self.decisions.filter(self._bit(effect, place))["proposal"])
        ]
        empty = pa.schema([("proposal", pa.int64()), ("rule", pa.string()), ("effect", pa.string())]).empty_table()
        return pa.concat_tables([empty, *parts])

    def _bit(self, mask: str, place: int) -> Any:
        bit = pa.scalar(1 << place % BITS, pa.int64())
        return pc.not_equal(pc.bit_wise_and(self.decisions[f"{mask}_{place // BITS}"], bit), 0)


def decide_book(
    connection: Any, facts: Facts, law: Law, reading: str = "strict", *, next_instants: bool = True
) -> Book:
    """Decide every proposal. Refuses: proposals over more days than one batch may reach (ValueError)."""
    plan = Plan(connection)
    with uncollected():
        scene = scene_of(plan, connection, facts, law, reading, next_instants)
        decisions(scene)
    layout = layout_of(scene)
    plan.run(facts)
    found: pa.Table = to_arrow(connection, _with_answers(plan, _decided(plan, scene)).drop("answer"))
    plan.drop()
    undecided = pc.sum(found["undecided"]).as_py() or 0
    searched = (pc.sum(found["search"]).as_py() or 0) if next_instants else 0
    return Book(decide_singly(connection, facts, scene, layout, found), layout, undecided, searched)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a book decided part by part came to; the decisions lie in the files of a folder (`written`)."""

    layout: Layout
    proposals: int
    undecided: int
    searched: int
    verdicts: Mapping[str, int]


def decide_in_parts(
    connection: Any,
    facts: Facts,
    law: Law,
    reading: str,
    folder: Path,
    *,
    persons: int = PERSONS,
    next_instants: bool = True,
) -> Parts:
    """Decide every proposal, so many persons at a time, into files that `written` reads: memory is that of one part.

    The queries are compiled once. Facts whose files are in the order of persons are read once.
    """
    plan = Plan(connection)
    with uncollected():
        scene = scene_of(plan, connection, facts, law, reading, next_instants)
        decisions(scene)
    layout = layout_of(scene)
    asked = facts.proposals
    first, last, some = _row(
        connection, asked.agg(first=asked.person.min(), last=asked.person.max(), some=asked.person.approx_nunique())
    )
    (everybody,) = _row(connection, facts.persons.agg(count=facts.persons.count()))
    counts: Counter[str] = Counter()
    for number, start in enumerate(range(first or 0, (last if last is not None else -1) + 1, persons)):
        part = facts.of_persons(start, start + persons)
        if FEW * some <= everybody:
            part = of_the_asked(connection, part)
        plan.run(part)
        counts += _settled(connection, plan, scene, folder, number)
        counts += _opened(connection, plan, scene, part, folder, number)
    plan.drop()
    forget_the_asked(connection)
    verdicts = {name.removeprefix("verdict "): of for name, of in counts.items() if name.startswith("verdict ")}
    return Parts(layout, sum(verdicts.values()), counts["undecided"], counts["searched"], verdicts)


def written(connection: Any, folder: Path) -> Table:
    """The decisions that `decide_in_parts` left in a folder, as `decide_book` gives them."""
    with in_steps():
        parts = connection.read_parquet(str(folder / "part-*.parquet"))
        answers = connection.read_parquet(str(folder / "answers-*.parquet"))
    return parts.inner_join(answers, "answer").drop("answer")


def _decided(plan: Plan, scene: Scene) -> Table:
    """Decisions, with the next instants of those for which they are asked."""
    rows = plan.kept("decisions")
    return attach(rows, plan.kept("next"), fills={"search": False}) if scene.next_instants else rows


def _with_answers(plan: Plan, rows: Table) -> Table:
    """Decisions with all that their answers say."""
    return rows.inner_join(plan.kept("answers"), "answer")


def _open(plan: Plan, scene: Scene) -> Table:
    """The decisions that are open: their verdict, or their next instant."""
    rows = plan.kept("decisions")
    undecided = rows.filter(rows.undecided)
    if not scene.next_instants:
        return undecided
    instants = plan.kept("next")
    searched = instants.filter(instants.search)
    undecided = undecided.mutate(next_us=ibis.null("int64"), search=NO)
    return undecided.union(rows.inner_join(searched, "proposal").select(*undecided.columns))


def _settled(connection: Any, plan: Plan, scene: Scene, folder: Path, number: int) -> Counter[str]:
    """Writes what the tables told of a part; counts the verdicts that they told."""
    rows, answers = _decided(plan, scene), plan.kept("answers")
    rows = rows.filter(~(rows.undecided | rows.search if scene.next_instants else rows.undecided))
    ahead = number * len(scene.demand.periods) * ANSWERS_MAX
    kept = [name for name in rows.columns if name not in ("answer", *OPEN)]
    numbered = rows.select(*kept, answer=rows.answer + ahead, singly=NO)
    to_parquet(connection, numbered, folder / f"part-{number}.parquet")
    to_parquet(connection, answers.mutate(answer=answers.answer + ahead), folder / f"answers-{number}.parquet")
    told = plan.kept("decisions")
    told = told.filter(~told.undecided)
    said = to_arrow(connection, told.group_by("verdict").agg(count=told.count())).to_pylist()
    return Counter({f"verdict {row['verdict']}": row["count"] for row in said})


def _opened(connection: Any, plan: Plan, scene: Scene, part: Facts, folder: Path, number: int) -> Counter[str]:
    """Decides singly what the tables did not tell of a part, and writes it: each with an answer of its own."""
    found = to_arrow(connection, _with_answers(plan, _open(plan, scene)).drop("answer"))
    if not len(found):
        return Counter()
    counts = Counter({"undecided": pc.sum(found["undecided"]).as_py()})
    if scene.next_instants:
        counts["searched"] = pc.sum(found["search"]).as_py()
    decided = decide_singly(connection, part, scene, layout_of(scene), found)
    ahead = number * len(scene.demand.periods) * ANSWERS_MAX + ANSWERS_MAX // 2
    decided = decided.append_column("answer", pa.array(range(ahead, ahead + len(decided)), pa.int64()))
    said = set(plan.kept("answers").columns) - {"answer"}
    parquet.write_table(decided.drop_columns(sorted(said)), folder / f"part-{number}-singly.parquet")
    parquet.write_table(decided.select(["answer", *sorted(said)]), folder / f"answers-{number}-singly.parquet")
    undecided = found.filter(found["undecided"])["proposal"]
    newly = decided.filter(pc.is_in(decided["proposal"], undecided.combine_chunks()))
    for row in pc.value_counts(newly["verdict"]).to_pylist():
        counts[f"verdict {row['values']}"] += row["counts"]
    return counts


def scene_of(plan: Plan, connection: Any, facts: Facts, law: Law, reading: str, next_instants: bool) -> Scene:
    """Looks at the bounds of a book: its instants, its zones, whether anything was reviewed.

    Refuses: persons without a zone, where the law goes by theirs (NoZone).
    """
    asked, events, said, persons = facts.proposals, facts.events, facts.statements, facts.persons
    if law.zone is None:
        nowhere = persons.filter(persons.zones.isnull() | (persons.zones.length() == 0)).semi_join(asked, "person")
        (without,) = _row(connection, nowhere.agg(count=nowhere.count()))
        if without:
            raise NoZone(without)
    first, last = _row(connection, asked.agg(first=asked.at_us.min(), last=asked.at_us.max()))
    first, last = first or 0, last or 0
    earliest = [
        *_row(connection, events.agg(first=events.at_us.min())),
        *_row(connection, said.agg(first=said.at_us.min(), other=said.from_us.min(), on=said.received_us.min())),
    ]
    keys = persons.filter(persons.zones.notnull()).select(key=persons.zones.unnest()).distinct()
    abroad = sorted(row for row in to_arrow(connection, keys)["key"].to_pylist())
    days = [day_in(zone_of(key), _instant(at)) for at in (first, last) for key in ([law.zone] if law.zone else abroad)]
    mounted = mounted_facts()
    holders = plan.step("holders", holders_of(mounted))
    several = plan.step("several", numbered(mounted, holders))
    return Scene(
        facts=mounted,
        holders=holders,
        several=several,
        said=plan.step("said", spans(mounted, several)),
        away=plan.step("away", zones_away(mounted, law.zone, abroad)),
        plan=plan,
        next_instants=next_instants,
        demand=demand_of(law, reading, min(days, default=date(1970, 1, 1)), max(days, default=date(1970, 1, 1))),
        zones=(law.zone,) if law.zone else tuple(abroad),
        abroad=tuple(abroad),
        reviewed=_row(connection, facts.reviews.agg(count=facts.reviews.count()))[0] > 0,
        earliest_us=min([first, *(one for one in earliest if one is not None)]),
        asked_first_us=first,
        asked_last_us=last,
    )


def _row(connection: Any, table: Table) -> list[Any]:
    found: pa.Table = to_arrow(connection, table)
    return [found[name][0].as_py() for name in found.column_names]


def _instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
