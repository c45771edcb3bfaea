"""The second word on a change of staff, by somebody who neither asked for it nor is meant by it."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.lenders.acting import load_acting
from zhizhi.store.lenders.changes import LastOne, Place, carry_out, changing_staff, refuse_change, waiting_change
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.staff.reach import reaches, sound_ground, sound_place, target
from zhizhi.usecases.staff.refusals import LastRefused, StaffRefused


@dataclass(frozen=True, slots=True)
class RuleChange:
    """Yes or no, on what ground."""

    change_id: int
    approve: bool
    ground: str
    by: int


def rule_change(command: RuleChange, at: datetime) -> None:
    """Carry a change out, or refuse it.

    Refuses: NotAllowed; the person who asked, the person meant; what asker or approver may no longer say; LastRefused.
    """
    ground = sound_ground(command.ground)
    with changing_staff():
        by = require(command.by, Right.APPROVE_STAFF)
        change = waiting_change(command.change_id)
        if change is None:
            raise StaffRefused("not_waiting")
        target(by, change.staff_id)
        if change.asked_by_id == by.staff_id:
            raise StaffRefused("same_person")
        if not command.approve:
            refuse_change(change, by.staff_id, ground, at)
            return
        place = Place(change.role, change.lender_id, change.agency_id, change.team)
        asker = load_acting(change.asked_by_id) if change.asked_by_id is not None else None
        if asker is None or not asker.may(Right.ASK_STAFF) or not reaches(asker, place):
            raise StaffRefused("not_waiting")
        sound_place(by, place)
        try:
            carry_out(change, by.staff_id, ground, at)
        except LastOne as last:
            raise LastRefused(last.right) from last
