"""The outbox is drained: claim a permit, hand it to its gateway, write what it answered as a new command."""

from collections.abc import Mapping
from datetime import datetime

from zhizhi.gateways.permit import Failed, Origin, PermitGrant, SendingChannel, SendOutcome, Sent, Unknown
from zhizhi.store.transact.claims import CLAIM_MAX, Claimed, claim
from zhizhi.store.transact.deliveries import Settled, cancel_expired, settle

# What a contact's outcome is when a provider took it: it was sent; a receipt may say later that it was delivered.
OUTCOME_WHEN_SENT = "sent"


class Outbox:
    """Delivers through the channels of this installation; `channels` is gateway name -> channel name -> channel."""

    def __init__(self, channels: Mapping[str, Mapping[str, SendingChannel]], worker: str) -> None:
        self._channels = channels
        self._worker = worker

    def drain(self, at: datetime, *, limit: int = CLAIM_MAX) -> int:
        """Deliver what is due at an instant; answers how many left the outbox."""
        cancel_expired(at)
        done = 0
        while claimed := claim(sorted(self._channels), at, self._worker, limit=limit):
            settle([self._sent(one, at) for one in claimed])
            done += len(claimed)
        return done

    def _sent(self, claimed: Claimed, at: datetime) -> Settled:
        channel = self._channels[claimed.gateway].get(claimed.channel)
        if channel is None:
            return Settled(claimed, "failed", at, failure="no_such_channel")
        return settled_by(claimed, channel.send(grant_of(claimed), at), at)


def grant_of(claimed: Claimed) -> PermitGrant:
    """What a channel needs to send once."""
    return PermitGrant(
        permit_id=claimed.permit_id,
        person_id=claimed.person_id,
        party_id=claimed.party_id,
        point_id=claimed.point_id,
        channel=claimed.channel,
        address=claimed.address,
        content=claimed.content,
        content_digest=claimed.content_digest,
        not_before=claimed.not_before,
        expires_at=claimed.expires_at,
        must_end_by=claimed.must_end_by,
        origin=Origin(claimed.origin),
        idempotency_key=f"{claimed.person_id}-{claimed.permit_id}",
    )


def settled_by(claimed: Claimed, outcome: SendOutcome, at: datetime) -> Settled:
    """How a delivery ends by what the gateway answered."""
    match outcome:
        case Sent(provider_message_id=key):
            return Settled(claimed, "delivered", at, OUTCOME_WHEN_SENT, provider_key=key)
        case Failed(code=code):
            return Settled(claimed, "failed", at, failure=code)
        case Unknown(code=code):
            return Settled(claimed, "unknown", at, None, failure=code)
