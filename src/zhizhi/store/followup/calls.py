"""A call as its wrap-up needs it: what the line told, and whether it was wrapped up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections

from zhizhi.core.followup.dispositions import Line
from zhizhi.store.select import select
from zhizhi.store.transact.claims import staff_of

LOOKS_BACK = timedelta(days=1)
"""A call without a wrap-up holds its collector back that long; what is older is a team leader's to ask about."""


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that has left: its line, its contact where one is written, who made it, and whether a note is of it."""

    line: Line
    contact_id: int | None
    staff_id: int | None
    is_wrapped_up: bool
    party_id: int


_CALL = """
SELECT coalesce(k.outcome, v.outcome), coalesce(v.talk_seconds, k.talk_seconds), k.id, d.claimed_by,
    EXISTS (SELECT 1 FROM note n WHERE n.person_id = d.person_id AND n.contact_id = k.id),
    m.party_id
FROM delivery d
JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
LEFT JOIN live_call v ON v.person_id = d.person_id AND v.permit_id = d.permit_id
LEFT JOIN contact k ON k.person_id = d.person_id AND k.permit_id = d.permit_id
WHERE d.person_id = %s AND d.permit_id = %s AND d.channel = 'voice' AND d.state IN ('claimed', 'delivered')
"""


def load_ended_call(person_id: int, permit_id: int) -> EndedCall | None:
    """The call of a permit that was used; None where there is none. Where an engine measured, its seconds count."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CALL, [person_id, permit_id])
        row = cursor.fetchone()
    if row is None:
        return None
    outcome, talk_seconds, contact_id, claimed_by, is_wrapped_up, party_id = row
    return EndedCall(Line(outcome, talk_seconds), contact_id, staff_of(claimed_by), is_wrapped_up, party_id)


@dataclass(frozen=True, slots=True)
class Owed:
    """A call whose wrap-up is owed."""

    number: str
    permit_id: int


# Of cases that the collector still sees: what closed or moved on asks for no wrap-up.
_OWED = """
SELECT c.number, d.permit_id FROM collection_case c
JOIN delivery d ON d.person_id = c.person_id AND d.channel = 'voice' AND d.state IN ('claimed', 'delivered')
    AND d.claimed_by = %(by)s AND d.claimed_at >= %(since)s
LEFT JOIN contact k ON k.person_id = d.person_id AND k.permit_id = d.permit_id
WHERE c.collector_id = %(staff)s AND c.closed_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM note n WHERE n.person_id = d.person_id AND n.contact_id = k.id)
ORDER BY d.claimed_at LIMIT 1
"""


def load_owed(staff_id: int, at: datetime) -> Owed | None:
    """The oldest call of the last day that this collector has not wrapped up; within `reading`."""
    rows = select(_OWED, {"staff": staff_id, "by": f"u{staff_id}", "since": at - LOOKS_BACK})
    return Owed(*rows[0]) if rows else None
