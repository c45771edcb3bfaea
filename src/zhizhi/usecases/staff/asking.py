"""A change of staff is asked for: somebody joins, is admitted, moves, returns, or needs a new first password."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.lenders.changes import (
    NewChange,
    Place,
    ask_change,
    changing_staff,
    make_member,
    waiting_change,
    withdraw_change,
)
from zhizhi.store.lenders.rights import Right
from zhizhi.store.lenders.staff_reads import Member
from zhizhi.usecases.authority import require
from zhizhi.usecases.staff.reach import sound_ground, sound_name, sound_place, target
from zhizhi.usecases.staff.refusals import StaffRefused


@dataclass(frozen=True, slots=True)
class AskJoin:
    """Somebody new."""

    login: str
    name: str
    place: Place
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class AskMove:
    """What a member is to be from now on: moved, admitted where nobody said so yet, or back after leaving."""

    staff_id: int
    place: Place
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class AskPassword:
    """A member lost the password and is to choose one anew."""

    staff_id: int
    ground: str
    by: int


def ask_join(command: AskJoin, at: datetime) -> int:
    """Ask for somebody new, who is there once another person approves; answers the id of the change.

    Refuses: NotAllowed, StaffRefused.
    """
    login, name = sound_name(command.login, command.name)
    ground = sound_ground(command.ground)
    with changing_staff():
        by = require(command.by, Right.ASK_STAFF)
        place = sound_place(by, command.place)
        staff_id = make_member(login, name, place)
        if staff_id is None:
            raise StaffRefused("taken", "login")
        return _asked(NewChange(staff_id, "join", place, ground, by.staff_id), at)


def ask_move(command: AskMove, at: datetime) -> int:
    """Ask for another role, lender, agency or team; answers the id of the change. Refuses: NotAllowed, StaffRefused."""
    ground = sound_ground(command.ground)
    with changing_staff():
        by = require(command.by, Right.ASK_STAFF)
        member = target(by, command.staff_id)
        place = sound_place(by, command.place)
        if member.is_here and place == member.place:
            raise StaffRefused("nothing_new")
        return _asked(NewChange(member.id, _kind_for(member), place, ground, by.staff_id), at)


def ask_password(command: AskPassword, at: datetime) -> int:
    """Ask for a new first password; answers the id of the change. Refuses: NotAllowed, StaffRefused."""
    ground = sound_ground(command.ground)
    with changing_staff():
        by = require(command.by, Right.ASK_STAFF)
        member = target(by, command.staff_id)
        if not member.is_here:
            raise StaffRefused("has_left" if not member.is_active else "not_admitted")
        return _asked(NewChange(member.id, "password", member.place, ground, by.staff_id), at)


def withdraw(change_id: int, by: int, at: datetime) -> None:
    """Take back what one has asked for. Refuses: NotAllowed, StaffRefused."""
    with changing_staff():
        acting = require(by, Right.ASK_STAFF)
        change = waiting_change(change_id)
        if change is None:
            raise StaffRefused("not_waiting")
        if change.asked_by_id != acting.staff_id:
            raise StaffRefused("not_yours")
        withdraw_change(change, at)


def _kind_for(member: Member) -> str:
    if member.is_here:
        return "move"
    return "admit" if member.is_active or not member.is_admitted else "return"


def _asked(new: NewChange, at: datetime) -> int:
    change_id = ask_change(new, at)
    if change_id is None:
        raise StaffRefused("waits")
    return change_id
