"""Propose one of the offers that were tried: granted at once where authority reaches so far, else sent for approval."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import ApprovalRefused, withdraw_request
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.reliefs import NewRelief, keep_trial, withdraw_relief
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN, Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.relief.act import act_for, request_of
from zhizhi.usecases.relief.trying import Choice, TriedDebt, try_relief
from zhizhi.usecases.zones import civil_day


@dataclass(frozen=True, slots=True)
class ProposeRelief:
    """`choice`: the code of a trial (offer and months) among those of today's facts."""

    person_id: int
    debt_id: int
    choice: str
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """The agreement, and the request that waits for a second person; none where it was granted at once."""

    relief_id: int
    approval_id: int | None


def propose_relief(command: ProposeRelief, at: datetime) -> Proposed:
    """Keep the trial; answers what waits.

    Refuses: as `try_relief`, an offer that is not among those of today's facts, a ground of less than four characters,
    a debt with an offer under way.
    """
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    tried, choice = _chosen(command, at)
    kept = keep_trial(
        NewRelief(
            person_id=command.person_id,
            debt_id=command.debt_id,
            trial=choice.trial,
            facts=tried.facts,
            level=choice.level,
            alone=choice.alone,
            ground=ground,
            by=command.by,
        ),
        at,
    )
    if choice.alone:
        return Proposed(kept.id, None)
    request = request_of(command.person_id, kept.id, tried, choice)
    return Proposed(kept.id, ask(act_for(choice.level), Ask(request, ground, command.by, kept.lender_id), at))


def withdraw_offer(person_id: int, relief_id: int, approval_id: int | None, by: int, at: datetime) -> None:
    """Take back what nobody accepted; a request that waits is taken back with it. Refuses: one in force or ended."""
    require(by, Right.PROPOSE_RELIEF, person_id=person_id)
    withdraw_relief(person_id, relief_id, by=by, on=civil_day(at), at=at)
    if approval_id is not None:
        try:
            withdraw_request(approval_id, by, at)
        except ApprovalRefused:
            return  # ruled on, over, or asked for by a colleague: without its agreement it approves nothing


def _chosen(command: ProposeRelief, at: datetime) -> tuple[TriedDebt, Choice]:
    for tried in try_relief(command.person_id, command.by, at):
        if tried.debt.id == command.debt_id:
            for choice in tried.choices:
                if choice.trial.code == command.choice:
                    return tried, choice
    raise UseCaseRefused("not_offered", Text("该债权今天没有这个方案", "this debt has no such offer today"), "choice")
