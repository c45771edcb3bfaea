"""Whom a campaign spoke of is forgotten a year after it ended; what came of it is counted, and its decisions stay."""

from datetime import datetime, timedelta

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.campaigns.models import Campaign, CampaignTarget
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.erasing import subject_of
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

KEPT_FOR = timedelta(days=366)
BATCH = 5000
_ERASE = """
DELETE FROM campaign_target WHERE (person_id, id) IN (
    SELECT person_id, id FROM campaign_target WHERE campaign_id = %s ORDER BY person_id LIMIT %s)
"""


def erase_targets(at: datetime) -> int:
    """Erase a batch of the persons of one campaign that ended a year ago, with a leaf; 0: none is due any more.

    Refuses: a clock that is not trusted (`ClockNotTrusted`).
    """
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        require_clock()
        due = Campaign.objects.using("gate").filter(ended_at__lt=at - KEPT_FOR, erased_at=None).order_by("id")
        campaign = due.filter(counts__isnull=False).select_for_update(skip_locked=True, of=("self",)).first()
        if campaign is None:
            return 0
        cursor.execute(_ERASE, [campaign.pk, BATCH])
        erased = int(cursor.rowcount)
        if not CampaignTarget.objects.using("gate").filter(campaign_id=campaign.pk).exists():
            Campaign.objects.using("gate").filter(pk=campaign.pk).update(erased_at=at)
        told = {"table": "campaign_target", "campaign": campaign.pk, "rows": erased}
        add_leaves([NewLeaf(LeafKind.ERASURE, at, subject_of("campaign_target"), told)])
    return max(erased, 1)
