"""Numbers are put into the register; what closes one counts at once, what opens one waits for a second person."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.outbound.keeping import NewNumber, NumberStep, add_number, add_step
from zhizhi.store.outbound.reads import KnownNumber, find_agency, find_number
from zhizhi.store.outbound.words import (
    ADDED,
    COMPLAINED,
    EDITED,
    FILED,
    LINE_CARRIERS,
    MARKED,
    MARKS,
    OPENING,
    RAISED,
    REST_OF_COMPLAINT,
    REST_OF_MARK,
    RESTED,
    STEPS,
    SUBMITTED,
)
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.outbound.act import OUTBOUND_NUMBER
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

GROUND = "外呼号码变更，附凭证，请核对后批准"
NUMBER = re.compile(r"[0-9]{5,16}", re.ASCII)
DAILY_MAX = 2000
REST_DAYS_MAX = 90
EVIDENCE_CHARACTERS_MIN, REASON_CHARACTERS_MIN = 4, 2
_KEPT = (ADDED, EDITED, SUBMITTED, *OPENING)
_WITH_EVIDENCE = (SUBMITTED, FILED)


@dataclass(frozen=True, slots=True)
class AddNumber:
    """A line of the lender's desks, or (`agency`: its code) of an agency that calls for it."""

    lender_id: int
    agency: str
    number: str
    carrier: str
    holder: str
    daily_max: int
    by: int


@dataclass(frozen=True, slots=True)
class StepNumber:
    """Something happened to a number, or shall; what does not belong to its kind stays empty.

    `rest_days`: of a rest; of a mark or complaint the house figures say how long it is.
    """

    number_id: int
    kind: str
    by: int
    filed_until: date | None = None
    filing_number: str = ""
    rest_days: int | None = None
    mark: str = ""
    daily_max: int | None = None
    carrier: str = ""
    holder: str = ""
    reason: str = ""
    evidence: str = ""


def put_number(command: AddNumber, at: datetime) -> int:
    """Put a number into the register; answers its id. No call goes out from it before its filing stands.

    Refuses: NotAllowed, no number, an unknown carrier or agency, a nameless holder, a ceiling out of range, one that is
    there.
    """
    require(command.by, Right.KEEP_NUMBERS, lender_id=command.lender_id)
    number = re.sub(r"[\s()-]", "", command.number)
    if not NUMBER.fullmatch(number):
        text = Text(
            "请填写外呼号码，含区号，5 至 16 位数字", "help: give the number with its area code, 5 to 16 digits"
        )
        raise UseCaseRefused("bad_number", text, "number")
    _check_carrier(command.carrier)
    _check_ceiling(command.daily_max)
    agency_id = find_agency(command.agency) if command.agency else None
    if command.agency and agency_id is None:
        raise UseCaseRefused("unknown_agency", Text("没有该外包机构", "there is no such agency"), "agency")
    holder = checked_text(command.holder, "holder", characters_min=REASON_CHARACTERS_MIN)
    new = NewNumber(command.lender_id, agency_id, number, command.carrier, holder, command.daily_max)
    return add_number(new, civil_day(at), at, command.by)


def step_number(command: StepNumber, at: datetime) -> int | None:
    """Write the step, or ask a second person where it lets calls out; answers the request then.

    Refuses: NotAllowed, an unknown number or step, what the step needs and was not said, a number that is retired.
    """
    known = find_number(command.number_id)
    right = Right.KEEP_NUMBERS if command.kind in _KEPT else Right.REST_NUMBER
    require(command.by, right, lender_id=known.lender_id if known else None)
    if known is None or command.kind not in STEPS or command.kind == ADDED:
        raise UseCaseRefused("no_step", Text("请选择要登记的事项", "help: choose what to record"), "kind")
    step = _step(command, known, at)
    if command.kind in OPENING:
        return ask(OUTBOUND_NUMBER, Ask(_request(known, step), GROUND, command.by, known.lender_id), at)
    add_step(known.id, step, at, command.by)
    return None


