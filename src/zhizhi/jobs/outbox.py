"""The outbox is drained: claim a permit, hand it to its gateway, write what it answered as a new command."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from zhizhi.gateways.permit import Failed, Origin, PermitGrant, SendingChannel, SendOutcome, Sent, Unknown
from zhizhi.jobs.long_job import DATABASE_AWAY
from zhizhi.jobs.under_way import Group, Lines, Way
from zhizhi.store.transact.called_off import CalledOff
from zhizhi.store.transact.claims import CLAIM_LOST_AFTER, CLAIM_MAX, Claimed
from zhizhi.store.transact.deliveries import Settled, cancel_expired, settle
from zhizhi.usecases.claim_contacts import Claiming, claim_contacts

# What a contact's outcome is when a provider took it: it was sent; a receipt may say later that it was delivered.
OUTCOME_WHEN_SENT = "sent"
NOT_SENT = "not_sent"  # claimed, and given back unsent: the database went away in between, or the group took too long
SETTLE_MAX = 25  # ends that wait for their commit; where that fails, the rest of a claim is not sent any more
SETTLE_WITHIN_SECONDS = 1.0  # how long ends wait for others where nothing comes
HAND_OVER_WITHIN = CLAIM_LOST_AFTER - timedelta(minutes=2)
"""After its claim; what others may soon hold to be lost, and a person to have never left, is not begun any more."""
LOG = logging.getLogger(__name__)


class Outbox:
    """Delivers through the channels of this installation; `channels` is gateway name -> channel name -> channel.

    `origin`: permits of this clock only, so that a worker and a declared day never touch each other's. `at_once`: how
    many messages of a gateway and channel may be on their way at the same time; one where nothing is said.
    """

    def __init__(
        self,
        channels: Mapping[str, Mapping[str, SendingChannel]],
        worker: str,
        *,
        origin: str = "system",
        monotonic: Callable[[], float] = time.monotonic,
        at_once: Mapping[Way, int] | None = None,
    ) -> None:
        self._channels = channels
        self._worker = worker
        self._origin = origin
        self._monotonic = monotonic
        self._lines = Lines(at_once or {})
        self._unwritten: list[Settled] = []

    def drain(self, at: datetime, *, limit: int = CLAIM_MAX, beat: Callable[[], None] = lambda: None) -> int:
        """Deliver what is due at an instant; answers how many left the outbox. `beat` is called as the work gets on.

        Ends that a database which was away could not take are known all the same: they are written first.
        """
        self._write()
        cancel_expired(at, origin=self._origin)
        return self.send(claim_contacts, at, limit=limit, beat=beat)

    def send(
        self, claiming: Claiming, at: datetime, *, limit: int = CLAIM_MAX, beat: Callable[[], None] = lambda: None
    ) -> int:
        """Claim and hand over, until nothing more is claimed; answers how many.

        Boundary: nothing is claimed while something of the group before it is under way, so a worker that dies leaves
        one group unknown, however many are handed over at once.
        """
        self._write()
        started = self._monotonic()
        done = 0
        now = at
        with CalledOff() as called_off:
            while claimed := claiming(sorted(self._channels), now, self._worker, limit=limit, origin=self._origin):
                self._hand_over(claimed, lambda: self._now(at, started), beat, called_off)
                done += len(claimed)
                now = self._now(at, started)
        return done

    def _hand_over(
        self,
        claimed: Sequence[Claimed],
        now: Callable[[], datetime],
        beat: Callable[[], None],
        called_off: CalledOff,
    ) -> None:
        """Hand over a group, of each channel as many at once as it takes, and write the ends as they come.

        Only this thread writes. Whatever ends it early: what nobody began to hand over is given back unsent (its permit
        may be overtaken by the time the database is back), what is under way is waited for, and its end kept.
        """
        group = Group(self._lines, lambda one: self._sent(one, now(), called_off), claimed)
        try:
            while group.is_under_way:
                landed = group.take(SETTLE_WITHIN_SECONDS)
                self._unwritten += landed
                if self._unwritten and (len(self._unwritten) >= SETTLE_MAX or not landed):
                    self._write()
                    beat()
            self._write()
            beat()
        finally:
            self._unwritten += [_unsent(one) for one in group.call_off()]
            self._unwritten += group.wait_for_all()

    def _write(self) -> None:
        """Write the ends that are known. Where the database is away they are kept."""
        ends, self._unwritten = self._unwritten, []
        try:
            settled_before = settle(ends)
        except DATABASE_AWAY:
            self._unwritten = ends
            raise
        for one in settled_before:
            LOG.warning("delivery %s was settled by somebody else before its end was known: %s",
                        one.claimed.delivery_id, one.state)  # fmt: skip

    def _now(self, at: datetime, started: float) -> datetime:
        """Sending takes time, and a permit may run out meanwhile; a declared clock stands still."""
        if self._origin != "system":
            return at
        return at + timedelta(seconds=self._monotonic() - started)

    def _sent(self, claimed: Claimed, at: datetime, called_off: CalledOff) -> Settled:
        if at - claimed.used_at > HAND_OVER_WITHIN:
            return _unsent(claimed)
        try:
            because = called_off.why(claimed, at)
        except DATABASE_AWAY:
            return _unsent(claimed)
        if because is not None:
            return Settled(claimed, "failed", at, failure=because)
        channel = self._channels[claimed.gateway].get(claimed.channel)
        if channel is None:
            return Settled(claimed, "failed", at, failure="no_such_channel")
        if not claimed.is_readable:
            return Settled(claimed, "failed", at, failure="unreadable")
        try:
            return settled_by(claimed, channel.send(grant_of(claimed), at), at)
        except Exception as fault:
            # A channel answers with values; where one breaks instead, the contact may have left all the same, and the
            # others of the batch must not lose their ends.
            LOG.error("gateway `%s` broke: %s", claimed.gateway, type(fault).__name__)
            return Settled(claimed, "unknown", at, failure="gateway_broke")


def _unsent(claimed: Claimed) -> Settled:
    """It was claimed, and nobody began to hand it over."""
    return Settled(claimed, "failed", claimed.used_at, failure=NOT_SENT)


def grant_of(claimed: Claimed) -> PermitGrant:
    """What a channel needs to send once."""
    return PermitGrant(
        permit_id=claimed.permit_id,
        person_id=claimed.person_id,
        party_id=claimed.party_id,
        point_id=claimed.point_id,
        channel=claimed.channel,
        address=_addressed(claimed),
        content=claimed.content,
        content_digest=claimed.content_digest,
        not_before=claimed.not_before,
        expires_at=claimed.expires_at,
        must_end_by=claimed.must_end_by,
        origin=Origin(claimed.origin),
        idempotency_key=f"{claimed.person_id}-{claimed.permit_id}",
    )


def _addressed(claimed: Claimed) -> str:
    """Where it goes; a letter names its recipient in the first line of the address."""
    if claimed.channel != "letter":
        return claimed.address
    return "\n".join((dict(claimed.content.variables).get("name", ""), claimed.address))


def settled_by(claimed: Claimed, outcome: SendOutcome, at: datetime) -> Settled:
    """How a delivery ends by what the gateway answered."""
    match outcome:
        case Sent(provider_message_id=key):
            return Settled(claimed, "delivered", at, OUTCOME_WHEN_SENT, provider_key=key)
        case Failed(code=code):
            return Settled(claimed, "failed", at, failure=code)
        case Unknown(code=code):
            return Settled(claimed, "unknown", at, None, failure=code)
