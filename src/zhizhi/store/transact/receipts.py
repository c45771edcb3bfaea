"""What a provider reports of a message that it took: the outcome of the contact becomes known."""

from datetime import datetime

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.contacts.models import Contact, Delivery
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Point
from zhizhi.store.people.rows import point_key
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import writing


def record_receipt(gateway: str, provider_key: str, outcome: str, reported_at: datetime, at: datetime) -> bool:
    """Write `delivered` or `undelivered` on the contact; False where no such message is known here. A repeated
    receipt changes nothing."""
    delivery = Delivery.objects.using("gate").filter(gateway=gateway, provider_key=provider_key).first()
    if delivery is None:
        return False
    with writing(delivery.person_id) as person:
        changed = (
            Contact.objects.using("gate")
            .filter(person_id=person.id, permit_id=delivery.permit_id)
            .exclude(outcome=outcome)
            .update(outcome=outcome)
        )
        if changed:
            values = {"outcome": outcome, "permit": delivery.permit_id, "reported_at": reported_at.isoformat()}
            add_leaves([NewLeaf(LeafKind.RECEIPT, at, person.subject, values, person.id, delivery.id)])
    return True


def find_points(address: str) -> list[tuple[int, int, int]]:
    """(person, party, point) of everybody who has this number, over all lenders: a shared number is not one person."""
    found: list[tuple[int, int, int]] = []
    for lender_id in Lender.objects.using("gate").values_list("pk", flat=True):
        key = point_key(SearchKeys(lender_id), address)
        found += list(Point.objects.using("gate").filter(value_key=key).values_list("person_id", "party_id", "id"))
    return found


def record_inbound(
    person_id: int, party_id: int, point_id: int, channel: str, received_at: datetime, at: datetime
) -> int:
    """Somebody wrote or called: an inbound contact, which no cap counts; answers its id."""
    with writing(person_id) as person:
        contact_id = ids.take()
        Contact.objects.using("gate").create(
            person_id=person_id,
            id=contact_id,
            at=received_at,
            channel=channel,
            direction="in",
            party_id=party_id,
            point_id=point_id,
            collector="",
            outcome="received",
        )
        values = {"channel": channel, "direction": "in", "party": party_id}
        add_leaves([NewLeaf(LeafKind.CONTACT, at, person.subject, values, person_id, contact_id)])
        return contact_id
