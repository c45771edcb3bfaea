"""The commit of decisions: the person's version is compared and set, and decision, permit, outbox row, hold, wish and
leaf stand or fall together.

Compare-and-set on `person.version` is the serialisation point: every fact that a rule counts is committed under it,
so a decision taken on older facts does not commit. Who was overtaken decides again while it holds the row
(docs/decisions/0021-gate.md).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import OperationalError, connections, transaction
from psycopg.errors import SerializationFailure

from zhizhi.core.evidence.leaf import LeafKind, octets_of
from zhizhi.core.kernel.content import Content
from zhizhi.store.ids import ids
from zhizhi.store.keyring import person_seal
from zhizhi.store.many import Question, Rows, ask
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.people.rows import seal_content
from zhizhi.store.transact.deliveries import cancel_these
from zhizhi.store.transact.leaves import NewLeaf, sealed_leaf
from zhizhi.store.transact.wishes import WishResult, write_results

KIND_OF_VERDICT = {"permit": LeafKind.PERMIT, "hold": LeafKind.HOLD}


@dataclass(frozen=True, slots=True)
class PermitTerms:
    """What a permit will bind, beside the decision; the content is sealed under the person's `data_key`.

    None: the commit asks for it.
    """

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
    data_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LeaseTo:
    """Who has a permit from the commit that mints it: it begins as used, in the hands of the token's system."""

    id: int
    campaign_id: int
    token_id: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision taken on the facts of `version`, ready to commit; `terms` only where it permits.

    `wish_id`: the wish that it answers. `supersedes`: deliveries of the same person that wait and are pulled back
    with this commit; the facts were read as if they were not there. `lease`: only where another system makes the call.
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
    campaign_id: int | None = None
    lease: LeaseTo | None = None


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


class OtherLaw(Exception):
    """A decision was taken under other house rules than stand at its commit: nothing is written."""


@contextmanager
def under_one_law() -> Iterator[None]:
    """Around a commit. Refuses: OtherLaw, where the database refused it for that (sql/house_packs.sql)."""
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, SerializationFailure):
            raise
        raise OtherLaw from error


@contextmanager
def holding(person_id: int) -> Iterator[None]:
    """Hold a person and the house rules of its lender from before its facts are read until after the decision commits:
    nobody overtakes it.

    A lock, a connection and a transaction are held while the law is evaluated, so only who was overtaken asks for it.
    Refuses: ClockNotTrusted.
    """
    require_clock()
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM person WHERE id = %s FOR NO KEY UPDATE", [person_id])
        cursor.execute("SELECT zhizhi_hold_law(lender_id) FROM person WHERE id = %s", [person_id])
        yield


def commit_decisions(decided: Sequence[Decided]) -> list[Receipt | Stale]:
    """Commit a batch in one transaction (within `holding`: in that one), answers in the order of the input.

    A person stands in it at most once. Boundary: where the house rules changed before the commit, everybody is stale
    (docs/decisions/0038-house-packs-at-the-gate.md). Refuses: ClockNotTrusted, and nothing is written.
    """
    within = connections["gate"].in_atomic_block
    if not within:  # `holding` asked before it took its lock: the guard writes a row that every process writes
        require_clock()
    assert len({one.person_id for one in decided}) == len(decided), "a person stands in a batch at most once"
    stale: set[int] = set()
    while True:
        wanted = [one for one in decided if one.person_id not in stale]
        try:
            with under_one_law():
                receipts = _commit(wanted, durable=not within)
        except _Overtaken as overtaken:
            stale.add(overtaken.person_id)
            continue
        except OtherLaw:
            return [Stale(one.person_id) for one in decided]
        return [receipts.get(one.person_id) or Stale(one.person_id) for one in decided]


def _commit(decided: Sequence[Decided], *, durable: bool) -> dict[int, Receipt]:
    """One statement; with nothing else to change it is a transaction by itself."""
    takes_back = any(one.supersedes for one in decided)  # only then is a batch written again without one
    is_more = takes_back or any(one.wish_id is not None for one in decided)
    with transaction.atomic(using="gate", durable=durable, savepoint=takes_back) if is_more else nullcontext():
        receipts = write_decisions(decided, waits=True)
        written = [
            (one, receipt) for one, receipt in zip(decided, receipts, strict=True) if isinstance(receipt, Receipt)
        ]
        for one, _ in written:
            superseded = cancel_these(one.person_id, one.supersedes, one.at, "superseded") if one.supersedes else 0
            if superseded != len(one.supersedes):
                raise _Overtaken(one.person_id)
        write_results([result for one, receipt in written for result in _wish_result(one, receipt)])
        return {one.person_id: receipt for one, receipt in written}


_WRITE = "SELECT person_id, hold_that_waits FROM zhizhi_commit_decisions(%s, %s)"


def write_decisions(decided: Sequence[Decided], *, waits: bool) -> list[Receipt | Stale]:
    """Compare the versions, set them and write, in one statement, answers in the order of the input.

    Of a person that has changed nothing is written; who does not wait takes one whom somebody else holds for changed.
    """
    return ask(decisions_of(decided, waits=waits))


