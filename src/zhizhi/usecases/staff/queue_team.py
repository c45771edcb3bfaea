"""Another team works on a queue: one person asks, a second approves, for its leader sees every case in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.queues import load_own_teams, load_queue_team, set_queue_team
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.refused import UseCaseRefused

NO_TEAM = Text("不归任何班组", "no team's")


@dataclass(frozen=True, slots=True)
class AskQueueTeam:
    """The team that is to work on a queue (empty: none), and why."""

    queue_id: int
    team: str
    ground: str
    by: int


def ask_queue_team(command: AskQueueTeam, at: datetime) -> int:
    """Ask for it; answers the request. Refuses: no such queue, a team in which nobody is, the one that it has, and as
    `ask`."""
    queue = load_queue_team(command.queue_id)
    if queue is None:
        raise UseCaseRefused("no_queue", Text("没有该队列", "there is no such queue"))
    if command.team == queue.team:
        raise UseCaseRefused("same_team", Text("该队列现在就归此班组", "it is this team's already"), "team")
    if command.team and command.team not in load_own_teams(queue.lender_id):
        raise UseCaseRefused("no_team", Text("没有人在此班组", "nobody is in this team"), "team")
    request = {"queue": queue.id, "name": queue.name, "team": command.team, "before": queue.team}
    return ask(QUEUE_TEAM, Ask(request, command.ground, command.by, queue.lender_id), at)


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    name = request["name"]
    what = Text(f"队列 {name} 归班组，组长可见其全部案件", f"team of queue {name}, whose leader sees all its cases")
    return (Change(what, _team(request["team"]), _team(request["before"])),)


def _team(team: str) -> Text:
    return Text(team, team) if team else NO_TEAM


def _carry_out(approved: Standing, at: datetime) -> None:
    del at
    request = approved.wanted.request
    if not set_queue_team(request["queue"], request["before"], request["team"]):
        raise UseCaseRefused(
            "other_since", Text("该队列已改归，请重新申请", "it is another team's by now; help: ask anew")
        )


QUEUE_TEAM = Act(
    code="queue_team",
    text=Text("更改队列班组", "another team for a queue"),
    asks=Right.ASK_STAFF,
    approves=Right.APPROVE_STAFF,
    tell=_tell,
    carry_out=_carry_out,
)
