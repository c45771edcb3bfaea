"""Calls by hand that wait for the click or for their outcome."""

from dataclasses import dataclass, field

from zhizhi.core.kernel.content import Content
from zhizhi.store.contacts.models import Delivery, Permit
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.people.models import Person
from zhizhi.store.transact.deliveries import Claimed


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call of the manual channel; `claimed` is as at the click, without address and content."""

    delivery_id: int
    is_synthetic: bool
    collector_kind: str
    claimed: Claimed = field(repr=False)


def find_open_call(person_id: int, permit_id: int, state: str) -> OpenCall | None:
    """The call of a permit, where its delivery is in `state`."""
    delivery = (
        Delivery.objects.using("gate")
        .filter(person_id=person_id, permit_id=permit_id, channel="voice", state=state)
        .first()
    )
    if delivery is None:
        return None
    permit = Permit.objects.using("gate").get(person_id=person_id, id=permit_id)
    person = Person.objects.using("gate").get(id=person_id)
    lender = Lender.objects.using("gate").get(id=person.lender_id)
    return OpenCall(
        delivery_id=delivery.id,
        is_synthetic=lender.is_synthetic,
        collector_kind="agency" if Agency.objects.using("gate").filter(code=permit.collector).exists() else "lender",
        claimed=Claimed(
            person_id=person_id,
            delivery_id=delivery.id,
            permit_id=permit_id,
            subject=person.subject,
            gateway=delivery.gateway,
            channel=permit.channel,
            party_id=permit.party_id,
            point_id=permit.point_id,
            address="",
            content=Content(""),
            content_digest=permit.content_digest,
            not_before=permit.not_before,
            expires_at=permit.expires_at,
            must_end_by=permit.must_end_by,
            origin=permit.origin,
            purpose=permit.purpose,
            form=permit.form,
            debts=list(permit.debts),
            collector=permit.collector,
            used_at=permit.used_at or permit.minted_at,
        ),
    )
