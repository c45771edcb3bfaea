"""An approved assessment becomes a row with its leaf, in the transaction of its approval."""

from datetime import datetime
from uuid import uuid4

from django.db import connections

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.assessments.models import Assessment
from zhizhi.store.evidence.sources import instant
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


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


def has_assessments(lender_id: int) -> bool:
    """Whether any was ever approved for a lender."""
    return Assessment.objects.using("gate").filter(lender_id=lender_id).exists()


def synthetic_lenders() -> list[int]:
    """Lenders of invented books."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT id FROM lender WHERE is_synthetic ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
