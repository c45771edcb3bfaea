"""What pages read of creditors; row-level security decides of which debts. `debts_to_move` is the gate's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections

from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.words import ChangeKind, CreditorKind
from zhizhi.store.select import select

ROWS_MAX = 300


@dataclass(frozen=True, slots=True)
class DebtToMove:
    """A debt that is not settled, as whoever asks for a change finds it."""

    person_id: int
    debt_id: int
    case_number: str
    lender: str
    currency: str
    balance_minor: int


_TO_MOVE = """
SELECT c.person_id, d.id, c.number, l.name, d.currency, d.balance_minor
FROM collection_case c JOIN debt d ON d.person_id = c.person_id JOIN lender l ON l.id = c.lender_id
WHERE c.lender_id = %s AND c.number = ANY (%s) AND d.state <> 'settled' ORDER BY c.id, d.id
"""


def debts_to_move(lender_id: int, case_numbers: Sequence[str]) -> list[DebtToMove]:
    """The debts of these cases of a lender that are not settled."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_TO_MOVE, [lender_id, list(case_numbers)])
        return [DebtToMove(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class CreditorRow:
    """An institution of the register."""

    id: int
    lender: str
    name: str
    kind: CreditorKind
    pay_to: str
    debts: int


_CREDITORS = """
SELECT r.id, l.name, r.name, r.kind, r.pay_to,
    (SELECT count(DISTINCT (h.person_id, h.change_id)) FROM creditor_holding h WHERE h.creditor_id = r.id)
FROM creditor r JOIN lender l ON l.id = r.lender_id ORDER BY l.name, r.name, r.id LIMIT %(limit)s
"""


def load_creditors() -> list[CreditorRow]:
    """The creditors of the viewer's lenders."""
    rows = select(_CREDITORS, {"limit": ROWS_MAX})
    return [_creditor((*row[:3], CreditorKind(row[3]), *row[4:])) for row in rows]


def _creditor(known: tuple[Any, ...]) -> CreditorRow:
    return CreditorRow(*known)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of a debt, the last one first; `holdings`: name, way to pay, amount, cap of each creditor."""

    id: int
    debt_id: int
    case_number: str
    kind: ChangeKind
    on: date
    basis: str
    currency: str
    at: datetime
    asked_by_id: int
    asked_by: str
    holdings: tuple[tuple[str, str, int, int], ...]
    served_on: date | None
    how: Served | None
    evidence: str
    proved_by: str
    is_last: bool

    @property
    def is_unnoticed(self) -> bool:
        """Whether nobody may be contacted about the debt because of it."""
        return self.is_last and self.served_on is None


_CHANGES = """
SELECT c.id, c.debt_id, coalesce((SELECT k.number FROM collection_case k WHERE k.person_id = c.person_id
        ORDER BY k.closed_on IS NULL DESC, k.opened_on DESC, k.id DESC LIMIT 1), ''),
    c.kind, c.on_day, c.basis, d.currency, c.at, c.asked_by_id, coalesce(a.name, ''),
    (SELECT json_agg(json_build_array(coalesce(r.name, l.name), coalesce(r.pay_to, ''), h.amount_minor,
            h.amount_minor + h.allowed_minor) ORDER BY h.place)::text
     FROM creditor_holding h LEFT JOIN creditor r ON r.id = h.creditor_id
     WHERE h.person_id = c.person_id AND h.change_id = c.id),
    t.served_on, t.how, coalesce(t.evidence, ''), coalesce(b.name, ''),
    NOT EXISTS (SELECT 1 FROM creditor_change n WHERE n.person_id = c.person_id AND n.debt_id = c.debt_id AND n.n > c.n)
FROM creditor_change c JOIN debt d ON d.person_id = c.person_id AND d.id = c.debt_id
JOIN lender l ON l.id = c.lender_id
LEFT JOIN creditor_notice t ON t.person_id = c.person_id AND t.change_id = c.id
LEFT JOIN staff a ON a.id = c.asked_by_id LEFT JOIN staff b ON b.id = t.by_id
"""


def load_changes_of(person_id: int) -> list[ChangeRow]:
    """All changes of a person's debts."""
    asked = f"{_CHANGES} WHERE c.person_id = %(person)s ORDER BY c.debt_id, c.n DESC LIMIT %(limit)s"
    return [_change(row) for row in select(asked, {"person": person_id, "limit": ROWS_MAX})]


def load_unnoticed() -> list[ChangeRow]:
    """Changes that wait for their notice, of all that the viewer sees, the oldest first."""
    asked = f"{_CHANGES} WHERE t.id IS NULL ORDER BY c.at, c.id LIMIT %(limit)s"
    return [row for row in map(_change, select(asked, {"limit": ROWS_MAX})) if row.is_unnoticed]


def _change(row: tuple[Any, ...]) -> ChangeRow:
    holdings = tuple(tuple(one) for one in json.loads(row[10]))
    how = Served(row[12]) if row[12] else None
    known: tuple[Any, ...] = (*row[:3], ChangeKind(row[3]), *row[4:10], holdings, row[11], how, *row[13:])
    return ChangeRow(*known)
