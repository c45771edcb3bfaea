"""What screens read about requests that take two persons; row-level security decides which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.select import document, select

WAITING_MAX = 200
RULED_MAX = 50
OWN_MAX = 20


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One request; `lender` is empty where it is of the whole installation."""

    id: int
    act: str
    lender: str
    about: str
    about_id: int | None
    request: Mapping[str, Any]
    digest: str
    ground: str
    asked_by: str
    asked_by_id: int
    asked_at: datetime
    expires_at: datetime
    state: str
    ruled_by: str
    ruled_at: datetime | None
    remark: str
    executed_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether somebody may still rule on it, or use it."""
        return self.state in ("waiting", "approved") and at < self.expires_at


_ROWS = """
SELECT a.id, a.act, coalesce(l.name, ''), coalesce(s.name, ''), a.about_staff_id, a.request::text, a.digest, a.ground,
    b.name, a.asked_by_id, a.asked_at, a.expires_at, a.state, coalesce(r.name, ''), a.ruled_at, a.remark, a.executed_at
FROM approval a JOIN staff b ON b.id = a.asked_by_id LEFT JOIN lender l ON l.id = a.lender_id
LEFT JOIN staff s ON s.id = a.about_staff_id LEFT JOIN staff r ON r.id = a.ruled_by_id
"""
_WAITING = (
    _ROWS
    + """
WHERE a.state IN ('waiting', 'approved') AND a.expires_at > %(at)s ORDER BY a.asked_at, a.id LIMIT %(limit)s
"""
)
_ENDED = (
    _ROWS
    + """
WHERE a.state NOT IN ('waiting', 'approved') OR a.expires_at <= %(at)s ORDER BY a.asked_at DESC, a.id DESC
LIMIT %(limit)s
"""
)
_OWN = (
    _ROWS
    + """
WHERE a.act = %(act)s AND a.asked_by_id = %(staff)s ORDER BY a.asked_at DESC, a.id DESC LIMIT %(limit)s
"""
)
_ONE = _ROWS + "WHERE a.id = %(id)s"


def load_waiting(at: datetime) -> list[ApprovalRow]:
    """What waits for a ruling, or approved for whoever asked; the oldest first."""
    return [_row(row) for row in select(_WAITING, {"at": at, "limit": WAITING_MAX})]


def load_ended(at: datetime) -> list[ApprovalRow]:
    """What was ruled on, carried out, taken back or is over; the newest first."""
    return [_row(row) for row in select(_ENDED, {"at": at, "limit": RULED_MAX})]


def load_own(act: str, staff_id: int) -> list[ApprovalRow]:
    """What somebody asked for themselves of one act; the newest first."""
    return [_row(row) for row in select(_OWN, {"act": act, "staff": staff_id, "limit": OWN_MAX})]


def access_approval(approval_id: int) -> ApprovalRow | None:
    """One request, where the viewer may see it."""
    rows = select(_ONE, {"id": approval_id})
    return _row(rows[0]) if rows else None


def _row(row: tuple[Any, ...]) -> ApprovalRow:
    return ApprovalRow(*(*row[:5], document(row[5]), *row[6:]))
