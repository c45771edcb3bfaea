"""Calls by hand that wait for the click or for their outcome."""

from dataclasses import dataclass, field
from typing import Any

from zhizhi.core.kernel.content import Content
from zhizhi.store.channels import AT_A_DESK
from zhizhi.store.contacts.models import Decision, Delivery, Permit
from zhizhi.store.keyring import person_seal
from zhizhi.store.many import Question, Rows, ask
from zhizhi.store.people.models import Person
from zhizhi.store.people.rows import open_content
from zhizhi.store.transact.claims import CLAIMED, Claimed, claimed_of, staff_of


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call from a desk; `claimed` is as at the click, without address and content. `house`: the lender's."""

    delivery_id: int
    profile: str
    house: str | None
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


_WAITING_CALLS = """
SELECT m.id, d.id
FROM permit m
JOIN decision n ON n.person_id = m.person_id AND n.id = m.decision_id
JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id
WHERE m.person_id = %s AND m.point_id = %s AND m.channel = 'voice' AND m.state = 'open'
  AND n.by = %s AND d.state = 'waiting' AND d.gateway = ANY (%s)
"""
_AS_ARRAYS = f"SELECT array_agg(w.permit), array_agg(w.delivery) FROM ({_WAITING_CALLS}) w (permit, delivery)"


def waiting_calls_of(person_id: int, point_id: int, by: str) -> Question[tuple[WaitingCall, ...]]:
    """The calls to a point that were permitted to `by` and wait for the click, as one row, to be asked with others."""
    return Question(_AS_ARRAYS, [person_id, point_id, by, list(AT_A_DESK)], _waiting)


def _waiting(rows: Rows) -> tuple[WaitingCall, ...]:
    return tuple(
        WaitingCall(*ids) for permits, deliveries in rows if permits for ids in zip(permits, deliveries, strict=True)
    )


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


_OPEN_CALL = f"""
SELECT d.claimed_by, coalesce(m.used_at, m.minted_at), l.profile,
    (SELECT h.sha256 FROM house_activation h WHERE h.lender_id = l.id AND h.ended_at IS NULL), l.is_synthetic, n.by,
    EXISTS (SELECT 1 FROM agency a WHERE a.code = m.collector), {CLAIMED}
FROM delivery d
JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
JOIN decision n ON n.person_id = m.person_id AND n.id = m.decision_id
JOIN person p ON p.id = d.person_id
JOIN lender l ON l.id = p.lender_id
WHERE d.person_id = %s AND d.permit_id = %s AND d.channel = 'voice' AND d.state = %s
"""


def find_open_call(person_id: int, permit_id: int, state: str) -> OpenCall | None:
    """The call of a permit, where its delivery is in `state`."""
    rows = ask(Question(_OPEN_CALL, [person_id, permit_id, state], list[tuple[Any, ...]]))
    return _open_call(rows[0]) if rows else None


def _open_call(row: tuple[Any, ...]) -> OpenCall:
    claimed_by, used_at, profile, house, is_synthetic, permitted_to, is_agency, *terms = row
    claimed = claimed_of(terms, used_at)
    side = "agency" if is_agency else "lender"
    holder = staff_of(claimed_by)
    return OpenCall(claimed.delivery_id, profile, house, is_synthetic, side, permitted_to, holder, claimed)


@dataclass(frozen=True, slots=True)
class BegunCall:
    """A call under way as whoever began it may know it after the case has left their sight: no name, no number."""

    person_id: int
    permit_id: int
    gateway: str


_BEGUN = """
SELECT d.person_id, d.permit_id, d.gateway FROM collection_case c JOIN delivery d ON d.person_id = c.person_id
WHERE c.number = %s AND d.permit_id = %s AND d.channel = 'voice' AND d.state = 'claimed' AND d.claimed_by = %s
"""


def find_begun_call(case_number: str, permit_id: int, staff_id: int) -> BegunCall | None:
    """The call under way that this member of staff began on a case, whoever has the case now."""
    rows = ask(Question(_BEGUN, [case_number, permit_id, f"u{staff_id}"], list[tuple[Any, ...]]))
    return BegunCall(*rows[0]) if rows else None
