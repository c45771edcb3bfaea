"""Somebody decides about money: put it on a debt, say that it is known, return, reverse or refund it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhizhi.core.debt.remittance.authority import Step, needs_two
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.remittances.reads import Waiting, load_paid, load_waiting
from zhizhi.store.transact.remittance_steps import Chosen, find_debt, free_asked, note_asked, same_payment, take_step
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN, Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.remittances.act import REMITTANCE
from zhizhi.usecases.zones import civil_day


@dataclass(frozen=True, slots=True)
class SettleRemittance:
    """A step with money that waits; `account` of the debt on which it is put."""

    remittance_id: int
    step: Step
    ground: str
    by: int
    account: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A payment is reversed, or of its surplus so much refunded."""

    debt_id: int
    payment_id: int
    step: Step
    ground: str
    by: int
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """Done at once, or waiting for a second person under this number."""

    approval_id: int | None = None


def settle_remittance(command: SettleRemittance, at: datetime) -> Settled:
    """Take the step, or ask for it where it takes two persons.

    Refuses: NotAllowed, money that does not wait, an account that is not of its lender, no payment of the same money,
    another step than these, a ground of less than four characters or with a number in it.
    """
    if command.step not in (Step.POST, Step.SAME, Step.RETURN):
        raise UseCaseRefused("other_step", Text("该来款不能这样处理", "this is no step with money that waits"), "step")
    free_asked(command.remittance_id, at)
    row = load_waiting(command.remittance_id)
    if row is None:
        raise UseCaseRefused("not_waiting", Text("该来款不在待处理之列", "this money does not wait"))
    require(command.by, Right.SETTLE_REMITTANCE, lender_id=row.lender_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    debt_id, payment_id = _target(command, row)
    if needs_two(command.step, row.amount_minor):
        request = _request(command.step, row.amount_minor, row.currency)
        request |= {"remittance": row.id, "debt": debt_id, "payment": payment_id}
        note_asked(row.id, at)
        return Settled(ask(REMITTANCE, Ask(request, ground, command.by, row.lender_id), at))
    take_step(Chosen(row.id, command.step, ground, command.by, debt_id, payment_id), today=civil_day(at), at=at)
    return Settled()


def take_back(command: TakeBack, at: datetime) -> Settled:
    """Ask for the reversal of a payment, or for a refund of its surplus.

    Refuses: NotAllowed, a payment that is not there or was reversed, more than its surplus, another step than these.
    """
    if command.step not in (Step.REVERSE, Step.REFUND):
        raise UseCaseRefused("other_step", Text("该还款不能这样处理", "this is no step with a payment"), "step")
    paid = load_paid(command.debt_id, command.payment_id)
    if paid is None:
        raise UseCaseRefused(
            "no_payment", Text("没有这笔还款，或已冲正", "there is no such payment, or it was reversed")
        )
    require(command.by, Right.SETTLE_REMITTANCE, lender_id=paid.lender_id)
    amount_minor = paid.amount_minor
    if command.step is Step.REFUND:
        amount_minor = command.amount_minor
        if not 0 < amount_minor <= paid.surplus_minor:
            raise UseCaseRefused(
                "more_than_surplus",
                Text("退还金额须大于 0 且不超过溢缴款", "above 0 and no more than the surplus"),
                "amount",
            )
    request = _request(command.step, amount_minor, paid.currency)
    request |= {"person": paid.person_id, "debt": paid.debt_id, "payment": paid.id}
    return Settled(ask(REMITTANCE, Ask(request, command.ground, command.by, paid.lender_id), at))


def _request(step: Step, amount_minor: int, currency: str) -> dict[str, Any]:
    return {"step": step.value, "amount_minor": amount_minor, "currency": currency, "remittance": None}


def _target(command: SettleRemittance, row: Waiting) -> tuple[int | None, int | None]:
    """Debt and payment that the step speaks of."""
    if command.step is Step.RETURN:
        return None, None
    if command.step is Step.SAME:
        same = same_payment(row.id)
        if same is None:
            raise UseCaseRefused(
                "no_same_payment", Text("没有同额的已入账还款", "no payment of this amount stands"), "step"
            )
        return same
    found = find_debt(row.lender_id, command.account.strip())
    if found is None:
        raise UseCaseRefused(
            "unknown_account", Text("该机构没有这个账户", "this lender has no such account"), "account"
        )
    return found[1], None
