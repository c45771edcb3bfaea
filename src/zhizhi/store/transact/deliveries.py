"""The outbox: a delivery is claimed together with its permit, settled by what the gateway answered, or cancelled
with proof that nothing left.

A permit is used in the transaction that claims its delivery: a worker that dies with a claim leaves a used permit
behind, which stays counted
until a person settles it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.content import Content
from zhizhi.store.contacts.models import Contact, Delivery
from zhizhi.store.ids import ids
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.rows import open_content, open_point
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

CLAIM_MAX = 500
CLAIM_LOST_AFTER = timedelta(minutes=5)  # longer than every time-out of every gateway together


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery in the hands of this worker, opened; its permit is in use."""

    person_id: int
    delivery_id: int
    permit_id: int
    subject: UUID
    gateway: str
    channel: str
    party_id: int
    point_id: int
    address: str = field(repr=False)
    content: Content = field(repr=False)
    content_digest: str
    not_before: datetime
    expires_at: datetime
    must_end_by: datetime | None
    origin: str
    purpose: str
    form: str
    debts: list[int]
    collector: str
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """How a claimed delivery ended: `delivered`, `failed` (proof that nothing left) or `unknown`, and what counts
    as contact."""

    claimed: Claimed
    state: str
    at: datetime
    outcome: str | None = None
    provider_key: str | None = None
    failure: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    staff_id: int | None = None


_CLAIM = """
WITH due AS (
    SELECT d.person_id, d.id FROM delivery d
    WHERE d.state = 'waiting' AND d.due_at <= %(at)s AND d.gateway = ANY (%(gateways)s)
      AND (%(delivery)s::bigint IS NULL OR (d.person_id = %(person)s AND d.id = %(delivery)s))
    ORDER BY d.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), live AS (
    UPDATE permit SET state = 'used', used_at = %(at)s FROM due, delivery d
    WHERE d.person_id = due.person_id AND d.id = due.id AND permit.person_id = d.person_id AND permit.id = d.permit_id
      AND permit.state = 'open' AND permit.not_before <= %(at)s AND permit.expires_at > %(at)s
    RETURNING permit.*
)
SELECT d.person_id, d.id, live.id, p.subject, d.gateway, d.channel, live.party_id, live.point_id, p.data_key,
t.sealed, d.sealed,
       live.content_digest, live.not_before, live.expires_at, live.must_end_by, live.origin, live.purpose,
       live.form, live.debts,
       live.collector
FROM live JOIN delivery d ON d.person_id = live.person_id AND d.permit_id = live.id
JOIN person p ON p.id = live.person_id JOIN point t ON t.person_id = live.person_id AND t.id = live.point_id
"""
_MARK_CLAIMED = """
UPDATE delivery SET state = 'claimed', claimed_at = %s, claimed_by = %s, attempts = attempts + 1
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id) mine
WHERE delivery.person_id = mine.person_id AND delivery.id = mine.id
"""


def claim(
    gateways: Sequence[str],
    at: datetime,
    worker: str,
    *,
    limit: int = CLAIM_MAX,
    only: tuple[int, int] | None = None,
) -> list[Claimed]:
    """Claim deliveries that are due, with their permits, in one transaction; `only` names one (person, delivery)."""
    wanted: dict[str, Any] = {
        "at": at,
        "gateways": list(gateways),
        "limit": limit,
        "person": only and only[0],
        "delivery": only and only[1],
    }
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_CLAIM, wanted)
        rows = cursor.fetchall()
        if rows:
            cursor.execute(_MARK_CLAIMED, [at, worker, [row[0] for row in rows], [row[1] for row in rows]])
    return [_opened(row, at) for row in rows]


def _opened(row: tuple[Any, ...], at: datetime) -> Claimed:
    (
        person_id,
        delivery_id,
        permit_id,
        subject,
        gateway,
        channel,
        party_id,
        point_id,
        data_key,
        address,
        content,
        *terms,
    ) = row
    seal = person_seal(data_key)
    digest, not_before, expires_at, must_end_by, origin, purpose, form, debts, collector = terms
    return Claimed(
        person_id=person_id,
        delivery_id=delivery_id,
        permit_id=permit_id,
        subject=subject,
        gateway=gateway,
        channel=channel,
        party_id=party_id,
        point_id=point_id,
        address=open_point(seal, address, point_id),
        content=Content.from_document(open_content(seal, content, delivery_id)),
        content_digest=digest,
        not_before=not_before,
        expires_at=expires_at,
        must_end_by=must_end_by,
        origin=origin,
        purpose=purpose,
        form=form,
        debts=debts if isinstance(debts, list) else [],
        collector=collector,
        used_at=at,
    )


