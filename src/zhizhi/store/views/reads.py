"""What the audit page reads: who saw whom, when and on which ground; row-level security decides whose persons.

Three ways of seeing are told in one list: pages of a person that were opened, values that were shown in the clear, and
files that were taken away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.exports.words import Kind
from zhizhi.store.keyring import list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select
from zhizhi.store.unmasking.grounds import GROUNDS as UNMASKING_GROUNDS
from zhizhi.store.unmasking.grounds import Ground
from zhizhi.store.views.grounds import GROUNDS

PAGE = 50
STAFF_MAX = 500
COUNTED_MAX = 10_000
VIEW, CLEAR, EXPORT = "view", "clear", "export"
WAYS: Mapping[str, Text] = {
    VIEW: Text("打开客户页面", "opened pages"),
    CLEAR: Text("查看明文", "saw a value in the clear"),
    EXPORT: Text("导出文件", "took a file"),
}
OF_CLEAR = "clear:"  # before the code of a ground on which a clear value was shown
ALL_GROUNDS: Mapping[str, Text] = {
    **GROUNDS,
    **{f"{OF_CLEAR}{ground}": terms.text for ground, terms in UNMASKING_GROUNDS.items()},
}


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """What is asked: a person, a member of staff, a ground, a way of seeing, a span; None asks nothing of it."""

    person_id: int | None = None
    staff_id: int | None = None
    ground: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    way: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the span has no beginning or no end that somebody named."""
        return self.from_at is None or self.until_at is None


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view; the name is masked, and empty where the person's data are erased or it is about no one of the book."""

    id: int
    person_id: int | None
    seen_at: datetime
    way: str
    role: str
    ground: str
    what: str
    staff: str
    login: str
    name: str
    case_number: str

    @property
    def ground_text(self) -> Text:
        """The ground in words; of a file that was taken, as it was written."""
        if self.way == EXPORT:
            return Text(self.ground, self.ground)
        if self.way == CLEAR:
            return Ground(self.ground).text
        return GROUNDS[self.ground]

    @property
    def what_text(self) -> Text:
        """What was seen."""
        return Kind(self.what).text if self.way == EXPORT else _WHATS.get(self.what, WAYS[self.way])


_WHATS = {
    "name": Text("姓名", "name"),
    "id_number": Text("证件号码", "identity number"),
    "point": Text("联系方式", "point of contact"),
    "account": Text("账号", "account number"),
}


@dataclass(frozen=True, slots=True)
class _Way:
    """A table of one way of seeing: its columns for id, person, instant, staff, role, ground, what."""

    columns: str
    table: str
    at: str


_TABLES = {
    VIEW: _Way("t.id, t.person_id, t.seen_at, 'view', t.staff_id, t.role, t.ground, ''", "person_view", "seen_at"),
    CLEAR: _Way("t.id, t.person_id, t.at, 'clear', t.staff_id, t.role, t.ground, t.what", "unmasking", "at"),
    EXPORT: _Way("t.id, t.person_id, t.taken_at, 'export', t.staff_id, t.role, t.ground, t.kind", "export", "taken_at"),
}
_SHOWN = """
SELECT v.id, v.person_id, v.at, v.way, v.role, v.ground, v.what, s.name, s.login, p.masked, p.lender_id,
    coalesce(c.number, '')
FROM ({found}) v (id, person_id, at, way, staff_id, role, ground, what)
JOIN staff s ON s.id = v.staff_id LEFT JOIN person p ON p.id = v.person_id
LEFT JOIN LATERAL (SELECT k.number FROM collection_case k WHERE k.person_id = v.person_id
    ORDER BY k.closed_on IS NOT NULL, k.id DESC LIMIT 1) c ON true
ORDER BY v.at DESC, v.id DESC LIMIT %(limit)s
"""
_STAFF = """
SELECT s.id, s.name FROM staff s WHERE %(lender)s::bigint IS NULL OR s.lender_id = %(lender)s OR s.lender_id IS NULL
ORDER BY s.name, s.id LIMIT %(limit)s
"""


def load_views(
    asked: ViewFilter, after: tuple[datetime, int] | None = None, *, limit: int = PAGE
) -> tuple[list[ViewRow], tuple[datetime, int] | None]:
    """A page of views, the newest first, and where the next one begins: of each way as many rows are read as are
    shown."""
    values = _values(asked) | {"limit": limit + 1}
    if after is not None:
        values |= {"after_at": after[0], "after_id": after[1]}
    parts = [
        f"({_part(way, asked, behind=after is not None)} ORDER BY t.{_TABLES[way].at} DESC, t.id DESC LIMIT %(limit)s)"
        for way in _ways(asked)
    ]
    if not parts:
        return [], None
    rows = [_row(row) for row in select(_SHOWN.format(found=" UNION ALL ".join(parts)), values)]
    further = (rows[limit - 1].seen_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], further


def count_views(asked: ViewFilter) -> dict[str, int]:
    """How many of each way of seeing; `COUNTED_MAX` + 1 says that there are more."""
    values, counted = _values(asked) | {"most": COUNTED_MAX + 1}, {}
    for way in _ways(asked):
        ((counted[way],),) = select(f"SELECT count(*) FROM ({_part(way, asked)} LIMIT %(most)s) n", values)
    return counted


def load_viewers(lender_id: int | None) -> list[tuple[int, str]]:
    """Members of staff by name, for the filter."""
    return [(row[0], row[1]) for row in select(_STAFF, {"lender": lender_id, "limit": STAFF_MAX})]


def _ways(asked: ViewFilter) -> list[str]:
    """The ways of seeing that may answer; a ground belongs to one of them."""
    of_ground = None if asked.ground is None else CLEAR if asked.ground.startswith(OF_CLEAR) else VIEW
    return [way for way in _TABLES if asked.way in (None, way) and of_ground in (None, way)]


def _part(way: str, asked: ViewFilter, *, behind: bool = False) -> str:
    table = _TABLES[way]
    conditions = {
        "t.person_id = %(person_id)s": asked.person_id,
        "t.staff_id = %(staff_id)s": asked.staff_id,
        "t.ground = %(ground)s": asked.ground,
        f"t.{table.at} >= %(from_at)s": asked.from_at,
        f"t.{table.at} < %(until_at)s": asked.until_at,
        f"(t.{table.at}, t.id) < (%(after_at)s, %(after_id)s)": behind or None,
    }
    where = " AND ".join(condition for condition, value in conditions.items() if value is not None) or "true"
    return f"SELECT {table.columns} FROM {table.table} t WHERE {where}"


def _values(asked: ViewFilter) -> dict[str, Any]:
    ground = asked.ground.removeprefix(OF_CLEAR) if asked.ground is not None else None
    return {
        "person_id": asked.person_id,
        "staff_id": asked.staff_id,
        "ground": ground,
        "from_at": asked.from_at,
        "until_at": asked.until_at,
    }


def _row(row: tuple[Any, ...]) -> ViewRow:
    *plain, masked, lender_id, number = row
    name = Masked.open(list_seal(lender_id), bytes(masked), plain[1]).name if masked is not None else ""
    return ViewRow(*(*plain, name, number))
