"""What screens read of settlements: who said how a contact ended, and the proof."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhizhi.store.keyring import list_seal, person_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select
from zhizhi.store.settlements.rows import open_file, open_reference

SETTLEMENTS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One settlement; `name` is masked, `reference` opened."""

    id: int
    person_id: int
    delivery_id: int
    channel: str
    claimed_at: datetime
    has_left: bool
    outcome: str | None
    ground: str
    file_kind: str
    settled_at: datetime
    settled_by: str
    case_number: str
    name: str
    reference: str = field(repr=False)


_SETTLEMENTS = """
SELECT x.id, x.person_id, x.delivery_id, d.channel, d.claimed_at, x.has_left, x.outcome, x.ground, x.file_kind,
    x.settled_at, coalesce(s.name, ''),
    (SELECT c.number FROM collection_case c WHERE c.person_id = x.person_id
        ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1),
    p.lender_id, p.masked, p.data_key, x.sealed_reference
FROM settlement x
JOIN delivery d ON d.person_id = x.person_id AND d.id = x.delivery_id
JOIN person p ON p.id = x.person_id
LEFT JOIN staff s ON s.id = x.settled_by_id
WHERE %(at)s::timestamptz IS NULL OR (x.settled_at, x.id) < (%(at)s, %(id)s)
ORDER BY x.settled_at DESC, x.id DESC LIMIT %(limit)s
"""


def load_settlements(
    after: tuple[datetime, int] | None,
) -> tuple[list[SettlementRow], tuple[datetime, int] | None]:
    """One page of settlements, the newest first, and where the next page begins."""
    values = {"at": after[0] if after else None, "id": after[1] if after else None, "limit": SETTLEMENTS_PER_PAGE + 1}
    rows = [_row(*row) for row in select(_SETTLEMENTS, values)]
    page = rows[:SETTLEMENTS_PER_PAGE]
    return page, (page[-1].settled_at, page[-1].id) if len(rows) > SETTLEMENTS_PER_PAGE else None


def _row(*row: Any) -> SettlementRow:
    *plain, number, lender_id, masked, data_key, sealed = row
    shown = Masked.open(list_seal(lender_id), masked, plain[1])
    reference = open_reference(person_seal(data_key), sealed, plain[0]) if data_key is not None else "*"
    known: tuple[Any, ...] = (*plain, number or "", shown.name, reference)
    return SettlementRow(*known)


def access_proof(person_id: int, delivery_id: int) -> tuple[str, bytes] | None:
    """The kind and the bytes of the file of a settlement that this viewer may see."""
    sql = (
        "SELECT x.id, x.file_kind, x.sealed_file, p.data_key FROM settlement x JOIN person p ON p.id = x.person_id"
        " WHERE x.person_id = %(person)s AND x.delivery_id = %(id)s AND x.sealed_file IS NOT NULL"
    )
    for settlement_id, kind, sealed, data_key in select(sql, {"person": person_id, "id": delivery_id}):
        return (kind, open_file(person_seal(data_key), sealed, settlement_id)) if data_key is not None else None
    return None
