"""Who is away and what collectors are schooled for; whoever is away from today loses the cases at once."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.keeping import Seat, add_absence, add_skill, end_absence, end_skill, load_seat
from zhizhi.store.assignment.queues import QUEUES
from zhizhi.store.assignment.words import LANGUAGES, SKILLS
from zhizhi.store.lenders.acting import Acting
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

ABSENCE_DAYS_MAX = 366
VALUES = {"queue": QUEUES, "language": LANGUAGES}


@dataclass(frozen=True, slots=True)
class RecordAbsence:
    """Days on which a collector is away, both included; never why."""

    staff_id: int
    from_on: date
    to_on: date
    by: int


@dataclass(frozen=True, slots=True)
class School:
    """What a collector was schooled for; without any queue a collector works all of them."""

    staff_id: int
    kind: str
    value: str
    by: int


@dataclass(frozen=True, slots=True)
class EndFact:
    """An absence or a schooling is taken back."""

    row_id: int
    by: int


def record_absence(command: RecordAbsence, at: datetime) -> int:
    """Keep it; answers its id. Refuses: NotAllowed, nobody who collects here, days that are none, over or too many."""
    _theirs(require(command.by, Right.KEEP_SEATS), command.staff_id)
    today = civil_day(at)
    if command.to_on < command.from_on or command.to_on < today:
        raise UseCaseRefused(
            "bad_days", Text("末日须不早于首日和今天", "it ends after it begins, not before today"), "to_on"
        )
    if (command.to_on - command.from_on).days >= ABSENCE_DAYS_MAX:
        text = Text(f"一次最多 {ABSENCE_DAYS_MAX} 天", f"{ABSENCE_DAYS_MAX} days at the most at a time")
        raise UseCaseRefused("too_many_days", text, "to_on")
    return add_absence(command.staff_id, command.from_on, command.to_on, today, command.by, at)


def take_back_absence(command: EndFact, at: datetime) -> None:
    """Back earlier, or never away: cases go home at once. Refuses: NotAllowed, one that is not standing."""
    by = require(command.by, Right.KEEP_SEATS)
    if not end_absence(command.row_id, civil_day(at), by.staff_id, at, lambda staff_id: _theirs(by, staff_id)):
        raise _not_standing()


def school(command: School, at: datetime) -> int:
    """Keep it, from the next assignment on; answers its id.

    Refuses: NotAllowed, nobody who collects here, an unknown value, one twice.
    """
    _theirs(require(command.by, Right.KEEP_SEATS), command.staff_id)
    if command.kind not in SKILLS or command.value not in VALUES[command.kind]:
        raise UseCaseRefused("bad_value", Text("请选择队列或语言", "help: choose a queue or a language"), "value")
    added = add_skill(command.staff_id, command.kind, command.value, command.by, at)
    if added is None:
        raise UseCaseRefused("already", Text("已登记", "it is recorded already"), "value")
    return added


def take_back_schooling(command: EndFact, at: datetime) -> None:
    """From the next assignment on. Refuses: NotAllowed, one that is not standing."""
    by = require(command.by, Right.KEEP_SEATS)
    if not end_skill(command.row_id, by.staff_id, at, lambda staff_id: _theirs(by, staff_id)):
        raise _not_standing()


def _theirs(by: Acting, staff_id: int) -> Seat:
    """A collector of whom this one has a say: of the own lender, or one who works for every lender."""
    seat = load_seat(staff_id)
    reaches = by.agency_id is None and (seat is None or by.lender_id is None or seat.lender_id in (None, by.lender_id))
    if seat is None or not reaches:
        raise UseCaseRefused("nobody", Text("没有这位催收员", "no such collector works here"), "staff")
    return seat


def _not_standing() -> UseCaseRefused:
    return UseCaseRefused("not_standing", Text("该登记已不在生效中", "it is no longer in force"))
