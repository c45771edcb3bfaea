"""How a delivery ends: settled by what the gateway answered or by a person with proof, or pulled back before it left.

Only what may have left stays counted: a permit is given back on proof that nothing left, and every end is a leaf.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.channels import AT_A_DESK, DIALLER, SIP
from zhizhi.store.contacts.models import Contact, Delivery, Permit
from zhizhi.store.evidence.sources import of_contact
from zhizhi.store.ids import ids
from zhizhi.store.settlements.rows import Proof, add_settlement
from zhizhi.store.transact.claims import Claimed, staff_of
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import NoSuchRow, lock_persons, writing

EXPIRED = "permit_expired"
EXPIRED_MAX = 500
"""Persons whose overdue deliveries are pulled back in one transaction."""
DAY_OVER = "day_over"
OWN_CALL = Text(
    "自己拨打的电话不能由本人认定为未拨出，请另一位有权限的同事核定",
    "whoever made a call does not say that it was never made; help: ask somebody else who rules",
)


class OwnCall(Refused):
    """A permit is not given back on the word of whoever used it."""


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


_SETTLE = """
UPDATE delivery d SET state = g.state, finished_at = g.at, provider_key = g.provider_key, failure = g.failure
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS state,
    unnest(%s::timestamptz[]) AS at, unnest(%s::text[]) AS provider_key, unnest(%s::text[]) AS failure) g
WHERE d.person_id = g.person_id AND d.id = g.id
  AND (d.state = 'claimed' OR (d.state = 'unknown' AND g.state <> 'unknown'))
RETURNING d.id
"""


def settle(settled: Sequence[Settled]) -> list[Settled]:
    """Write how deliveries ended: delivery, contact, permit given back where nothing left, and leaf, in one
    transaction.

    Answers those that somebody else had settled before: of them nothing was written. A delivery whose fate is unknown
    has no contact yet: its used permit counts as "perhaps".
    """
    if not settled:
        return []
    with transaction.atomic(using="gate", durable=True):
        lock_persons(one.claimed.person_id for one in settled)
        return settle_in(settled)


def settle_in(settled: Sequence[Settled]) -> list[Settled]:
    """`settle` within the caller's transaction, which holds the persons."""
    with connections["gate"].cursor() as cursor:
        rows = [
            (one.claimed.person_id, one.claimed.delivery_id, one.state, one.at, one.provider_key, one.failure)
            for one in settled
        ]
        cursor.execute(_SETTLE, [list(column) for column in zip(*rows, strict=True)])
        written_ids = {row[0] for row in cursor.fetchall()}
    written = [one for one in settled if one.claimed.delivery_id in written_ids]
    contacts = {one.claimed.delivery_id: _contact(one) for one in written if one.state == "delivered"}
    Contact.objects.using("gate").bulk_create(contacts.values())
    note_latest(contacts.values())
    for one in written:
        if one.state == "failed":
            _release_permits([(one.claimed.person_id, one.claimed.permit_id)], one.at, "nothing_left")
    add_leaves(_leaf(one, contacts.get(one.claimed.delivery_id)) for one in written)
    return [one for one in settled if one.claimed.delivery_id not in written_ids]


def note_latest(contacts: Iterable[Contact]) -> None:
    """The worklist shows when a case was last contacted."""
    rows = [(contact.person_id, contact.at) for contact in contacts]
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE collection_case c SET latest_contact_at = greatest(c.latest_contact_at, made.at)"
            " FROM (SELECT person_id, max(at) AS at FROM unnest(%s::bigint[], %s::timestamptz[]) AS m (person_id, at)"
            " GROUP BY person_id) made"
            " WHERE c.person_id = made.person_id AND c.closed_on IS NULL",
            [[person_id for person_id, _ in rows], [at for _, at in rows]],
        )


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


def _leaf(one: Settled, contact: Contact | None) -> NewLeaf:
    claimed = one.claimed
    if contact is not None:
        return contact_leaf(contact, one.at, claimed.subject, {})
    if one.state == "unknown":  # no end yet: what the row says will change with the leaf that ends it
        values = {"unknown_because": one.failure, "permit": claimed.permit_id}
    else:
        values = {"state": one.state, "failure": one.failure, "permit": claimed.permit_id}
    return _end_leaf(claimed.person_id, claimed.delivery_id, claimed.subject, one.at, values)


def contact_leaf(contact: Contact, at: datetime, subject: UUID, more: Mapping[str, Any]) -> NewLeaf:
    """The leaf of an outbound contact; `more` says what its end rests on."""
    values = {**of_contact(contact), "outcome": contact.outcome, **more}
    return NewLeaf(LeafKind.CONTACT, at, subject, values, contact.person_id, contact.id, source_table="contact")


def _end_leaf(person_id: int, delivery_id: int, subject: UUID, at: datetime, values: Mapping[str, Any]) -> NewLeaf:
    return NewLeaf(LeafKind.OUTCOME, at, subject, values, person_id, delivery_id, source_table="delivery")


