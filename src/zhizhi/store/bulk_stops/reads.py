"""What screens read about bulk stops; row-level security decides which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.store.select import select

SHOWN_MAX = 200
COMING_WITHIN = timedelta(hours=24)
"""So long before it begins a stop is announced above the worklist."""


@dataclass(frozen=True, slots=True)
class BulkStopRow:
    """A bulk stop on a screen; an empty lender, agency, product or channel is every one."""

    id: int
    lender_id: int | None
    lender: str
    agency: str
    product: str
    channel: str
    areas: tuple[str, ...]
    from_at: datetime
    until_at: datetime
    reason: str
    ground: str
    counts: Mapping[str, int]
    set_by: str
    set_at: datetime
    lifted_at: datetime | None
    lifted_by: str
    lifted_ground: str
    approval_id: int | None

    def state(self, at: datetime) -> str:
        """`coming`, `standing`, `lifted` or `over`."""
        if self.lifted_at is not None:
            return "lifted"
        if at < self.from_at:
            return "coming"
        return "standing" if at < self.until_at else "over"


_ROWS = """
SELECT b.id, b.lender_id, coalesce(l.name, ''), coalesce(a.name, ''), b.product, b.channel, b.areas::text, b.from_at,
    b.until_at, b.reason, b.ground, b.counts::text, s.name, b.set_at, b.lifted_at, coalesce(u.name, ''),
    b.lifted_ground, b.approval_id
FROM bulk_stop b LEFT JOIN lender l ON l.id = b.lender_id LEFT JOIN agency a ON a.id = b.agency_id
JOIN staff s ON s.id = b.set_by_id LEFT JOIN staff u ON u.id = b.lifted_by_id
WHERE (%(id)s::bigint IS NULL OR b.id = %(id)s)
  AND (%(ends_after)s::timestamptz IS NULL
       OR b.lifted_at IS NULL AND b.until_at > %(ends_after)s AND b.from_at <= %(begins_by)s)
ORDER BY b.lifted_at IS NOT NULL, b.until_at DESC, b.id DESC LIMIT %(limit)s
"""


def load_bulk_stops(stop_id: int | None = None) -> list[BulkStopRow]:
    """Those that the viewer may see, or one of them: what is not over first, for it ends last."""
    return _rows(stop_id, None)


def load_announced(at: datetime) -> list[BulkStopRow]:
    """Those that stand at an instant or begin within a day."""
    return _rows(None, at)


def _rows(stop_id: int | None, at: datetime | None) -> list[BulkStopRow]:
    asked = {"id": stop_id, "ends_after": at, "begins_by": at and at + COMING_WITHIN, "limit": SHOWN_MAX}
    return [_row(list(row)) for row in select(_ROWS, asked)]


def _row(columns: list[Any]) -> BulkStopRow:
    columns[_AREAS], columns[_COUNTS] = tuple(json.loads(columns[_AREAS])), json.loads(columns[_COUNTS])
    return BulkStopRow(*columns)


_AREAS, _COUNTS = BulkStopRow.__slots__.index("areas"), BulkStopRow.__slots__.index("counts")
_RESIDENCE = "SELECT division FROM residence WHERE person_id = %(person)s ORDER BY id DESC LIMIT 1"


def load_residence(person_id: int) -> str | None:
    """The division where somebody lives, as it was recorded last; None where nobody recorded one."""
    rows = select(_RESIDENCE, {"person": person_id})
    return rows[0][0] if rows else None
