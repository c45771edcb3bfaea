"""After the end of a campaign: what waits is pulled back, whom nobody asked for is skipped, and all is counted.

Each step is a commit of its own and finds by itself what the one before it left, so that a worker that dies holds
nothing up, and several may do it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.campaigns.chunks import put_back_unsent
from zhizhi.store.campaigns.models import Campaign, CampaignTarget
from zhizhi.store.campaigns.moves import ENDS
from zhizhi.store.contacts.models import Delivery
from zhizhi.store.transact.deliveries import cancel_campaign
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

SKIPPED_AT_ONCE = 5_000
ENDED = "campaign_"
"""Before the state in which a campaign ended: why a message of it was pulled back, why a person of it was skipped."""


def to_be_settled() -> list[int]:
    """Campaigns that ended and are not put away yet."""
    ended = Campaign.objects.using("gate").filter(state__in=ENDS, counts__isnull=True).order_by("id")
    return list(ended.values_list("pk", flat=True))


def settle_ended(campaign_id: int, at: datetime, beat: Callable[[], None] = lambda: None) -> bool:
    """Pull back what waits to leave, skip whom nobody asked for, count, and leave a leaf; answers whether it is put
    away.

    Boundary: what a worker has in its hands, messages or persons, ends first; the next round asks again.
    """
    state = Campaign.objects.using("gate").values_list("state", flat=True).get(pk=campaign_id)
    cancel_campaign(campaign_id, at, ENDED + state, beat)
    if Delivery.objects.using("gate").filter(campaign_id=campaign_id, state="claimed").exists():
        return False
    with _held(campaign_id):
        put_back_unsent(campaign_id)
    while _skip_some(campaign_id, ENDED + state):
        beat()
    return _count(campaign_id, at)


@contextmanager
def _held(campaign_id: int) -> Iterator[Campaign]:
    """One durable transaction that holds the campaign; workers take turns. Within, nobody waits for a person: a chunk
    that is still under way holds some, and will ask for the campaign."""
    with transaction.atomic(using="gate", durable=True):
        yield Campaign.objects.using("gate").select_for_update(of=("self",)).get(pk=campaign_id)


_SKIP = """
UPDATE campaign_target t SET state = 'skipped', reason = %s
FROM (SELECT person_id, id FROM campaign_target WHERE campaign_id = %s AND state = 'waiting'
      LIMIT %s FOR UPDATE SKIP LOCKED) mine
WHERE t.person_id = mine.person_id AND t.id = mine.id
"""


def _skip_some(campaign_id: int, reason: str) -> int:
    with _held(campaign_id), connections["gate"].cursor() as cursor:
        cursor.execute(_SKIP, [reason, campaign_id, SKIPPED_AT_ONCE])
        return int(cursor.rowcount)


def _count(campaign_id: int, at: datetime) -> bool:
    with _held(campaign_id) as campaign:
        if campaign.counts is not None:
            return True
        if CampaignTarget.objects.using("gate").filter(campaign_id=campaign_id, state="waiting").exists():
            return False
        counts = count_targets(campaign_id)
        Campaign.objects.using("gate").filter(pk=campaign_id).update(counts=counts)
        told = {"campaign": campaign_id, "state": campaign.state, "total": campaign.total, "counts": counts}
        add_leaves([NewLeaf(LeafKind.RUN, at, uuid4(), told)])
    return True


def count_targets(campaign_id: int) -> dict[str, int]:
    """Persons of a campaign by state and reason, `state/reason`."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT state || CASE WHEN reason = '' THEN '' ELSE '/' || reason END, count(*) FROM campaign_target"
            " WHERE campaign_id = %s GROUP BY 1 ORDER BY 1",
            [campaign_id],
        )
        return dict(cursor.fetchall())