def settle_by_hand(
    person_id: int, delivery_id: int, *, left: bool, outcome: str | None, proof: Proof, at: datetime, by: int
) -> None:
    """A person says, with proof, how a delivery ended whose fate the system does not know: it left, or nothing did.

    Refuses: a delivery that is neither `unknown` nor a call by hand without its outcome; that nothing left, said by
    whoever made the call.
    """
    with writing(person_id) as person:
        rows = Delivery.objects.using("gate").filter(person_id=person_id, id=delivery_id)
        delivery = rows.select_for_update().first()
        if delivery is None or not (
            delivery.state == "unknown" or (delivery.state == "claimed" and delivery.gateway in AT_A_DESK)
        ):
            raise NoSuchRow(Text("该条触达的结果已知", "the end of this contact is known already"))
        if not left and delivery.state == "claimed" and delivery.gateway == SIP:
            raise NoSuchRow(Text("通话可能仍在进行", "the call may still be on, and its keeper will tell its end"))
        if not left and staff_of(delivery.claimed_by) == by:
            raise OwnCall("own_call", OWN_CALL)
        state, failure = ("delivered", None) if left else ("failed", "settled_by_hand")
        rows.update(state=state, failure=failure, finished_at=at)
        add_settlement(person, delivery_id, proof, left=left, outcome=outcome, at=at, by=by)
        if not left:
            _release_permits([(person_id, delivery.permit_id)], at, "settled_by_hand")
            values = {"state": state, "failure": failure, "permit": delivery.permit_id, **proof.to_values(by)}
            add_leaves([_end_leaf(person_id, delivery_id, person.subject, at, values)])
            return
        contact = contact_of_permit(Permit.objects.using("gate").get(person_id=person_id, id=delivery.permit_id))
        contact.outcome, contact.staff_id = outcome, staff_of(delivery.claimed_by)
        contact.save(using="gate", force_insert=True)
        note_latest([contact])
        add_leaves([contact_leaf(contact, at, person.subject, proof.to_values(by))])


def contact_of_permit(permit: Permit) -> Contact:
    """The contact that a used permit stands for, not written yet."""
    assert permit.used_at is not None, "what may have left has used its permit"
    return Contact(
        person_id=permit.person_id,
        id=ids.take(),
        at=permit.used_at,
        channel=permit.channel,
        direction="out",
        party_id=permit.party_id,
        point_id=permit.point_id,
        debts=permit.debts or None,
        form=permit.form,
        purpose=permit.purpose,
        collector=permit.collector,
        permit_id=permit.id,
    )


def _release_permits(permits: Sequence[tuple[int, int]], at: datetime, because: str) -> None:
    if not permits:
        return
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE permit SET state = 'released', released_at = %s, released_because = %s"
            " FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id) given"
            " WHERE permit.person_id = given.person_id AND permit.id = given.id AND permit.state <> 'released'",
            [at, because, [person for person, _ in permits], [permit for _, permit in permits]],
        )


_CANCEL = """
UPDATE delivery d SET state = 'cancelled', finished_at = %(at)s, failure = %(because)s
FROM person p, permit m
WHERE p.id = d.person_id AND m.person_id = d.person_id AND m.id = d.permit_id
  AND d.person_id = ANY (%(persons)s) AND d.state = 'waiting'
"""
# Calls at a desk are in somebody's hands, and a lease is asked for by its system right before it rings.
_CALL_OFF = """
INSERT INTO called_off (person_id, id, because, at)
SELECT d.person_id, d.id, %s, %s FROM delivery d
WHERE d.person_id = ANY (%s) AND d.state = 'claimed' AND d.gateway <> ALL (%s)
ON CONFLICT (person_id, id) DO NOTHING
"""
_CANCELLED = " RETURNING d.person_id, d.id, d.permit_id, p.subject"


def _cancel(condition: str, values: Mapping[str, Any]) -> int:
    """Cancel what still waits and fits, give the permits back, leave a leaf each; the persons are locked."""
    at, because = values["at"], values["because"]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CANCEL + condition + _CANCELLED, dict(values))
        rows = cursor.fetchall()
    _release_permits([(person_id, permit_id) for person_id, _, permit_id, _ in rows], at, because)
    add_leaves(
        _end_leaf(person_id, delivery_id, subject, at, {"state": "cancelled", "failure": because, "permit": permit_id})
        for person_id, delivery_id, permit_id, subject in rows
    )
    return len(rows)


def cancel_waiting(person_id: int, at: datetime, because: str) -> int:
    """Pull back everything of a person that has not left, and give its permits back; the caller's transaction is open
    and holds the person.

    A delivery that a worker holds already may be leaving: it is called off, and does not leave where its turn has not
    come (`called_off`). Answers how many were pulled back.
    """
    return cancel_waiting_of([person_id], at, because)


