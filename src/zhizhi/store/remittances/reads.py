"""What the page of money reads; row-level security decides whose. Words of the sources are shown masked."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.debt.remittance.claims import due_at
from zhizhi.core.debt.remittance.matching import Rule, Source, Unmatched
from zhizhi.core.kernel.masks import View
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import list_seal, product_seal
from zhizhi.store.many import Question, ask
from zhizhi.store.people.rows import Masked, mask_account, mask_name
from zhizhi.store.remittances.models import SEAL, Remittance
from zhizhi.store.remittances.words import BY_PERSON, STATES
from zhizhi.store.select import select

WAITING_MAX = 200
LATEST_MAX = 50
SURPLUS_MAX = 200
_LONG = re.compile(r"[0-9A-Za-z]{7,}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money that waits, for a use case."""

    id: int
    lender_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that stands, for a use case; `surplus_minor`: what of it was neither owed nor refunded."""

    id: int
    person_id: int
    debt_id: int
    lender_id: int
    amount_minor: int
    currency: str
    surplus_minor: int


def load_waiting(remittance_id: int) -> Waiting | None:
    """Money with which nobody has begun."""
    row = Remittance.objects.using("gate").filter(pk=remittance_id, state="unmatched").first()
    return Waiting(row.pk, row.lender_id, row.amount_minor, row.currency) if row is not None else None


_PAID = """
SELECT y.id, y.person_id, y.debt_id, d.lender_id, y.amount_minor, d.currency,
    (y.amount_minor - y.applied_minor - coalesce((
        SELECT sum(f.amount_minor) FROM refund f WHERE f.person_id = y.person_id AND f.payment_id = y.id), 0))::bigint
FROM debt d JOIN payment y ON y.person_id = d.person_id AND y.debt_id = d.id
WHERE d.id = %s AND y.kind = 'payment' AND y.id = %s
  AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.person_id = y.person_id AND r.reverses_id = y.id)
"""


def load_paid(debt_id: int, payment_id: int) -> Paid | None:
    """A payment that was not reversed."""
    rows = ask(Question(_PAID, [debt_id, payment_id], list))
    return Paid(*rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """Money on the page; `payer`, `account` and `remark` masked. `decided`: what named its debt, or who decided."""

    id: int
    lender: str
    source: Text
    amount_minor: int
    currency: str
    arrived_on: date
    recorded_at: datetime
    state: str
    state_text: Text
    why: Text | None
    decided: Text | None
    debt_id: int | None
    payment_id: int | None
    approval_id: int | None
    holds: bool
    payer: str
    account: str
    remark: str


_ROWS = """
SELECT r.id, l.name, r.source, r.amount_minor, r.currency, r.arrived_on, r.recorded_at, r.state, r.why,
    r.rule, r.debt_id, r.payment_id, (SELECT max(a.id) FROM approval a
        WHERE a.act = 'remittance' AND a.state = 'waiting' AND a.request ->> 'remittance' = r.id::text),
    r.stop_id IS NOT NULL, s.name, r.sealed, r.lender_id,
    r.reference_key::text
FROM remittance r JOIN lender l ON l.id = r.lender_id LEFT JOIN staff s ON s.id = r.settled_by_id
WHERE {which} LIMIT %(limit)s
"""
_WAIT = _ROWS.format(which="r.state IN ('unmatched', 'asked') ORDER BY r.arrived_on, r.id")
_LATEST = _ROWS.format(which="r.state NOT IN ('unmatched', 'asked') ORDER BY r.recorded_at DESC, r.id DESC")
_ONE = _ROWS.format(which="r.state IN ('unmatched', 'asked') AND r.id = %(id)s")
_COUNTED = """
SELECT count(*), coalesce(sum(amount_minor), 0)::bigint, min(arrived_on) FROM remittance
WHERE state IN ('unmatched', 'asked')
"""


def load_waiting_rows() -> list[MoneyRow]:
    """What waits, the oldest first."""
    return [_row(*row) for row in select(_WAIT, {"limit": WAITING_MAX})]


def load_latest_rows() -> list[MoneyRow]:
    """What was dealt with, the newest first."""
    return [_row(*row) for row in select(_LATEST, {"limit": LATEST_MAX})]


def access_remittance(remittance_id: int) -> MoneyRow | None:
    """One of the viewer's; None where there is none that waits."""
    rows = select(_ONE, {"limit": 1, "id": remittance_id})
    return _row(*rows[0]) if rows else None


