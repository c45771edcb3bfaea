"""What the page of differences reads; row-level security decides whose. Accounts are shown masked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.masks import View
from zhizhi.store.core_differences.models import SEAL
from zhizhi.store.keyring import product_seal
from zhizhi.store.people.rows import mask_account
from zhizhi.store.select import select

ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference; `change_minor`: what the core says beyond what we say, negative where it is less."""

    id: int
    lender: str
    case_number: str
    as_of_on: date
    differs: str
    currency: str
    ours_minor: int | None
    core_minor: int
    core_closed: bool
    found_at: datetime
    state: str
    holds: bool
    settled_at: datetime | None
    settled_by: str
    ground: str
    approval_id: int | None
    account: str

    @property
    def change_minor(self) -> int:
        """Of an account that is not ours: all that the core says."""
        return self.core_minor - (self.ours_minor or 0)

    @property
    def is_lower(self) -> bool:
        """Whether the core says less."""
        return self.change_minor < 0

    @property
    def apart_minor(self) -> int:
        """How far the two are apart."""
        return abs(self.change_minor)


_ROWS = """
SELECT c.id, l.name, coalesce((SELECT k.number FROM collection_case k WHERE k.person_id = c.person_id
        ORDER BY k.closed_on IS NULL DESC, k.opened_on DESC, k.id DESC LIMIT 1), ''),
    c.as_of_on, c.differs, c.currency, c.ours_minor, c.core_minor, c.core_closed, c.found_at, c.state,
    c.stop_id IS NOT NULL, c.settled_at, coalesce(s.name, ''), c.ground,
    (SELECT max(a.id) FROM approval a WHERE a.act = 'core_difference' AND a.state = 'waiting'
        AND a.request ->> 'difference' = c.id::text),
    c.sealed, c.lender_id, c.account_key::text
FROM core_difference c JOIN lender l ON l.id = c.lender_id LEFT JOIN staff s ON s.id = c.settled_by_id
WHERE {which} LIMIT %(limit)s
"""
_WAITING = _ROWS.format(which="c.state IN ('open', 'asked_core') ORDER BY c.found_at, c.id")
_ENDED = _ROWS.format(which="c.state NOT IN ('open', 'asked_core') ORDER BY c.settled_at DESC, c.id DESC")
_ONE = _ROWS.format(which="c.state IN ('open', 'asked_core') AND c.id = %(id)s")
_COUNTED = """
SELECT count(*),
    coalesce(sum(core_minor - coalesce(ours_minor, 0)) FILTER (WHERE core_minor > coalesce(ours_minor, 0)), 0)::bigint,
    coalesce(sum(ours_minor - core_minor) FILTER (WHERE core_minor < ours_minor), 0)::bigint
FROM core_difference WHERE state IN ('open', 'asked_core')
"""


def load_waiting() -> list[DifferenceRow]:
    """What waits, the oldest first."""
    return _rows(_WAITING)


def load_ended() -> list[DifferenceRow]:
    """What was settled, the newest first."""
    return _rows(_ENDED)


def access_difference(difference_id: int) -> DifferenceRow | None:
    """One that waits; None where the viewer sees none."""
    found = _rows(_ONE, id=difference_id)
    return found[0] if found else None


def count_waiting() -> tuple[int, int, int]:
    """How many wait, how much more and how much less the core says in all, in minor units."""
    ((many, more, less),) = select(_COUNTED, {})
    return many, more, less


def _rows(sql: str, **values: object) -> list[DifferenceRow]:
    found = []
    for row in select(sql, {**values, "limit": ROWS_MAX}):
        sealed, lender_id, key = row[-3:]
        account = product_seal(SEAL).open(sealed, f"core_difference/{lender_id}/{key}").decode()
        known: tuple[Any, ...] = (*row[:-3], mask_account(account, View.COLLECTOR))
        found.append(DifferenceRow(*known))
    return found
