"""An assignment becomes rows: the cases, every move, every desk, and one leaf; all of it or nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import connections

from zhizhi.core.assignment.digest import digest_of
from zhizhi.core.assignment.facts import Assignment, Move
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.assignment.facts import Facts, Row
from zhizhi.store.assignment.models import AssignmentDesk, AssignmentDone
from zhizhi.store.assignment.queues import REMINDER, queue_ids
from zhizhi.store.ids import ids
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


class Overtaken(Exception):
    """A case changed hands or ended between reading and writing; nothing may stay written."""


@dataclass(frozen=True, slots=True)
class Head:
    """What an assignment says of itself."""

    lender_id: int
    on: date
    kind: str
    at: datetime
    by: int | None = None
    undoes: int | None = None


def kept_moves(facts: Facts, assignment: Assignment) -> list[Move]:
    """The moves that say something new: that nobody has a case for the reason of yesterday is no news."""
    return [
        move
        for move in assignment.moves
        if move.to_id != move.from_id
        or facts.rows[move.case_id].unplaced != move.unplaced
        or facts.rows[move.case_id].home_id != move.home_id
    ]


def counts_of(facts: Facts, assignment: Assignment) -> dict[str, Any]:
    """How many moved, by reason, and how many nobody has, by reason."""
    placed = [move for move in assignment.moves if move.to_id is not None]
    without = [move for move in assignment.moves if move.unplaced is not None]
    return {
        "cases": len(facts.cases),
        "moved": len(placed),
        "by_reason": dict(sorted(Counter(move.why.value for move in placed).items())),
        "without": dict(sorted(Counter(move.unplaced.value for move in without if move.unplaced).items())),
    }


def write(head: Head, facts: Facts, assignment: Assignment, since: dict[int, date | None] | None = None) -> int:
    """Write it; the caller's transaction is open, and undone where this raises Overtaken. Answers its id.

    `since`: since when a case is held after its move, where that is not the day itself.
    """
    moves = kept_moves(facts, assignment)
    _write_cases(head, facts, moves, since or {})
    digest, counts = digest_of(moves), counts_of(facts, assignment)
    row = AssignmentDone.objects.using("gate").create(
        lender_id=head.lender_id,
        on=head.on,
        kind=head.kind,
        at=head.at,
        by_id=head.by,
        undoes_id=head.undoes,
        counts=counts,
        digest=digest,
    )
    _write_moves(row.pk, head, facts, moves)
    _write_desks(row.pk, assignment)
    values = {
        "lender": head.lender_id,
        "on": head.on.isoformat(),
        "assignment": head.kind,
        "by": head.by,
        "undoes": head.undoes,
        "counts": counts,
        "digest": digest.hex(),
    }
    add_leaves([NewLeaf(LeafKind.RUN, head.at, uuid4(), values, source_id=row.pk, source_table="assignment")])
    return row.pk


# Rows are locked by person, as everywhere, and compared once more with what was read.
_UPDATE = """
WITH w AS MATERIALIZED (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::text[])
    AS w (person_id, id, was_agency, was_collector, was_home, queue, collector, home, since, unplaced, because)
), locked AS MATERIALIZED (
    SELECT c.person_id, c.id FROM collection_case c JOIN w ON c.person_id = w.person_id AND c.id = w.id
    WHERE c.closed_on IS NULL AND c.collector_id IS NOT DISTINCT FROM w.was_collector
      AND c.home_id IS NOT DISTINCT FROM w.was_home AND c.agency_id IS NOT DISTINCT FROM w.was_agency
    ORDER BY c.person_id FOR NO KEY UPDATE OF c
)
UPDATE collection_case c SET queue_id = w.queue, collector_id = w.collector, home_id = w.home, held_since = w.since,
    unplaced = w.unplaced, assigned_because = coalesce(w.because, c.assigned_because)
FROM w JOIN locked l ON l.person_id = w.person_id AND l.id = w.id
WHERE c.person_id = l.person_id AND c.id = l.id
"""


def _write_cases(head: Head, facts: Facts, moves: Sequence[Move], since: dict[int, date | None]) -> None:
    queues = queue_ids(head.lender_id)
    moved = {move.case_id: move for move in moves}
    rows = [
        _case_row(head, row, queues[row.queue], moved.get(case_id), since)
        for case_id, row in facts.rows.items()
        if case_id in moved or row.queue_id != queues[row.queue] or _is_stale(row)
    ]
    if rows:
        with connections["gate"].cursor() as cursor:
            cursor.execute(_UPDATE, [list(column) for column in zip(*rows, strict=True)])
            if cursor.rowcount != len(rows):
                raise Overtaken


def _is_stale(row: Row) -> bool:
    """A reminder that nobody had room for needs nobody any more."""
    return row.unplaced is not None and row.stage == REMINDER and row.collector_id is None


def _case_row(head: Head, row: Row, queue: int, move: Move | None, since: dict[int, date | None]) -> tuple[object, ...]:
    was = (row.person_id, row.case_id, row.agency_id, row.collector_id, row.home_id, queue)
    if move is None:
        unplaced = None if _is_stale(row) else row.unplaced
        return (*was, row.collector_id, row.home_id, row.held_since, unplaced, None)
    held_since = since.get(row.case_id, head.on) if move.to_id is not None else None
    because = f"{move.held}/{move.capacity} cases" if move.to_id is not None else ""
    return (*was, move.to_id, move.home_id, held_since, move.unplaced, because)


_MOVES = """
INSERT INTO assignment_move (person_id, id, assignment_id, case_id, at, agency_id, from_id, to_id, why, home_before,
    home_after, held_since_before, held, capacity, among, unplaced)
SELECT w.person_id, w.id, %s, w.case_id, %s, w.agency_id, w.from_id, w.to_id, w.why, w.home_before, w.home_after,
    w.since, w.held, w.capacity, w.among, w.unplaced
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
    %s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[], %s::text[])
AS w (person_id, id, case_id, agency_id, from_id, to_id, why, home_before, home_after, since, held, capacity, among,
    unplaced)
"""


def _write_moves(assignment_id: int, head: Head, facts: Facts, moves: Sequence[Move]) -> None:
    if not moves:
        return
    rows = [
        _move_row(row_id, facts.rows[move.case_id], move)
        for row_id, move in zip(ids.take_many(len(moves)), moves, strict=True)
    ]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_MOVES, [assignment_id, head.at, *(list(column) for column in zip(*rows, strict=True))])


def _move_row(row_id: int, row: Row, move: Move) -> tuple[object, ...]:
    whose = (row.person_id, row_id, row.case_id, row.agency_id)
    homes = (row.home_id, move.home_id, row.held_since)
    figures = (move.held, move.capacity, move.among, move.unplaced)
    return (*whose, move.from_id, move.to_id, move.why.value, *homes, *figures)


def _write_desks(assignment_id: int, assignment: Assignment) -> None:
    AssignmentDesk.objects.using("gate").bulk_create(_desk_rows(assignment_id, assignment))


def _desk_rows(assignment_id: int, assignment: Assignment) -> Iterable[AssignmentDesk]:
    for desk in assignment.desks:
        if desk.capacity > 0 or desk.cases > 0 or desk.gave > 0:
            yield AssignmentDesk(
                assignment_id=assignment_id,
                staff_id=desk.id,
                agency_id=desk.agency_id,
                capacity=desk.capacity,
                cases=desk.cases,
                balance_minor=desk.balance_minor,
                got=desk.got,
                gave=desk.gave,
            )
