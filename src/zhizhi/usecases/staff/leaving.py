"""Somebody leaves: one person is enough, and it is at once."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.assignment.facts import Around
from zhizhi.store.lenders.changes import LastOne, changing_staff, turn_out
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.assigning import assigning, reflow
from zhizhi.usecases.authority import require
from zhizhi.usecases.staff.reach import sound_ground, target
from zhizhi.usecases.staff.refusals import LastRefused, StaffRefused
from zhizhi.usecases.zones import civil_day


@dataclass(frozen=True, slots=True)
class Leave:
    """Who leaves, on what ground, and who does it."""

    staff_id: int
    ground: str
    by: int


def leave(command: Leave, at: datetime) -> None:
    """Close every way in of a member who leaves, and give the cases to others at once.

    Refuses: NotAllowed, oneself, who has left, LastRefused.
    """
    ground = sound_ground(command.ground)
    with changing_staff():
        assigning()
        by = require(command.by, Right.ASK_STAFF)
        member = target(by, command.staff_id)
        if not member.is_active:
            raise StaffRefused("has_left")
        try:
            turn_out(member.id, by.staff_id, ground, at)
        except LastOne as last:
            raise LastRefused(last.right) from last
        reflow(civil_day(at), at, by.staff_id, Around(staff_id=member.id))
