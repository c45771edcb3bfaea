"""Money came in: keep it once, post it where it names a debt, and let it wait for a person where it does not."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.remittances import Arrived, NewRemittance, receive
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

REFERENCE_CHARACTERS_MAX = 64
WORDS_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class ReceiveMoney:
    """Money as a source tells of it; the same source and reference again changes nothing."""

    lender_id: int
    source: Source
    amount_minor: int
    arrived_on: date
    by: int
    reference: str = field(repr=False)
    account: str = field(default="", repr=False)
    customer: str = field(default="", repr=False)
    payer: str = field(default="", repr=False)
    remark: str = field(default="", repr=False)
    currency: str = Currency.CNY.value


def receive_money(command: ReceiveMoney, at: datetime) -> Arrived:
    """Keep and match it.

    Refuses: NotAllowed, no reference, an amount not above 0, a day in the future, a reference that came with another
    amount.
    """
    require(command.by, Right.RECORD_PAYMENT, lender_id=command.lender_id)
    today = civil_day(at)
    checked_money(command.amount_minor, command.arrived_on, command.reference, today)
    new = NewRemittance(
        lender_id=command.lender_id,
        source=command.source,
        amount_minor=command.amount_minor,
        currency=command.currency,
        arrived_on=command.arrived_on,
        reference=command.reference.strip(),
        account=command.account.strip() or None,
        customer=command.customer.strip() or None,
        payer=command.payer.strip(),
        remark=command.remark.strip(),
        by=command.by,
    )
    return receive(new, today=today, at=at)


def checked_money(amount_minor: int, on: date, reference: str, today: date) -> None:
    """What every arrival has to say. Refuses: see `receive_money`."""
    if not 0 < amount_minor <= MONEY_MINOR_MAX:
        raise UseCaseRefused("bad_amount", Text("来款金额须大于 0", "money that came is above 0"), "amount")
    if on > today:
        raise UseCaseRefused(
            "in_the_future", Text("到账日不能晚于今天", "money cannot come in the future"), "arrived_on"
        )
    if not 0 < len(reference.strip()) <= REFERENCE_CHARACTERS_MAX:
        raise UseCaseRefused("no_reference", Text("请填写流水号", "help: give the reference of the money"), "reference")
