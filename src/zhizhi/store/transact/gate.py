"""The commit of decisions: the person's version is compared and set, and decision, permit, outbox row, hold and
leaf stand or fall together.

Compare-and-set on `person.version` is the serialisation point: every fact that a rule counts is committed under it,
so a decision taken on older facts
does not commit (docs/decisions/0021-gate.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.content import Content
from zhizhi.store.contacts.models import Decision, Delivery, Hold, Permit
from zhizhi.store.ids import ids
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.rows import seal_content
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

KIND_OF_VERDICT = {"permit": LeafKind.PERMIT, "hold": LeafKind.HOLD}


@dataclass(frozen=True, slots=True)
class PermitTerms:
    """What a permit will bind, beside the decision."""

    party_id: int
    point_id: int
    form: str
    purpose: str
    debts: Sequence[int]
    collector: str
    template_version_id: int | None
    content: Content = field(repr=False)
    not_before: datetime
    expires_at: datetime
    must_end_by: datetime | None
    origin: str
    gateway: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision taken on the facts of `version`, ready to commit; `terms` only where it permits."""

    person_id: int
    version: int
    subject: UUID
    lender_id: int
    at: datetime
    channel: str
    facts: dict[str, Any] = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    by: str
    run_id: int | None
    terms: PermitTerms | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was committed."""

    person_id: int
    decision_id: int
    permit_id: int | None
    delivery_id: int | None
    hold_id: int | None


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody else committed for this person first: load again and decide again."""

    person_id: int


def commit_decisions(decided: Sequence[Decided]) -> list[Receipt | Stale]:
    """Commit a batch in one transaction, answers in the order of the input; a person stands in it at most once."""
    assert len({one.person_id for one in decided}) == len(decided), "a person stands in a batch at most once"
    with transaction.atomic(using="gate", durable=True):
        current = _advance_versions(decided)
        fresh = [one for one in decided if one.person_id in current]
        receipts = {one.person_id: receipt for one, receipt in zip(fresh, _insert(fresh, current), strict=True)}
    return [receipts.get(one.person_id) or Stale(one.person_id) for one in decided]


def _advance_versions(decided: Sequence[Decided]) -> dict[int, bytes | None]:
    """Compare and set; answers the wrapped data keys of the persons that were still at the version decided on."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE person SET version = person.version + 1 FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS version"
            " ORDER BY 1) wanted WHERE person.id = wanted.id AND person.version = wanted.version"
            " RETURNING person.id, person.data_key",
            [[one.person_id for one in decided], [one.version for one in decided]],
        )
        return dict(cursor.fetchall())


def _insert(fresh: Sequence[Decided], data_keys: dict[int, bytes | None]) -> list[Receipt]:
    numbers = iter(ids.take_many(4 * len(fresh)) if fresh else ())
    receipts, decisions, permits, deliveries, holds = [], [], [], [], []
    for one in fresh:
        receipt = Receipt(
            person_id=one.person_id,
            decision_id=next(numbers),
            permit_id=next(numbers) if one.terms else None,
            delivery_id=next(numbers) if one.terms else None,
            hold_id=next(numbers) if _waits_for_person(one) else None,
        )
        receipts.append(receipt)
        decisions.append(_decision_row(one, receipt))
        if one.terms:
            permits.append(_permit_row(one, one.terms, receipt))
            deliveries.append(_delivery_row(one, one.terms, receipt, data_keys[one.person_id]))
        if receipt.hold_id:
            holds.append(_hold_row(one, receipt))
    Decision.objects.using("gate").bulk_create(decisions)
    Permit.objects.using("gate").bulk_create(permits)
    Delivery.objects.using("gate").bulk_create(deliveries)
    Hold.objects.using("gate").bulk_create(holds, ignore_conflicts=True)  # a rule already waits for somebody
    add_leaves(_leaf(one, receipt) for one, receipt in zip(fresh, receipts, strict=True))
    return receipts


def _waits_for_person(one: Decided) -> bool:
    return bool(one.body["verdict"] == "hold" and one.body["hold_for"] == "person")


def _first_rule(one: Decided) -> str:
    reasons = one.body["reasons"]
    return str(reasons[0]["rule"]) if reasons else ""


def _decision_row(one: Decided, receipt: Receipt) -> Decision:
    return Decision(
        person_id=one.person_id,
        id=receipt.decision_id,
        at=one.at,
        verdict=one.body["verdict"],
        channel=one.channel,
        rule=_first_rule(one),
        next_permitted_at=one.body["next_permitted_at"],
        hold_for=one.body["hold_for"],
        facts=one.facts,
        body=one.body,
        run_id=one.run_id,
        by=one.by,
    )


def _permit_row(one: Decided, terms: PermitTerms, receipt: Receipt) -> Permit:
    assert receipt.permit_id is not None
    return Permit(
        person_id=one.person_id,
        id=receipt.permit_id,
        decision_id=receipt.decision_id,
        lender_id=one.lender_id,
        party_id=terms.party_id,
        point_id=terms.point_id,
        channel=one.channel,
        form=terms.form,
        purpose=terms.purpose,
        debts=list(terms.debts),
        collector=terms.collector,
        template_version_id=terms.template_version_id,
        content_digest=terms.content.digest(),
        minted_at=one.at,
        not_before=terms.not_before,
        expires_at=terms.expires_at,
        must_end_by=terms.must_end_by,
        origin=terms.origin,
    )


def _delivery_row(one: Decided, terms: PermitTerms, receipt: Receipt, data_key: bytes | None) -> Delivery:
    assert receipt.permit_id is not None
    assert receipt.delivery_id is not None
    return Delivery(
        person_id=one.person_id,
        id=receipt.delivery_id,
        permit_id=receipt.permit_id,
        channel=one.channel,
        gateway=terms.gateway,
        sealed=seal_content(person_seal(data_key), terms.content.to_document(), receipt.delivery_id),
        due_at=terms.not_before,
        run_id=one.run_id,
    )


def _hold_row(one: Decided, receipt: Receipt) -> Hold:
    assert receipt.hold_id is not None
    return Hold(
        person_id=one.person_id,
        id=receipt.hold_id,
        decision_id=receipt.decision_id,
        rule=_first_rule(one),
        opened_at=one.at,
    )


def _leaf(one: Decided, receipt: Receipt) -> NewLeaf:
    body = one.body
    return NewLeaf(
        kind=KIND_OF_VERDICT.get(body["verdict"], LeafKind.REFUSAL),
        at=one.at,
        subject=one.subject,
        values={"decision": body, "facts": one.facts, "by": one.by},
        person_id=one.person_id,
        source_id=receipt.decision_id,
        pack=",".join(f"{pack['id']}@{pack['sha256'][:16]}" for pack in body["packs"]) or None,
        code=str(body["engine"]).replace(" ", "_"),
    )
