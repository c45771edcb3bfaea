"""Assign by hand, deal anew, undo: always previewed first, and what is confirmed is what was previewed."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.assignment.undo import Stuck
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.reads import is_synthetic
from zhizhi.store.assignment.writing import Head
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.assigning import Preview, carry_out, carry_out_undo, preview_assignment, preview_undo
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Assign:
    """Whose cases, for which day; `reshuffles`: what has stayed long enough is dealt anew.

    `digest`: of the preview that is confirmed; None at the terminal, where nobody looked.
    """

    lender_id: int
    on: date
    by: int
    reshuffles: bool = False
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """Which assignment of which lender is undone."""

    lender_id: int
    assignment_id: int
    by: int
    digest: bytes | None = None


def preview(command: Assign) -> Preview:
    """What would be done; nothing is written. Refuses: NotAllowed."""
    require(command.by, Right.ASSIGN, lender_id=command.lender_id)
    return preview_assignment(command.lender_id, command.on, reshuffles=command.reshuffles)


def assign_now(command: Assign, at: datetime) -> int:
    """Do it; answers its number. Refuses: NotAllowed, another day than today in a book of real people, FactsChanged."""
    require(command.by, Right.ASSIGN, lender_id=command.lender_id)
    if command.on != civil_day(at) and not is_synthetic(command.lender_id):
        raise UseCaseRefused("other_day", Text("只能按今天分配", "cases are assigned for today only"), "on")
    kind = "reshuffle" if command.reshuffles else "act"
    head = Head(command.lender_id, command.on, kind, at, command.by)
    return carry_out(head, command.digest, reshuffles=command.reshuffles)


def preview_undoing(command: Undo, at: datetime) -> Preview:
    """What would go back and what would not; nothing is written. Refuses: NotAllowed, NoSuchAssignment."""
    require(command.by, Right.ASSIGN, lender_id=command.lender_id)
    return preview_undo(command.lender_id, command.assignment_id, civil_day(at))


def undo(command: Undo, at: datetime) -> tuple[int, tuple[tuple[int, Stuck], ...]]:
    """Undo it; answers the number of the undoing, and what did not go back with its reason.

    Refuses: NotAllowed, NoSuchAssignment, FactsChanged, nothing that could go back.
    """
    require(command.by, Right.ASSIGN, lender_id=command.lender_id)
    head = Head(command.lender_id, civil_day(at), "undo", at, command.by, command.assignment_id)
    return carry_out_undo(head, command.digest)


def read_digest(written: str) -> bytes | None:
    """A digest from a form; None where it is none."""
    try:
        digest = bytes.fromhex(written)
    except ValueError:
        return None
    return digest if len(digest) == DIGEST_BYTES else None
