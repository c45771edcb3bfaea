"""案件分配 in one transaction: facts are read, the core decides, and all of it is written or nothing.

Whatever decides an assignment (who is away, schooled, barred, leaves) waits for the same lock, so that none is decided
on facts that changed under it; a case that changed hands or ended meanwhile is read again
(docs/decisions/0056-assignment.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections, transaction

from zhizhi.core.assignment.assign import assign
from zhizhi.core.assignment.digest import digest_of
from zhizhi.core.assignment.facts import Assignment, Terms
from zhizhi.core.assignment.undo import Done, Stuck, TakenBack, take_back
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.facts import EVERYTHING, Around, Facts, load_facts
from zhizhi.store.assignment.models import AssignmentDone, AssignmentMove
from zhizhi.store.assignment.queues import REMINDER
from zhizhi.store.assignment.writing import Head, Overtaken, counts_of, kept_moves, write
from zhizhi.store.canaries.models import Canary
from zhizhi.store.locks import Lock, wait_for

TRIES_MAX = 5


class FactsChanged(Refused):
    """What would be done is not what was previewed any more, or cases keep changing; nothing was written."""

    def __init__(self) -> None:
        text = Text("数据已有变动，请重新预览", "the facts changed since; help: look at the preview again")
        super().__init__("facts_changed", text)


class NoSuchAssignment(Refused):
    """There is none by this number of this lender."""

    def __init__(self) -> None:
        super().__init__("no_such_assignment", Text("没有这次分配", "there is no such assignment of this lender"))


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many cases got a collector, and how many have none."""

    assigned: int
    without_room: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an assignment would do; `digest` is what a confirmation repeats."""

    assignment: Assignment
    counts: dict[str, object]
    digest: bytes
    stuck: tuple[tuple[int, Stuck], ...] = ()


def assigning() -> None:
    """Wait until nobody else assigns or changes what decides it; the caller's transaction is open."""
    wait_for(Lock.ASSIGNING)


def assign_cases(lender_id: int, on: date, at: datetime) -> Assigned:
    """The morning of a lender: every open case gets its queue, and those that need a collector one who fits; the
    caller's transaction is open."""
    facts, assignment, _ = _carry_out(Head(lender_id, on, "morning", at), _dealing(on))
    holders = {row.case_id: row.collector_id for row in facts.rows.values() if row.stage != REMINDER}
    holders |= {move.case_id: move.to_id for move in assignment.moves if move.case_id in holders}
    return Assigned(
        assigned=sum(move.to_id is not None for move in assignment.moves),
        without_room=sum(holder is None for holder in holders.values()),
    )


def preview_assignment(lender_id: int, on: date, *, reshuffles: bool = False) -> Preview:
    """What would be done now; nothing is written."""
    facts = load_facts(lender_id, on)
    return _preview(facts, _dealing(on, reshuffles=reshuffles)(facts))


def carry_out(head: Head, digest: bytes | None, *, reshuffles: bool = False) -> int:
    """Assign by hand, in a transaction of its own; answers its id.

    Refuses: FactsChanged, where `digest` is not that of what would be done.
    """
    with transaction.atomic(using="gate", durable=True):
        return _carry_out(head, _dealing(head.on, reshuffles=reshuffles), digest)[2]


def reflow(on: date, at: datetime, by: int | None, around: Around) -> list[int]:
    """Move at once what has to move around a member or a person, of every lender; the caller's transaction is open and
    has called `assigning`. Answers the assignments that were written: one for each lender where something moved."""
    written = []
    for lender_id in _lenders_around(around):
        facts = load_facts(lender_id, on, around)
        if kept_moves(facts, _dealing(on)(facts)):
            head = Head(lender_id, on, "reflow", at, by)
            written.append(_carry_out(head, _dealing(on), around=around)[2])
    return written


def reflow_cases(on: date, at: datetime, by: int | None, case_ids: Sequence[int]) -> list[int]:
    """Find collectors at once for cases that changed house, in a transaction of its own; answers as `reflow`."""
    if not case_ids:
        return []
    with transaction.atomic(using="gate", durable=True):
        assigning()
        return reflow(on, at, by, Around(case_ids=tuple(case_ids)))


