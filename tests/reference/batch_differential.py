"""Reference against batch over random cases: verdict, every reason, budgets, next instant, and whom a hold waits for.

    python -m reference.batch_differential --comparisons 300000     # with `tests` on the path

A comparison is one proposal decided by both. Prints how many, how many the tables decided themselves, and every
difference with the seed that makes its case again.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import ibis

from reference.batch_cases import cases
from reference.closures import Compared
from zhizhi.batch.book import Book, decide_book
from zhizhi.batch.from_cases import tables_of_cases, to_us
from zhizhi.batch.tables import Facts
from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.law.law import Law
from zhizhi.store.packs import load_law

PROFILES = (
    "cn.bank.online", "cn.consumer_finance.online", "cn.consumer_finance.online.cba", "cn.bank.card", "cn.microloan",
)  # fmt: skip
CHUNK = 5_000


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    compared: int = 0
    in_tables: int = 0
    permitted: int = 0
    differences: list[str] = field(default_factory=list)


def run(comparisons: int, seed: int = 1, profiles: Sequence[str] = PROFILES) -> Tally:
    """Compare so many proposals, in turn under every profile and reading."""
    tally, kinds = Tally(), [(profile, reading) for profile in profiles for reading in ("strict", "text")]
    turn = 0
    while tally.compared < comparisons:
        profile, reading = kinds[turn % len(kinds)]
        count = min(CHUNK, comparisons - tally.compared)
        compare_cases(load_law(profile), reading, list(cases(profile, reading, count, seed + turn)), tally)
        turn += 1
    return tally


def compare_cases(law: Law, reading: str, decided: list[Case], tally: Tally) -> None:
    """Decide cases both ways and note every difference."""
    connection = ibis.duckdb.connect()
    facts = Facts.of_arrow(connection, tables_of_cases(decided, law.zone))
    book = decide_book(connection, facts, law, reading)
    said = _answers(book)
    for number, case in enumerate(decided):
        decision, row = decide(case, law), said[number]
        wanted = {
            "verdict": decision.verdict.value,
            "next": to_us(decision.next_permitted_at),
            "hold_for": decision.hold_for.value if decision.hold_for else None,
            "reasons": sorted((reason.rule, reason.effect.value) for reason in decision.reasons),
            "budgets": sorted((one.rule, one.limit, one.used, to_us(one.resets_at)) for one in decision.budgets),
        }
        tally.compared += 1
        tally.in_tables += not row.pop("singly")
        tally.permitted += wanted["verdict"] == "permit"
        wrong = [f"{key}: {row[key]} for {wanted[key]}" for key in wanted if row[key] != wanted[key]]
        if wrong:
            tally.differences.append(f"{law.profile} {reading} case {case.id}: {'; '.join(wrong)}")


def seeded(seed: int) -> Compared:
    """The comparisons of a seed: a profile and a reading in turn."""
    kinds = [(profile, reading) for profile in PROFILES for reading in ("strict", "text")]
    profile, reading = kinds[seed % len(kinds)]
    tally = Tally()
    compare_cases(load_law(profile), reading, list(cases(profile, reading, CHUNK, seed)), tally)
    found = {"in tables": tally.in_tables, "permitted": tally.permitted}
    return Compared(tally.compared, Counter(found), tally.differences)


compare = seeded
"""What `scripts/nightly.py` calls."""


def _answers(book: Book) -> dict[int, dict[str, object]]:
    """What a book says of each proposal, in the words of the single decision."""
    reasons = defaultdict(list)
    for row in book.reasons().to_pylist():
        reasons[row["proposal"]].append((row["rule"], row["effect"]))
    return {
        row["proposal"]: {
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
        for row in book.decisions.to_pylist()
    }


def main() -> int:
    """Compare and print; exit code 1 where the readings differ."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--comparisons", type=int, default=10_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    wanted = arguments.parse_args()
    begun = time.perf_counter()
    tally = run(wanted.comparisons, wanted.seed)
    for difference in tally.differences[:50]:
        sys.stdout.write(difference + "\n")
    share = tally.in_tables / max(tally.compared, 1)
    sys.stdout.write(
        f"{tally.compared:,} compared, {len(tally.differences):,} differ; {share:.1%} decided in tables, "
        f"{tally.permitted:,} permitted; {time.perf_counter() - begun:.0f} s\n"
    )
    return 1 if tally.differences else 0


if __name__ == "__main__":
    sys.exit(main())
