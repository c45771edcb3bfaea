"""What screens and use cases read about incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections

from zhizhi.store.select import document, select

SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """What has to be told until when."""

    clock: str
    warn_at: datetime
    due_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class FactRow:
    """One entry of the log."""

    at: datetime
    by: str
    kind: str
    clock: str | None
    body: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident; `next_due_at` of the deadlines that are not answered."""

    id: int
    lender_id: int | None
    lender: str
    kind: str
    is_drill: bool
    known_at: datetime
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    next_due_at: datetime | None
    deadlines: tuple[DeadlineRow, ...] = field(default=())
    facts: tuple[FactRow, ...] = field(default=())

    @property
    def classified(self) -> Mapping[str, Any]:
        """How grave it is, as it was said last."""
        return next(fact.body for fact in reversed(self.facts) if fact.kind == "classified")


_ROWS = """
SELECT i.id, i.lender_id, coalesce(l.name, ''), i.kind, i.is_drill, i.known_at, i.opened_at, s.name, i.closed_at,
    (SELECT min(d.due_at) FROM incident_deadline d WHERE d.incident_id = i.id AND d.answered_at IS NULL)
FROM incident i JOIN staff s ON s.id = i.opened_by_id LEFT JOIN lender l ON l.id = i.lender_id
"""
_LIST = _ROWS + "ORDER BY i.closed_at IS NOT NULL, i.opened_at DESC, i.id DESC LIMIT %(limit)s"
_ONE = _ROWS + "WHERE i.id = %(id)s"
_DEADLINES = """
SELECT clock, warn_at, due_at, answered_at FROM incident_deadline WHERE incident_id = %(id)s ORDER BY due_at, clock
"""
_FACTS = """
SELECT f.at, s.name, f.kind, f.clock, f.body::text, f.text FROM incident_fact f JOIN staff s ON s.id = f.by_id
WHERE f.incident_id = %(id)s ORDER BY f.id
"""


def load_incidents() -> list[IncidentRow]:
    """The open ones first, then the newest."""
    return [IncidentRow(*row) for row in select(_LIST, {"limit": SHOWN_MAX})]


def access_incident(incident_id: int) -> IncidentRow | None:
    """One incident whole, where the viewer may see it."""
    for row in select(_ONE, {"id": incident_id}):
        deadlines = tuple(DeadlineRow(*one) for one in select(_DEADLINES, {"id": incident_id}))
        facts = [(*one[:4], document(one[4]), one[5]) for one in select(_FACTS, {"id": incident_id})]
        return IncidentRow(*(*row, deadlines, tuple(FactRow(*one) for one in facts)))
    return None


def load_standing(incident_id: int) -> tuple[int | None, str, datetime] | None:
    """Lender, kind and when it was known, for a use case that adds to it."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT lender_id, kind, known_at FROM incident WHERE id = %s", [incident_id])
        row: tuple[int | None, str, datetime] | None = cursor.fetchone()
    return row
