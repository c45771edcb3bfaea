"""The facts of an assignment, read in few statements: open cases, desks, who may not have whom, who negotiates."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections

from zhizhi.core.assignment.facts import Absence, CaseToAssign, Desk
from zhizhi.store.assignment.queues import REMINDER, queue_code
from zhizhi.store.assignment.words import MAIN_LANGUAGE

COLLECTING = ("collector", "agency_collector")


@dataclass(frozen=True, slots=True)
class Around:
    """Which cases are asked about: those that a member has or has back, a person's, or these; without any, all."""

    staff_id: int | None = None
    person_id: int | None = None
    case_ids: tuple[int, ...] | None = None


EVERYTHING = Around()


@dataclass(frozen=True, slots=True)
class Row:
    """How a case stands: what a write compares, so that nothing that changed meanwhile is overwritten."""

    person_id: int
    case_id: int
    stage: str
    queue_id: int | None
    queue: str
    collector_id: int | None
    home_id: int | None
    agency_id: int | None
    held_since: date | None
    unplaced: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an assignment is a function of, and the rows of the cases by id."""

    cases: list[CaseToAssign]
    desks: list[Desk]
    rows: dict[int, Row]


# Canaries are no work and take no room; a reminder needs nobody, though one who has it keeps it.
_ASKED = """
c.lender_id = %(lender)s AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = c.person_id)
AND (%(staff)s::bigint IS NULL OR c.collector_id = %(staff)s OR c.home_id = %(staff)s)
AND (%(person)s::bigint IS NULL OR c.person_id = %(person)s)
AND (%(cases)s::bigint[] IS NULL OR c.id = ANY (%(cases)s))
"""
_CASES = f"""
SELECT c.person_id, c.id, c.stage, c.days_past_due, c.balance_minor, c.language, c.queue_id, c.collector_id, c.home_id,
    c.agency_id, c.held_since, c.unplaced
FROM collection_case c WHERE c.closed_on IS NULL AND {_ASKED}
"""
# A negotiation under way: reserved by somebody, a promise whose day is still to come, or a plan.
_RESERVED = """
SELECT r.person_id FROM reserved_negotiation r JOIN collection_case c ON c.person_id = r.person_id AND c.id = r.case_id
WHERE c.lender_id = %(lender)s AND r.ended_at IS NULL AND r.until_on >= %(on)s
UNION
SELECT p.person_id FROM promise p JOIN collection_case c ON c.person_id = p.person_id AND c.closed_on IS NULL
WHERE c.lender_id = %(lender)s AND p.state = 'open' AND p.due_on >= %(on)s
UNION
SELECT c.person_id FROM collection_case c WHERE c.lender_id = %(lender)s AND c.closed_on IS NULL AND c.stop = 'plan'
UNION
SELECT d.person_id FROM debt d WHERE d.lender_id = %(lender)s AND d.state = 'plan_performing'
"""
_BARRED = """
SELECT b.person_id, b.staff_id FROM barred_collector b JOIN person p ON p.id = b.person_id
WHERE p.lender_id = %(lender)s AND b.ended_at IS NULL
"""
_DESKS = """
SELECT s.id, s.capacity, s.agency_id, s.trained_on, s.certified_until FROM staff s
WHERE s.is_active AND s.role = ANY (%(roles)s) AND (s.lender_id IS NULL OR s.lender_id = %(lender)s) ORDER BY s.id
"""
_SKILLS = "SELECT k.staff_id, k.kind, k.value FROM staff_skill k WHERE k.ended_at IS NULL"
_ABSENCES = "SELECT a.staff_id, a.from_on, a.to_on FROM staff_absence a WHERE a.ended_at IS NULL AND a.to_on >= %(on)s"
# Whatever else lies on the desks, of whichever lender.
_ELSE = f"""
SELECT c.collector_id, count(*), sum(c.balance_minor)::bigint FROM collection_case c
WHERE c.closed_on IS NULL AND c.collector_id IS NOT NULL AND NOT coalesce({_ASKED}, false)
  AND NOT EXISTS (SELECT 1 FROM canary k WHERE k.person_id = c.person_id)
GROUP BY c.collector_id
"""


def load_facts(lender_id: int, on: date, around: Around = EVERYTHING) -> Facts:
    """Read them through the gate, whether a transaction is open or not."""
    values: dict[str, int | date | list[str] | list[int] | None] = {
        "lender": lender_id,
        "on": on,
        "staff": around.staff_id,
        "person": around.person_id,
        "cases": list(around.case_ids) if around.case_ids is not None else None,
        "roles": list(COLLECTING),
    }
    with connections["gate"].cursor() as cursor:

        def rows(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

        barred: dict[int, set[int]] = defaultdict(set)
        for person_id, staff_id in rows(_BARRED):
            barred[person_id].add(staff_id)
        reserved = {row[0] for row in rows(_RESERVED)}
        desks = _desks(rows(_DESKS), rows(_SKILLS), rows(_ABSENCES), rows(_ELSE))
        return _facts(rows(_CASES), desks, barred, reserved)


def _facts(found: list[tuple[Any, ...]], desks: list[Desk], barred: dict[int, set[int]], reserved: set[int]) -> Facts:
    cases: list[CaseToAssign] = []
    rows: dict[int, Row] = {}
    nobody: frozenset[int] = frozenset()
    for person, case_id, stage, days, balance, language, queue_id, holder, home, agency, since, unplaced in found:
        queue = queue_code(stage, days)
        rows[case_id] = Row(person, case_id, stage, queue_id, queue, holder, home, agency, since, unplaced)
        if stage == REMINDER and holder is None:
            continue
        barred_ids = frozenset(barred[person]) if person in barred else nobody
        spoken = language or MAIN_LANGUAGE
        cases.append(
            CaseToAssign(case_id, balance, queue, spoken, agency, holder, since, home, person in reserved, barred_ids)
        )
    return Facts(cases, desks, rows)


def _desks(
    staff: list[tuple[Any, ...]],
    skills: list[tuple[Any, ...]],
    absences: list[tuple[Any, ...]],
    held: list[tuple[Any, ...]],
) -> list[Desk]:
    skilled: dict[tuple[int, str], set[str]] = defaultdict(set)
    for staff_id, kind, value in skills:
        skilled[staff_id, kind].add(value)
    away: dict[int, list[Absence]] = defaultdict(list)
    for staff_id, from_on, to_on in absences:
        away[staff_id].append(Absence(from_on, to_on))
    lies = {staff_id: (int(cases), int(balance)) for staff_id, cases, balance in held}
    desks = []
    for staff_id, capacity, agency_id, trained_on, certified_until in staff:
        queues = skilled.get((staff_id, "queue"), set())
        desks.append(
            Desk(
                id=staff_id,
                capacity=capacity,
                agency_id=agency_id,
                queues=frozenset(queues | {REMINDER}) if queues else frozenset(),
                languages=frozenset({MAIN_LANGUAGE} | skilled.get((staff_id, "language"), set())),
                trained_on=trained_on,
                certified_until=certified_until,
                absences=tuple(sorted(away.get(staff_id, ()), key=lambda one: (one.from_on, one.to_on))),
                cases=lies.get(staff_id, (0, 0))[0],
                balance_minor=lies.get(staff_id, (0, 0))[1],
            )
        )
    return desks
