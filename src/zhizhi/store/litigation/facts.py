"""What is known of the debts of cases when files are to be opened for them, as the gate sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections


@dataclass(frozen=True, slots=True)
class DebtToSue:
    """A debt of a case that is behind its day; `stops`: kinds in force of the person or of this debt."""

    person_id: int
    lender_id: int
    case_id: int
    case_number: str
    is_case_open: bool
    agency_id: int | None
    debt_id: int
    product: str
    currency: str
    state: str
    balance_minor: int
    principal_minor: int
    unpaid_since: date | None
    is_lost_contact: bool
    person_state: str
    stops: frozenset[str]
    is_in_court: bool
    is_relief_kept: bool


_DEBTS = """
SELECT c.person_id, c.lender_id, c.id, c.number, c.closed_on IS NULL, c.agency_id, d.id, d.product, d.currency, d.state,
    d.balance_minor, d.principal_minor, d.oldest_unpaid_due_on, c.is_lost_contact, p.state,
    (SELECT coalesce(json_agg(DISTINCT s.kind), '[]') FROM stop s
     WHERE s.person_id = c.person_id AND s.lifted_at IS NULL
       AND (s.until_at IS NULL OR s.until_at > %(at)s) AND (s.debt_id IS NULL OR s.debt_id = d.id)),
    EXISTS (SELECT 1 FROM court_file f WHERE f.person_id = c.person_id AND f.debt_id = d.id AND f.ended_on IS NULL),
    EXISTS (SELECT 1 FROM relief r WHERE r.person_id = c.person_id AND r.debt_id = d.id AND r.state = 'accepted')
FROM collection_case c JOIN person p ON p.id = c.person_id JOIN debt d ON d.person_id = c.person_id
WHERE {where} AND d.state NOT IN ('settled', 'not_due')
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = c.person_id)
ORDER BY c.id, d.id
"""


def debts_of_cases(lender_id: int, numbers: Sequence[str], at: datetime) -> list[DebtToSue]:
    """The debts behind their day of these cases of a lender; a case that has none is absent."""
    where = "c.lender_id = %(lender)s AND c.number = ANY (%(numbers)s)"
    return _asked(where, {"lender": lender_id, "numbers": list(numbers), "at": at})


def debt_now(person_id: int, case_id: int, debt_id: int, at: datetime) -> DebtToSue | None:
    """One debt as it stands; the caller holds the person."""
    where = "c.person_id = %(person)s AND c.id = %(case)s AND d.id = %(debt)s"
    found = _asked(where, {"person": person_id, "case": case_id, "debt": debt_id, "at": at})
    return found[0] if found else None


def _asked(where: str, values: dict[str, Any]) -> list[DebtToSue]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(_DEBTS.format(where=where), values)
        return [_debt(row) for row in cursor.fetchall()]


def _debt(row: tuple[Any, ...]) -> DebtToSue:
    known: tuple[Any, ...] = (*row[:15], frozenset(row[15]), *row[16:])
    return DebtToSue(*known)
