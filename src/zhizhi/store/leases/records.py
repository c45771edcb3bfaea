"""What a system reports of a lease: kept as it came, settled once, and what should not be opens an inquiry."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.keyring import product_seal
from zhizhi.store.leases.holding import HeldLease
from zhizhi.store.leases.models import LeaseRecord
from zhizhi.store.many import Question, ask, insert_many
from zhizhi.store.reconciliation.models import BreachInquiry, InquiryStep
from zhizhi.store.reconciliation.sealing import PURPOSE, facts_place
from zhizhi.store.transact.deliveries import Settled, settle_in
from zhizhi.store.transact.leaves import NewLeaf, add_leaves, leaf_rows

SOURCE = "leases"
SOURCE_NAME = "许可租用 · leases"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """One report, checked."""

    kind: str
    began_at: datetime | None
    ring_seconds: int | None
    talk_seconds: int | None
    number_differs: bool
    proof: str = field(repr=False)


_KINDS = """
SELECT kind FROM lease_record WHERE person_id = %s AND lease_id = %s AND NOT number_differs ORDER BY recorded_at, id
"""


def load_kinds(held: HeldLease) -> list[str]:
    """What was reported of a lease before, in the order in which it came."""
    return ask(Question(_KINDS, [held.lease.person_id, held.lease.id], lambda rows: [kind for (kind,) in rows]))


def add_record(held: HeldLease, new: NewRecord, token_id: int, at: datetime) -> None:
    """Keep a report and its leaf; the transaction is open."""
    record_id = ids.take()
    place = f"lease_record/{record_id}"
    row = LeaseRecord(
        person_id=held.lease.person_id,
        id=record_id,
        lease_id=held.lease.id,
        token_id=token_id,
        kind=new.kind,
        began_at=new.began_at,
        talk_seconds=new.talk_seconds,
        ring_seconds=new.ring_seconds,
        number_differs=new.number_differs,
        sealed_proof=held.person.seal().close(new.proof.encode(), place) if new.proof else None,
        recorded_at=at,
    )
    values = {
        "reported": new.kind,
        "lease": held.lease.id,
        "permit": held.lease.permit_id,
        "token": token_id,
        "began_at": instant(new.began_at),
        "proof_sha256": hashlib.sha256(new.proof.encode()).hexdigest() if new.proof else None,
    }
    leaf = NewLeaf(LeafKind.RECEIPT, at, held.person.subject, values, held.person.id, record_id)
    insert_many([row], *leaf_rows([leaf]))


def settle_lease(held: HeldLease, outcome: str, facts: Mapping[str, Any], at: datetime) -> bool:
    """The call happened: a contact with its outcome. False where the end was known before."""
    told = {"collector_kind": held.collector_kind, **facts}
    return not settle_in([Settled(held.claimed, "delivered", at, outcome, facts=told)])


def give_back(held: HeldLease, at: datetime) -> bool:
    """Proof that it never rang: the permit comes back, and the count with it. False where the end was known before."""
    return not settle_in([Settled(held.claimed, "failed", at, failure="never_rang")])


def open_inquiry(held: HeldLease, kind: Kind, new: NewRecord, at: datetime, due_at: datetime) -> None:
    """Something that should not be: it is asked about once for a lease and kind; the transaction is open."""
    fingerprint = hashlib.sha256(f"lease/{held.lease.id}/{kind.value}".encode()).digest()[:16]
    if BreachInquiry.objects.using("gate").filter(source=SOURCE, fingerprint=fingerprint).exists():
        return
    found = {
        "reported": new.kind,
        "began_at": instant(new.began_at),
        "leased_at": instant(held.lease.leased_at),
        "expires_at": instant(held.lease.expires_at),
    }
    inquiry = BreachInquiry.objects.using("gate").create(
        lender_id=held.person.lender_id,
        source=SOURCE,
        source_name=SOURCE_NAME,
        on=(new.began_at or at).date(),
        kind=kind.value,
        fingerprint=fingerprint,
        person_id=held.person.id,
        permit_id=held.lease.permit_id,
        opened_at=at,
        due_at=due_at,
        sealed=product_seal(PURPOSE).close_json(found, facts_place(fingerprint)),
    )
    InquiryStep.objects.using("gate").create(inquiry=inquiry, at=at, step="opened")
    values = {"source": SOURCE, "on": inquiry.on.isoformat(), "kind": kind.value, "permit": held.lease.permit_id}
    add_leaves(
        [NewLeaf(LeafKind.INQUIRY, at, inquiry.subject, values, None, inquiry.pk, source_table="breach_inquiry")]
    )
