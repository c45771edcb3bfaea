"""What screens read about agreements; row-level security decides which."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.select import select

RELIEFS_MAX = 200
GIVEN_MAX = 20_000


@dataclass(frozen=True, slots=True)
class ReliefRow:
    """One agreement."""

    id: int
    person_id: int
    case_number: str
    debt_id: int
    catalogue: str
    offer: str
    kind: str
    months: int
    product: str
    days_past_due: int
    hardship: bool
    currency: str
    standing_minor: int
    waived_minor: int
    due_minor: int
    received_minor: int
    posted_minor: int
    level: int
    state: str
    proposed_by: str
    proposed_at: datetime
    ground: str
    approval_id: int | None
    valid_until_on: date
    ends_on: date | None
    ended_on: date | None
    parts: tuple[tuple[str, int, int], ...]
    lines: tuple[tuple[int, date, int], ...]

    @property
    def left_minor(self) -> int:
        """What has still to arrive."""
        return self.due_minor - self.received_minor


_ROWS = """
SELECT r.id, r.person_id,
    coalesce((SELECT c.number FROM collection_case c WHERE c.person_id = r.person_id
              ORDER BY c.closed_on IS NULL DESC, c.opened_on DESC, c.id DESC LIMIT 1), ''),
    r.debt_id, r.catalogue, r.offer, r.kind, r.months, r.product, r.days_past_due, r.hardship, r.currency,
    r.standing_minor, r.waived_minor, r.due_minor, r.received_minor, r.posted_minor, r.level, r.state,
    coalesce(s.name, ''), r.proposed_at, r.ground,
    coalesce(r.approval_id, (SELECT a.id FROM approval a WHERE a.act IN ('relief', 'relief_by_head')
        AND a.lender_id = r.lender_id AND a.request ->> 'relief' = r.id::text ORDER BY a.id DESC LIMIT 1)),
    r.valid_until_on, r.ends_on, r.ended_on,
    (SELECT array_agg(p.component || ' ' || p.standing_minor || ' ' || p.waived_minor ORDER BY p.id) FROM relief_part p
     WHERE p.person_id = r.person_id AND p.relief_id = r.id),
    (SELECT array_agg(l.n || ' ' || l.due_on || ' ' || l.amount_minor ORDER BY l.n) FROM relief_line l
     WHERE l.person_id = r.person_id AND l.relief_id = r.id)
FROM relief r LEFT JOIN staff s ON s.id = r.proposed_by_id
"""
_OF_PERSON = _ROWS + "WHERE r.person_id = %(person)s ORDER BY r.proposed_at DESC, r.id DESC LIMIT %(limit)s"
_OPEN = (
    _ROWS
    + """
WHERE r.lender_id = %(lender)s AND r.state IN ('proposed', 'approved', 'given', 'accepted')
ORDER BY r.ends_on, r.id LIMIT %(limit)s
"""
)
_ENDED = (
    _ROWS
    + """
WHERE r.lender_id = %(lender)s AND r.ended_on >= %(since)s ORDER BY r.ended_on DESC, r.id DESC LIMIT %(limit)s
"""
)
_GIVEN = """
SELECT r.catalogue, r.product, r.days_past_due, r.hardship, r.offer || '.' || r.months FROM relief r
WHERE r.lender_id = %(lender)s AND r.given_at >= %(since)s ORDER BY r.given_at DESC LIMIT %(limit)s
"""


def load_reliefs_of(person_id: int) -> list[ReliefRow]:
    """All of a person, the newest first."""
    return _rows(_OF_PERSON, person=person_id)


def load_open_reliefs(lender_id: int) -> list[ReliefRow]:
    """Those under way, what ends first first."""
    return _rows(_OPEN, lender=lender_id)


def load_ended_reliefs(lender_id: int, since: date) -> list[ReliefRow]:
    """Those that ended from a day on, the latest first."""
    return _rows(_ENDED, lender=lender_id, since=since)


def load_given(lender_id: int, since: datetime) -> list[tuple[str, str, int, bool, str]]:
    """Catalogue, product, age, hardship and choice of every offer that was given since."""
    values = {"lender": lender_id, "since": since, "limit": GIVEN_MAX}
    return [(row[0], row[1], row[2], row[3], row[4]) for row in select(_GIVEN, values)]


def _rows(sql: str, **values: Any) -> list[ReliefRow]:
    return [_row(row) for row in select(sql, {**values, "limit": RELIEFS_MAX})]


def _row(row: tuple[Any, ...]) -> ReliefRow:
    parts = tuple(_part(*written.split()) for written in row[-2] or ())
    lines = tuple(_line(*written.split()) for written in row[-1] or ())
    return ReliefRow(*(*row[:-2], parts, lines))


def _part(component: str, standing: str, waived: str) -> tuple[str, int, int]:
    return component, int(standing), int(waived)


def _line(n: str, due_on: str, amount: str) -> tuple[int, date, int]:
    return int(n), date.fromisoformat(due_on), int(amount)
