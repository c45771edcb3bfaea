"""A batch is written as it is proposed: its lots, and a line for every case."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from zhizhi.core.kernel.canonical import canonical
from zhizhi.store.ids import ids
from zhizhi.store.placements.choosing import ChosenCase
from zhizhi.store.placements.models import Placement, PlacementBatch, PlacementLot
from zhizhi.store.placements.words import PROPOSED


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What is proposed: `lots` by agency, `left_out` by barrier."""

    lender_id: int
    hand: int
    due_on: date
    criteria: Mapping[str, Any]
    left_out: Mapping[str, int]
    ground: str
    lots: Mapping[int, Sequence[ChosenCase]]
    by: int

    def digest(self) -> bytes:
        """What an approval is bound to: every case with its agency, by hand and last day."""
        lines = [[agency, case.case_id] for agency in sorted(self.lots) for case in self.lots[agency]]
        bound = {"hand": self.hand, "due_on": self.due_on.isoformat(), "lines": lines}
        return hashlib.sha256(canonical(bound)).digest()


def write_batch(new: NewBatch, at: datetime) -> int:
    """Write it; answers its id. Nothing moves yet."""
    with transaction.atomic(using="gate", durable=True):
        batch = PlacementBatch.objects.using("gate").create(
            lender_id=new.lender_id,
            hand=new.hand,
            due_on=new.due_on,
            criteria=dict(new.criteria),
            left_out=dict(new.left_out),
            digest=new.digest(),
            ground=new.ground,
            proposed_by_id=new.by,
            proposed_at=at,
        )
        for agency_id, cases in new.lots.items():
            PlacementLot.objects.using("gate").create(
                batch=batch,
                agency_id=agency_id,
                cases=len(cases),
                balance_minor=sum(one.balance_minor for one in cases),
            )
            taken = ids.take_many(len(cases)) if cases else range(0)
            lines = [_line(batch, agency_id, one, row_id) for one, row_id in zip(cases, taken, strict=True)]
            Placement.objects.using("gate").bulk_create(lines)
        return int(batch.pk)


def _line(batch: PlacementBatch, agency_id: int, case: ChosenCase, row_id: int) -> Placement:
    return Placement(
        person_id=case.person_id,
        id=row_id,
        batch_id=batch.pk,
        lender_id=batch.lender_id,
        agency_id=agency_id,
        case_id=case.case_id,
        hand=batch.hand,
        balance_minor=case.balance_minor,
        days_past_due=case.days_past_due,
        state=PROPOSED,
        due_on=batch.due_on,
    )


def note_approval(batch_id: int, approval_id: int) -> None:
    """The request under which a batch waits."""
    PlacementBatch.objects.using("gate").filter(pk=batch_id, approval=None).update(approval_id=approval_id)
