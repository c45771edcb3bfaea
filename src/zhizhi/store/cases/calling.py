"""What a desk knows of a case when it calls: whose case it is, how old the debt is, how often it rang today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connections


@dataclass(frozen=True, slots=True)
class CallingCase:
    """An open case before a call."""

    case_id: int
    collector_id: int | None
    days_past_due: int
    arrears_minor: int
    attempts_today: int


def load_calling(person_ids: Iterable[int], day_begins_at: datetime) -> dict[int, CallingCase]:
    """By person id; a person without an open case is absent."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT c.person_id, c.id, c.collector_id, c.days_past_due, c.balance_minor,"
            " (SELECT count(*) FROM contact t WHERE t.person_id = c.person_id AND t.channel = 'voice'"
            "   AND t.direction = 'out' AND t.at >= %s)"
            " FROM collection_case c WHERE c.person_id = ANY (%s) AND c.closed_on IS NULL",
            [day_begins_at, list(person_ids)],
        )
        return {person_id: CallingCase(*rest) for person_id, *rest in cursor.fetchall()}
