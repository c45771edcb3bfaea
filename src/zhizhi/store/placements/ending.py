"""A placement ends: returned, recalled, over its term, or because the case closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.store.cases.models import Case
from zhizhi.store.ids import ids
from zhizhi.store.placements.models import Placement
from zhizhi.store.placements.moving import log_placements, move_cases
from zhizhi.store.placements.words import CLOSED, EXPIRED, PLACED
from zhizhi.store.transact.person import lock_persons

Key = tuple[int, int]
"""Person and case."""
CHUNK_MAX = 500
"""Persons that are held in one transaction."""
HAND_OF_FILES = 1


@dataclass(frozen=True, slots=True)
class End:
    """How it ends, on whose word. `agency_id`, `lender_id`: only cases that are with this agency, of this lender, when
    they are held. `over_on`: only what is past its last day, or its agency's contract, on that day."""

    state: str
    agency_id: int | None = None
    lender_id: int | None = None
    by: int | None = None
    ground: str = ""
    over_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How many cases left their agency, and how much was pulled back: what waited to leave, and leases."""

    cases: int = 0
    pulled_back: int = 0


def end_placements(keys: Sequence[Key], end: End, at: datetime) -> Ended:
    """Take cases back: the agency sees nothing of them once this answers. What is with no agency is passed over.

    In transactions of some hundred persons; each is whole.
    """
    cases = pulled_back = 0
    for start in range(0, len(keys), CHUNK_MAX):
        done = _end_some(keys[start : start + CHUNK_MAX], end, at)
        cases, pulled_back = cases + done.cases, pulled_back + done.pulled_back
    return Ended(cases, pulled_back)


def _end_some(keys: Sequence[Key], end: End, at: datetime) -> Ended:
    with transaction.atomic(using="gate", durable=True):
        persons = lock_persons(person_id for person_id, _ in keys)
        cases = Case.objects.using("gate").filter(
            person_id__in=list(persons),
            id__in=[case_id for _, case_id in keys],
            closed_on=None,
            agency_id__isnull=False,
        )
        if end.agency_id is not None:
            cases = cases.filter(agency_id=end.agency_id)
        if end.lender_id is not None:
            cases = cases.filter(lender_id=end.lender_id)
        if end.over_on is not None:
            cases = cases.filter(id__in=[case_id for _, case_id in _over(list(persons), end.over_on)])
        held = list(cases.order_by("person_id"))
        rows = _standing(held, at)
        _write_ends(rows, end, at)
        pulled_back = move_cases([(case.person_id, case.id, None) for case in held], at)
        log_placements(rows, persons, at)
        return Ended(len(held), pulled_back)


def _standing(cases: Sequence[Case], at: datetime) -> list[Placement]:
    """The placement of every case; one that only a file placed gets its own now, so that who had it is known."""
    placed = Placement.objects.using("gate").filter(
        person_id__in=[case.person_id for case in cases], case_id__in=[case.id for case in cases], state=PLACED
    )
    known = {row.case_id: row for row in placed}
    missing = [case for case in cases if case.id not in known]
    taken = ids.take_many(len(missing)) if missing else range(0)
    adopted = [_adopted(case, row_id, at) for case, row_id in zip(missing, taken, strict=True)]
    Placement.objects.using("gate").bulk_create(adopted)
    return [*known.values(), *adopted]


def _adopted(case: Case, row_id: int, at: datetime) -> Placement:
    assert case.agency_id is not None, "it is with an agency"
    return Placement(
        person_id=case.person_id,
        id=row_id,
        lender_id=case.lender_id,
        agency_id=case.agency_id,
        case_id=case.id,
        hand=HAND_OF_FILES,
        balance_minor=case.balance_minor,
        days_past_due=max(case.days_past_due, 0),
        state=PLACED,
        placed_at=at,
    )


_ENDS = """
UPDATE placement p SET state = %s, ended_at = w.ended_at, ended_by = %s, ended_ground = %s
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::timestamptz[]) AS ended_at) w
WHERE p.person_id = w.person_id AND p.id = w.id
"""


def _write_ends(rows: Sequence[Placement], end: End, at: datetime) -> None:
    for row in rows:
        assert row.placed_at is not None, "it stands"
        ended_at = max(at, row.placed_at)  # a declared day begins before what was placed on it
        row.state, row.ended_at, row.ended_by, row.ended_ground = end.state, ended_at, end.by, end.ground
    columns: list[list[Any]] = [
        [row.person_id for row in rows],
        [row.id for row in rows],
        [row.ended_at for row in rows],
    ]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ENDS, [end.state, end.by, end.ground, *columns])


_IS_OVER = """
p.state = 'placed' AND p.batch_id IS NOT NULL
AND (p.due_on < %s OR a.contract_ends_on IS NULL OR a.contract_ends_on < %s)
"""
_OVER = f"""
SELECT p.person_id, p.case_id FROM placement p JOIN agency a ON a.id = p.agency_id
WHERE p.lender_id = %s AND {_IS_OVER} ORDER BY p.person_id, p.case_id
"""
_STILL_OVER = f"""
SELECT p.person_id, p.case_id FROM placement p JOIN agency a ON a.id = p.agency_id
WHERE p.person_id = ANY (%s) AND {_IS_OVER}
"""
_CLOSED = """
SELECT p.person_id, p.id FROM placement p JOIN collection_case c ON c.person_id = p.person_id AND c.id = p.case_id
WHERE p.lender_id = %s AND p.state = 'placed' AND c.closed_on IS NOT NULL ORDER BY p.person_id, p.id
"""


def end_by_day(lender_id: int, on: date, at: datetime) -> Ended:
    """What is past its last day, or whose contract is over, goes back; placements of closed cases are closed."""
    closed = _keys(_CLOSED, [lender_id])
    for start in range(0, len(closed), CHUNK_MAX):
        _close_some(closed[start : start + CHUNK_MAX], at)
    return end_placements(_keys(_OVER, [lender_id, on, on]), End(EXPIRED, lender_id=lender_id, over_on=on), at)


def _over(person_ids: list[int], on: date) -> list[Key]:
    """Of persons who are held, what is over still: a last day may have been moved a moment ago."""
    return _keys(_STILL_OVER, [person_ids, on, on])


def _close_some(keys: Sequence[Key], at: datetime) -> None:
    with transaction.atomic(using="gate", durable=True):
        persons = lock_persons(person_id for person_id, _ in keys)
        rows = list(
            Placement.objects.using("gate").filter(
                person_id__in=list(persons), id__in=[row_id for _, row_id in keys], state=PLACED
            )
        )
        _write_ends(rows, End(CLOSED), at)
        log_placements(rows, persons, at)


def _keys(sql: str, values: Sequence[Any]) -> list[Key]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, values)
        return [(int(row[0]), int(row[1])) for row in cursor.fetchall()]


_WITH_AGENCY = """
SELECT c.person_id, c.id FROM collection_case c
LEFT JOIN placement p ON p.person_id = c.person_id AND p.case_id = c.id AND p.state = 'placed'
WHERE c.lender_id = %s AND c.closed_on IS NULL AND c.agency_id = %s AND (%s::bigint IS NULL OR p.batch_id = %s)
ORDER BY c.person_id
"""


def cases_with(lender_id: int, agency_id: int, batch_id: int | None = None) -> list[Key]:
    """A lender's open cases with an agency; of one batch where it is named."""
    return _keys(_WITH_AGENCY, [lender_id, agency_id, batch_id, batch_id])
