"""What screens read of receipts that contradict our records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.keyring import list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select

CONTRADICTIONS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ContradictionRow:
    """What the provider says (`outcome`, `reported_at`) of a delivery of which we have written another end; `name` is
    masked. `remark` and whoever looked are empty while it waits."""

    person_id: int
    id: int
    delivery_id: int
    channel: str
    gateway: str
    outcome: str
    provider_key: str
    reported_at: datetime
    received_at: datetime
    state: str
    failure: str | None
    finished_at: datetime | None
    settled_by: str
    looked_at: datetime | None
    looked_by: str
    remark: str
    case_number: str
    name: str


_CONTRADICTIONS = """
SELECT x.person_id, x.id, x.delivery_id, d.channel, d.gateway, x.outcome, x.provider_key, x.reported_at, x.received_at,
    d.state, d.failure, d.finished_at,
    coalesce((SELECT s.name FROM settlement e JOIN staff s ON s.id = e.settled_by_id
        WHERE e.person_id = x.person_id AND e.delivery_id = x.delivery_id), ''),
    x.looked_at, coalesce((SELECT s.name FROM staff s WHERE s.id = x.looked_by_id), ''), x.remark,
    (SELECT c.number FROM collection_case c WHERE c.person_id = x.person_id
        ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1),
    p.lender_id, p.masked
FROM contradiction x
JOIN delivery d ON d.person_id = x.person_id AND d.id = x.delivery_id
JOIN person p ON p.id = x.person_id
"""
_WAITING = """
WHERE x.looked_at IS NULL AND (%(at)s::timestamptz IS NULL OR (x.received_at, x.id) > (%(at)s, %(id)s))
ORDER BY x.received_at, x.id LIMIT %(limit)s
"""
_LOOKED_AT = """
WHERE x.looked_at IS NOT NULL AND (%(at)s::timestamptz IS NULL OR (x.looked_at, x.id) < (%(at)s, %(id)s))
ORDER BY x.looked_at DESC, x.id DESC LIMIT %(limit)s
"""
_ONE = "WHERE x.person_id = %(person)s AND x.id = %(id)s"
_COUNT = "SELECT count(*) FROM contradiction WHERE looked_at IS NULL"

Position = tuple[datetime, int]


def load_contradictions(after: Position | None) -> tuple[list[ContradictionRow], Position | None]:
    """What waits for somebody to look, the oldest first, and where the next page begins."""
    page, is_more = _page(_WAITING, after)
    return page, (page[-1].received_at, page[-1].id) if is_more else None


def load_looked_at(after: Position | None) -> tuple[list[ContradictionRow], Position | None]:
    """What somebody looked at, the newest first, and where the next page begins."""
    page, is_more = _page(_LOOKED_AT, after)
    latest = page[-1].looked_at if page else None
    return page, (latest, page[-1].id) if is_more and latest is not None else None


def _page(where: str, after: Position | None) -> tuple[list[ContradictionRow], bool]:
    values = {"at": after[0] if after else None, "id": after[1] if after else None}
    rows = select(_CONTRADICTIONS + where, {**values, "limit": CONTRADICTIONS_PER_PAGE + 1})
    return [_row(*row) for row in rows[:CONTRADICTIONS_PER_PAGE]], len(rows) > CONTRADICTIONS_PER_PAGE


def access_contradiction(person_id: int, contradiction_id: int) -> ContradictionRow | None:
    """One that this viewer may see."""
    for row in select(_CONTRADICTIONS + _ONE, {"person": person_id, "id": contradiction_id}):
        return _row(*row)
    return None


def count_contradictions() -> int:
    """How many wait."""
    ((count,),) = select(_COUNT, {})
    return int(count)


def _row(*row: Any) -> ContradictionRow:
    *plain, number, lender_id, masked = row
    shown = Masked.open(list_seal(lender_id), masked, plain[0])
    known: tuple[Any, ...] = (*plain, number or "", shown.name)
    return ContradictionRow(*known)
