"""What screens read about exports, and by what a file is known again."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.store.exports.taking import code_of
from zhizhi.store.exports.words import HOURS
from zhizhi.store.many import Question, ask
from zhizhi.store.select import select

PAGE = 50
_MARK = re.compile(r"E([0-9]{8,18})-([A-Z2-7]{8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """One file that left."""

    id: int
    kind: str
    data_class: str
    rows: int
    units: int
    recipient: str
    ground: str
    staff: str
    role: str
    taken_at: datetime
    sha256: str
    approved_by: str


_ROWS = """
SELECT e.id, e.kind, e.data_class, e.rows, e.units, e.recipient, e.ground, s.name, e.role, e.taken_at, e.sha256,
    coalesce(r.name, '')
FROM export e JOIN staff s ON s.id = e.staff_id LEFT JOIN approval a ON a.id = e.approval_id
LEFT JOIN staff r ON r.id = a.ruled_by_id
"""
_USED = """
SELECT coalesce(sum(units) FILTER (WHERE approval_id IS NULL), 0), coalesce(sum(units), 0) FROM export
WHERE staff_id = %(staff)s AND taken_at > %(since)s
"""


@dataclass(frozen=True, slots=True)
class Used:
    """Units that somebody took within the last 24 hours: without a second person, and in all."""

    alone: int
    in_all: int


def load_exports(
    after: tuple[datetime, int] | None, *, limit: int = PAGE
) -> tuple[list[ExportedRow], tuple[datetime, int] | None]:
    """A page of exports that the viewer may see, the newest first, and where the next one begins."""
    values: dict[str, Any] = {"limit": limit + 1}
    behind = ""
    if after is not None:
        behind = "WHERE (e.taken_at, e.id) < (%(at)s, %(id)s)"
        values |= {"at": after[0], "id": after[1]}
    found = select(f"{_ROWS} {behind} ORDER BY e.taken_at DESC, e.id DESC LIMIT %(limit)s", values)
    rows = [ExportedRow(*row) for row in found]
    further = (rows[limit - 1].taken_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], further


def load_used(staff_id: int, at: datetime) -> Used:
    """What somebody who looks took within the last 24 hours."""
    since = at - timedelta(hours=HOURS)
    return Used(*map(int, select(_USED, {"staff": staff_id, "since": since})[0]))


def find_marks(text: str) -> tuple[list[int], list[str]]:
    """Exports whose marks stand in a text, and marks whose code is not that of their number."""
    found: dict[int, None] = {}
    forged: dict[str, None] = {}
    for mark in _MARK.finditer(text):
        if code_of(int(mark[1])) == mark[2]:
            found[int(mark[1])] = None
        else:
            forged[mark[0]] = None
    return list(found), list(forged)


def find_exports(ids: Collection[int]) -> list[ExportedRow]:
    """Exports by id, for a command of whoever keeps the installation."""
    return ask(
        Question(
            f"{_ROWS} WHERE e.id = ANY (%s) ORDER BY e.id",
            [list(ids)],
            lambda rows: [ExportedRow(*row) for row in rows],
        )
    )


def find_by_file(sha256: str) -> list[int]:
    """Exports that handed out exactly this file."""
    return ask(Question("SELECT id FROM export WHERE sha256 = %s", [sha256], lambda rows: [row[0] for row in rows]))


def find_by_rows(digests: Collection[bytes]) -> dict[int, int]:
    """How many of these rows each export handed out."""
    asked = "SELECT export_id, count(DISTINCT digest) FROM export_row WHERE digest = ANY (%s) GROUP BY export_id"
    return ask(Question(asked, [list(digests)], dict))


def lender_of_import(file_id: int) -> int | None:
    """Whose file it is, where the viewer sees it; None for one of no lender."""
    rows = select("SELECT lender_id FROM imported_file WHERE id = %(id)s", {"id": file_id})
    return rows[0][0] if rows else None


def lender_of_person(person_id: int) -> int | None:
    """Whose customer it is, where the viewer sees the person."""
    rows = select("SELECT lender_id FROM person WHERE id = %(id)s", {"id": person_id})
    return rows[0][0] if rows else None
