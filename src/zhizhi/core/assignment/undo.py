"""An assignment is undone: a case that is still where it was put goes back; whatever is not is told with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhizhi.core.assignment.facts import Assignment, CaseToAssign, Desk, DeskAfter, Move, Why
from zhizhi.core.assignment.fitness import fits, is_ready
from zhizhi.core.kernel.text import Text


class Stuck(StrEnum):
    """Why a case does not go back."""

    CLOSED = "closed"
    MOVED_ON = "moved_on"
    HOLDER_LEFT = "holder_left"
    HOLDER_BARRED = "holder_barred"
    HOLDER_UNFIT = "holder_unfit"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _STUCK[self]


_STUCK = {
    Stuck.CLOSED: Text("案件已结", "the case is closed"),
    Stuck.MOVED_ON: Text("此后又有变动", "it moved on since"),
    Stuck.HOLDER_LEFT: Text("原催收员已离职", "whoever had it left"),
    Stuck.HOLDER_BARRED: Text("原催收员须回避", "whoever had it may not have it"),
    Stuck.HOLDER_UNFIT: Text("原催收员不再具备条件", "whoever had it is not fit any more"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """A move as it was made; `home_before` and `home_after`: who had the case back, before it and after."""

    case_id: int
    from_id: int | None
    to_id: int | None
    home_before: int | None
    home_after: int | None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What goes back, and what does not."""

    assignment: Assignment
    stuck: tuple[tuple[int, Stuck], ...]


def take_back(done: Sequence[Done], cases: Sequence[CaseToAssign], desks: Sequence[Desk], on: date) -> TakenBack:
    """Undo moves on a day. `cases`: all open ones. Room is no reason: whoever had a case before has it again."""
    open_ones = {case.id: case for case in cases}
    known = {desk.id: desk for desk in desks}
    stuck: list[tuple[int, Stuck]] = []
    back: list[Move] = []
    for one in done:
        case = open_ones.get(one.case_id)
        why = _why_stuck(one, case, known, on)
        if why is not None:
            stuck.append((one.case_id, why))
        else:
            back.append(Move(one.case_id, one.to_id, one.from_id, Why.UNDONE, one.home_before))
    return TakenBack(with_figures(back, cases, desks), tuple(stuck))


def _why_stuck(done: Done, case: CaseToAssign | None, desks: Mapping[int, Desk], on: date) -> Stuck | None:
    if case is None:
        return Stuck.CLOSED
    if (case.holder_id, case.home_id) != (done.to_id, done.home_after):
        return Stuck.MOVED_ON
    if done.from_id is None:
        return None
    holder = desks.get(done.from_id)
    if holder is None:
        return Stuck.HOLDER_LEFT
    if holder.id in case.barred_ids:
        return Stuck.HOLDER_BARRED
    return None if is_ready(holder, on) and fits(holder, case) else Stuck.HOLDER_UNFIT


def with_figures(moves: Iterable[Move], cases: Sequence[CaseToAssign], desks: Sequence[Desk]) -> Assignment:
    """Moves with how every desk stands after them, and how full each was when it got its case."""
    moved = {move.case_id: move for move in moves}
    after = {desk.id: DeskAfter(desk.id, desk.agency_id, desk.capacity, 0, 0, 0, 0) for desk in desks}
    for desk in desks:
        after[desk.id] = replace(after[desk.id], cases=desk.cases, balance_minor=desk.balance_minor)
    for case in cases:
        if case.id not in moved:
            _put(after, case.holder_id, case)
    told = []
    for case in cases:
        if (move := moved.get(case.id)) is None:
            continue
        _note_gone(after, move.from_id)
        if move.to_id is not None and (desk_after := after.get(move.to_id)) is not None:
            move = replace(move, held=desk_after.cases, capacity=desk_after.capacity, among=1)
            after[desk_after.id] = replace(desk_after, got=desk_after.got + 1)
            _put(after, move.to_id, case)
        told.append(move)
    return Assignment(tuple(told), tuple(after.values()))


def _put(after: dict[int, DeskAfter], desk_id: int | None, case: CaseToAssign) -> None:
    if desk_id is not None and (desk := after.get(desk_id)) is not None:
        after[desk_id] = replace(desk, cases=desk.cases + 1, balance_minor=desk.balance_minor + case.balance_minor)


def _note_gone(after: dict[int, DeskAfter], desk_id: int | None) -> None:
    if desk_id is not None and (desk := after.get(desk_id)) is not None:
        after[desk_id] = replace(desk, gave=desk.gave + 1)
