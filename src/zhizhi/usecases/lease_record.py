"""What the other system reports of a lease: it rang, was answered, was abandoned, was a talk, or never rang.

Records come in any order, late and more than once; knowledge only grows. What is reported of a call that should not
have been is written all the same, counted, and asked about.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.leases.answers import Asked, kept_answer, load_answer
from zhizhi.store.leases.holding import HeldLease, holding_lease
from zhizhi.store.leases.minting import keep_answer
from zhizhi.store.leases.records import NewRecord, add_record, give_back, load_kinds, open_inquiry, settle_lease
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.people.rows import normal_form
from zhizhi.usecases.lease_confirm import NO_SUCH_LEASE, NotFound
from zhizhi.usecases.lease_words import lease_named
from zhizhi.usecases.refused import UseCaseRefused

NEVER_RANG = "never_rang"
# What a record says of the call's end, in the words of contract/conduct-case.md; `rang` and `answered` are on the way.
OUTCOME_OF = {
    "abandoned": "answered_dropped",
    "talked": "conversation",
    "no_answer": "no_answer",
    "busy": "busy",
    "not_in_service": "not_in_service",
    "rejected": "rejected",
    "voicemail_limited": "voicemail_limited",
}
ON_THE_WAY = ("rang", "answered")
KINDS = (NEVER_RANG, *ON_THE_WAY, *OUTCOME_OF)
ANSWER_WITHIN = timedelta(days=7)
CLOCKS_DIFFER_AT_MOST = timedelta(seconds=2)
PROOF_CHARACTERS_MIN = 4
IT_RANG = Text("已有记录表明该电话响过铃，许可不能退回", "records say that it rang: the permit does not come back")
NO_PROOF = Text(
    "退回许可须附线路或外呼系统的话单号", "help: add `proof`, the number of the carrier's or dialler's record"
)
NO_BEGINNING = Text("请填写拨号时刻 `began_at`", "help: add `began_at`, the instant at which it was dialled")
NO_LENGTH = Text("请填写通话时长 `talk_seconds`", "help: add `talk_seconds`, the length of the talk")
IN_THE_FUTURE = Text("时刻在将来", "the instant lies in the future; help: set the clock of the dialler")


@dataclass(frozen=True, slots=True)
class RecordLease:
    """One report of a lease."""

    bearer: Bearer
    lease: str
    kind: str
    began_at: datetime | None
    ring_seconds: int | None
    talk_seconds: int | None
    number: str | None = field(repr=False)
    proof: str = field(repr=False)
    asked: Asked


def record(command: RecordLease, at: datetime) -> dict[str, Any]:
    """Keep a report and what follows from it; answers how the lease is counted now.

    Refuses: NotFound, `never_rang` without proof or of a call that rang, a talk without its length, an instant to come.
    """
    _check(command, at)
    known = load_answer(command.asked)
    if known is not None:
        return known
    named = lease_named(command.lease)
    if named is None:
        raise NotFound("unknown_lease", NO_SUCH_LEASE)
    with holding_lease(command.bearer, *named) as held:
        if held is None:
            raise NotFound("unknown_lease", NO_SUCH_LEASE)
        answer = {"lease": command.lease} | _written(command, held, at)
        keep_answer(kept_answer(command.asked, answer, at))
    return answer


def _check(command: RecordLease, at: datetime) -> None:
    if command.kind == NEVER_RANG:
        if len(command.proof) < PROOF_CHARACTERS_MIN:
            raise UseCaseRefused("no_proof", NO_PROOF, "proof")
        return
    if command.began_at is None:
        raise UseCaseRefused("no_beginning", NO_BEGINNING, "began_at")
    if command.began_at > at + CLOCKS_DIFFER_AT_MOST:
        raise UseCaseRefused("in_the_future", IN_THE_FUTURE, "began_at")
    if command.kind == "talked" and not command.talk_seconds:
        raise UseCaseRefused("talk_seconds", NO_LENGTH, "talk_seconds")


def _written(command: RecordLease, held: HeldLease, at: datetime) -> dict[str, Any]:
    new = NewRecord(
        kind=command.kind,
        began_at=command.began_at,
        ring_seconds=command.ring_seconds,
        talk_seconds=command.talk_seconds,
        number_differs=_is_other_number(command, held),
        proof=command.proof,
    )
    before = load_kinds(held)
    if new.kind == NEVER_RANG:
        if any(kind != NEVER_RANG for kind in before) or held.state == "delivered":
            raise UseCaseRefused("it_rang", IT_RANG, "kind")
        add_record(held, new, command.bearer.token_id, at)
        give_back(held, at)
        return {"counted": False, "state": "given_back", "inquiries": []}
    add_record(held, new, command.bearer.token_id, at)
    found = _found(held, new, before)
    for kind in found:
        open_inquiry(held, kind, new, at, at + ANSWER_WITHIN)
    state = _settled(held, new, at)
    return {"counted": held.state != "failed", "state": state, "inquiries": [kind.value for kind in found]}


def _is_other_number(command: RecordLease, held: HeldLease) -> bool:
    if command.number is None:
        return False
    try:
        return normal_form(command.number) != normal_form(held.number())
    except KeyUnavailable:  # erased: nobody can say, and the lease is not settled by a number that cannot be compared
        return True


def _found(held: HeldLease, new: NewRecord, before: list[str]) -> list[Kind]:
    """What should not be: a call to another number, after the permit was given back, outside its time, unconfirmed, or
    told twice with different ends."""
    assert new.began_at is not None, "checked before"
    lease = held.lease
    found = []
    if held.state == "failed":
        found.append(Kind.RELEASED_PERMIT)
    if new.number_differs:
        found.append(Kind.NUMBER_DIFFERS)
    slack = CLOCKS_DIFFER_AT_MOST
    if lease.confirmed_at is None or not lease.leased_at - slack <= new.began_at < lease.expires_at + slack:
        found.append(Kind.RECORD_WITHOUT_PERMIT)
    ends = {kind for kind in before if kind in OUTCOME_OF}
    if new.kind in OUTCOME_OF and ends - {new.kind}:
        found.append(Kind.OUTCOME_DIFFERS)
    return found


def _settled(held: HeldLease, new: NewRecord, at: datetime) -> str:
    """Settle by an end, where there is none yet; a call to another number says nothing of the lease's own."""
    if held.state == "failed":
        return "given_back"
    if new.kind in OUTCOME_OF and not new.number_differs and held.state != "delivered":
        settle_lease(held, OUTCOME_OF[new.kind], _facts(new), at)
        return "settled"
    return "settled" if held.state == "delivered" else "open"


def _facts(new: NewRecord) -> dict[str, Any]:
    """Only what was said: a length or an exchange that nobody reported is unknown, and counts."""
    known = {
        "ring_seconds": new.ring_seconds,
        "talk_seconds": new.talk_seconds,
        "line_result": "answered" if new.kind in ("abandoned", "talked") else None,
    }
    return {key: value for key, value in known.items() if value is not None}
