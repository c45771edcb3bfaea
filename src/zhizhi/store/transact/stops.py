"""停催: set and lifted; what waits to leave is pulled back in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.canaries.models import Canary
from zhizhi.store.canaries.planting import STOP_GROUND, STOP_KIND, STOP_SET_BY
from zhizhi.store.cases.models import Stop
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing
from zhizhi.store.words import STOPS


@dataclass(frozen=True, slots=True)
class NewStop:
    """A stop of the whole person, or of one debt."""

    kind: str
    debt_id: int | None
    ground: str
    until_at: datetime | None
    by: str


def add_stop(
    person_id: int, kind: str, debt_id: int | None, ground: str, until_at: datetime | None, *, at: datetime, by: str
) -> int:
    """Set a stop; answers its id. Refuses: a person that does not exist."""
    with writing(person_id) as person:
        return write_stop(person, NewStop(kind, debt_id, ground, until_at, by), at)


def write_stop(person: LockedPerson, new: NewStop, at: datetime) -> int:
    """As `add_stop`, in the caller's transaction, which holds the person."""
    stop_id = ids.take()
    Stop.objects.using("gate").create(
        person_id=person.id,
        id=stop_id,
        kind=new.kind,
        debt_id=new.debt_id,
        from_at=at,
        until_at=new.until_at,
        ground=new.ground,
        set_by=new.by,
    )
    refresh_case_stop([person.id], at)
    cancel_waiting(person.id, at, f"stop_{new.kind}")
    values = {
        "kind": new.kind,
        "debt": new.debt_id,
        "ground": new.ground,
        "by": new.by,
        "until": instant(new.until_at),
        "lifted": False,
    }
    add_leaves([NewLeaf(LeafKind.HOLD, at, person.subject, values, person.id, stop_id, source_table="stop")])
    return stop_id


def lift_stop(person_id: int, stop_id: int, ground: str, *, at: datetime, by: str) -> None:
    """Lift a stop. Refuses: one that is not in force."""
    with writing(person_id) as person:
        if not write_lift(person, stop_id, ground, at=at, by=by):
            raise NoSuchRow(Text("该停催已不在生效中", "this stop is no longer in force"))


def write_lift(person: LockedPerson, stop_id: int, ground: str, *, at: datetime, by: str) -> bool:
    """As `lift_stop`, in the caller's transaction, which holds the person; False where it is not in force."""
    lifted = (
        Stop.objects.using("gate")
        .filter(person_id=person.id, id=stop_id, lifted_at=None)
        .exclude(until_at__lte=at)
        .update(lifted_at=at, lifted_by=by, lifted_ground=ground)
    )
    if lifted != 1:
        return False
    refresh_case_stop([person.id], at)
    values = {"lifted": True, "lifted_ground": ground, "lifted_by": by}
    add_leaves([NewLeaf(LeafKind.RELEASE, at, person.subject, values, person.id, stop_id, source_table="stop")])
    _stand_again(person, at)
    return True


def _stand_again(person: LockedPerson, at: datetime) -> None:
    """The stop of a canary stands again at once, as where the lender's file repeats it: whoever proposes meets an
    ordinary stop in ordinary words, and not the database that refuses behind it (docs/canaries.md).
    """
    standing = Stop.objects.using("gate").filter(person_id=person.id, kind=STOP_KIND, lifted_at=None, until_at=None)
    if Canary.objects.using("gate").filter(person_id=person.id).exists() and not standing.exists():
        write_stop(person, NewStop(STOP_KIND, None, STOP_GROUND, None, STOP_SET_BY), at)


# The gravest stop in force; one that speaks of a debt stops the case only where no other debt is left to work on: an
# overdue one or, where none is behind its day, any that is not settled. An instalment of next month is no work while
# the debt that is behind is under a plan.
_REFRESH = """
UPDATE collection_case c SET stop = wanted.kind
FROM (
    SELECT c.person_id, c.id, (
        SELECT s.kind FROM stop s
        WHERE s.person_id = c.person_id AND s.lifted_at IS NULL
          AND (s.until_at IS NULL OR s.until_at > %(at)s)
          AND (s.debt_id IS NULL OR NOT EXISTS (
              SELECT 1 FROM debt d WHERE d.person_id = c.person_id AND d.state <> 'settled'
                AND (d.state <> 'not_due' OR NOT EXISTS (
                    SELECT 1 FROM debt b WHERE b.person_id = d.person_id AND b.state NOT IN ('settled', 'not_due')))
                AND NOT EXISTS (
                  SELECT 1 FROM stop o WHERE o.person_id = d.person_id AND o.debt_id = d.id AND o.lifted_at IS NULL
                    AND (o.until_at IS NULL OR o.until_at > %(at)s))))
        ORDER BY array_position(%(order)s::text[], s.kind) DESC LIMIT 1
    ) AS kind
    FROM collection_case c WHERE c.closed_on IS NULL AND {whose}
) wanted
WHERE c.person_id = wanted.person_id AND c.id = wanted.id AND c.stop IS DISTINCT FROM wanted.kind
"""


def refresh_case_stop(person_ids: list[int], at: datetime) -> None:
    """The stop that open cases of persons show: the gravest in force, in the published order from light to grave."""
    _refresh("c.person_id = ANY (%(persons)s)", {"persons": person_ids, "at": at})


def refresh_book_stops(lender_id: int, at: datetime) -> None:
    """As `refresh_case_stop`, for a lender's whole book: stops begin and end with the days."""
    _refresh("c.lender_id = %(lender)s", {"lender": lender_id, "at": at})


def _refresh(whose: str, values: dict[str, Any]) -> None:
    with connections["gate"].cursor() as cursor:
        cursor.execute(_REFRESH.format(whose=whose), {**values, "order": list(STOPS)})
