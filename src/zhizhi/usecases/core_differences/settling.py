"""Somebody decides about a difference: correct our ledger, ask the core, or explain an account that is not ours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.core_differences.settling import find_waiting, note_asked_core, note_set_aside
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN, Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.core_differences.act import CORE_DIFFERENCE
from zhizhi.usecases.core_differences.words import PARTS, Step
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused


@dataclass(frozen=True, slots=True)
class SettleDifference:
    """A step; `component` where our balance rises."""

    difference_id: int
    step: Step
    ground: str
    by: int
    component: str = ""


def settle_difference(command: SettleDifference, at: datetime) -> int | None:
    """Take the step; answers the approval that a correction waits for.

    Refuses: NotAllowed, one that was settled, a rise without its part, a correction of an account that is not ours, a
    ground of less than four characters or with a number in it.
    """
    found = find_waiting(command.difference_id)
    if found is None:
        raise UseCaseRefused("not_waiting", Text("该差异已有结论或不存在", "this difference was settled"))
    require(command.by, Right.SETTLE_REMITTANCE, lender_id=found.lender_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if command.step is Step.ASK:
        note_asked_core(found.id, ground, by=command.by, at=at)
        return None
    if command.step is Step.SET_ASIDE:
        note_set_aside(found.id, ground, by=command.by, at=at)
        return None
    if found.ours_minor is None:
        raise UseCaseRefused(
            "not_ours", Text("账上没有该账户，请导入账户", "it is not ours; help: import the account"), "step"
        )
    rises = found.core_minor > found.ours_minor
    if rises and command.component not in PARTS:
        raise UseCaseRefused(
            "no_component", Text("请写明增加在哪一项", "help: say on which part it rises"), "component"
        )
    request: dict[str, Any] = {
        "difference": found.id,
        "debt": found.debt_id,
        "ours_minor": found.ours_minor,
        "core_minor": found.core_minor,
        "component": command.component if rises else None,
        "currency": found.currency,
    }
    return ask(CORE_DIFFERENCE, Ask(request, ground, command.by, found.lender_id), at)
