"""A case changes hands: what every such write does, in the caller's transaction, which holds the persons.

What waits to leave was decided for whoever had the case and is pulled back, leases with it; counts, stops, refusals and
what was said are of the person and stay.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connections

from zhizhi.core.evidence.leaf import Json, LeafKind
from zhizhi.store.evidence.sources import instant
from zhizhi.store.placements.models import Placement
from zhizhi.store.placements.words import PLACEMENT_OVER
from zhizhi.store.transact.deliveries import cancel_waiting_of
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson

# Its collector was of the other house: nobody has it until the next assignment.
_MOVE = """
UPDATE collection_case c SET agency_id = w.agency_id, collector_id = NULL, assigned_because = '', held_since = NULL,
    home_id = NULL, unplaced = NULL
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS agency_id) w
WHERE c.person_id = w.person_id AND c.id = w.id AND c.closed_on IS NULL
"""
_RECALL_LEASES = """
UPDATE lease SET recalled_at = %s, recalled_because = %s
WHERE person_id = ANY (%s) AND confirmed_at IS NULL AND recalled_at IS NULL AND leased_at <= %s AND expires_at > %s
"""


def move_cases(cases: Sequence[tuple[int, int, int | None]], at: datetime) -> int:
    """Give cases (person, case, agency or None) to an agency or back to the lender; answers what was pulled back."""
    if not cases:
        return 0
    persons = sorted({person_id for person_id, _, _ in cases})
    with connections["gate"].cursor() as cursor:
        cursor.execute(_MOVE, [list(column) for column in zip(*cases, strict=True)])
        cursor.execute(_RECALL_LEASES, [at, PLACEMENT_OVER, persons, at, at])
        leases = int(cursor.rowcount)
    return leases + cancel_waiting_of(persons, at, PLACEMENT_OVER)


def log_placements(rows: Iterable[Placement], persons: dict[int, LockedPerson], at: datetime) -> None:
    """A leaf for every placement that began or ended."""
    add_leaves(_leaf(row, persons[row.person_id], at) for row in rows)


def _leaf(row: Placement, person: LockedPerson, at: datetime) -> NewLeaf:
    values: dict[str, Json] = {
        "batch": row.batch_id,
        "agency": row.agency_id,
        "case": row.case_id,
        "hand": row.hand,
        "placed_at": instant(row.placed_at),
        "state": row.state,
    }
    if row.ended_at is not None:  # by these fields whoever reads leaves tells the end from the beginning
        values |= {"ended_at": instant(row.ended_at), "ended_by": row.ended_by, "ended_ground": row.ended_ground}
    return NewLeaf(LeafKind.PLACEMENT, at, person.subject, values, row.person_id, row.id, source_table="placement")
