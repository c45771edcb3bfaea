"""Calls by hand that wait for the click or for their outcome."""

from dataclasses import dataclass, field
from typing import Any

from zhizhi.core.kernel.content import Content
from zhizhi.store.channels import AT_A_DESK
from zhizhi.store.contacts.models import Decision, Delivery, Permit
from zhizhi.store.keyring import person_seal
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.people.models import Person
from zhizhi.store.people.rows import open_content
from zhizhi.store.transact.claims import Claimed, staff_of


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call from a desk; `claimed` is as at the click, without address and content."""

    delivery_id: int
    is_synthetic: bool
    collector_kind: str
    permitted_to: str
    staff_id: int | None
    claimed: Claimed = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A permitted call that nobody has begun."""

    permit_id: int
    delivery_id: int


def waiting_calls(person_id: int, point_id: int, by: str) -> list[WaitingCall]:
    """The calls to a point that were permitted to `by` and wait for the click."""
    permits = dict(
        Permit.objects.using("gate")
        .filter(person_id=person_id, point_id=point_id, channel="voice", state="open")
        .values_list("id", "decision_id")
    )
    own = Decision.objects.using("gate").filter(person_id=person_id, id__in=permits.values(), by=by)
    decided = set(own.values_list("id", flat=True))
    mine = [permit for permit, decision in permits.items() if decision in decided]
    waiting = Delivery.objects.using("gate").filter(
        person_id=person_id, permit_id__in=mine, state="waiting", gateway__in=AT_A_DESK
    )
    return [WaitingCall(*row) for row in waiting.values_list("permit_id", "id")]


@dataclass(frozen=True, slots=True)
class PermittedBy:
    """The decision behind a permit: the case document that was asked and the decision document that was answered."""

    facts: dict[str, Any]
    body: dict[str, Any]


def load_decision_of(person_id: int, permit_id: int) -> PermittedBy:
    """What permitted a call."""
    permit = Permit.objects.using("gate").get(person_id=person_id, id=permit_id)
    decision = Decision.objects.using("gate").get(person_id=person_id, id=permit.decision_id)
    return PermittedBy(decision.facts, decision.body)


def load_script(person_id: int, permit_id: int) -> str:
    """What is to be said in a call. Refuses: an erased person (`KeyUnavailable`)."""
    delivery = Delivery.objects.using("gate").get(person_id=person_id, permit_id=permit_id)
    wrapped = Person.objects.using("gate").values_list("data_key", flat=True).get(id=person_id)
    return Content.from_document(open_content(person_seal(wrapped), delivery.sealed, delivery.id)).body


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
    decision = Decision.objects.using("gate").get(person_id=person_id, id=permit.decision_id)
    return OpenCall(
        delivery_id=delivery.id,
        is_synthetic=lender.is_synthetic,
        collector_kind="agency" if Agency.objects.using("gate").filter(code=permit.collector).exists() else "lender",
        permitted_to=decision.by,
        staff_id=staff_of(delivery.claimed_by),
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
