"""Claiming for campaigns, under the campaign's row and its provider's: a pause and a throttle bind every worker."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from zhizhi.store.campaigns.chunks import hold_law
from zhizhi.store.campaigns.models import Campaign, SendPace
from zhizhi.store.campaigns.terms import COLUMNS, to_terms
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.claims import Claimed, Found, Taken, open_claimed, take_due


def filled(tokens: float, since: datetime | None, per_second: int | None, at: datetime) -> float | None:
    """The tokens of a bucket at an instant; None where there is no throttle.

    Boundary: one second's tokens at most, so that a worker that was away does not send a burst; a bucket that was never
    used holds one. A clock behind the bucket's adds nothing.
    """
    if per_second is None:
        return None
    if since is None:
        return 1.0
    return min(float(per_second), tokens + max(0.0, (at - since) / timedelta(seconds=1)) * per_second)


def claim_of_campaigns(
    gateways: Sequence[str], at: datetime, worker: str, *, limit: int, origin: str | None = None
) -> Found:
    """A group of each campaign that runs, as far as its hours and throttles let it, with the permits in use.

    Boundary: each has an even part of the limit, and what the ones before it left; a long campaign does not keep a
    short one waiting. Refuses: ClockNotTrusted, and nothing is claimed.
    """
    require_clock()
    running = list(Campaign.objects.using("gate").filter(state="running").order_by("id").values_list("pk", flat=True))
    claimed: list[Claimed] = []
    overtaken: list[tuple[int, int]] = []
    for place, campaign_id in enumerate(running):
        even_part = -(-(limit - len(claimed) - len(overtaken)) // (len(running) - place))
        if even_part > 0:
            found, changed = _claim(campaign_id, gateways, at, worker, even_part, origin)
            claimed += found
            overtaken += changed
    return claimed, overtaken


def _claim(
    campaign_id: int, gateways: Sequence[str], at: datetime, worker: str, most: int, origin: str | None
) -> Found:
    """The law of its lender and the row of the campaign are held from before they are looked at until the claim
    commits."""
    with transaction.atomic(using="gate", durable=True):
        hold_law(campaign_id)
        held = Campaign.objects.using("gate").select_for_update(of=("self",)).filter(pk=campaign_id, state="running")
        row = held.values_list(*COLUMNS, "tokens", "filled_at").first()
        if row is None or not (terms := to_terms(row[:-2])).window.is_open(at):
            return [], []
        own = filled(row[-2], row[-1], terms.per_second, at)
        taken = Taken([], [])
        for gateway, pace in _paces(gateways, terms.channel, at).items():
            room = most - len(taken.rows) - len(taken.overtaken)
            allowed = min([room, *(int(tokens) for tokens in (own, pace) if tokens is not None)])
            if allowed <= 0:
                continue
            due = take_due([gateway], at, worker, limit=allowed, origin=origin, campaign=campaign_id)
            taken.rows.extend(due.rows)
            taken.overtaken.extend(due.overtaken)
            own = None if own is None else own - len(due.rows)
            if pace is not None:
                paces = SendPace.objects.using("gate").filter(gateway=gateway, channel=terms.channel)
                paces.update(tokens=pace - len(due.rows), filled_at=Greatest(F("filled_at"), Value(at)))
        if own is not None:
            Campaign.objects.using("gate").filter(pk=campaign_id).update(
                tokens=own, filled_at=Greatest(F("filled_at"), Value(at))
            )
    return open_claimed(taken.rows, at), taken.overtaken


def _paces(gateways: Sequence[str], channel: str, at: datetime) -> dict[str, float | None]:
    """The tokens of each provider of a channel, its row held; None where it has no throttle."""
    found = SendPace.objects.using("gate").select_for_update().filter(channel=channel, gateway__in=gateways)
    rows = found.order_by("gateway").values_list("gateway", "tokens", "filled_at", "per_second")
    paces: dict[str, float | None] = dict.fromkeys(sorted(gateways))
    return paces | {gateway: filled(tokens, since, rate, at) for gateway, tokens, since, rate in rows}


def load_pace(gateway: str, channel: str) -> int | None:
    """The throttle of a channel of a provider; None where it has none."""
    paces = SendPace.objects.using("gate").filter(gateway=gateway, channel=channel)
    return paces.values_list("per_second", flat=True).first()
