"""A view is kept with its leaf before the page is answered, once a quarter of an hour."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.many import Question, ask, insert_many
from zhizhi.store.transact.leaves import NewLeaf, leaf_rows
from zhizhi.store.views.models import PersonView

_KNOWN = """
SELECT p.subject, p.lender_id, s.role, EXISTS (SELECT 1 FROM person_view v
    WHERE v.person_id = p.id AND v.staff_id = s.id AND v.ground = %s AND v.quarter_at = %s)
FROM person p, staff s WHERE p.id = %s AND s.id = %s
"""


def quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour of the clock began that holds this instant."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def record_view(person_id: int, staff_id: int, ground: str, at: datetime) -> None:
    """Keep that somebody sees a person now; nothing where this quarter of an hour has it already."""
    quarter = quarter_of(at)
    subject: UUID
    ((subject, lender_id, role, is_kept),) = ask(Question(_KNOWN, [ground, quarter, person_id, staff_id], list))
    if is_kept:
        return
    row = PersonView(
        person_id=person_id,
        id=ids.take(),
        lender_id=lender_id,
        staff_id=staff_id,
        role=role,
        ground=ground,
        quarter_at=quarter,
        seen_at=at,
    )
    values = {"staff": staff_id, "role": role, "ground": ground, "quarter_at": instant(quarter)}
    leaf = NewLeaf(LeafKind.VIEW, at, subject, values, person_id, row.id, source_table="person_view")
    try:
        with transaction.atomic(using="gate", durable=True):
            insert_many([row], *leaf_rows([leaf]))
    except IntegrityError as broken:
        violated = broken.__cause__
        if not isinstance(violated, UniqueViolation) or violated.diag.constraint_name != "person_view_once_a_quarter":
            raise  # else another page of theirs was first: it is kept