def cancel_waiting_of(person_ids: Sequence[int], at: datetime, because: str) -> int:
    """As `cancel_waiting`, of several persons."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CALL_OFF, [because, at, list(person_ids), [*AT_A_DESK, DIALLER]])
    return _cancel("", {"persons": list(person_ids), "at": at, "because": because})


def waiting_persons(person_ids: Sequence[int]) -> list[int]:
    """Those of the persons for whom something waits to leave."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT person_id FROM delivery WHERE person_id = ANY (%s) AND state = 'waiting' ORDER BY 1",
            [list(person_ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def cancel_these(person_id: int, delivery_ids: Sequence[int], at: datetime, because: str) -> int:
    """Pull back these deliveries of a person where they still wait; the caller's transaction holds the person."""
    wanted = {"persons": [person_id], "deliveries": list(delivery_ids), "at": at, "because": because}
    return _cancel(" AND d.id = ANY (%(deliveries)s)", wanted)


def cancel_texts(person_ids: Sequence[int], version_id: int, at: datetime, because: str) -> int:
    """Pull back what waits of these persons with one version of a wording; the caller's transaction holds them."""
    wanted = {"persons": list(person_ids), "version": version_id, "at": at, "because": because}
    return _cancel(" AND m.template_version_id = %(version)s", wanted)


def cancel_stopped_in_bulk(person_ids: Sequence[int], at: datetime, because: str) -> int:
    """Pull back what waits of these persons and a bulk stop is in the way of; the caller's transaction holds them."""
    wanted = {"persons": list(person_ids), "at": at, "because": because}
    return _cancel(" AND zhizhi_bulk_stop_of(d.person_id, d.channel, m.purpose, %(at)s) IS NOT NULL", wanted)


def cancel_expired(at: datetime, *, origin: str | None = None, limit: int = EXPIRED_MAX) -> int:
    """Deliveries whose permit ran out before they were claimed: they never left, so the permits are given back.

    Calls that nobody clicked are among them. `origin`: only permits of that clock.
    """
    found = (
        "SELECT DISTINCT d.person_id FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id"
        " WHERE d.state = 'waiting' AND m.expires_at <= %s AND (%s::text IS NULL OR m.origin = %s) LIMIT %s"
    )
    done = 0
    while True:
        with transaction.atomic(using="gate", durable=True):
            with connections["gate"].cursor() as cursor:
                cursor.execute(found, [at, origin, origin, limit])
                persons = [row[0] for row in cursor.fetchall()]
            if not persons:
                return done
            lock_persons(persons)
            wanted = {"persons": persons, "at": at, "because": EXPIRED, "origin": origin}
            done += _cancel(
                " AND m.expires_at <= %(at)s AND (%(origin)s::text IS NULL OR m.origin = %(origin)s)", wanted
            )


def cancel_run(run_id: int, at: datetime) -> int:
    """The declared day of a run is over: what still waits of it can never leave, and its permits are given back."""
    with transaction.atomic(using="gate", durable=True):
        waiting = Delivery.objects.using("gate").filter(run_id=run_id, state="waiting")
        persons = sorted(set(waiting.values_list("person_id", flat=True)))
        lock_persons(persons)
        wanted = {"persons": persons, "at": at, "because": DAY_OVER, "run": run_id}
        return _cancel(" AND d.run_id = %(run)s", wanted)


_CALLS_OF = """
SELECT d.person_id, d.id FROM delivery d
JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
JOIN decision n ON n.person_id = m.person_id AND n.id = m.decision_id
WHERE d.state = 'waiting' AND m.channel = 'voice' AND n.by = %s
"""


def cancel_calls_of(staff_id: int, at: datetime, because: str) -> int:
    """Calls that wait for the click of somebody who will not come are pulled back; the caller's transaction is open."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CALLS_OF, [f"u{staff_id}"])
        found = cursor.fetchall()
    persons = sorted({person_id for person_id, _ in found})
    lock_persons(persons)
    deliveries = [delivery_id for _, delivery_id in found]
    wanted = {"persons": persons, "deliveries": deliveries, "at": at, "because": because}
    return _cancel(" AND d.id = ANY (%(deliveries)s)", wanted) if found else 0


_WAITING_OF_CAMPAIGN = """
SELECT d.person_id FROM delivery d JOIN campaign c ON c.id = d.campaign_id
WHERE d.campaign_id = %s AND d.state = 'waiting' AND c.ended_at IS NOT NULL ORDER BY d.due_at LIMIT %s
"""


def cancel_campaign(
    campaign_id: int, at: datetime, because: str, beat: Callable[[], None], *, limit: int = EXPIRED_MAX
) -> int:
    """A campaign has ended: what still waits of it is pulled back, at most so many persons a commit.

    What a worker has claimed is not touched: it may be leaving. Answers how many were pulled back.
    """
    done = 0
    while True:
        with transaction.atomic(using="gate", durable=True):
            with connections["gate"].cursor() as cursor:
                cursor.execute(_WAITING_OF_CAMPAIGN, [campaign_id, limit])
                persons = [row[0] for row in cursor.fetchall()]
            if not persons:
                return done
            lock_persons(persons)
            wanted = {"persons": persons, "at": at, "because": because, "campaign": campaign_id}
            done += _cancel(" AND d.campaign_id = %(campaign)s", wanted)
        beat()
