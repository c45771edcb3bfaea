"""Steps with money that take two persons: a large match, the same money, a return, a reversal, a refund."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.debt.remittance.authority import Step
from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.remittance_steps import Chosen, give_back_to_queue, reverse, write_refund, write_step
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.zones import civil_day


def _same(written: str) -> Text:
    return Text(written, written)


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    amount = Money(request["amount_minor"], Currency(request["currency"])).written()
    number = request["remittance"] if request["remittance"] is not None else request["payment"]
    told = [
        Change(Text("办理", "step"), Step(request["step"]).label),
        Change(Text("金额", "amount"), _same(f"{amount} {request['currency']}")),
        Change(
            Text("编号", "number"),
            Text(f"来款 {number}", f"remittance {number}")
            if request["remittance"] is not None
            else Text(f"还款 {number}", f"payment {number}"),
        ),
    ]
    if request["debt"] is not None:
        told.append(Change(Text("债权编号", "number of the debt"), _same(str(request["debt"]))))
    if request["remittance"] is not None and request["payment"] is not None:
        told.append(Change(Text("对应还款编号", "number of the payment"), _same(str(request["payment"]))))
    return tuple(told)


def _carry_out(approved: Standing, at: datetime) -> None:
    request, today = approved.wanted.request, civil_day(at)
    step, by, ground = Step(request["step"]), approved.asked_by, approved.ground
    if step is Step.REVERSE:
        reverse(request["person"], request["payment"], by=by, on=today, at=at)
    elif step is Step.REFUND:
        write_refund(
            *(request["person"], request["payment"], request["amount_minor"]),
            ground=ground,
            approval_id=approved.id,
            by=by,
            at=at,
        )
    else:
        chosen = Chosen(
            request["remittance"], step, ground, by, request["debt"], request["payment"], approval_id=approved.id
        )
        write_step(chosen, today=today, at=at)


def _set_aside(refused: Standing, at: datetime) -> None:
    if refused.wanted.request["remittance"] is not None:
        give_back_to_queue(refused.wanted.request["remittance"], at)


REMITTANCE = Act(
    code="remittance",
    text=Text("来款处理", "money that came in"),
    asks=Right.SETTLE_REMITTANCE,
    approves=Right.APPROVE_REMITTANCE,
    tell=_tell,
    carry_out=_carry_out,
    set_aside=_set_aside,
)
