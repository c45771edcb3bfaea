"""Contacts whose end nobody knows: they stay counted, and wait for a person (usecases/settle_unknown.py)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.kernel.masks import HIDDEN, View
from zhizhi.store.keyring import Seal, list_seal, person_seal
from zhizhi.store.people.rows import Masked, mask_point, open_point
from zhizhi.store.select import select

UNSETTLED_MAX = 200
CALL_IS_AT_WORK_FOR = timedelta(hours=2)  # until then its collector is still expected to report a call by hand


@dataclass(frozen=True, slots=True)
class UnsettledRow:
    """A delivery that may have left, or a call by hand without its outcome; `name` is masked.

    `counted`: how many contacts of the same person and channel are counted as "perhaps" for want of an end.
    """

    person_id: int
    delivery_id: int
    permit_id: int
    channel: str
    gateway: str
    state: str
    claimed_at: datetime
    claimed_by: str
    failure: str | None
    provider_key: str | None
    purpose: str
    counted: int
    case_number: str
    name: str


_UNSETTLED = """
SELECT d.person_id, d.id, d.permit_id, d.channel, d.gateway, d.state, d.claimed_at,
    coalesce((SELECT s.name FROM staff s WHERE 'u' || s.id = d.claimed_by), d.claimed_by), d.failure, d.provider_key,
    m.purpose,
    (SELECT count(*) FROM delivery o WHERE o.person_id = d.person_id AND o.channel = d.channel
        AND o.state IN ('unknown', 'claimed')),
    (SELECT c.number FROM collection_case c WHERE c.person_id = d.person_id
        ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1),
    p.lender_id, p.masked
FROM delivery d
JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
JOIN person p ON p.id = d.person_id
WHERE (d.state = 'unknown'
    OR (d.state = 'claimed' AND d.gateway IN ('manual', 'sip') AND d.claimed_at < %(calls_before)s))
"""
_OLDEST = " AND (d.claimed_at, d.id) > (%(at)s, %(id)s) ORDER BY d.claimed_at, d.id LIMIT %(limit)s"
_FIRST = " ORDER BY d.claimed_at, d.id LIMIT %(limit)s"
_OF_PERSON = " AND d.person_id = %(person)s"
_ONE = " AND d.person_id = %(person)s AND d.id = %(id)s"


def load_unsettled(
    calls_before: datetime, after: tuple[datetime, int] | None = None, *, limit: int = UNSETTLED_MAX
) -> tuple[list[UnsettledRow], tuple[datetime, int] | None]:
    """What has no end, oldest first, and where the next page begins.

    A call by hand is among them once it began before an instant: until then its collector is at work on it.
    """
    values = {"calls_before": calls_before, "limit": limit + 1}
    where = _FIRST if after is None else _OLDEST
    rows = select(_UNSETTLED + where, values | ({"at": after[0], "id": after[1]} if after else {}))
    page = [_row(*row) for row in rows[:limit]]
    return page, (page[-1].claimed_at, page[-1].delivery_id) if len(rows) > limit else None


def load_unsettled_of(person_id: int, calls_before: datetime) -> list[UnsettledRow]:
    """Those of one person, for the case."""
    values = {"person": person_id, "calls_before": calls_before, "limit": UNSETTLED_MAX}
    return [_row(*row) for row in select(_UNSETTLED + _OF_PERSON + _FIRST, values)]


def _row(*row: Any) -> UnsettledRow:
    *plain, number, lender_id, masked = row
    shown = Masked.open(list_seal(lender_id), masked, plain[0])
    known: tuple[Any, ...] = (*plain, number or "", shown.name)
    return UnsettledRow(*known)


@dataclass(frozen=True, slots=True)
class UnsettledDetail:
    """One of them, with the point that it was for, masked."""

    row: UnsettledRow
    party_role: str
    point: str


_POINT = """
SELECT t.role, o.kind, o.sealed, o.id, p.data_key
FROM permit m JOIN point o ON o.person_id = m.person_id AND o.id = m.point_id
JOIN party t ON t.person_id = m.person_id AND t.id = m.party_id JOIN person p ON p.id = m.person_id
WHERE m.person_id = %(person)s AND m.id = %(permit)s
"""


def access_unsettled(person_id: int, delivery_id: int, calls_before: datetime, view: View) -> UnsettledDetail | None:
    """A delivery without an end that this viewer may see."""
    wanted = {"person": person_id, "id": delivery_id, "calls_before": calls_before}
    for row in select(_UNSETTLED + _ONE, wanted):
        found = _row(*row)
        for role, kind, sealed, point_id, data_key in select(_POINT, {"person": person_id, "permit": found.permit_id}):
            seal: Seal | None = person_seal(data_key) if data_key is not None else None
            point = mask_point(kind, open_point(seal, sealed, point_id), view) if seal is not None else HIDDEN
            return UnsettledDetail(found, role, point)
    return None
