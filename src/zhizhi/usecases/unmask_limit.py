"""Another limit of clear values: one person asks, a second approves (ADR 0048), and the table takes nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.rights import Right
from zhizhi.store.unmasking.acts import NewLimit, limit_of, set_limit
from zhizhi.store.unmasking.grounds import HOURS_MAX, MOST_MAX, PER
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.refused import UseCaseRefused

_PER = {
    "staff": Text("每名员工 {hours} 小时内查看明文", "clear values a member of staff sees within {hours} h"),
    "person": Text("每位客户 {hours} 小时内被查看明文", "clear values of one person seen within {hours} h"),
}
_TIMES = Text("至多 {most} 次", "at most {most}")
_OTHER_SINCE = Text("上限已变，请重新申请", "the limit is another one by now; help: ask anew")


@dataclass(frozen=True, slots=True)
class AskLimit:
    """So many looks within so many hours, for a lender, and why."""

    lender_id: int
    per: str
    hours: int
    most: int
    ground: str
    by: int


def ask_limit(command: AskLimit, at: datetime) -> int:
    """Ask for it; answers the id of the request. Refuses: what the table would not take, and as `ask`."""
    if command.per not in PER or not 1 <= command.hours <= HOURS_MAX or not 0 <= command.most <= MOST_MAX:
        wrong = Text(
            f"时长 1 至 {HOURS_MAX} 小时，次数至多 {MOST_MAX}", f"1 to {HOURS_MAX} hours, at most {MOST_MAX} looks"
        )
        raise UseCaseRefused("bad_limit", wrong, "most")
    before = limit_of(command.lender_id, command.per, command.hours)
    request = {"per": command.per, "hours": command.hours, "most": command.most, "before": before}
    return ask(UNMASK_LIMIT, Ask(request, command.ground, command.by, command.lender_id), at)


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    before = request["before"]
    return (
        Change(
            _PER[request["per"]].fill(hours=request["hours"]),
            _TIMES.fill(most=request["most"]),
            _TIMES.fill(most=before) if before is not None else None,
        ),
    )


def _carry_out(approved: Standing, at: datetime) -> None:
    request, lender_id = approved.wanted.request, approved.wanted.lender_id
    assert lender_id is not None, "a limit is a lender's"
    if limit_of(lender_id, request["per"], request["hours"]) != request["before"]:
        raise UseCaseRefused("other_since", _OTHER_SINCE)
    set_limit(NewLimit(lender_id, request["per"], request["hours"], request["most"], approved.id), at)


UNMASK_LIMIT = Act(
    code="unmask_limit",
    text=Text("更改查看明文上限", "another limit of clear values"),
    asks=Right.ASK_LIMIT,
    approves=Right.APPROVE_LIMIT,
    tell=_tell,
    carry_out=_carry_out,
)
