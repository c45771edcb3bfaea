"""Contacts whose end nobody knows: they stay counted, and wait for a person (usecases/settle_unknown.py)."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.select import select

UNSETTLED_MAX = 200


@dataclass(frozen=True, slots=True)
class UnsettledRow:
    """A delivery that may have left, or a call by hand without its outcome."""

    person_id: int
    delivery_id: int
    permit_id: int
    channel: str
    gateway: str
    state: str
    claimed_at: datetime
    claimed_by: str
    failure: str | None
    case_number: str | None


_UNSETTLED = """
SELECT d.person_id, d.id, d.permit_id, d.channel, d.gateway, d.state, d.claimed_at, d.claimed_by, d.failure,
    (SELECT c.number FROM collection_case c WHERE c.person_id = d.person_id ORDER BY c.closed_on NULLS FIRST LIMIT 1)
FROM delivery d
WHERE d.state IN ('unknown', 'claimed') AND d.claimed_at < %(before)s
  AND (d.state = 'unknown' OR d.gateway = 'manual')
ORDER BY d.claimed_at, d.id LIMIT %(limit)s
"""


def load_unsettled(before: datetime) -> list[UnsettledRow]:
    """What was begun before an instant and has no end, oldest first."""
    return [UnsettledRow(*row) for row in select(_UNSETTLED, {"before": before, "limit": UNSETTLED_MAX})]
