"""An approved batch is handed over: every case that may still go, in the transaction of the approval."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections

from zhizhi.core.placement.fitness import CaseFacts, case_barriers
from zhizhi.store.placements.choosing import these_cases
from zhizhi.store.placements.models import Placement, PlacementBatch
from zhizhi.store.placements.moving import log_placements, move_cases
from zhizhi.store.placements.words import LEFT_OUT, PLACED, PROPOSED
from zhizhi.store.transact.person import lock_persons

_GONE = CaseFacts(is_open=False, agency_id=None, is_stopped=False)


@dataclass(frozen=True, slots=True)
class BatchHead:
    """A batch as its approval finds it."""

    id: int
    lender_id: int
    hand: int
    due_on: date
    digest: str
    agency_ids: tuple[int, ...]
    is_handed_over: bool


def load_batch(batch_id: int) -> BatchHead | None:
    """A batch by its id, locked until the caller's transaction ends."""
    row = PlacementBatch.objects.using("gate").select_for_update().filter(pk=batch_id).first()
    if row is None:
        return None
    agencies = tuple(row.lots.using("gate").order_by("agency_id").values_list("agency_id", flat=True))
    digest = bytes(row.digest).hex()
    return BatchHead(row.pk, row.lender_id, row.hand, row.due_on, digest, agencies, row.handed_over_at is not None)


def hand_over(batch: BatchHead, approval_id: int, at: datetime) -> Counter[str]:
    """Place what may be placed now; what may not is left out, each with its reason. Answers how many, by state.

    Every person of the batch is held, so what is looked at here is what stands when it commits.
    """
    lines = list(Placement.objects.using("gate").filter(batch_id=batch.id, state=PROPOSED))
    persons = lock_persons(line.person_id for line in lines)
    now = these_cases([(line.person_id, line.case_id) for line in lines])
    for line in lines:
        case = now.get((line.person_id, line.case_id))
        barriers = case_barriers(case.facts if case is not None else _GONE, line.agency_id, line.hand)
        if barriers:
            line.state, line.left_out_because = LEFT_OUT, barriers[0].value
        else:
            line.state, line.placed_at = PLACED, at
    placed = [line for line in lines if line.state == PLACED]
    _write_beginnings(lines, at)
    move_cases([(line.person_id, line.case_id, line.agency_id) for line in placed], at)
    log_placements(placed, persons, at)
    PlacementBatch.objects.using("gate").filter(pk=batch.id).update(approval_id=approval_id, handed_over_at=at)
    return Counter(line.state for line in lines)


_BEGIN = """
UPDATE placement p SET state = w.state, left_out_because = w.because,
    placed_at = CASE WHEN w.state = 'placed' THEN %s END
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS state,
    unnest(%s::text[]) AS because) w
WHERE p.person_id = w.person_id AND p.id = w.id
"""


def _write_beginnings(lines: Sequence[Placement], at: datetime) -> None:
    rows = [(line.person_id, line.id, line.state, line.left_out_because) for line in lines]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_BEGIN, [at, *(list(column) for column in zip(*rows, strict=True))])
