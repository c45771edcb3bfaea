"""Set what a lender wants to collect in a month (目标), by product; figures of earlier days keep the one that stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.text import Text
from zhizhi.store.figures.targets import add_targets
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

MONTHS_AHEAD_MAX = 12
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class SetTargets:
    """Targets of a month, in minor units by product; zero takes one back."""

    lender_id: int
    month: date
    currency: str
    amounts: Mapping[str, int]
    by: int


def months_open(at: datetime) -> list[date]:
    """The first days of the months whose targets may be set: this one and those that follow."""
    today = civil_day(at)
    begin = today.year * MONTHS_A_YEAR + today.month - 1
    return [
        date(month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1)
        for month in range(begin, begin + MONTHS_AHEAD_MAX + 1)
    ]


def set_targets(command: SetTargets, at: datetime) -> None:
    """Set them. Refuses: a month that is over or too far away, an amount out of range, nothing to set."""
    require(command.by, Right.SET_TARGET, lender_id=command.lender_id)
    if command.month not in months_open(at):
        raise UseCaseRefused(
            "month_closed",
            Text(
                f"只能定本月及以后 {MONTHS_AHEAD_MAX} 个月的目标；过去的数字不改",
                f"help: choose this month or one of the next {MONTHS_AHEAD_MAX}; what is past stays as it was",
            ),
            "month",
        )
    for product, minor in command.amounts.items():
        if not 0 <= minor <= MONEY_MINOR_MAX:
            raise UseCaseRefused("amount", Text("金额超出范围", "the amount is out of range"), product)
    if not command.amounts:
        raise UseCaseRefused("nothing", Text("没有改动", "nothing was changed; help: type another amount"))
    add_targets(command.lender_id, command.month, command.currency, command.amounts, by=command.by, at=at)