def preview_undo(lender_id: int, assignment_id: int, on: date) -> Preview:
    """What would go back, and what would not; nothing is written. Refuses: NoSuchAssignment."""
    done, _ = _load_done(lender_id, assignment_id)
    facts = load_facts(lender_id, on)
    taken = take_back(done, facts.cases, facts.desks, on)
    return _preview(facts, taken.assignment, taken.stuck)


def carry_out_undo(head: Head, digest: bytes | None) -> tuple[int, tuple[tuple[int, Stuck], ...]]:
    """Undo an assignment in a transaction of its own; answers the number of the undoing, and what did not go back.

    Refuses: NoSuchAssignment, FactsChanged.
    """
    assert head.undoes is not None, "an undoing names what it undoes"
    with transaction.atomic(using="gate", durable=True):
        done, since = _load_done(head.lender_id, head.undoes)
        taken: list[TakenBack] = []

        def decide(facts: Facts) -> Assignment:
            taken.append(take_back(done, facts.cases, facts.desks, head.on))
            return taken[-1].assignment

        written = _carry_out(head, decide, digest, since=since)[2]
        return written, taken[-1].stuck


def _dealing(on: date, *, reshuffles: bool = False) -> Callable[[Facts], Assignment]:
    return lambda facts: assign(facts.cases, facts.desks, Terms(on, reshuffles=reshuffles))


def _preview(facts: Facts, assignment: Assignment, stuck: tuple[tuple[int, Stuck], ...] = ()) -> Preview:
    counts = counts_of(facts, assignment)
    return Preview(assignment, counts, digest_of(kept_moves(facts, assignment)), stuck)


def _carry_out(
    head: Head,
    decide: Callable[[Facts], Assignment],
    digest: bytes | None = None,
    *,
    around: Around = EVERYTHING,
    since: dict[int, date | None] | None = None,
) -> tuple[Facts, Assignment, int]:
    assigning()
    for _ in range(TRIES_MAX):
        facts = load_facts(head.lender_id, head.on, around)
        assignment = decide(facts)
        if digest is not None and digest != digest_of(kept_moves(facts, assignment)):
            raise FactsChanged
        try:
            with transaction.atomic(using="gate"):
                return facts, assignment, write(head, facts, assignment, since)
        except Overtaken:
            continue
    raise FactsChanged


_LENDERS_AROUND = """
SELECT DISTINCT c.lender_id FROM collection_case c
WHERE c.closed_on IS NULL
  AND (c.collector_id = %(staff)s OR c.home_id = %(staff)s OR c.person_id = %(person)s OR c.id = ANY (%(cases)s))
ORDER BY 1
"""


def _lenders_around(around: Around) -> list[int]:
    with connections["gate"].cursor() as cursor:
        cases = list(around.case_ids or ())
        cursor.execute(_LENDERS_AROUND, {"staff": around.staff_id, "person": around.person_id, "cases": cases})
        return [row[0] for row in cursor.fetchall()]


def _load_done(lender_id: int, assignment_id: int) -> tuple[list[Done], dict[int, date | None]]:
    """The moves of an assignment, and since when each case was held before."""
    if not AssignmentDone.objects.using("gate").filter(pk=assignment_id, lender_id=lender_id).exists():
        raise NoSuchAssignment
    canaries = Canary.objects.using("gate").filter(lender_id=lender_id).values("person_id")
    moves = AssignmentMove.objects.using("gate").filter(assignment_id=assignment_id).exclude(person_id__in=canaries)
    columns = ("case_id", "from_id", "to_id", "home_before", "home_after", "held_since_before")
    done, since = [], {}
    for *move, held_since in moves.order_by("case_id").values_list(*columns):
        one = Done(*move)
        if one.from_id != one.to_id:
            done.append(one)
            since[one.case_id] = held_since
    return done, since
