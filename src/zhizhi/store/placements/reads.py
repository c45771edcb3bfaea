"""What the page of placements reads; row-level security decides what a lender sees of it, and what an agency."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhizhi.store.cases.models import Case
from zhizhi.store.keyring import list_seal
from zhizhi.store.lenders.models import Agency
from zhizhi.store.people.rows import Masked
from zhizhi.store.placements.words import SOON_DAYS
from zhizhi.store.select import select

BATCHES_MAX = 50
STANDING_MAX = 200
DIFFERENCES_MAX = 50


def agency_names(agency_ids: Iterable[int]) -> dict[int, str]:
    """Names by id."""
    rows = Agency.objects.using("gate").filter(id__in=list(agency_ids)).values_list("id", "name")
    return {int(agency_id): str(name) for agency_id, name in rows}


def case_of_number(number: str) -> tuple[int, int] | None:
    """Person and case of an open case, for a use case that asks for itself whose it is."""
    return Case.objects.using("gate").filter(number=number, closed_on=None).values_list("person_id", "id").first()


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot: what was proposed for an agency, and how its cases stand, by state."""

    agency: str
    cases: int
    balance_minor: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with its lots; `state` of its request: waiting, executed, refused, …"""

    id: int
    lender: str
    hand: int
    due_on: date
    proposed_by: str
    proposed_at: datetime
    approval_id: int | None
    state: str
    handed_over_at: datetime | None
    left_out: Mapping[str, int]
    lots: tuple[LotRow, ...]


_BATCHES = """
SELECT b.id, l.name, b.hand, b.due_on, s.name, b.proposed_at, b.approval_id, coalesce(a.state, ''), b.handed_over_at,
    b.left_out::text, (
        SELECT coalesce(json_agg(json_build_array(g.name, t.cases, t.balance_minor, (
            SELECT coalesce(json_object_agg(n.state, n.many), '{}'::json) FROM (
                SELECT p.state, count(*) AS many FROM placement p
                WHERE p.batch_id = b.id AND p.agency_id = t.agency_id GROUP BY p.state) n)) ORDER BY t.id), '[]')::text
        FROM placement_lot t JOIN agency g ON g.id = t.agency_id WHERE t.batch_id = b.id)
FROM placement_batch b JOIN lender l ON l.id = b.lender_id JOIN staff s ON s.id = b.proposed_by_id
LEFT JOIN approval a ON a.id = b.approval_id
ORDER BY b.proposed_at DESC, b.id DESC LIMIT %(limit)s
"""


def load_batches() -> list[BatchRow]:
    """The batches of the viewer's lenders, the newest first; an agency sees none."""
    found = []
    for row in select(_BATCHES, {"limit": BATCHES_MAX}):
        lots = tuple(LotRow(*one) for one in json.loads(row[-1]))
        known: tuple[Any, ...] = (*row[:-2], json.loads(row[-2]), lots)
        found.append(BatchRow(*known))
    return found


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """What an agency has of a lender now. `without_day`: what a file brought; `soon`, `over`: by the last day."""

    lender_id: int
    lender: str
    agency_id: int
    agency: str
    contract_ends_on: date | None
    cases: int
    balance_minor: int
    without_day: int
    soon: int
    over: int


_AGENCIES = """
SELECT c.lender_id, l.name, c.agency_id, g.name, g.contract_ends_on, count(*), sum(c.balance_minor)::bigint,
    count(*) FILTER (WHERE p.due_on IS NULL), count(*) FILTER (WHERE p.due_on BETWEEN %(on)s AND %(soon)s),
    count(*) FILTER (WHERE p.due_on < %(on)s)
FROM collection_case c JOIN agency g ON g.id = c.agency_id JOIN lender l ON l.id = c.lender_id
LEFT JOIN placement p ON p.person_id = c.person_id AND p.case_id = c.id AND p.state = 'placed'
WHERE c.closed_on IS NULL AND c.agency_id IS NOT NULL
GROUP BY c.lender_id, l.name, c.agency_id, g.name, g.contract_ends_on ORDER BY l.name, g.name, c.agency_id
"""


def load_agencies(on: date) -> list[AgencyRow]:
    """By lender and agency; an agency sees its own line."""
    return [AgencyRow(*row) for row in select(_AGENCIES, {"on": on, "soon": on + timedelta(days=SOON_DAYS)})]


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A case with an agency. `hand`, `placed_at`, `due_on`: None where a file brought it."""

    number: str
    name: str
    agency: str
    hand: int | None
    balance_minor: int
    placed_at: datetime | None
    due_on: date | None


_STANDING = """
SELECT c.number, c.masked, c.person_id, c.lender_id, g.name, p.hand, c.balance_minor, p.placed_at, p.due_on
FROM collection_case c JOIN agency g ON g.id = c.agency_id
LEFT JOIN placement p ON p.person_id = c.person_id AND p.case_id = c.id AND p.state = 'placed'
WHERE c.closed_on IS NULL AND c.agency_id IS NOT NULL
ORDER BY p.due_on NULLS LAST, c.number LIMIT %(limit)s
"""


def load_standing() -> list[StandingRow]:
    """What is with agencies, the last day that comes first on top, at most so many; names are masked."""
    found = []
    for number, masked, person_id, lender_id, *rest in select(_STANDING, {"limit": STANDING_MAX}):
        shown = Masked.open(list_seal(lender_id), bytes(masked), person_id)
        found.append(StandingRow(number, shown.name, *rest))
    return found


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A case of which the lender's file says another agency than it is with; empty is none."""

    number: str
    of_file: str
    of_placement: str
    as_of_on: date


_PLACES = "EXISTS (SELECT 1 FROM placement_batch b WHERE b.lender_id = c.lender_id AND b.handed_over_at IS NOT NULL)"
_DIFFERENCES = f"""
SELECT c.number, coalesce(f.name, ''), coalesce(g.name, ''), d.as_of_on, count(*) OVER ()
FROM collection_case c JOIN LATERAL (
    SELECT x.agency_id, x.as_of_on FROM debt x
    WHERE x.person_id = c.person_id AND x.lender_id = c.lender_id AND x.state NOT IN ('settled', 'not_due')
    ORDER BY x.oldest_unpaid_due_on, x.id LIMIT 1
) d ON d.agency_id IS DISTINCT FROM c.agency_id
LEFT JOIN agency f ON f.id = d.agency_id LEFT JOIN agency g ON g.id = c.agency_id
WHERE c.closed_on IS NULL AND {_PLACES} ORDER BY c.number LIMIT %(limit)s
"""


def load_differences() -> tuple[list[DifferenceRow], int]:
    """Some of what differs between files and placements, and how much does; of lenders that place here."""
    rows = select(_DIFFERENCES, {"limit": DIFFERENCES_MAX})
    return [DifferenceRow(*row[:4]) for row in rows], rows[0][4] if rows else 0
