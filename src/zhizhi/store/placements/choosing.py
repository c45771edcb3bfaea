"""Which cases may go to agencies at all: those of a choice, with what stands in the way of each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.core.placement.fitness import AgencyFacts, CaseFacts, PastPlacement
from zhizhi.store.assessments.models import Assessment
from zhizhi.store.assessments.words import PLACEMENT
from zhizhi.store.lenders.models import Agency
from zhizhi.store.placements.words import CASES_MAX


@dataclass(frozen=True, slots=True)
class Criteria:
    """By what cases of a lender are chosen; None and empty ask for nothing."""

    days_from: int
    days_until: int
    balance_from_minor: int = 0
    balance_until_minor: int | None = None
    product: str = ""
    most: int = CASES_MAX

    def to_document(self) -> dict[str, object]:
        """What is kept with the batch."""
        return {name: getattr(self, name) for name in Criteria.__slots__}


@dataclass(frozen=True, slots=True)
class ChosenCase:
    """An open case of the choice; `zone`: where the person may be, for strata."""

    person_id: int
    case_id: int
    balance_minor: int
    days_past_due: int
    product: str
    zone: str
    facts: CaseFacts


# A complaint is of the agency that had the case when it came in, also where it was lifted since.
_PAST = """
(SELECT coalesce(json_agg(json_build_array(p.agency_id, p.hand, EXISTS (
    SELECT 1 FROM stop s WHERE s.person_id = p.person_id AND s.kind = 'complaint' AND s.from_at >= p.placed_at
      AND (p.ended_at IS NULL OR s.from_at <= p.ended_at)))), '[]'::json)
 FROM placement p WHERE p.person_id = c.person_id AND p.placed_at IS NOT NULL)
"""
_COLUMNS = f"""
c.person_id, c.id, c.balance_minor, c.days_past_due, c.product, coalesce(n.time_zones ->> 0, ''),
c.closed_on IS NULL, c.agency_id, c.stop IS NOT NULL, {_PAST},
EXISTS (SELECT 1 FROM court_file f WHERE f.person_id = c.person_id AND f.ended_on IS NULL)
"""
# Canaries are no work and are planted with agencies by their own way (store/canaries).
_CHOSEN = f"""
SELECT {_COLUMNS} FROM collection_case c JOIN person n ON n.id = c.person_id
WHERE c.lender_id = %(lender)s AND c.closed_on IS NULL AND c.agency_id IS NULL
  AND c.days_past_due BETWEEN %(days_from)s AND %(days_until)s
  AND c.balance_minor >= %(balance_from)s
  AND (%(balance_until)s::bigint IS NULL OR c.balance_minor <= %(balance_until)s)
  AND (%(product)s = '' OR c.product = %(product)s)
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = c.person_id)
ORDER BY c.balance_minor DESC, c.id LIMIT %(most)s
"""
_THESE = f"""
SELECT {_COLUMNS} FROM collection_case c JOIN person n ON n.id = c.person_id
JOIN unnest(%s::bigint[], %s::bigint[]) w (person_id, id) ON w.person_id = c.person_id AND w.id = c.id
"""


def choose_cases(lender_id: int, criteria: Criteria) -> list[ChosenCase]:
    """The lender's own open cases of a choice, the largest balances first."""
    values = {
        "lender": lender_id,
        "days_from": criteria.days_from,
        "days_until": criteria.days_until,
        "balance_from": criteria.balance_from_minor,
        "balance_until": criteria.balance_until_minor,
        "product": criteria.product,
        "most": min(criteria.most, CASES_MAX),
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CHOSEN, values)
        return [_chosen(row) for row in cursor.fetchall()]


def these_cases(keys: list[tuple[int, int]]) -> dict[tuple[int, int], ChosenCase]:
    """Cases by person and id, as they stand now; the caller holds the persons."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_THESE, [[person for person, _ in keys], [case for _, case in keys]])
        return {(row[0], row[1]): _chosen(row) for row in cursor.fetchall()}


def _chosen(row: tuple[Any, ...]) -> ChosenCase:
    is_open, agency_id, is_stopped, past, is_in_court = row[-5:]
    facts = CaseFacts(is_open, agency_id, is_stopped, tuple(PastPlacement(*one) for one in past), is_in_court)
    known: tuple[Any, ...] = (*row[:-5], facts)
    return ChosenCase(*known)


def load_agency_facts(agency_ids: list[int]) -> dict[int, AgencyFacts]:
    """What is known of agencies, by id; absent is one that is not there."""
    names = ("id", "is_listed", "evaluated_on", "inspected_on", "contract_ends_on")
    rows = Agency.objects.using("gate").filter(id__in=agency_ids).values_list(*names)
    return {row[0]: AgencyFacts(*row) for row in rows}


def is_assessed(lender_id: int, at: datetime) -> bool:
    """Whether an approved assessment of placements stands."""
    standing = Assessment.objects.using("gate").filter(lender_id=lender_id, activity=PLACEMENT)
    return standing.filter(from_at__lte=at, until_at__gt=at).exists()


def contract_end(agency_id: int) -> date | None:
    """Until when the contract with an agency lasts."""
    found = load_agency_facts([agency_id]).get(agency_id)
    return found.contract_ends_on if found is not None else None
