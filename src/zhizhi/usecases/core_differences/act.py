"""Our ledger is brought to the core's figure by two persons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.core_differences.keeping import accept
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.core_differences.words import PARTS
from zhizhi.usecases.zones import civil_day


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    told = [
        Change(Text("差异编号", "number of the difference"), _same(str(request["difference"]))),
        Change(Text("债权编号", "number of the debt"), _same(str(request["debt"]))),
        Change(Text("账上余额", "balance in our ledger"), _yuan(request, "core_minor"), _yuan(request, "ours_minor")),
    ]
    if request["component"] is not None:
        told.append(Change(Text("增加在", "the rise is put on"), PARTS[request["component"]]))
    return tuple(told)


def _carry_out(approved: Standing, at: datetime) -> None:
    request = approved.wanted.request
    accept(
        request["difference"],
        request["component"],
        approved.ground,
        approved.id,
        by=approved.asked_by,
        on=civil_day(at),
        at=at,
    )


def _same(written: str) -> Text:
    return Text(written, written)


def _yuan(request: Mapping[str, Any], name: str) -> Text:
    currency = request["currency"]
    return _same(f"{Money(request[name], Currency(currency)).written()} {currency}")


CORE_DIFFERENCE = Act(
    code="core_difference",
    text=Text("按核心系统更正余额", "correct a balance to the core's figure"),
    asks=Right.SETTLE_REMITTANCE,
    approves=Right.APPROVE_REMITTANCE,
    tell=_tell,
    carry_out=_carry_out,
)