def _step(command: StepNumber, known: KnownNumber, at: datetime) -> NumberStep:
    """The step, with only what belongs to its kind."""
    kind, day = command.kind, civil_day(at)
    reason_min = 0 if kind in (EDITED, *_WITH_EVIDENCE) else REASON_CHARACTERS_MIN
    evidence_min = EVIDENCE_CHARACTERS_MIN if kind in _WITH_EVIDENCE else 0
    reason = checked_text(command.reason, "reason", characters_min=reason_min)
    evidence = checked_text(command.evidence, "evidence", characters_min=evidence_min)
    filed = kind == FILED
    if filed and not (command.filed_until and command.filed_until >= day and command.filing_number.strip()):
        text = Text(
            "请填写批复编号与尚未过去的有效期", "help: give the number of the filing and an end that is to come"
        )
        raise UseCaseRefused("no_filing", text, "filed_until")
    return NumberStep(
        kind=kind,
        on_day=day,
        filed_until=command.filed_until if filed else None,
        filing_number=command.filing_number.strip() if filed else "",
        rests_until=_rests_until(command, at),
        mark=_mark(command),
        daily_max=_ceiling(command, known),
        carrier=_carrier(command),
        holder=checked_text(command.holder, "holder") if kind == EDITED else "",
        reason=reason,
        evidence=evidence,
    )


def _rests_until(command: StepNumber, at: datetime) -> datetime | None:
    if command.kind == MARKED:
        return at + REST_OF_MARK[_mark(command)]
    if command.kind == COMPLAINED:
        return at + REST_OF_COMPLAINT
    if command.kind != RESTED:
        return None
    if command.rest_days is None or not 1 <= command.rest_days <= REST_DAYS_MAX:
        text = Text(f"请填写休息天数，1 至 {REST_DAYS_MAX}", f"help: give the days of rest, 1 to {REST_DAYS_MAX}")
        raise UseCaseRefused("rest_days", text, "rest_days")
    return at + timedelta(days=command.rest_days)


def _mark(command: StepNumber) -> str:
    if command.kind != MARKED:
        return ""
    if command.mark not in MARKS:
        raise UseCaseRefused("no_mark", Text("请选择标记", "help: choose the mark"), "mark")
    return command.mark


def _ceiling(command: StepNumber, known: KnownNumber) -> int | None:
    if command.kind == RAISED:
        _check_ceiling(command.daily_max)
        if command.daily_max is None or command.daily_max <= known.daily_max:
            raise UseCaseRefused("not_higher", Text("请填写更高的上限", "help: give a higher ceiling"), "daily_max")
        return command.daily_max
    if command.kind != EDITED or command.daily_max is None:
        return None
    _check_ceiling(command.daily_max)
    if command.daily_max > known.daily_max:
        text = Text(
            "提高上限须两人，请改选「提高每日上限」", "raising it takes two persons; help: choose 'ceiling raised'"
        )
        raise UseCaseRefused("two_persons", text, "daily_max")
    return command.daily_max


def _check_ceiling(daily_max: int | None) -> None:
    if daily_max is None or not 1 <= daily_max <= DAILY_MAX:
        text = Text(f"请填写每日上限，1 至 {DAILY_MAX}", f"help: give a ceiling of a day, 1 to {DAILY_MAX}")
        raise UseCaseRefused("daily_max", text, "daily_max")


def _carrier(command: StepNumber) -> str:
    if command.kind != EDITED or not command.carrier:
        return ""
    _check_carrier(command.carrier)
    return command.carrier


def _check_carrier(carrier: str) -> None:
    if carrier not in LINE_CARRIERS:
        raise UseCaseRefused("no_carrier", Text("请选择线路商", "help: choose the carrier"), "carrier")


def _request(known: KnownNumber, step: NumberStep) -> dict[str, Any]:
    """All that is approved."""
    return {
        "number_id": known.id,
        "number": known.number,
        "holder": known.holder,
        "step": step.kind,
        "filed_until": step.filed_until.isoformat() if step.filed_until else None,
        "filing_number": step.filing_number,
        "daily_max": step.daily_max,
        "reason": step.reason,
        "evidence": step.evidence,
    }
