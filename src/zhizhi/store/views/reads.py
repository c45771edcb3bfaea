"""What the audit page reads: who saw whom, when and on which ground; row-level security decides whose persons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.store.keyring import list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select

PAGE = 50
STAFF_MAX = 500
EXPORT_MAX = 100_000


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """What is asked: a person, a member of staff, a ground, a span; None asks nothing of it."""

    person_id: int | None = None
    staff_id: int | None = None
    ground: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view; the name is masked, and empty where the person's data are erased."""

    id: int
    person_id: int
    seen_at: datetime
    quarter_at: datetime
    staff: str
    login: str
    role: str
    ground: str
    name: str
    case_number: str


_ROWS = """
SELECT v.id, v.person_id, v.seen_at, v.quarter_at, s.name, s.login, v.role, v.ground, p.masked, v.lender_id,
    coalesce(c.number, '')
FROM person_view v JOIN staff s ON s.id = v.staff_id LEFT JOIN person p ON p.id = v.person_id
LEFT JOIN LATERAL (SELECT k.number FROM collection_case k WHERE k.person_id = v.person_id
    ORDER BY k.closed_on IS NOT NULL, k.id DESC LIMIT 1) c ON true
WHERE true
"""
_ASKED = {
    "person_id": " AND v.person_id = %(person_id)s",
    "staff_id": " AND v.staff_id = %(staff_id)s",
    "ground": " AND v.ground = %(ground)s",
    "from_at": " AND v.seen_at >= %(from_at)s",
    "until_at": " AND v.seen_at < %(until_at)s",
}
_STAFF = """
SELECT s.id, s.name FROM staff s WHERE %(lender)s::bigint IS NULL OR s.lender_id = %(lender)s OR s.lender_id IS NULL
ORDER BY s.name, s.id LIMIT %(limit)s
"""


def load_views(
    asked: ViewFilter, after: tuple[datetime, int] | None = None, *, limit: int = PAGE
) -> tuple[list[ViewRow], tuple[datetime, int] | None]:
    """A page of views, the newest first, and where the next one begins: as many rows are read as are shown."""
    values: dict[str, Any] = {name: getattr(asked, name) for name in _ASKED if getattr(asked, name) is not None}
    statement = _ROWS + "".join(_ASKED[name] for name in values)
    if after is not None:
        statement += " AND (v.seen_at, v.id) < (%(after_at)s, %(after_id)s)"
        values |= {"after_at": after[0], "after_id": after[1]}
    statement += " ORDER BY v.seen_at DESC, v.id DESC LIMIT %(limit)s"
    rows = [_row(row) for row in select(statement, values | {"limit": limit + 1})]
    further = (rows[limit - 1].seen_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], further


def load_viewers(lender_id: int | None) -> list[tuple[int, str]]:
    """Members of staff by name, for the filter."""
    return [(row[0], row[1]) for row in select(_STAFF, {"lender": lender_id, "limit": STAFF_MAX})]


def _row(row: tuple[Any, ...]) -> ViewRow:
    *plain, masked, lender_id, number = row
    name = Masked.open(list_seal(lender_id), bytes(masked), plain[1]).name if masked is not None else ""
    return ViewRow(*(*plain, name, number))
