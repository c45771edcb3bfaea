"""An approved assessment becomes a row with its leaf, in the transaction of its approval."""

from datetime import date, datetime
from uuid import uuid4

from django.db import connections
from django.db.models import Max

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.assessments.models import Assessment
from zhizhi.store.evidence.sources import instant
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

_SYNTHETIC = """
SELECT l.id, (SELECT min(d.as_of_on) FROM debt d WHERE d.lender_id = l.id)
FROM lender l WHERE l.is_synthetic ORDER BY l.id
"""


def keep_assessment(
    lender_id: int, activity: str, from_at: datetime, until_at: datetime, approval: int, at: datetime
) -> None:
    """Insert it; the caller's transaction on `gate` is open."""
    row = Assessment.objects.using("gate").create(
        lender_id=lender_id, activity=activity, from_at=from_at, until_at=until_at, approval_id=approval
    )
    values = {
        "lender": lender_id,
        "activity": activity,
        "from": instant(from_at),
        "until": instant(until_at),
        "approval": approval,
    }
    add_leaves([NewLeaf(LeafKind.ASSESSMENT, at, uuid4(), values, source_id=row.pk, source_table="assessment")])


def ends_of_assessments(lender_id: int) -> dict[str, datetime]:
    """Until when a lender's last one of each activity stands; absent is what was never assessed."""
    rows = Assessment.objects.using("gate").filter(lender_id=lender_id).values_list("activity")
    return dict(rows.annotate(Max("until_at")))


def synthetic_lenders() -> list[tuple[int, date | None]]:
    """Lenders of invented books, and the first day of what is in the book; None where there is nothing yet."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_SYNTHETIC)
        return [(lender_id, first_on) for lender_id, first_on in cursor.fetchall()]
