"""What of direct debits waits for a person, for use cases."""

from dataclasses import dataclass
from datetime import date

from zhizhi.store.debits.models import DebitAttempt
from zhizhi.store.debits.words import HANDED_OVER


@dataclass(frozen=True, slots=True)
class Late:
    """An order whose result did not come in its time, or one that somebody asks about."""

    id: int
    person_id: int
    lender_id: int
    number: str
    amount_minor: int
    currency: str


def find_late(attempt_id: int, today: date) -> Late | None:
    """An order that is under way beyond its last day."""
    row = DebitAttempt.objects.using("gate").filter(id=attempt_id, state=HANDED_OVER, result_by__lt=today).first()
    return _late(row) if row is not None else None


def find_attempt(attempt_id: int) -> Late | None:
    """Any order."""
    row = DebitAttempt.objects.using("gate").filter(id=attempt_id).first()
    return _late(row) if row is not None else None


def holds_debit(person_id: int, stop_id: int) -> bool:
    """Whether a stop is that of a debit that has no result yet."""
    rows = DebitAttempt.objects.using("gate").filter(person_id=person_id, stop_id=stop_id, state=HANDED_OVER)
    return bool(rows.exists())


def _late(row: DebitAttempt) -> Late:
    return Late(row.id, row.person_id, row.lender_id, row.number, row.amount_minor, row.currency)
