"""A fee that one person may not advance alone, and what is given up, takes two persons."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.fees import FeeItem, FeeMove
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.rights import Right
from zhizhi.store.litigation.keeping import NewFee, write_approved_fee
from zhizhi.store.litigation.words import file_number
from zhizhi.usecases.approvals.act import Act, Change


def _same(written: str) -> Text:
    return Text(written, written)


def _yuan(minor: int, currency: str) -> Text:
    return _same(f"{Money(minor, Currency(currency)).written()} {currency}")


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    told = [
        Change(Text("案卷", "file"), _same(file_number(request["file"]))),
        Change(Text("费用项目", "item"), FeeItem(request["item"]).label),
        Change(Text("办理", "what is done"), FeeMove(request["move"]).label),
        Change(Text("金额", "amount"), _yuan(request["amount_minor"], request["currency"])),
        Change(Text("日期", "day"), _same(request["on"])),
        Change(Text("客户编号", "person"), _same(str(request["person"]))),
    ]
    if request["scale_minor"] is not None:
        told.append(Change(Text("按标准计算", "by the scale"), _yuan(request["scale_minor"], request["currency"])))
    return tuple(told)


def _carry_out(approved: Standing, at: datetime) -> None:
    request = approved.wanted.request
    new = NewFee(
        person_id=request["person"],
        file_id=request["file"],
        item=FeeItem(request["item"]),
        move=FeeMove(request["move"]),
        amount_minor=request["amount_minor"],
        on=date.fromisoformat(request["on"]),
        by=approved.asked_by,
        scale_minor=request["scale_minor"],
        approval_id=approved.id,
    )
    write_approved_fee(new, at)


COURT_FEE = Act(
    code="court_fee",
    text=Text("诉讼费用", "court fees"),
    asks=Right.KEEP_COURT_FEE,
    approves=Right.APPROVE_COURT_FEE,
    tell=_tell,
    carry_out=_carry_out,
)
