"""停催: set and lifted; what waits to leave is pulled back in the same transaction."""

from datetime import datetime

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import STOPS, Case, Stop
from zhizhi.store.ids import ids
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import NoSuchRow, writing


def add_stop(
    person_id: int, kind: str, debt_id: int | None, ground: str, until_at: datetime | None, *, at: datetime, by: str
) -> int:
    """Set a stop; answers its id."""
    with writing(person_id) as person:
        stop_id = ids.take()
        Stop.objects.using("gate").create(
            person_id=person_id,
            id=stop_id,
            kind=kind,
            debt_id=debt_id,
            from_at=at,
            until_at=until_at,
            ground=ground,
            set_by=by,
        )
        refresh_case_stop(person_id, at)
        cancel_waiting(person_id, at, f"stop_{kind}")
        values = {"kind": kind, "debt": debt_id, "ground": ground, "by": by, "until": until_at and until_at.isoformat()}
        add_leaves([NewLeaf(LeafKind.HOLD, at, person.subject, values, person_id, stop_id)])
        return stop_id


def lift_stop(person_id: int, stop_id: int, ground: str, *, at: datetime, by: str) -> None:
    """Lift a stop. Refuses: one that is not in force."""
    with writing(person_id) as person:
        lifted = (
            Stop.objects.using("gate")
            .filter(person_id=person_id, id=stop_id, lifted_at=None)
            .update(lifted_at=at, lifted_by=by, lifted_ground=ground)
        )
        if lifted != 1:
            raise NoSuchRow(Text("该停催已不在生效中", "this stop is no longer in force"))
        refresh_case_stop(person_id, at)
        values = {"stop": stop_id, "ground": ground, "by": by}
        add_leaves([NewLeaf(LeafKind.RELEASE, at, person.subject, values, person_id, stop_id)])


def refresh_case_stop(person_id: int, at: datetime) -> None:
    """The stop that the open case shows: of those in force the one that stands first in the published order."""
    in_force = set(
        Stop.objects.using("gate")
        .filter(person_id=person_id, lifted_at=None)
        .exclude(until_at__lte=at)
        .values_list("kind", flat=True)
    )
    shown = next((kind for kind in reversed(STOPS) if kind in in_force), None)
    Case.objects.using("gate").filter(person_id=person_id, closed_on=None).update(stop=shown)
