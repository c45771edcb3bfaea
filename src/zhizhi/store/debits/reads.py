"""What screens read about direct debits; row-level security decides which. Of an account they show its last digits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.keyring import person_seal
from zhizhi.store.select import select

MANDATES_MAX = 20
ATTEMPTS_MAX = 100


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate; `tail` is empty for an erased person. `approval_id`: that waits, or put it in force."""

    id: int
    debt_id: int
    signed_on: date
    signed_how: str
    currency: str
    limit_debit_minor: int
    limit_day_minor: int
    income_minor: int | None
    from_on: date
    until_on: date | None
    state: str
    recorded_by: str
    recorded_at: datetime
    approval_id: int | None
    ended_at: datetime | None
    ended_ground: str
    reserve_minor: int
    tail: str


_MANDATES = """
SELECT m.id, m.debt_id, m.signed_on, m.signed_how, m.currency, m.limit_debit_minor, m.limit_day_minor, m.income_minor,
    m.from_on, m.until_on, m.state, coalesce(s.name, ''), m.recorded_at,
    coalesce(m.approval_id, (SELECT max(a.id) FROM approval a WHERE a.act = 'debit' AND a.state = 'waiting'
        AND a.request ->> 'mandate' = m.id::text)),
    m.ended_at, m.ended_ground, zhizhi_living_reserve(m.lender_id, %(on)s), p.data_key, m.sealed
FROM debit_mandate m JOIN person p ON p.id = m.person_id LEFT JOIN staff s ON s.id = m.recorded_by
WHERE m.person_id = %(person)s ORDER BY m.ended_at IS NOT NULL, m.recorded_at DESC LIMIT %(limit)s
"""


def load_mandates(person_id: int, on: date) -> list[MandateRow]:
    """All of a person, those that stand first."""
    found = []
    for row in select(_MANDATES, {"person": person_id, "on": on, "limit": MANDATES_MAX}):
        key, sealed = row[-2:]
        secrets = person_seal(key).open_json(sealed, f"debit_mandate/{row[0]}") if key is not None else {}
        known: tuple[Any, ...] = (*row[:-2], secrets.get("tail", ""))
        found.append(MandateRow(*known))
    return found


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An order. `is_late`: no result in its time; `is_reversed`: the payment that it brought was reversed."""

    id: int
    person_id: int
    case_number: str
    debt_id: int
    number: str
    on: date
    due_on: date
    of_plan: bool
    amount_minor: int
    currency: str
    state: str
    result_by: date | None
    failure: str | None
    again_on: date | None
    looked_at: datetime | None
    ground: str
    payment_id: int | None
    is_reversed: bool
    batch_id: int | None
    approval_id: int | None

    def is_late(self, on: date) -> bool:
        """Whether its day has passed without a result."""
        return self.state == "handed_over" and self.result_by is not None and self.result_by < on

    @property
    def waits(self) -> bool:
        """Whether a person has to look at its failure."""
        is_open = self.again_on is None and self.looked_at is None
        return is_open and self.state in ("failed", "charged_back")


_ATTEMPTS = """
SELECT a.id, a.person_id,
    coalesce((SELECT c.number FROM collection_case c WHERE c.person_id = a.person_id
              ORDER BY c.closed_on IS NULL DESC, c.opened_on DESC, c.id DESC LIMIT 1), ''),
    a.debt_id, a.number, a."on", a.due_on, a.relief_id IS NOT NULL, a.amount_minor, a.currency, a.state, a.result_by,
    a.failure, a.again_on, a.looked_at, a.ground, r.payment_id, coalesce(r.state = 'reversed', false), a.batch_id,
    (SELECT max(p.id) FROM approval p WHERE p.act = 'debit' AND p.state = 'waiting'
        AND p.request ->> 'attempt' = a.id::text)
FROM debit_attempt a LEFT JOIN remittance r ON r.id = a.remittance_id
WHERE {which} LIMIT %(limit)s
"""
_OF_PERSON = _ATTEMPTS.format(which="a.person_id = %(person)s ORDER BY a.id DESC")
_WAITING = _ATTEMPTS.format(
    which="""(a.state = 'handed_over' AND a.result_by < %(on)s
    OR a.state IN ('failed', 'charged_back') AND a.again_on IS NULL AND a.looked_at IS NULL
       AND r.state IS DISTINCT FROM 'reversed') ORDER BY a.id"""
)
_OPEN = _ATTEMPTS.format(which="a.state IN ('planned', 'handed_over') ORDER BY a.id")
_ENDED = _ATTEMPTS.format(which="a.ended_at IS NOT NULL ORDER BY a.ended_at DESC, a.id DESC")
_ONE = _ATTEMPTS.format(which="a.id = %(id)s")


def load_attempts_of(person_id: int) -> list[AttemptRow]:
    """All of a person, the newest first."""
    return _rows(_OF_PERSON, person=person_id)


def load_waiting_attempts(on: date) -> list[AttemptRow]:
    """Orders that a person has to look at, the oldest first."""
    return _rows(_WAITING, on=on)


def load_open_attempts() -> list[AttemptRow]:
    """Orders that are planned or under way, the oldest first."""
    return _rows(_OPEN)


def load_ended_attempts() -> list[AttemptRow]:
    """Orders that have ended, the newest first."""
    return _rows(_ENDED)


def access_attempt(attempt_id: int) -> AttemptRow | None:
    """One of the viewer's; None where there is none."""
    found = _rows(_ONE, id=attempt_id)
    return found[0] if found else None


def _rows(sql: str, **values: object) -> list[AttemptRow]:
    return [AttemptRow(*row) for row in select(sql, {**values, "limit": ATTEMPTS_MAX})]


@dataclass(frozen=True, slots=True)
class LenderDebits:
    """What a lender has planned and has not asked to hand over, what is under way, and what it leaves to debtors."""

    lender_id: int
    name: str
    planned: int
    planned_minor: int
    in_batches: int
    under_way: int
    under_way_minor: int
    reserve_minor: int


_LENDERS = """
SELECT l.id, l.name, count(*) FILTER (WHERE a.state = 'planned' AND a.batch_id IS NULL),
    coalesce(sum(a.amount_minor) FILTER (WHERE a.state = 'planned' AND a.batch_id IS NULL), 0)::bigint,
    count(*) FILTER (WHERE a.state = 'planned' AND a.batch_id IS NOT NULL),
    count(*) FILTER (WHERE a.state = 'handed_over'),
    coalesce(sum(a.amount_minor) FILTER (WHERE a.state = 'handed_over'), 0)::bigint, zhizhi_living_reserve(l.id, %(on)s)
FROM lender l LEFT JOIN debit_attempt a ON a.lender_id = l.id AND a.state IN ('planned', 'handed_over')
WHERE l.id = ANY (zhizhi_money_lenders()) GROUP BY l.id, l.name ORDER BY l.name
"""


def load_lender_debits(on: date) -> list[LenderDebits]:
    """By lender whose money the viewer sees."""
    return [LenderDebits(*row) for row in select(_LENDERS, {"on": on})]


def access_lender(lender_id: int, on: date) -> LenderDebits | None:
    """One of them."""
    return next((one for one in load_lender_debits(on) if one.lender_id == lender_id), None)
