"""Compliance rules on an alarm: it was explained, or it is an incident."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.canaries.alarms import NewRuling, load_open_alarm, rule_alarm
from zhizhi.store.canaries.words import RULINGS
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.incidents.working import Grave, OpenIncident, open_up
from zhizhi.usecases.refused import UseCaseRefused

REMARK_CHARACTERS_MIN = 4


@dataclass(frozen=True, slots=True)
class RuleAlarm:
    """`ruling` is one of `RULINGS`; `remark` says why, and becomes the first fact of an incident."""

    alarm_id: int
    ruling: str
    remark: str
    by: int


def rule_on_alarm(command: RuleAlarm, at: datetime) -> int | None:
    """Rule on it; answers the incident that was opened, if it is one.

    Refuses: NotAllowed, an alarm that is ruled on or not there, whoever set it off themselves, a remark that is too
    short or holds a number. The incident is opened first: should the ruling be overtaken, too many is mended by hand.
    """
    if command.ruling not in RULINGS:
        raise UseCaseRefused("bad_ruling", Text("请选择处理方式", "help: choose what it is"), "ruling")
    alarm = load_open_alarm(command.alarm_id)
    if alarm is None:
        raise UseCaseRefused("no_alarm", Text("该告警已核定或不存在", "this alarm was ruled on, or is not there"))
    require(command.by, Right.KEEP_CANARIES, lender_id=alarm.lender_id)
    if alarm.staff_id == command.by:
        text = Text("本人触发的告警由他人核定", "whoever set an alarm off does not rule on it")
        raise UseCaseRefused("own_alarm", text)
    remark = checked_text(command.remark, "remark", characters_min=REMARK_CHARACTERS_MIN)
    incident_id = None
    if command.ruling == "incident":
        incident_id = open_up(
            OpenIncident(alarm.lender_id, "leak", False, at, Grave("general", 0), remark, command.by), at
        )
    rule_alarm(NewRuling(command.alarm_id, command.ruling, remark, command.by, incident_id), at)
    return incident_id


__all__ = ["NotAllowed", "RuleAlarm", "rule_on_alarm"]
