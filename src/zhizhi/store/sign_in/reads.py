"""What screens show of sign-in, below row-level security: one's own, and the lender's for whoever sees it all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.select import select
from zhizhi.store.sign_in.endings import locked_members

SESSIONS_MAX = 50
ACTS_MAX = 20
MEMBERS_MAX = 50


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that stands."""

    id: int
    device_id: int
    device: str
    proof: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    is_new_device: bool


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A standing factor."""

    id: int
    kind: str
    label: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A known device."""

    id: int
    label: str
    first_seen_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class ActRow:
    """What was done, by whom."""

    kind: str
    by: str
    ground: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WayIn:
    """Everything about one member's sign-in."""

    sessions: tuple[SessionRow, ...]
    factors: tuple[FactorRow, ...]
    devices: tuple[DeviceRow, ...]
    codes_left: int
    acts: tuple[ActRow, ...]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member in the list."""

    id: int
    login: str
    name: str
    role: str
    is_active: bool
    sessions: int
    seen_at: datetime | None
    factors: tuple[str, ...]
    is_locked: bool


_SESSIONS = """
SELECT s.id, s.device_id, d.label, s.proof, s.started_at, s.seen_at, s.ends_at, d.noticed_at IS NULL
FROM staff_session s JOIN staff_device d ON d.id = s.device_id
WHERE s.staff_id = %(staff)s AND s.ended_at IS NULL AND s.ends_at > %(at)s ORDER BY s.seen_at DESC LIMIT %(limit)s
"""
_FACTORS = """
SELECT id, kind, label, added_at, used_at FROM second_factor
WHERE staff_id = %(staff)s AND ended_at IS NULL ORDER BY id LIMIT %(limit)s
"""
_DEVICES = """
SELECT id, label, first_seen_at, noticed_at IS NULL FROM staff_device
WHERE staff_id = %(staff)s AND forgotten_at IS NULL ORDER BY id DESC LIMIT %(limit)s
"""
_CODES = "SELECT count(*) FROM recovery_code WHERE staff_id = %(staff)s AND used_at IS NULL AND void_at IS NULL"
_ACTS = """
SELECT a.kind, m.name, a.ground, a.at FROM sign_in_act a JOIN staff m ON m.id = a.by_id
WHERE a.staff_id = %(staff)s ORDER BY a.at DESC, a.id DESC LIMIT %(acts)s
"""


def load_way_in(staff_id: int, at: datetime) -> WayIn:
    """One member's sessions, factors, devices and what was done; within `reading`."""
    values = {"staff": staff_id, "at": at, "limit": SESSIONS_MAX, "acts": ACTS_MAX}
    return WayIn(
        sessions=tuple(SessionRow(*row) for row in select(_SESSIONS, values)),
        factors=tuple(FactorRow(*row) for row in select(_FACTORS, values)),
        devices=tuple(DeviceRow(*row) for row in select(_DEVICES, values)),
        codes_left=int(select(_CODES, values)[0][0]),
        acts=tuple(ActRow(*row) for row in select(_ACTS, values)),
    )


_MEMBERS = """
SELECT m.id, m.login, m.name, m.role, m.is_active,
    (SELECT count(*) FROM staff_session s WHERE s.staff_id = m.id AND s.ended_at IS NULL AND s.ends_at > %(at)s),
    (SELECT max(s.seen_at) FROM staff_session s WHERE s.staff_id = m.id),
    ARRAY(SELECT f.kind FROM second_factor f WHERE f.staff_id = m.id AND f.ended_at IS NULL ORDER BY f.id)
FROM staff m
WHERE (%(lender)s::bigint IS NULL OR m.lender_id = %(lender)s)
  AND (%(id)s::bigint IS NULL OR m.id = %(id)s) AND m.login > %(after)s
  AND (%(q)s = '' OR strpos(lower(m.login), lower(%(q)s)) > 0 OR strpos(m.name, %(q)s) > 0)
ORDER BY m.login LIMIT %(limit)s
"""


def load_members(lender_id: int | None, q: str, after: str, at: datetime) -> tuple[list[MemberRow], str | None]:
    """A page of members by login, and where the next one begins; within `reading`."""
    rows = _members(lender_id, at, q=q, after=after)
    return rows[:MEMBERS_MAX], rows[MEMBERS_MAX - 1].login if len(rows) > MEMBERS_MAX else None


def access_member(lender_id: int | None, staff_id: int, at: datetime) -> MemberRow | None:
    """One member that this viewer looks after; within `reading`."""
    return next(iter(_members(lender_id, at, staff_id=staff_id)), None)


def _members(
    lender_id: int | None, at: datetime, *, q: str = "", after: str = "", staff_id: int | None = None
) -> list[MemberRow]:
    values = {"lender": lender_id, "id": staff_id, "q": q, "after": after, "at": at, "limit": MEMBERS_MAX + 1}
    found = select(_MEMBERS, values)
    locked = locked_members((row[0], row[1]) for row in found)
    return [_member_row(row, is_locked=row[0] in locked) for row in found]


def _member_row(row: tuple[Any, ...], *, is_locked: bool) -> MemberRow:
    staff_id, login, name, role, is_active, sessions, seen_at, factors = row
    return MemberRow(staff_id, login, name, role, is_active, sessions, seen_at, tuple(factors), is_locked)
