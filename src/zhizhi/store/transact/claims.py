"""The outbox is claimed: a delivery together with its permit, by one worker, and opened for one call of a gateway.

A permit is used in the transaction that claims its delivery: a worker that dies with a claim leaves a used permit
behind, which stays counted until a person settles it (`deliveries.settle_by_hand`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.content import Content
from zhizhi.store.channels import AT_A_DESK, DIALLER
from zhizhi.store.keyring import KeyUnavailable, person_seal, service
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.people.rows import open_content, open_point
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

CLAIM_MAX = 50
"""Claimed at once: whatever a worker that dies holds in its hands is unknown, and a person settles each."""
CLAIM_LOST_AFTER = timedelta(minutes=5)  # longer than every time-out of every gateway together


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery in the hands of this worker, opened; its permit is in use.

    `is_readable` is false where address or content do not open: nothing can leave.
    """

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
    is_readable: bool = True


CLAIMED = """m.person_id, d.id AS delivery_id, m.id AS permit_id, p.subject, d.gateway, d.channel, m.party_id,
    m.point_id, m.content_digest, m.not_before, m.expires_at, m.must_end_by, m.origin, m.purpose, m.form, m.debts,
    m.collector"""
"""What `claimed_of` reads, of delivery `d`, permit `m` and person `p`."""

# What came after the decision beats its permit: a stop, words, money. Whoever writes one also pulls back what waits
# (cancel_waiting); this is the second lock on the same door. Rows are recorded on the system's clock. For house rules
# that changed it is the only one: a permit of other rules ends unused. Whatever else was written since, the law is
# asked about it before the permit is used, and the person is held so that nobody writes in between.
_DUE = """
WITH due AS (
    SELECT d.person_id, d.id, m.id AS permit_id, p.version IS NOT DISTINCT FROM d.stands_at AS stands
    FROM delivery d
    JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
    JOIN person p ON p.id = d.person_id
    WHERE d.state = 'waiting' AND d.due_at <= %(at)s AND d.gateway = ANY (%(gateways)s)
      AND m.state = 'open' AND m.not_before <= %(at)s AND m.expires_at > %(at)s
      AND (%(origin)s::text IS NULL OR m.origin = %(origin)s)
      AND (%(delivery)s::bigint IS NULL OR (d.person_id = %(person)s AND d.id = %(delivery)s))
      AND {campaign}
      AND p.data_key IS NOT NULL
      AND NOT EXISTS (
          SELECT 1 FROM stop s WHERE s.person_id = d.person_id AND s.lifted_at IS NULL AND s.from_at > m.minted_at
      )
      AND zhizhi_names_house(m.lender_id, m.person_id, m.decision_id)
      AND NOT EXISTS (SELECT 1 FROM template_version v WHERE v.id = m.template_version_id AND v.state = 'withdrawn')
      AND zhizhi_bulk_stop_of(d.person_id, d.channel, m.purpose, %(at)s) IS NULL
      AND NOT (m.origin = 'system' AND (
          EXISTS (SELECT 1 FROM statement s WHERE s.person_id = d.person_id AND s.recorded_at > m.minted_at)
          OR EXISTS (SELECT 1 FROM payment y WHERE y.person_id = d.person_id AND y.recorded_at > m.minted_at)
      ))
    ORDER BY d.due_at, d.person_id, d.id LIMIT %(limit)s
    FOR NO KEY UPDATE OF p SKIP LOCKED FOR UPDATE OF d, m SKIP LOCKED
), used AS (
    UPDATE permit m SET state = 'used', used_at = %(at)s
    FROM due JOIN delivery d ON d.person_id = due.person_id AND d.id = due.id
    JOIN person p ON p.id = due.person_id
    JOIN point t ON t.person_id = due.person_id
    WHERE due.stands AND m.person_id = due.person_id AND m.id = due.permit_id AND t.id = m.point_id
    RETURNING {claimed}, p.data_key, t.sealed, d.sealed
)
SELECT due.person_id, due.id, used.*
FROM due LEFT JOIN used ON used.person_id = due.person_id AND used.delivery_id = due.id
"""
_DUE_OF_NONE = _DUE.format(claimed=CLAIMED, campaign="d.campaign_id IS NULL")
_DUE_OF_CAMPAIGN = _DUE.format(claimed=CLAIMED, campaign="d.campaign_id = %(campaign)s")
_MARK_CLAIMED = """
UPDATE delivery SET state = 'claimed', claimed_at = %s, claimed_by = %s, attempts = attempts + 1
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id) mine
WHERE delivery.person_id = mine.person_id AND delivery.id = mine.id
"""


Found = tuple[list[Claimed], list[tuple[int, int]]]
"""What is in hand, and (person, delivery) of what was overtaken."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a claim found due: rows of `open_claimed`, and (person, delivery) of those about which the law is to be
    asked again first, because something was written about the person since it permitted them."""

    rows: list[tuple[Any, ...]] = field(repr=False)
    overtaken: list[tuple[int, int]]