def decisions_of(decided: Sequence[Decided], *, waits: bool) -> Question[list[Receipt | Stale]]:
    """What `write_decisions` asks, to be asked together with others."""
    if not decided:
        return Question(None, (), lambda _: [])
    numbers = iter(ids.take_many(NUMBERS_EACH * len(decided)))
    numbered = [Numbers(*islice(numbers, NUMBERS_EACH)) for _ in decided]
    keys = _keys([one.person_id for one in decided if one.terms and one.terms.data_key is None])
    given = [_values(one, own, keys.get(one.person_id)) for one, own in zip(decided, numbered, strict=True)]

    def receipts(rows: Rows) -> list[Receipt | Stale]:
        holds: dict[int, int | None] = dict(rows)
        return [
            _receipt(one, own, holds[one.person_id]) if one.person_id in holds else Stale(one.person_id)
            for one, own in zip(decided, numbered, strict=True)
        ]

    return Question(_WRITE, [_written(given), waits], receipts)


def _as_text(value: object) -> str:
    """What JSON has no form for, as the database reads it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)


_written = json.JSONEncoder(ensure_ascii=False, default=_as_text).encode


@dataclass(frozen=True, slots=True)
class Numbers:
    """Ids of the rows of one decision; what is not written leaves its number unused, which is harmless."""

    decision: int
    permit: int
    delivery: int
    hold: int
    leaf: int


NUMBERS_EACH = len(fields(Numbers))


def _keys(person_ids: Sequence[int]) -> dict[int, bytes]:
    """The data keys that were not given; of somebody who was erased, none."""
    if not person_ids:
        return {}
    rows = ask(Question("SELECT id, data_key FROM person WHERE id = ANY (%s)", [person_ids], list))
    return {person_id: bytes(data_key) for person_id, data_key in rows if data_key is not None}


def _receipt(one: Decided, numbers: Numbers, hold_id: int | None) -> Receipt:
    return Receipt(
        person_id=one.person_id,
        decision_id=numbers.decision,
        permit_id=numbers.permit if one.terms else None,
        delivery_id=numbers.delivery if one.terms else None,
        hold_id=hold_id,
    )


def _values(one: Decided, numbers: Numbers, data_key: bytes | None) -> dict[str, object]:
    """A row of `zhizhi_new_decision` (sql/gate_commit_many.sql); what it does not name is null."""
    permit = _permit_values(one, numbers, data_key) | _lease_values(one)
    return _decision_values(one, numbers) | permit | _leaf_values(one, numbers)


def _decision_values(one: Decided, numbers: Numbers) -> dict[str, object]:
    return {
        "of_person": one.person_id,
        "at_version": one.version,
        "decision_id": numbers.decision,
        "at": one.at,
        "verdict": one.body["verdict"],
        "channel": one.channel,
        "rule": _first_rule(one),
        "next_permitted_at": one.body["next_permitted_at"],
        "hold_for": one.body["hold_for"],
        "run_id": one.run_id,
        "of_campaign": one.campaign_id,
        "by": one.by,
        "hold_id": numbers.hold if _waits_for_person(one) else None,
    }


def _permit_values(one: Decided, numbers: Numbers, data_key: bytes | None) -> dict[str, object]:
    terms = one.terms
    if terms is None:
        return {}
    data_key = terms.data_key or data_key
    return {
        "permit_id": numbers.permit,
        "lender_id": one.lender_id,
        "party_id": terms.party_id,
        "point_id": terms.point_id,
        "form": terms.form,
        "purpose": terms.purpose,
        "debts": json.dumps(list(terms.debts)),
        "collector": terms.collector,
        "template_version_id": terms.template_version_id,
        "content_digest": terms.content.digest(),
        "not_before": terms.not_before,
        "expires_at": terms.expires_at,
        "must_end_by": terms.must_end_by,
        "origin": terms.origin,
        "delivery_id": numbers.delivery,
        "gateway": terms.gateway,
        "sealed": seal_content(person_seal(data_key), terms.content.to_document(), numbers.delivery),
        "sealed_under": data_key,
    }


def _lease_values(one: Decided) -> dict[str, object]:
    if one.lease is None:
        return {}
    return {
        "lease_id": one.lease.id,
        "lease_campaign_id": one.lease.campaign_id,
        "lease_token_id": one.lease.token_id,
    }


def _leaf_values(one: Decided, numbers: Numbers) -> dict[str, object]:
    """The documents are stored as the very octets to which the leaf commits."""
    facts, body = octets_of(one.facts), octets_of(one.body)
    kind = KIND_OF_VERDICT.get(one.body["verdict"], LeafKind.REFUSAL)
    leaf, salts = sealed_leaf(
        NewLeaf(
            kind=kind,
            at=one.at,
            subject=one.subject,
            values={"by": one.by},
            written={"decision": body, "facts": facts},
            pack=",".join(f"{pack['id']}@{pack['sha256'][:16]}" for pack in one.body["packs"]) or None,
            code=str(one.body["engine"]).replace(" ", "_"),
        )
    )
    return {
        "facts": facts.decode(),
        "body": body.decode(),
        "leaf_id": numbers.leaf,
        "leaf_kind": kind.value,
        "subject": one.subject,
        "leaf_body": leaf,
        "salts": json.dumps(salts),
    }


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
