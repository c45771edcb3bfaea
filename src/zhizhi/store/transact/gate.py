"""The commit of decisions: the person's version is compared and set, and decision, permit, outbox row, hold, wish and
leaf stand or fall together.

Compare-and-set on `person.version` is the serialisation point: every fact that a rule counts is committed under it,
so a decision taken on older facts does not commit. Who was overtaken decides again while it holds the row
(docs/decisions/0021-gate.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from zhizhi.store.many import Question, Rows, ask, insert_many
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.people.rows import seal_content
from zhizhi.store.transact.deliveries import cancel_superseded
from zhizhi.store.transact.leaves import NewLeaf, leaf_rows
from zhizhi.store.transact.wishes import WishResult, write_results

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
    """A decision taken on the facts of `version`, ready to commit; `terms` only where it permits.

    `wish_id`: the wish that it answers. `supersedes`: deliveries of the same person that wait and are pulled back
    with this commit; the facts were read as if they were not there.
    """

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
    wish_id: int | None = None
    supersedes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was committed; `hold_id` is the hold that waits for somebody, this decision's or an earlier one's."""

    person_id: int
    decision_id: int
    permit_id: int | None
    delivery_id: int | None
    hold_id: int | None


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody else committed for this person first: load again and decide again."""

    person_id: int


class _Overtaken(Exception):
    """What was to be superseded has been claimed: nothing of the batch is written."""

    def __init__(self, person_id: int) -> None:
        super().__init__()
        self.person_id = person_id


@contextmanager
def holding(person_id: int) -> Iterator[None]:
    """Hold a person from before its facts are read until after the decision commits: nobody overtakes it.

    A lock, a connection and a transaction are held while the law is evaluated, so only who was overtaken asks for it.
    Refuses: ClockNotTrusted.
    """
    require_clock()
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM person WHERE id = %s FOR NO KEY UPDATE", [person_id])
        yield


def commit_decisions(decided: Sequence[Decided]) -> list[Receipt | Stale]:
    """Commit a batch in one transaction (within `holding`: in that one), answers in the order of the input.

    A person stands in it at most once. Refuses: ClockNotTrusted, and nothing is written.
    """
    within = connections["gate"].in_atomic_block
    if not within:  # `holding` asked before it took its lock: the guard writes a row that every process writes
        require_clock()
    assert len({one.person_id for one in decided}) == len(decided), "a person stands in a batch at most once"
    stale: set[int] = set()
    while True:
        wanted = [one for one in decided if one.person_id not in stale]
        try:
            receipts = _commit(wanted, durable=not within)
        except _Overtaken as overtaken:
            stale.add(overtaken.person_id)
            continue
        return [receipts.get(one.person_id) or Stale(one.person_id) for one in decided]


def _commit(decided: Sequence[Decided], *, durable: bool) -> dict[int, Receipt]:
    with transaction.atomic(using="gate", durable=durable):
        held = _advance_versions(decided)
        fresh = [one for one in decided if one.person_id in held]
        for one in fresh:
            superseded = cancel_superseded(one.person_id, one.supersedes, one.at) if one.supersedes else 0
            if superseded != len(one.supersedes):
                raise _Overtaken(one.person_id)
        return {one.person_id: receipt for one, receipt in zip(fresh, _insert(fresh, held), strict=True)}


# Rows are locked in the order of ids, so that two batches never wait for each other; the version is asked again after
# the wait.
_COMPARE_AND_SET = """
UPDATE person SET version = person.version + 1
FROM (
    SELECT p.id FROM person p
    JOIN (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS version) wanted
      ON p.id = wanted.id AND p.version = wanted.version
    ORDER BY p.id FOR UPDATE OF p
) fresh
WHERE person.id = fresh.id
RETURNING person.id, person.data_key,
          (SELECT c.stage FROM collection_case c WHERE c.person_id = person.id AND c.closed_on IS NULL)
"""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the commit reads of a person that it holds: the wrapped data key, and the stage of the open case."""

    data_key: bytes | None = field(repr=False)
    stage: str | None


def _advance_versions(decided: Sequence[Decided]) -> dict[int, _Held]:
    """Compare and set; answers the persons that were still at the version decided on."""
    wanted = [one.person_id for one in decided], [one.version for one in decided]
    return ask(Question(_COMPARE_AND_SET, wanted, _held))


def _held(rows: Rows) -> dict[int, _Held]:
    return {person_id: _Held(data_key, stage) for person_id, data_key, stage in rows}


def _insert(fresh: Sequence[Decided], held: Mapping[int, _Held]) -> list[Receipt]:
    waiting = _open_holds([one.person_id for one in fresh if _waits_for_person(one)])
    numbers = iter(ids.take_many(4 * len(fresh)) if fresh else ())
    receipts, decisions, permits, deliveries, holds = [], [], [], [], []
    for one in fresh:
        known_hold = waiting.get((one.person_id, _first_rule(one))) if _waits_for_person(one) else None
        receipt = Receipt(
            person_id=one.person_id,
            decision_id=next(numbers),
            permit_id=next(numbers) if one.terms else None,
            delivery_id=next(numbers) if one.terms else None,
            hold_id=known_hold or (next(numbers) if _waits_for_person(one) else None),
        )
        receipts.append(receipt)
        decisions.append(_decision_row(one, receipt, held[one.person_id].stage))
        if one.terms:
            permits.append(_permit_row(one, one.terms, receipt))
            deliveries.append(_delivery_row(one, one.terms, receipt, held[one.person_id].data_key))
        if receipt.hold_id and known_hold is None:
            holds.append(_hold_row(one, receipt))
    written = list(zip(fresh, receipts, strict=True))
    leaves, salts = leaf_rows(_leaf(one, receipt) for one, receipt in written)
    insert_many(decisions, permits, deliveries, holds, leaves, salts)
    write_results([result for one, receipt in written for result in _wish_result(one, receipt)])
    return receipts


def _open_holds(person_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """By person and rule: the hold that waits already, so that one question is not put twice."""
    if not person_ids:  # nearly always: the question alone would be a tenth of our share of a permit
        return {}
    rows = Hold.objects.using("gate").filter(person_id__in=list(person_ids), state="open")
    return {(person_id, rule): hold_id for person_id, rule, hold_id in rows.values_list("person_id", "rule", "id")}


def _waits_for_person(one: Decided) -> bool:
    return bool(one.body["verdict"] == "hold" and one.body["hold_for"] == "person")


def _first_rule(one: Decided) -> str:
    reasons = one.body["reasons"]
    return str(reasons[0]["rule"]) if reasons else ""


def _wish_result(one: Decided, receipt: Receipt) -> list[WishResult]:
    """What became of the wish; what the law presumes to be a breach waits for somebody, as every hold does."""
    if one.wish_id is None:
        return []
    verdict = "hold" if one.body["verdict"] == "presumed_violation" else str(one.body["verdict"])
    reason = "" if verdict == "permit" else _first_rule(one)
    return [WishResult(one.person_id, one.wish_id, verdict, reason, receipt.decision_id)]


def _decision_row(one: Decided, receipt: Receipt, stage: str | None) -> Decision:
    return Decision(
        person_id=one.person_id,
        id=receipt.decision_id,
        at=one.at,
        verdict=one.body["verdict"],
        channel=one.channel,
        stage=stage or "",
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
        source_table="decision",
        pack=",".join(f"{pack['id']}@{pack['sha256'][:16]}" for pack in body["packs"]) or None,
        code=str(body["engine"]).replace(" ", "_"),
    )
