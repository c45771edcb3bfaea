"""留案: a case stays with its agency past its day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.ids import ids
from zhizhi.store.placements.choosing import contract_end
from zhizhi.store.placements.models import Placement, PlacementExtension
from zhizhi.store.placements.words import PLACED
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import NoSuchRow, writing


@dataclass(frozen=True, slots=True)
class Standing:
    """A placement that stands, of a batch; `contract_ends_on`: of its agency."""

    person_id: int
    case_id: int
    lender_id: int
    agency_id: int
    placed_at: datetime
    due_on: date
    contract_ends_on: date | None


def load_standing_placement(person_id: int, case_id: int) -> Standing | None:
    """The placement of a case, where it stands and has a last day."""
    row = _rows(person_id, case_id).first()
    if row is None or row.due_on is None or row.placed_at is None:
        return None
    ends = contract_end(row.agency_id)
    return Standing(person_id, case_id, row.lender_id, row.agency_id, row.placed_at, row.due_on, ends)


def extend_placement(standing: Standing, due_on: date, ground: str, by: int, at: datetime) -> None:
    """Move its last day. Refuses: what is no longer as it was looked at."""
    with writing(standing.person_id) as person:
        row = _rows(standing.person_id, standing.case_id).first()
        if row is None or row.due_on != standing.due_on or row.agency_id != standing.agency_id:
            raise NoSuchRow(Text("委案情况已变，请重新打开", "the placement has changed; help: open it again"))
        extension = PlacementExtension.objects.using("gate").create(
            person_id=standing.person_id,
            id=ids.take(),
            placement_id=row.id,
            from_due_on=row.due_on,
            due_on=due_on,
            ground=ground,
            by_id=by,
            at=at,
        )
        _rows(standing.person_id, standing.case_id).update(due_on=due_on)
        add_leaves([_leaf(extension, person.subject, at)])


def _rows(person_id: int, case_id: int) -> QuerySet[Placement]:
    return Placement.objects.using("gate").filter(person_id=person_id, case_id=case_id, state=PLACED)


def _leaf(row: PlacementExtension, subject: UUID, at: datetime) -> NewLeaf:
    values = {
        "placement": row.placement_id,
        "from_due_on": row.from_due_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "ground": row.ground,
        "by": row.by_id,
    }
    kind, table = LeafKind.PLACEMENT, "placement_extension"
    return NewLeaf(kind, at, subject, values, row.person_id, row.id, source_table=table)
