"""Write down a payment: ledger, debt and case change, and collection of what it paid ends, in one commit."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.payments import NewPayment, PostedPayment, post_payment
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """Money that arrived for one debt; the same reference twice changes nothing."""

    person_id: int
    debt_id: int
    amount_minor: int
    paid_on: date
    reference: str
    source: str
    by: int | None


def record_payment(command: RecordPayment, at: datetime) -> PostedPayment:
    """Post it. Refuses: an amount not above 0, a day in the future, no reference."""
    if command.by is not None:  # none: a file or the day's run
        require(command.by, Right.RECORD_PAYMENT, person_id=command.person_id)
    today = civil_day(at)
    if not 0 < command.amount_minor <= MONEY_MINOR_MAX:
        raise UseCaseRefused("bad_amount", Text("还款金额须大于 0", "a payment is above 0"), "amount")
    if command.paid_on > today:
        raise UseCaseRefused(
            "in_the_future", Text("还款日不能晚于今天", "a payment cannot lie in the future"), "paid_on"
        )
    if not command.reference.strip():
        raise UseCaseRefused(
            "no_reference", Text("请填写流水号", "help: give the reference of the payment"), "reference"
        )
    return post_payment(
        NewPayment(
            person_id=command.person_id,
            debt_id=command.debt_id,
            amount_minor=command.amount_minor,
            paid_on=command.paid_on,
            reference=command.reference.strip(),
            source=command.source,
            by=f"u{command.by}" if command.by else "system",
        ),
        today=today,
        at=at,
    )