def settle(settled: Sequence[Settled]) -> None:
    """Write how deliveries ended: delivery, contact, permit given back where nothing left, and the leaf, in one
    transaction."""
    with transaction.atomic(using="gate", durable=True):
        for one in settled:
            _settle_delivery(one)
        Contact.objects.using("gate").bulk_create([_contact(one) for one in settled if one.state != "failed"])
        released = [one for one in settled if one.state == "failed"]
        if released:
            _release_permits(
                [(one.claimed.person_id, one.claimed.permit_id) for one in released], released[0].at, "nothing_left"
            )
        _advance_persons(sorted({one.claimed.person_id for one in settled}))
        add_leaves(_leaf(one) for one in settled)


def _settle_delivery(one: Settled) -> None:
    changed = (
        Delivery.objects.using("gate")
        .filter(person_id=one.claimed.person_id, id=one.claimed.delivery_id, state__in=("claimed", "unknown"))
        .update(state=one.state, finished_at=one.at, provider_key=one.provider_key, failure=one.failure)
    )
    if changed != 1:
        raise DeliverySettledBefore(one.claimed.delivery_id)


class DeliverySettledBefore(Exception):
    """Somebody else wrote the end of this delivery; nothing was changed."""


def _contact(one: Settled) -> Contact:
    claimed = one.claimed
    lender_side = {"collector": claimed.collector, "collector_kind": "lender"}
    return Contact(
        person_id=claimed.person_id,
        id=ids.take(),
        at=claimed.used_at,
        channel=claimed.channel,
        direction="out",
        party_id=claimed.party_id,
        point_id=claimed.point_id,
        debts=claimed.debts or None,
        form=claimed.form,
        purpose=claimed.purpose,
        staff_id=one.staff_id,
        outcome=one.outcome,
        permit_id=claimed.permit_id,
        **(lender_side | one.facts),
    )


def _leaf(one: Settled) -> NewLeaf:
    values = {"state": one.state, "outcome": one.outcome, "permit": one.claimed.permit_id, "failure": one.failure}
    return NewLeaf(
        kind=LeafKind.OUTCOME if one.state == "failed" else LeafKind.CONTACT,
        at=one.at,
        subject=one.claimed.subject,
        values=values | ({"facts": one.facts} if one.facts else {}),
        person_id=one.claimed.person_id,
        source_id=one.claimed.delivery_id,
    )


def _release_permits(permits: Sequence[tuple[int, int]], at: datetime, because: str) -> None:
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE permit SET state = 'released', released_at = %s, released_because = %s"
            " FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id) given"
            " WHERE permit.person_id = given.person_id AND permit.id = given.id AND permit.state <> 'released'",
            [at, because, [person for person, _ in permits], [permit for _, permit in permits]],
        )


def _advance_persons(person_ids: Sequence[int]) -> None:
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE person SET version = version + 1 WHERE id IN (SELECT id FROM person WHERE id = ANY (%s) ORDER BY id FOR UPDATE)",
            [list(person_ids)],
        )


def cancel_waiting(person_id: int, at: datetime, because: str) -> int:
    """Pull back everything of a person that has not left, and give its permits back; the caller's transaction is open.

    A delivery that a worker holds already is not touched: it may be leaving. Answers how many were pulled back.
    """
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET state = 'cancelled', finished_at = %s, failure = %s WHERE person_id = %s AND state = 'waiting'"
            " RETURNING permit_id",
            [at, because, person_id],
        )
        permits = [(person_id, row[0]) for row in cursor.fetchall()]
    _release_permits(permits, at, because)
    return len(permits)


def cancel_expired(at: datetime, *, limit: int = CLAIM_MAX) -> int:
    """Deliveries whose permit ran out before they were claimed: they never left, so the permits are given back."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET state = 'cancelled', finished_at = %s, failure = 'permit_expired' FROM ("
            " SELECT d.person_id, d.id FROM delivery d JOIN permit p ON p.person_id = d.person_id AND p.id = d.permit_id"
            " WHERE d.state = 'waiting' AND p.expires_at <= %s LIMIT %s FOR UPDATE OF d SKIP LOCKED) late"
            " WHERE delivery.person_id = late.person_id AND delivery.id = late.id RETURNING delivery.person_id, delivery.permit_id",
            [at, at, limit],
        )
        permits = cursor.fetchall()
        _release_permits(permits, at, "permit_expired")
        _advance_persons(sorted({person for person, _ in permits}))
    return len(permits)


def give_up_lost_claims(at: datetime) -> int:
    """Claims of a worker that died: the contact may have left, so it becomes `unknown`, stays counted and waits for
    a person."""
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery SET state = 'unknown', failure = 'worker_lost' WHERE state = 'claimed' AND claimed_at < %s AND gateway <> 'manual'",
            [at - CLAIM_LOST_AFTER],
        )
        return int(cursor.rowcount)