def count_waiting() -> tuple[int, int, date | None]:
    """How much waits: arrivals, their sum in minor units, and the day of the oldest."""
    ((many, minor, oldest),) = select(_COUNTED, {})
    return many, minor, oldest


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Somebody says to have paid, and nobody has answered; `name` masked, `amount_minor` where it was said."""

    person_id: int
    statement_id: int
    number: str
    name: str
    said_at: datetime
    amount_minor: int | None
    has_proof: bool

    @property
    def due_at(self) -> datetime:
        """When somebody has to have looked."""
        return due_at(self.said_at)


_CLAIMS = """
SELECT s.person_id, s.id, c.number, c.masked, c.lender_id, s.at, (s.body ->> 'amount_minor')::bigint,
    coalesce((s.body ->> 'proof')::boolean, false), count(*) OVER ()
FROM statement s JOIN collection_case c ON c.person_id = s.person_id AND c.closed_on IS NULL
WHERE s.kind = 'claims_paid' AND NOT EXISTS (
    SELECT 1 FROM statement w WHERE w.person_id = s.person_id AND w.party_id IS NULL AND w.kind = 'withdraw'
      AND w.body ->> 'of' = 'claims_paid' AND w.at >= s.at
      AND (w.body ->> 'debt' IS NULL OR w.body ->> 'debt' = s.body ->> 'debt')) {which}
ORDER BY s.at, s.id LIMIT %(limit)s
"""


def load_claims() -> tuple[list[ClaimRow], int]:
    """Claims to have paid in open cases that the viewer sees, the oldest first; how many there are."""
    rows = select(_CLAIMS.format(which=""), {"limit": WAITING_MAX})
    return [_claim(*row[:8]) for row in rows], rows[0][8] if rows else 0


def access_claim(person_id: int, statement_id: int) -> ClaimRow | None:
    """One of them; None where the viewer sees none that waits."""
    which = "AND s.person_id = %(person)s AND s.id = %(statement)s"
    rows = select(_CLAIMS.format(which=which), {"limit": 1, "person": person_id, "statement": statement_id})
    return _claim(*rows[0][:8]) if rows else None


def _claim(
    person_id: int,
    statement_id: int,
    number: str,
    masked: bytes,
    lender_id: int,
    said_at: datetime,
    amount_minor: int | None,
    has_proof: bool,
) -> ClaimRow:
    name = Masked.open(list_seal(lender_id), bytes(masked), person_id).name
    return ClaimRow(person_id, statement_id, number, name, said_at, amount_minor, has_proof)


@dataclass(frozen=True, slots=True)
class SurplusRow:
    """What a payment brought beyond what was owed, and is still here."""

    payment_id: int
    lender: str
    debt_id: int
    source: str
    paid_on: date
    amount_minor: int
    surplus_minor: int
    currency: str


def load_surplus() -> tuple[list[SurplusRow], int, int]:
    """Some of what is to be refunded, the oldest first; how many payments and how much it is in all."""
    rows = select("SELECT * FROM zhizhi_surplus(%(limit)s)", {"limit": SURPLUS_MAX})
    return [SurplusRow(*row[:8]) for row in rows], rows[0][8] if rows else 0, int(rows[0][9]) if rows else 0


def masked_words(words: str) -> str:
    """Words of a source; whatever could be a number is masked as an account is."""
    return _LONG.sub(lambda found: mask_account(found[0], View.COLLECTOR), words)


def _row(
    row_id: int,
    lender: str,
    source: str,
    amount_minor: int,
    currency: str,
    arrived_on: date,
    recorded_at: datetime,
    state: str,
    why: str | None,
    rule: str | None,
    debt_id: int | None,
    payment_id: int | None,
    approval_id: int | None,
    holds: bool,
    by: str | None,
    sealed: bytes,
    lender_id: int,
    reference_key: str,
) -> MoneyRow:
    words = product_seal(SEAL).open_json(sealed, f"remittance/{lender_id}/{source}/{reference_key}")
    named = Rule(rule).label if rule is not None and rule != BY_PERSON else None
    return MoneyRow(
        id=row_id,
        lender=lender,
        source=Source(source).label,
        amount_minor=amount_minor,
        currency=currency,
        arrived_on=arrived_on,
        recorded_at=recorded_at,
        state=state,
        state_text=STATES[state],
        why=Unmatched(why).label if why is not None else None,
        decided=Text(by, by) if by is not None else named,
        debt_id=debt_id,
        payment_id=payment_id,
        approval_id=approval_id,
        holds=holds,
        payer=mask_name(words["payer"]) if words["payer"] else "",
        account=mask_account(words["account"], View.COLLECTOR) if words["account"] else "",
        remark=masked_words(words["remark"]),
    )
