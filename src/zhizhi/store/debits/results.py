"""What a channel says of an order, once: money that came in, why none did, or that it went back again."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from zhizhi.core.debt.debit.failures import FOLLOWS, Failure, again_on
from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.text import Text
from zhizhi.store.debits.mandates import end_mandate
from zhizhi.store.debits.models import DebitAttempt, DebitMandate
from zhizhi.store.debits.rows import GONE, DebitRefused, failures_of, save_attempt
from zhizhi.store.debits.words import ACTIVE, CHARGED_BACK, FAILED, HANDED_OVER, REVOKED, SUCCEEDED, SUSPENDED
from zhizhi.store.debts.models import Debt
from zhizhi.store.people.rows import open_account_number
from zhizhi.store.transact.person import LockedPerson, lock_persons, writing
from zhizhi.store.transact.remittances import NewRemittance, write_remittance
from zhizhi.store.transact.stops import write_lift

_BY_HAND = "确认未扣款"
_OTHER = Text("该代扣已有另一结果", "this debit has another result already")


@dataclass(frozen=True, slots=True)
class Result:
    """A line of a channel's file. `failure`: None where it was drawn, `went_back`: it was, and the bank took it back.

    `reference`: the bank's, of money that was drawn.
    """

    number: str
    amount_minor: int
    on: date
    failure: Failure | None = None
    went_back: bool = False
    reference: str = field(default="", repr=False)


def persons_of(numbers: list[str]) -> dict[str, int]:
    """Whose the orders are; an order that is not ours is absent."""
    rows = DebitAttempt.objects.using("gate").filter(number__in=numbers)
    return dict(rows.values_list("number", "person_id"))


def write_result(
    person: LockedPerson, lender_id: int, result: Result, *, today: date, at: datetime, file_id: int | None = None
) -> bool:
    """Write it in the caller's transaction, which holds the person; False where it was known already.

    Refuses: an order of another lender or amount, one that never left, another result than stands.
    """
    row = DebitAttempt.objects.using("gate").filter(person_id=person.id, number=result.number).first()
    if row is None or row.lender_id != lender_id:
        raise DebitRefused("no_order", GONE)
    if row.amount_minor != result.amount_minor:
        raise DebitRefused("order_differs", Text("金额与代扣不一致", "the amount differs from the order"))
    if result.went_back:
        return _go_back(person, row, at)
    if row.state == HANDED_OVER:
        if result.failure is None:
            _succeed(person, row, result, today, at, file_id)
        else:
            fail(person, row, result.failure, at)
        return True
    stands = (row.state in (SUCCEEDED, CHARGED_BACK), row.failure)
    if stands != (result.failure is None, result.failure.value if result.failure else None):
        raise DebitRefused("other_result", _OTHER)
    return False


def _succeed(
    person: LockedPerson, row: DebitAttempt, result: Result, today: date, at: datetime, file_id: int | None
) -> None:
    debt = Debt.objects.using("gate").get(person_id=person.id, id=row.debt_id)
    money = NewRemittance(
        lender_id=row.lender_id,
        source=Source.DEBIT,
        amount_minor=row.amount_minor,
        currency=row.currency,
        arrived_on=result.on,
        reference=result.reference,
        account=open_account_number(person.seal(), debt.sealed, debt.id),
        file_id=file_id,
    )
    arrived = write_remittance(money, today=today, at=at)
    row.state, row.remittance_id, row.ended_at = SUCCEEDED, arrived.remittance_id, at
    row.again_on = row.on + timedelta(days=1)
    _end(person, row, at)


def fail(person: LockedPerson, row: DebitAttempt, failure: Failure, at: datetime) -> None:
    """Nothing was drawn: what follows is in the table of failures. In the caller's transaction."""
    tried = failures_of(row) + 1
    row.state, row.failure, row.ended_at = FAILED, failure.value, at
    row.again_on = again_on(failure, tried, day_in(BEIJING, at))
    _end(person, row, at)
    if FOLLOWS[failure].suspends:
        mandate = DebitMandate.objects.using("gate").get(person_id=person.id, id=row.mandate_id)
        if mandate.state == ACTIVE:
            state = REVOKED if failure is Failure.REVOKED else SUSPENDED
            end_mandate(person, mandate, state, "bank", failure.label.zh, at)


def _end(person: LockedPerson, row: DebitAttempt, at: datetime) -> None:
    """The stop is lifted once the order says that it has ended: the database lets nobody lift it before."""
    stop_id, row.stop_id = row.stop_id, None
    save_attempt(person, row, at)
    if stop_id is not None:
        write_lift(person, stop_id, f"代扣 {row.number} 已有结果", at=at, by="system")


def _go_back(person: LockedPerson, row: DebitAttempt, at: datetime) -> bool:
    """The bank took it back: two persons reverse the payment (docs/money-in.md), and somebody looks."""
    if row.state == CHARGED_BACK:
        return False
    if row.state != SUCCEEDED:
        raise DebitRefused("other_result", _OTHER)
    row.state, row.again_on, row.ended_at = CHARGED_BACK, None, at
    save_attempt(person, row, at)
    return True


def look(person_id: int, attempt_id: int, ground: str, *, again: bool, by: int, at: datetime) -> None:
    """A person looked at a failure: it is tried again from tomorrow, or left. Refuses: one that waits for nobody."""
    with writing(person_id) as person:
        row = DebitAttempt.objects.using("gate").filter(
            person_id=person_id, id=attempt_id, state__in=(FAILED, CHARGED_BACK), again_on=None, looked_at=None
        ).first()  # fmt: skip
        if row is None or (again and row.state == CHARGED_BACK):
            raise DebitRefused("gone", GONE)
        row.looked_by, row.looked_at, row.ground = by, at, ground
        row.again_on = day_in(BEIJING, at) + timedelta(days=1) if again else None
        save_attempt(person, row, at)


def say_nothing_was_drawn(person_id: int, attempt_id: int, *, at: datetime) -> None:
    """Two persons asked the channel; in the caller's open transaction. Refuses: one whose result came meanwhile."""
    person = lock_persons([person_id]).get(person_id)
    row = DebitAttempt.objects.using("gate").filter(person_id=person_id, id=attempt_id, state=HANDED_OVER).first()
    if person is None or row is None:
        raise DebitRefused("gone", GONE)
    row.ground = _BY_HAND
    fail(person, row, Failure.UNKNOWN, at)


def is_under_way(person_id: int) -> bool:
    """Whether a debit of the person has no result yet: contacts about it are released by nobody."""
    return bool(DebitAttempt.objects.using("gate").filter(person_id=person_id, state=HANDED_OVER).exists())
