"""班组实时: each seat as it is now — who talks and until when, what was done today, what waits, who is near a cap."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.figures.figure import Asked
from zhizhi.store.select import select

SEATS_MAX = 300


@dataclass(frozen=True, slots=True)
class Seat:
    """A collector now; `must_end_by` is the end that the law sets to the call under way."""

    staff_id: int
    name: str
    team: str
    case_number: str | None
    call_since: datetime | None
    must_end_by: datetime | None
    dials: int
    talks: int
    latest_at: datetime | None
    promises: int
    promised_minor: int
    late_steps: int
    near_cap: int


_SEATS = """
WITH seen AS (
    SELECT staff_id, count(*) AS dials, count(*) FILTER (WHERE outcome = 'conversation') AS talks, max(at) AS latest
    FROM contact WHERE at >= %(from_at)s AND at < %(until_at)s AND direction = 'out' AND channel = 'voice'
      AND staff_id IS NOT NULL
    GROUP BY staff_id
), called AS (
    SELECT staff_id, max(dials) AS dials, max(talks) AS talks, max(latest) AS latest
    FROM (SELECT * FROM seen UNION ALL SELECT * FROM zhizhi_seat_days(%(from_at)s, %(until_at)s)) d GROUP BY staff_id
), promised AS (
    SELECT c.collector_id, count(*) AS promises, sum(p.amount_minor)::bigint AS minor
    FROM promise p JOIN collection_case c ON c.person_id = p.person_id AND c.id = p.case_id
    WHERE p.promised_at >= %(from_at)s AND p.promised_at < %(until_at)s AND c.currency = %(currency)s
    GROUP BY c.collector_id
), late AS (
    SELECT collector_id, count(*) AS steps FROM collection_case
    WHERE closed_on IS NULL AND next_step_at < %(as_of)s GROUP BY collector_id
), capped AS (
    SELECT c.collector_id, count(DISTINCT c.person_id) AS persons
    FROM permit_slot s JOIN collection_case c ON c.person_id = s.person_id AND c.closed_on IS NULL
    WHERE s.on_day = %(on)s AND s.number >= s.bound - 1 GROUP BY c.collector_id
), live AS (
    SELECT DISTINCT ON (d.claimed_by) d.claimed_by, d.claimed_at, m.must_end_by,
        (SELECT c.number FROM collection_case c WHERE c.person_id = d.person_id
         ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) AS number
    FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
    WHERE d.state = 'claimed' AND d.channel = 'voice' AND d.claimed_at >= %(from_at)s
    ORDER BY d.claimed_by, d.claimed_at DESC
)
SELECT s.id, s.name, s.team, live.number, live.claimed_at, live.must_end_by, coalesce(called.dials, 0),
    coalesce(called.talks, 0), called.latest, coalesce(promised.promises, 0), coalesce(promised.minor, 0),
    coalesce(late.steps, 0), coalesce(capped.persons, 0)
FROM staff s
LEFT JOIN called ON called.staff_id = s.id
LEFT JOIN promised ON promised.collector_id = s.id
LEFT JOIN late ON late.collector_id = s.id
LEFT JOIN capped ON capped.collector_id = s.id
LEFT JOIN live ON live.claimed_by = 'u' || s.id
WHERE s.is_active AND s.role IN ('collector', 'agency_collector')
  AND EXISTS (SELECT 1 FROM collection_case c WHERE c.collector_id = s.id AND c.closed_on IS NULL
              AND (%(lender)s::bigint IS NULL OR c.lender_id = %(lender)s))
ORDER BY live.claimed_at NULLS LAST, s.team, s.name, s.id
LIMIT %(limit)s
"""


def load_seats(asked: Asked) -> list[Seat]:
    """The collectors of whom the viewer sees an open case, those on a call first."""
    return [Seat(*row) for row in select(_SEATS, asked.values() | {"limit": SEATS_MAX})]
