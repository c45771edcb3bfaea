"""What a provider reports of a message that it took, and what somebody writes back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.codes import load_codes
from zhizhi.store.cases.models import Case
from zhizhi.store.contacts.models import Contact, Delivery, Permit
from zhizhi.store.evidence.sources import instant, of_contact
from zhizhi.store.ids import ids
from zhizhi.store.inbox.contradictions import note_contradiction
from zhizhi.store.inbox.models import InboxItem
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Point
from zhizhi.store.people.rows import point_key
from zhizhi.store.transact.deliveries import contact_leaf, contact_of_permit, note_latest
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.notes import NewNote, write_note
from zhizhi.store.transact.person import LockedPerson, lock_persons, writing
from zhizhi.store.transact.statements import NewStatement, write_statement

# Which outcome a receipt may replace: knowledge only grows, so receipts may come doubled and in any order. What one
# receipt says was delivered stays delivered: the law counts it. One that is on its way was sent.
REPLACES: Mapping[str, tuple[str, ...]] = {
    "sent": (),
    "undelivered": ("sent",),
    "delivered": ("sent", "undelivered"),
}
NEVER_LEFT = ("failed", "cancelled")
OUT_ID = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


class Contradicted(Refused):
    """A provider reports a message of which we have proof, or a person's word, that nothing left."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What a provider says of one message. `out_id` is the key that we gave it, where its protocol tells it back: it
    proves which message is meant, also where the answer that would have named `provider_key` never came."""

    gateway: str
    provider_key: str
    outcome: str
    reported_at: datetime
    out_id: str = ""


def record_receipt(reported: Reported, at: datetime) -> bool:
    """Write what became of a message; False where no such message is known here, or its sending is not written yet.

    One that may have left, as far as we know, has left: it is settled, without a person. A repeated receipt changes
    nothing. Refuses: a message that never left (Contradicted), which is kept for a person.
    """
    delivery = _delivery_of(reported)
    if delivery is None:
        return False
    with writing(delivery.person_id) as person:
        delivery.refresh_from_db(using="gate")
        is_contradicted = delivery.state in NEVER_LEFT
        if is_contradicted:
            note_contradiction(person, delivery, reported.outcome, reported.provider_key, reported.reported_at, at)
        elif delivery.state == "unknown":
            _settle(person, delivery, reported, at)
        elif delivery.state == "delivered":
            _grow(person, delivery, reported, at)
        else:
            return False
    if is_contradicted:
        raise Contradicted("contradicts_end", _CONTRADICTED)
    return True


def _delivery_of(reported: Reported) -> Delivery | None:
    """By the id that the provider gave, else by the one that we gave, where the provider never told its own."""
    here = Delivery.objects.using("gate").filter(gateway=reported.gateway)
    ours = OUT_ID.fullmatch(reported.out_id)
    found = here.filter(provider_key=reported.provider_key).first()
    if found is None and ours is not None:
        found = here.filter(person_id=int(ours[1]), permit_id=int(ours[2]), provider_key=None).first()
    return found


def _settle(person: LockedPerson, delivery: Delivery, reported: Reported, at: datetime) -> None:
    Delivery.objects.using("gate").filter(person_id=person.id, id=delivery.id).update(
        state="delivered", failure=None, finished_at=at, provider_key=reported.provider_key or None
    )
    contact = contact_of_permit(Permit.objects.using("gate").get(person_id=person.id, id=delivery.permit_id))
    contact.outcome = reported.outcome
    contact.save(using="gate", force_insert=True)
    note_latest([contact])
    proof = {"settled_by": "receipt", "reported_at": instant(reported.reported_at)}
    add_leaves([contact_leaf(contact, at, person.subject, proof)])


def _grow(person: LockedPerson, delivery: Delivery, reported: Reported, at: datetime) -> None:
    contacts = Contact.objects.using("gate").filter(person_id=person.id, permit_id=delivery.permit_id)
    contact = contacts.filter(Q(outcome__in=REPLACES[reported.outcome]) | Q(outcome=None)).first()
    if contact is None:
        return
    Contact.objects.using("gate").filter(person_id=person.id, id=contact.id).update(outcome=reported.outcome)
    values = {
        "outcome": reported.outcome,
        "permit": delivery.permit_id,
        "reported_at": instant(reported.reported_at),
    }
    leaf = NewLeaf(LeafKind.RECEIPT, at, person.subject, values, person.id, contact.id, source_table="contact")
    add_leaves([leaf])


_CONTRADICTED = Text(
    "渠道商报告了一条本系统认定未发出的消息，请与渠道商核对",
    "the provider reports a message that counts as never sent; help: compare with the provider's records",
)


def find_points(address: str) -> list[tuple[int, int, int]]:
    """(person, party, point) of everybody who has this number, over all lenders: a shared number is not one person."""
    found: list[tuple[int, int, int]] = []
    for lender_id in Lender.objects.using("gate").values_list("pk", flat=True):
        key = point_key(SearchKeys(lender_id), address)
        found += list(Point.objects.using("gate").filter(value_key=key).values_list("person_id", "party_id", "id"))
    return found


@dataclass(frozen=True, slots=True)
class Reply:
    """Somebody wrote to us; `refuses`: with it the person refuses this channel."""

    item_id: int
    channel: str
    said_at: datetime
    refuses: bool
    text: str = field(default="", repr=False)


def record_reply(reply: Reply, points: Iterable[tuple[int, int, int]], at: datetime) -> bool:
    """Write a reply for everybody who has the number, and that it was worked on, in one transaction.

    Answers False where another worker was first: the item is worked on exactly once.
    """
    points = sorted(points)
    with transaction.atomic(using="gate", durable=True):
        item = InboxItem.objects.using("gate").filter(pk=reply.item_id, state="waiting")
        if item.update(state="done", worked_at=at) != 1:
            return False
        persons = lock_persons(person_id for person_id, _, _ in points)
        for person_id, party_id, point_id in points:
            contact_id = _write_inbound(persons[person_id], party_id, point_id, reply, at)
            if not reply.refuses and len(persons) == 1:  # of a shared number nobody knows whose words these are
                _write_words(persons[person_id], reply, contact_id, at)
            if reply.refuses:
                refusal = NewStatement(
                    party_id=party_id,
                    kind="refuse_medium",
                    body={"channel": reply.channel},
                    said_at=reply.said_at,
                    source=reply.channel,
                    by="system",
                )
                write_statement(persons[person_id], refusal, at)
    return True


def _write_words(person: LockedPerson, reply: Reply, contact_id: int, at: datetime) -> None:
    """Words that are no refusal reach a person: a sealed note on the open case, to be read now."""
    case_id = (
        Case.objects.using("gate").filter(person_id=person.id, closed_on=None).values_list("id", flat=True).first()
    )
    if case_id is None or not reply.text.strip():
        return
    note = NewNote(
        person_id=person.id,
        case_id=case_id,
        action="MESSAGE_IN",
        outcome="RECEIVED",
        overdue_reason=None,
        codes_version=load_codes().version,
        text=reply.text,
        next_step="READ_REPLY",
        next_step_at=at,
        contact_id=contact_id,
        promise=None,
        author="borrower",
    )
    write_note(person, note, at)


def _write_inbound(person: LockedPerson, party_id: int, point_id: int, reply: Reply, at: datetime) -> int:
    """An inbound contact, which no cap counts; answers its id."""
    contact = Contact(
        person_id=person.id,
        id=ids.take(),
        at=reply.said_at,
        channel=reply.channel,
        direction="in",
        party_id=party_id,
        point_id=point_id,
        collector="",
        outcome="received",
    )
    contact.save(using="gate", force_insert=True)
    values = {**of_contact(contact), "outcome": contact.outcome}
    add_leaves([NewLeaf(LeafKind.CONTACT, at, person.subject, values, person.id, contact.id, source_table="contact")])
    return contact.id
