"""A calling campaign is made of a list and a script, and started, paused and ended."""

import re
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.calling.making import NewCalling, create_calling, lender_of_calling, move_calling, seats_named
from zhizhi.store.calling.words import MOVES
from zhizhi.store.campaigns.window import Window
from zhizhi.store.lenders.rights import Right
from zhizhi.store.templates.approved import load_approved
from zhizhi.usecases.authority import require
from zhizhi.usecases.campaigns.making import NAME_CHARACTERS_MAX, Listed
from zhizhi.usecases.refused import UseCaseRefused

SEATS_MAX = 500
NAME = re.compile(r"[^\s/?#][^/?#]*")
"""It stands in an address."""


@dataclass(frozen=True, slots=True)
class MakeCalling:
    """What is to be rung; `listed` names cases or accounts, one a line, `seats` logins, `lines` outbound numbers."""

    lender_id: int
    name: str
    script: str
    window: Window
    listed: str
    seats: str
    lines: tuple[int, ...]
    by: int
    purpose: str = "collect"


def make_calling(command: MakeCalling, at: datetime) -> int:
    """Write the campaign as a draft; answers its id.

    Refuses: NotAllowed, no name or one that is taken, a script that is not approved, days that are over, a list that
    names nobody, seats that are none of the lender's own, a number that is none of the desks'.
    """
    require(command.by, Right.MAKE_CAMPAIGN, lender_id=command.lender_id)
    name = command.name.strip()
    if not NAME.fullmatch(name) or len(name) > NAME_CHARACTERS_MAX:
        text = Text("请写名称，不含 / ? #", "write a name, without / ? #")
        raise UseCaseRefused("no_name", text, "name")
    if command.window.opens >= command.window.closes or command.window.is_over(at):
        text = Text("这段日期和时段已过或为空", "these days and hours are over, or none")
        raise UseCaseRefused("no_time", text, "until_on")
    template = load_approved(command.lender_id, command.script).get(command.script)
    if template is None or template.channel != "voice":
        raise UseCaseRefused("no_script", Text("请选择已批准的话术", "choose an approved script"), "script")
    new = NewCalling(
        lender_id=command.lender_id,
        name=name,
        script=command.script,
        purpose=command.purpose,
        window=command.window,
        seats=_seats(command),
        lines=command.lines,
        by=command.by,
    )
    return create_calling(new, Listed(command.lender_id, command.listed).cases(), at)


def _seats(command: MakeCalling) -> list[int]:
    logins = [login for login in re.split(r"[\s,，;；]+", command.seats) if login]
    found = seats_named(command.lender_id, logins[: SEATS_MAX + 1])
    strange = [login for login in logins if login not in found]
    if not logins or strange or len(logins) > SEATS_MAX:
        named = "、".join(strange[:5])
        text = Text(
            f"坐席须为本机构在职人员的登录名，至多 {SEATS_MAX} 个{'；不认识：' + named if named else ''}",
            f"seats are logins of the lender's own staff in service, at most {SEATS_MAX}",
        )
        raise UseCaseRefused("no_seats", text, "seats")
    return list(found.values())


@dataclass(frozen=True, slots=True)
class StepCalling:
    """Start, pause, resume or end a campaign."""

    campaign_id: int
    what: str
    by: int


def right_to_step(what: str) -> Right:
    """The right that a step takes: whoever may only halt does not start."""
    return Right.RUN_CAMPAIGN if what in ("started", "resumed") else Right.HALT_CAMPAIGN


def step_calling(command: StepCalling, at: datetime) -> None:
    """Take the step. Refuses: NotAllowed, an unknown step, a state from which it does not go."""
    require(command.by, right_to_step(command.what), lender_id=lender_of_calling(command.campaign_id))
    if command.what not in (*MOVES, "ended"):
        raise UseCaseRefused("no_step", Text("没有这一步", "there is no such step"))
    move_calling(command.campaign_id, command.what, at, command.by)
