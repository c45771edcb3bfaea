"""The states of a campaign, each change with who did it; what comes after its end: ending.py."""

from datetime import datetime
from typing import Any

from django.db import transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.campaigns.models import Campaign, CampaignStep, SendPace

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
