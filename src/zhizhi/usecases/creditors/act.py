"""A change of creditor takes two persons: one asks with contract or receipt, another approves, and it is in force."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhizhi.core.creditor.shares import Holding
from zhizhi.core.creditor.words import NOTICE, ChangeKind
from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.creditors.keeping import ChangedDebt, NewChange, write_change
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change


def _same(written: str) -> Text:
    return Text(written, written)


def _yuan(minor: int, currency: str) -> str:
    return f"{Money(minor, Currency(currency)).written()} {currency}"


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    kind, currency = ChangeKind(request["kind"]), request["currency"]
    who = [
        Change(Text("新债权人", "creditor"), _same(f"{name}（{pay_to}）" if pay_to else name))
        for name, pay_to in request["creditors"]
    ]
    return (
        Change(Text("变更事由", "kind"), kind.label),
        Change(Text("依据条文", "article"), kind.article.text),
        *who,
        Change(Text("合同或代偿日", "day"), _same(request["on"])),
        Change(Text("合同、凭证与另计依据", "contract, receipt, ground"), _same(request["basis"])),
        *(Change(Text("债权", "debt"), _told_debt(one, currency)) for one in request["debts"]),
        Change(
            Text("批准后", "once approved"),
            Text(
                f"立即生效；通知送达登记之前不再联系（{NOTICE.cites}）",
                f"in force at once; nobody is contacted about it until the notice is proven ({NOTICE.cites})",
            ),
        ),
    )


def _told_debt(one: Mapping[str, Any], currency: str) -> Text:
    zh = "；".join(
        f"{name} 持有 {_yuan(amount, currency)}，至多主张 {_yuan(amount + allowed, currency)}"
        for name, _, amount, allowed in one["holdings"]
    )
    en = "; ".join(
        f"{name} holds {_yuan(amount, currency)}, claims {_yuan(amount + allowed, currency)} at most"
        for name, _, amount, allowed in one["holdings"]
    )
    return Text(f"{one['case']}：{zh}", f"{one['case']}: {en}")


def _carry_out(approved: Standing, at: datetime) -> None:
    request, lender_id = approved.wanted.request, approved.wanted.lender_id
    assert lender_id is not None, "asked for a lender"
    debts = tuple(
        ChangedDebt(
            one["person"],
            one["debt"],
            tuple(Holding(creditor, amount, allowed) for _, creditor, amount, allowed in one["holdings"]),
        )
        for one in request["debts"]
    )
    new = NewChange(
        lender_id=lender_id,
        kind=ChangeKind(request["kind"]),
        on=date.fromisoformat(request["on"]),
        basis=request["basis"],
        debts=debts,
        asked_by=approved.asked_by,
        approval_id=approved.id,
    )
    write_change(new, at)


CREDITOR_CHANGE = Act(
    code="creditor_change",
    text=Text("债权人变更", "change of creditor"),
    asks=Right.ASK_CREDITOR,
    approves=Right.APPROVE_CREDITOR,
    tell=_tell,
    carry_out=_carry_out,
)
