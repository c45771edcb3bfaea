"""Reference against batch over random facts in tables: verdict, every reason, budgets, next instant, and whom a hold
waits for.

A comparison is one proposal decided by both; it is counted apart whether the tables decided it themselves. No proposal
to a person is counted twice. `scripts/nightly.py` runs `compare` and `compare_dense` over seeds.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import ibis

from reference.batch_cases import Asked, dense, people
from reference.closures import Compared, moved_document
from zhizhi.batch.book import Book, decide_book
from zhizhi.batch.from_cases import tables_of_people, to_us
from zhizhi.batch.tables import Facts
from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision
from zhizhi.core.law.law import Law
from zhizhi.store.packs import load_law

PROFILES = (
    "cn.bank.online", "cn.consumer_finance.online", "cn.consumer_finance.online.cba", "cn.bank.card", "cn.microloan",
)  # fmt: skip
KINDS = [(profile, reading) for profile in PROFILES for reading in ("strict", "text")]
PERSONS, DENSE = 4_000, 5_000
"""Persons of a seed, and dense cases of one: compiling a law takes as long as deciding some thousands."""
ROWS = 5_000
"""Decisions of the batch in memory as dicts at a time."""


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    compared: int = 0
    in_tables: int = 0
    permitted: int = 0
    differences: list[str] = field(default_factory=list)


def compare(seed: int, persons: int = PERSONS) -> Compared:
    """The comparisons of a seed: persons of a book, with a profile and a reading in turn."""
    profile, reading = KINDS[seed % len(KINDS)]
    return _found(profile, reading, list(people(profile, reading, persons, seed)))


def compare_dense(seed: int, count: int = DENSE) -> Compared:
    """The comparisons of a seed among cases that are dense in what tables leave to the single decision."""
    profile, reading = KINDS[seed % len(KINDS)]
    return _found(profile, reading, [[asked] for asked in dense(profile, reading, count, seed)])


def _found(profile: str, reading: str, asked: list[list[Asked]]) -> Compared:
    tally = Tally()
    compare_people(load_law(profile), reading, asked, tally)
    found = {"in tables": tally.in_tables, "permitted": tally.permitted}
    return Compared(tally.compared, Counter(found), tally.differences)


def compare_cases(law: Law, reading: str, decided: list[Case], tally: Tally) -> None:
    """Decide cases of one person each both ways and note every difference."""
    compare_people(law, reading, [[(case, {})] for case in decided], tally)


def compare_people(law: Law, reading: str, asked: list[list[Asked]], tally: Tally) -> None:
    """Decide what is proposed to each person both ways and note every difference."""
    connection = ibis.duckdb.connect()
    compare_book(decide_book(connection, facts_of(connection, asked, law), law, reading), asked, law, tally)


def facts_of(connection: Any, asked: list[list[Asked]], law: Law) -> Facts:
    """The tables of persons, on a connection."""
    return Facts.of_arrow(connection, tables_of_people(([case for case, _ in person] for person in asked), law.zone))


def compare_book(book: Book, asked: list[list[Asked]], law: Law, tally: Tally) -> None:
    """Compare what a book says of what is proposed to persons with the reference, and note every difference."""
    for (case, written), row in zip(chain.from_iterable(asked), _answers(book), strict=True):
        wanted = _wanted(decide(case, law))
        tally.compared += 1
        tally.in_tables += not row.pop("singly")
        tally.permitted += wanted["verdict"] == "permit"
        if row != wanted:
            wrong = [f"{key}: {row[key]} for {wanted[key]}" for key in wanted if row[key] != wanted[key]]
            shown = json.dumps(moved_document(written, case), ensure_ascii=False) if written else ""
            tally.differences.append(f"{law.profile} {case.reading} case {case.id}: {'; '.join(wrong)}\n{shown}")


def _wanted(decision: Decision) -> dict[str, object]:
    """The reference's decision, as far as a book says it."""
    return {
        "verdict": decision.verdict.value,
        "next": to_us(decision.next_permitted_at),
        "hold_for": decision.hold_for.value if decision.hold_for else None,
        "reasons": sorted((reason.rule, reason.effect.value) for reason in decision.reasons),
        "budgets": sorted((one.rule, one.limit, one.used, to_us(one.resets_at)) for one in decision.budgets),
    }


def _answers(book: Book) -> Iterator[dict[str, object]]:
    """What a book says of each proposal in their order, in the words of the single decision."""
    reasons = defaultdict(list)
    for part in book.reasons().to_batches(ROWS):
        for row in part.to_pylist():
            reasons[row["proposal"]].append((row["rule"], row["effect"]))
    for part in book.decisions.sort_by("proposal").to_batches(ROWS):
        for row in part.to_pylist():
            yield {
                "verdict": row["verdict"],
                "next": row["next_us"],
                "hold_for": row["hold_for"],
                "reasons": sorted(reasons[row["proposal"]]),
                "budgets": sorted(
                    (rule, row[f"limit_{place}"], row[f"used_{place}"], row["day_ends_us"])
                    for place, rule in enumerate(book.layout.budgets)
                    if row[f"limit_{place}"] is not None
                ),
                "singly": row["singly"],
            }
