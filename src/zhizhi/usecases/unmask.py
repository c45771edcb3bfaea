"""See a value of a person in the clear: on a ground, within limits, with a trace that the person is told of.

Why it is so: docs/decisions/0047-masks-and-unmasking.md.
"""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.unmasking.acts import NewUnmasking, show_clear
from zhizhi.store.unmasking.grounds import GROUNDS, Ground, grounds_of
from zhizhi.store.unmasking.targets import Target, find_target, has_permit_in_use
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.refused import UseCaseRefused

NOT_THERE = Text("没有这项资料", "there is no such value")
NO_GROUND = Text("请选择适用的理由", "help: choose a ground that fits")
NO_PERMIT = Text(
    "该号码没有您正在使用的触达许可，请先发起拨打", "you use no permit for this point; help: propose the contact first"
)
DOES_NOT_OPEN = Text(
    "现在无法打开：密钥服务不可用，或该客户已删除", "it does not open now: no key, or the person was erased"
)


@dataclass(frozen=True, slots=True)
class Unmask:
    """What of whom, about which case, on which ground."""

    person_id: int
    case_id: int
    what: str
    target_id: int
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class Unmasked:
    """The value, until when it is shown."""

    value: str = field(repr=False)
    until: datetime


def unmask(command: Unmask, at: datetime) -> Unmasked:
    """Write the look, then answer the value.

    Refuses: NotAllowed (the right, the person, a value that the role may see on no ground), a ground that is not for
    this value, no permit in use where that is the ground, LimitReached, a value that does not open.
    """
    acting = require(command.by, Right.UNMASK, person_id=command.person_id)
    target = find_target(command.person_id, command.what, command.target_id)
    if target is None:
        raise UseCaseRefused("no_value", NOT_THERE)
    offered = grounds_of(acting.role, target.kind, is_third=target.is_third)
    if not offered:
        raise NotAllowed(Right.UNMASK)
    ground = _ground(command, target, offered, at)
    try:
        value, until = show_clear(
            NewUnmasking(command.person_id, command.case_id, target, ground, command.by, acting.role), at
        )
    except KeyUnavailable:
        raise UseCaseRefused("does_not_open", DOES_NOT_OPEN) from None
    return Unmasked(value, until)


def _ground(command: Unmask, target: Target, offered: tuple[Ground, ...], at: datetime) -> Ground:
    ground = next((one for one in GROUNDS if one.value == command.ground), None)
    if ground not in offered or ground is None:
        raise UseCaseRefused("no_ground", NO_GROUND, "ground")
    if ground is Ground.PERMIT and not has_permit_in_use(command.person_id, target.id, command.by, at):
        raise UseCaseRefused("no_permit_in_use", NO_PERMIT, "ground")
    return ground
