"""Who may not have a debtor's case, and which negotiation stays with its collector."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.keeping import add_bar, add_reserve, end_bar, end_reserve, load_seat
from zhizhi.store.assignment.words import BARS
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

GROUND_CHARACTERS_MIN = 4
RESERVED_DAYS_MAX = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """A collector may not have a person's case, from now on."""

    person_id: int
    staff_id: int
    ground: str
    remark: str
    by: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """The open case of a person stays with its collector until a day."""

    person_id: int
    until_on: date
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class EndWithheld:
    """A bar or a reserved negotiation ends, on a ground."""

    person_id: int
    row_id: int
    ground: str
    by: int


def bar(command: Bar, at: datetime) -> int:
    """Bar; where this collector has the case, it moves at once. Answers its id.

    Refuses: NotAllowed, nobody who collects here, an unknown ground, one twice.
    """
    by = require(command.by, Right.BAR_COLLECTOR, person_id=command.person_id)
    seat = load_seat(command.staff_id)
    if seat is None or (by.lender_id is not None and seat.lender_id not in (None, by.lender_id)):
        raise UseCaseRefused("nobody", Text("没有这位催收员", "no such collector works here"), "staff")
    if command.ground not in BARS:
        raise UseCaseRefused("bad_ground", Text("请选择事由", "help: choose the ground"), "ground")
    remark = checked_text(command.remark, "remark")
    added = add_bar(command.person_id, command.staff_id, command.ground, remark, civil_day(at), command.by, at)
    if added is None:
        raise UseCaseRefused("already", Text("已登记回避", "this collector is barred already"), "staff")
    return added


def lift_bar(command: EndWithheld, at: datetime) -> None:
    """End it, on a ground. Refuses: NotAllowed, no ground, one that is not in force."""
    require(command.by, Right.BAR_COLLECTOR, person_id=command.person_id)
    ground = checked_text(command.ground, "ended_ground", characters_min=GROUND_CHARACTERS_MIN)
    if not end_bar(command.person_id, command.row_id, ground, command.by, at):
        raise _not_standing()


def reserve(command: Reserve, at: datetime) -> int:
    """Reserve it; answers its id. Refuses: NotAllowed, no ground, a day that is over or too far, a case of nobody."""
    require(command.by, Right.BAR_COLLECTOR, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    today = civil_day(at)
    if not today <= command.until_on <= today + timedelta(days=RESERVED_DAYS_MAX):
        text = Text(f"从今天起最多 {RESERVED_DAYS_MAX} 天", f"from today for {RESERVED_DAYS_MAX} days at the most")
        raise UseCaseRefused("bad_day", text, "until_on")
    added = add_reserve(command.person_id, command.until_on, ground, today, command.by, at)
    if added is None:
        text = Text("案件尚无催收员，或已保留", "nobody has the case, or it is reserved already")
        raise UseCaseRefused("nothing_to_reserve", text)
    return added


def end_reserved(command: EndWithheld, at: datetime) -> None:
    """End it, on a ground. Refuses: NotAllowed, no ground, one that is not in force."""
    require(command.by, Right.BAR_COLLECTOR, person_id=command.person_id)
    ground = checked_text(command.ground, "ended_ground", characters_min=GROUND_CHARACTERS_MIN)
    if not end_reserve(command.person_id, command.row_id, ground, command.by, at):
        raise _not_standing()


def _not_standing() -> UseCaseRefused:
    return UseCaseRefused("not_standing", Text("该登记已不在生效中", "it is no longer in force"))
