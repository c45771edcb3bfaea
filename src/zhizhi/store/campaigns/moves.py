"""The states of a campaign, each change with who did it; and what is put away once it has ended."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.campaigns.chunks import put_back_unsent
from zhizhi.store.campaigns.models import Campaign, CampaignStep, CampaignTarget, SendPace
from zhizhi.store.contacts.models import Delivery
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

STATE_AFTER = {
    "started": ("running", ("draft",)),
    "paused": ("paused", ("running",)),
    "resumed": ("running", ("paused",)),
    "finished": ("finished", ("running",)),
    "cancelled": ("cancelled", ("draft", "running", "paused")),
}
ENDS = ("finished", "cancelled")


class CannotMove(Refused):
    """The campaign is not in a state from which this is possible."""


def move(campaign_id: int, what: str, at: datetime, by: int | None, why: str = "") -> None:
    """Start, pause, resume, finish or cancel. Once a pause commits nothing more is claimed.

    Refuses: a state from which that does not go (CannotMove).
    """
    state, allowed = STATE_AFTER[what]
    with transaction.atomic(using="gate", durable=True):
        changed: dict[str, Any] = {"state": state, "ended_at": at if state in ENDS else None}
        if state == "running":
            changed |= {"tokens": 0, "filled_at": None}  # what a pause saved up does not leave at once
        rows = Campaign.objects.using("gate").filter(pk=campaign_id, state__in=allowed)
        if not rows.update(**changed):
            raise CannotMove(
                "cannot_move",
                Text(
                    "群发的状态已改变，请刷新后再试", "the campaign stands otherwise by now; help: load the page again"
                ),
            )
        _note(campaign_id, what, at, by, why)


def set_rate(campaign_id: int, per_second: int | None, at: datetime, by: int) -> None:
    """Throttle a campaign from now on; None takes its own throttle away. Refuses: one that has ended (CannotMove)."""
    with transaction.atomic(using="gate", durable=True):
        rows = Campaign.objects.using("gate").filter(pk=campaign_id).exclude(state__in=ENDS)
        if not rows.update(per_second=per_second, tokens=0, filled_at=None):
            raise CannotMove("cannot_move", Text("群发已结束", "the campaign has ended"))
        _note(campaign_id, "throttled", at, by, str(per_second or ""))


def set_pace(gateway: str, channel: str, per_second: int | None, at: datetime, by: int) -> None:
    """Throttle a channel of a provider for all campaigns together."""
    new = {"per_second": per_second, "tokens": 0, "filled_at": None, "set_by_id": by, "set_at": at}
    with transaction.atomic(using="gate", durable=True):
        paces = SendPace.objects.using("gate")
        paces.bulk_create([SendPace(gateway=gateway, channel=channel)], ignore_conflicts=True)
        paces.filter(gateway=gateway, channel=channel).update(**new)


def _note(campaign_id: int, what: str, at: datetime, by: int | None, why: str) -> None:
    CampaignStep.objects.using("gate").create(campaign_id=campaign_id, at=at, by_id=by, what=what, why=why)


def to_be_settled() -> list[int]:
    """Campaigns that ended and are not put away yet."""
    ended = Campaign.objects.using("gate").filter(state__in=ENDS, counts__isnull=True).order_by("id")
    return list(ended.values_list("pk", flat=True))


def settle_ended(campaign_id: int, at: datetime) -> bool:
    """Skip whom nobody asked for, count, and leave a leaf; answers whether it is put away.

    What a worker has in its hands ends first, and what waits in the outbox runs out with its permit: nobody claims it.
    """
    with transaction.atomic(using="gate", durable=True):
        if Delivery.objects.using("gate").filter(campaign_id=campaign_id, state__in=("waiting", "claimed")).exists():
            return False
        campaign = Campaign.objects.using("gate").select_for_update(of=("self",)).get(pk=campaign_id)
        if campaign.counts is not None:
            return True
        put_back_unsent(campaign_id)
        targets = CampaignTarget.objects.using("gate").filter(campaign_id=campaign_id)
        targets.filter(state="waiting").update(state="skipped", reason=f"campaign_{campaign.state}")
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
