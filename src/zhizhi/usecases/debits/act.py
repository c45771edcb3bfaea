"""Steps with direct debits that take two persons: a mandate, a batch, the reserve, and that nothing was drawn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhizhi.core.debt.debit.authority import DebitStep
from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.debits.batches import rule_batch, set_reserve
from zhizhi.store.debits.mandates import rule_mandate
from zhizhi.store.debits.results import say_nothing_was_drawn
from zhizhi.store.debits.words import SIGNED_HOWS
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change

_UNKNOWN = Text("未登记，不代扣", "not known: nothing is drawn")


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    step = DebitStep(request["step"])
    return (Change(Text("办理", "step"), step.label), *_TOLD[step](request))


def _mandate(request: Mapping[str, Any]) -> tuple[Change, ...]:
    income = request["income_minor"]
    until = request["until"]
    return (
        Change(Text("授权编号", "number of the mandate"), _same(f"{request['person']}-{request['mandate']}")),
        Change(Text("债权编号", "number of the debt"), _same(str(request["debt"]))),
        Change(Text("签约", "signed"), SIGNED_HOWS[request["signed_how"]]),
        Change(Text("签约日", "signed on"), _same(request["signed_on"])),
        Change(Text("单笔限额", "limit of one debit"), _yuan(request, "limit_debit_minor")),
        Change(Text("单日限额", "limit of a day"), _yuan(request, "limit_day_minor")),
        Change(Text("月收入", "income of a month"), _UNKNOWN if income is None else _yuan(request, "income_minor")),
        Change(Text("有效期", "in force"), _same(f"{request['from']} – {until or '…'}")),
    )


def _batch(request: Mapping[str, Any]) -> tuple[Change, ...]:
    return (
        Change(Text("批次编号", "number of the batch"), _same(str(request["batch"]))),
        Change(Text("笔数", "orders"), _same(str(request["orders"]))),
        Change(Text("合计", "in all"), _yuan(request, "total_minor")),
        Change(Text("扣款日", "day"), _same(request["on"])),
    )


def _reserve(request: Mapping[str, Any]) -> tuple[Change, ...]:
    what = Text("每月须留给客户的生活必需费用", "what stays with each debtor a month")
    return (
        Change(what, _yuan(request, "reserve_minor"), _yuan(request, "before_minor")),
        Change(Text("自", "from"), _same(request["from"])),
    )


def _result(request: Mapping[str, Any]) -> tuple[Change, ...]:
    return (
        Change(Text("代扣编号", "number of the debit"), _same(request["number"])),
        Change(Text("金额", "amount"), _yuan(request, "amount_minor")),
    )


_TOLD = {
    DebitStep.MANDATE: _mandate,
    DebitStep.BATCH: _batch,
    DebitStep.RESERVE: _reserve,
    DebitStep.RESULT: _result,
}


def _carry_out(approved: Standing, at: datetime) -> None:
    request, step = approved.wanted.request, DebitStep(approved.wanted.request["step"])
    if step is DebitStep.MANDATE:
        rule_mandate(request["person"], request["mandate"], approved.id, approve=True, at=at)
    elif step is DebitStep.BATCH:
        rule_batch(request["batch"], approved.id, approve=True)
    elif step is DebitStep.RESERVE:
        from_on = date.fromisoformat(request["from"])
        lender_id = approved.wanted.lender_id
        assert lender_id is not None, "a reserve is a lender's"
        set_reserve(lender_id, request["reserve_minor"], from_on, approved.id, by=approved.asked_by, at=at)
    else:
        say_nothing_was_drawn(request["person"], request["attempt"], at=at)


def _set_aside(refused: Standing, at: datetime) -> None:
    request, step = refused.wanted.request, DebitStep(refused.wanted.request["step"])
    if step is DebitStep.MANDATE:
        rule_mandate(request["person"], request["mandate"], refused.id, approve=False, at=at)
    elif step is DebitStep.BATCH:
        rule_batch(request["batch"], refused.id, approve=False)


def _same(written: str) -> Text:
    return Text(written, written)


def _yuan(request: Mapping[str, Any], name: str) -> Text:
    currency = request["currency"]
    return _same(f"{Money(request[name], Currency(currency)).written()} {currency}")


DEBIT = Act(
    code="debit",
    text=Text("代扣", "direct debits"),
    asks=Right.SETTLE_REMITTANCE,
    approves=Right.APPROVE_REMITTANCE,
    tell=_tell,
    carry_out=_carry_out,
    set_aside=_set_aside,
)
