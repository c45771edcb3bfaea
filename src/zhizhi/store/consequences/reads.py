"""What pages read of what is true of debts; row-level security decides of which."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.consequence.claims import Truth
from zhizhi.core.consequence.words import Fact, Served, Source
from zhizhi.core.litigation.words import State
from zhizhi.store.select import document, select

ROWS_MAX = 500


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row of the register."""

    id: int
    debt_id: int
    fact: Fact
    holds: bool
    on: date
    source: Source
    how: Served | None
    evidence: str
    by: str
    at: datetime


_FACTS = """
SELECT k.id, k.debt_id, k.fact, k.holds, k.on_day, k.source, k.how, k.evidence, coalesce(s.name, ''), k.at
FROM debt_fact k LEFT JOIN staff s ON s.id = k.by_id
WHERE k.person_id = %(person)s ORDER BY k.debt_id, k.fact, k.n DESC LIMIT %(limit)s
"""


def load_facts_of(person_id: int) -> list[FactRow]:
    """All rows of a person's debts: of a debt and a fact the last one first, which counts."""
    return [
        FactRow(
            row[0], row[1], Fact(row[2]), row[3], row[4], Source(row[5]), Served(row[6]) if row[6] else None, *row[7:]
        )
        for row in select(_FACTS, {"person": person_id, "limit": ROWS_MAX})
    ]


_TRUTHS = """
SELECT d.id,
    coalesce((SELECT json_object_agg(k.fact, json_build_array(k.holds, k.on_day)) FROM (
        SELECT DISTINCT ON (f.fact) f.fact, f.holds, f.on_day FROM debt_fact f
        WHERE f.person_id = d.person_id AND f.debt_id = d.id ORDER BY f.fact, f.n DESC) k), '{}')::text,
    (SELECT c.state FROM court_file c WHERE c.person_id = d.person_id AND c.debt_id = d.id AND c.ended_on IS NULL
       AND (c.state <> 'prepared' OR c.begin_by >= %(today)s)),
    EXISTS (SELECT 1 FROM zhizhi_disputed(d.person_id) u WHERE u.debt_id = d.id)
FROM debt d WHERE d.person_id = %(person)s AND d.state <> 'settled' ORDER BY d.balance_minor DESC, d.id LIMIT %(limit)s
"""


def load_truths(person_id: int, today: date) -> dict[int, Truth]:
    """What is true of each debt that is not settled, the largest first."""
    return {
        debt: _truth(document(known), state, is_disputed=is_disputed)
        for debt, known, state, is_disputed in select(_TRUTHS, {"person": person_id, "today": today, "limit": ROWS_MAX})
    }


def _truth(known: dict[str, Any], state: str | None, *, is_disputed: bool) -> Truth:
    return Truth(
        {Fact(fact): holds for fact, (holds, _) in known.items()},
        {Fact(fact): date.fromisoformat(on) for fact, (_, on) in known.items()},
        is_disputed=is_disputed,
        court=State(state) if state is not None else None,
    )