def claim(
    gateways: Sequence[str],
    at: datetime,
    worker: str,
    *,
    limit: int = CLAIM_MAX,
    only: tuple[int, int] | None = None,
    origin: str | None = None,
) -> Found:
    """Claim deliveries that are due and of no campaign, with their permits, in one transaction.

    `only` names one (person, delivery); `origin` keeps a declared clock and the system's away from each other.
    Refuses: ClockNotTrusted, and nothing is claimed.
    """
    require_clock()
    with transaction.atomic(using="gate", durable=True):
        hold_laws(None if only is None else only[0])
        taken = take_due(gateways, at, worker, limit=limit, only=only, origin=origin)
    return open_claimed(taken.rows, at), taken.overtaken


def hold_laws(of_person: int | None = None) -> None:
    """Until this transaction ends nobody changes the house rules of the person's lender, or of any lender.

    Asked for before the rows are looked at, so that nothing is claimed that an activation which has returned forbids.
    One person is waited for, too: a claim passes over whoever is held just now.
    """
    with connections["gate"].cursor() as cursor:
        if of_person is None:
            cursor.execute("SELECT zhizhi_hold_law(l.id) FROM (SELECT id FROM lender ORDER BY id) l")
        else:
            cursor.execute("SELECT 1 FROM person WHERE id = %s FOR NO KEY UPDATE", [of_person])
            cursor.execute("SELECT zhizhi_hold_law(lender_id) FROM person WHERE id = %s", [of_person])


def take_due(
    gateways: Sequence[str],
    at: datetime,
    worker: str,
    *,
    limit: int,
    only: tuple[int, int] | None = None,
    origin: str | None = None,
    campaign: int | None = None,
) -> Taken:
    """Claim deliveries of one campaign, or of none, in the caller's transaction, which holds the law of their
    lenders."""
    wanted: dict[str, Any] = {
        "at": at,
        "gateways": list(gateways),
        "limit": limit,
        "person": only and only[0],
        "delivery": only and only[1],
        "origin": origin,
        "campaign": campaign,
    }
    service()  # without keys nothing is claimed
    with connections["gate"].cursor() as cursor:
        cursor.execute(_DUE_OF_NONE if campaign is None else _DUE_OF_CAMPAIGN, wanted)
        due = cursor.fetchall()
        rows = [row[2:] for row in due if row[2] is not None]
        if rows:
            cursor.execute(_MARK_CLAIMED, [at, worker, [row[0] for row in rows], [row[1] for row in rows]])
    return Taken(rows, [(row[0], row[1]) for row in due if row[2] is None])


def open_claimed(rows: Sequence[tuple[Any, ...]], at: datetime) -> list[Claimed]:
    """What was claimed, with address and content, once the claim has committed."""
    opened = [_opened(row, at) for row in rows]
    return sorted(opened, key=lambda one: (one.not_before, one.person_id))


def _opened(row: tuple[Any, ...], at: datetime) -> Claimed:
    *terms, data_key, address, content = row
    closed = replace(claimed_of(terms, at), is_readable=False)
    try:
        seal = person_seal(data_key)
        return replace(
            closed,
            address=open_point(seal, address, closed.point_id),
            content=Content.from_document(open_content(seal, content, closed.delivery_id)),
            is_readable=True,
        )
    except KeyUnavailable:
        return closed


def claimed_of(terms: Sequence[Any], used_at: datetime) -> Claimed:
    """A delivery whose permit is used, from its row (`CLAIMED`), without address and content."""
    person_id, delivery_id, permit_id, subject, gateway, channel, party_id, point_id, digest, *rest = terms
    not_before, expires_at, must_end_by, origin, purpose, form, debts, collector = rest
    return Claimed(
        person_id=person_id,
        delivery_id=delivery_id,
        permit_id=permit_id,
        subject=subject,
        gateway=gateway,
        channel=channel,
        party_id=party_id,
        point_id=point_id,
        address="",
        content=Content(""),
        content_digest=digest,
        not_before=not_before,
        expires_at=expires_at,
        must_end_by=must_end_by,
        origin=origin,
        purpose=purpose,
        form=form,
        debts=[int(debt) for debt in json.loads(debts)],  # Django has jsonb come as text
        collector=collector,
        used_at=used_at,
    )


_GIVE_UP = """
UPDATE delivery SET state = 'unknown', failure = CASE WHEN gateway = %s THEN 'no_record' ELSE 'worker_lost' END
FROM person p
WHERE p.id = delivery.person_id AND delivery.state = 'claimed' AND delivery.claimed_at < %s
  AND delivery.gateway <> ALL (%s)
RETURNING delivery.person_id, delivery.id, delivery.permit_id, p.subject, delivery.failure
"""


def give_up_lost_claims(at: datetime) -> int:
    """Claims of a worker that died, and leases of which nothing was reported: the contact may have left, so it becomes
    `unknown`, stays counted, and waits for a person.

    A call from a desk stays open until its outcome is recorded: it is counted and shown all the while.
    """
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_GIVE_UP, [DIALLER, at - CLAIM_LOST_AFTER, list(AT_A_DESK)])
        lost = cursor.fetchall()
        add_leaves(
            NewLeaf(
                LeafKind.OUTCOME,
                at,
                subject,
                {"unknown_because": failure, "permit": permit_id},
                person_id,
                delivery_id,
                source_table="delivery",
            )
            for person_id, delivery_id, permit_id, subject, failure in lost
        )
    return len(lost)


def staff_of(worker: str | None) -> int | None:
    """The staff id in `claimed_by`, where a person claimed it (`u7`)."""
    return int(worker[1:]) if worker and worker[:1] == "u" and worker[1:].isdecimal() else None
