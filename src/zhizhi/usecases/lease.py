"""Lease permits for calls that another system makes: decided by the same law, committed by the same gate, used at once.

What a lease counts is the whole of a call, from the second of its commit until a record proves that it never rang
(docs/decisions/0037-leases.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.content import Content
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.leases.answers import Asked, kept_answer, load_answer
from zhizhi.store.leases.callers import load_caller
from zhizhi.store.leases.candidates import Candidate, Named, load_candidates
from zhizhi.store.leases.minting import DIALLER, NewLease, keep_answer, one_commit, open_campaign, write_leases
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.packs import load_law
from zhizhi.store.snapshot import PersonFacts, load_facts
from zhizhi.store.templates.approved import ApprovedTemplate
from zhizhi.store.transact.gate import Decided, PermitTerms, Receipt, Stale, commit_decisions
from zhizhi.usecases.lease_words import lease_document, refusal_document, unknown_document
from zhizhi.usecases.permit_span import valid_until
from zhizhi.usecases.proposal import Proposal, case_document, worked_debts
from zhizhi.usecases.propose_contact import wording
from zhizhi.usecases.refused import UseCaseRefused

SECONDS_MIN, SECONDS_MAX = 5, 120
PERSONS_MAX = 100
NUMBER_SCOPE = "lease.number"
CAMPAIGN_OVER = Text("该活动已结束，不再发放许可", "the campaign has ended; help: lease for another campaign")
UNKNOWN_CALLER = Text(
    "没有这位在职坐席；请用其登录名", "there is no such active caller; help: give the login of one of your staff"
)


@dataclass(frozen=True, slots=True)
class LeasePermits:
    """A system wants to ring some persons within the next seconds."""

    bearer: Bearer
    campaign: str
    seconds: int
    script: str
    caller: str | None
    purpose: str
    persons: tuple[Named, ...] = field(repr=False)
    asked: Asked


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is the same for every person of a request."""

    command: LeasePermits
    collector: Collector
    template: ApprovedTemplate
    campaign_id: int
    at: datetime


class _Overtaken(Exception):
    """Somebody else committed for one of the persons: everything is done again while they are held."""


def lease_permits(command: LeasePermits, at: datetime) -> dict[str, Any]:
    """Decide and lease; answers the document of the API, the same one to the same request.

    Refuses: a key of another request, an unknown script or caller, a campaign that ended.
    """
    known = load_answer(command.asked)
    if known is not None:
        return known
    candidates = load_candidates(command.bearer, command.persons)
    try:
        return _in_one_commit(command, candidates, (), at)
    except _Overtaken:
        held = [one.person_id for one in candidates.values()]
        return _in_one_commit(command, candidates, held, at)


def _in_one_commit(
    command: LeasePermits, candidates: Mapping[int, Candidate], held: Sequence[int], at: datetime
) -> dict[str, Any]:
    with one_commit(held):
        answer = {"leases": _lease(_wanted(command, at), candidates)}
        keep_answer(kept_answer(command.asked, answer, at))
    return answer


def _wanted(command: LeasePermits, at: datetime) -> _Wanted:
    template = wording(command.bearer.lender_id, command.script, "voice")
    assert template is not None, "a script is named"
    collector = load_caller(command.bearer, command.caller)
    if collector is None:
        raise UseCaseRefused("unknown_caller", UNKNOWN_CALLER, "caller")
    campaign_id = open_campaign(command.bearer, command.campaign, at)
    if campaign_id is None:
        raise UseCaseRefused("campaign_over", CAMPAIGN_OVER, "campaign")
    return _Wanted(command, collector, template, campaign_id, at)


def _lease(wanted: _Wanted, candidates: Mapping[int, Candidate]) -> list[dict[str, Any]]:
    facts = load_facts([one.person_id for one in candidates.values()], wanted.at)
    answers: list[dict[str, Any]] = []
    prepared: dict[int, tuple[Decision, Decided]] = {}
    seen: set[int] = set()
    for place, _ in enumerate(wanted.command.persons):
        candidate = candidates.get(place)
        answers.append(_refusal(candidate, seen))
        if candidate is not None and not answers[place]:
            seen.add(candidate.person_id)
            try:
                prepared[place] = _decide(wanted, candidate, facts[candidate.person_id])
            except (UseCaseRefused, KeyUnavailable) as refused:
                answers[place] = _unanswered(refused)
    receipts = commit_decisions([decided for _, decided in prepared.values()]) if prepared else []
    if any(isinstance(receipt, Stale) for receipt in receipts):
        raise _Overtaken
    committed = {
        place: receipt for place, receipt in zip(prepared, receipts, strict=True) if isinstance(receipt, Receipt)
    }
    return _answered(wanted, candidates, prepared, committed, answers)


def _refusal(candidate: Candidate | None, seen: set[int]) -> dict[str, Any]:
    """Why nothing can be decided; empty where it can."""
    if candidate is None:
        return unknown_document("unknown_case")
    if candidate.person_id in seen:
        return unknown_document("named_twice")
    return unknown_document("no_number") if candidate.point_id is None else {}


def _unanswered(refused: UseCaseRefused | KeyUnavailable) -> dict[str, Any]:
    return unknown_document("erased_person" if isinstance(refused, KeyUnavailable) else refused.code)


def _decide(wanted: _Wanted, candidate: Candidate, person: PersonFacts) -> tuple[Decision, Decided]:
    command, at = wanted.command, wanted.at
    assert candidate.party_id is not None, "whoever has a number is a party"
    assert candidate.point_id is not None, "a number was chosen"
    law = load_law(person.profile)
    if law.is_partial and not candidate.is_synthetic:
        raise UseCaseRefused(
            "partial_profile", Text("适用的规则包尚不齐全", "not all packs of this profile are there yet")
        )
    proposal = Proposal(
        person_id=person.person_id,
        party_id=candidate.party_id,
        point_id=candidate.point_id,
        channel="voice",
        form="interactive",
        purpose=command.purpose,
        template=wanted.template,
        debts=worked_debts(person),
    )
    document = case_document(person, wanted.collector, proposal, at)
    try:
        case = parse_case(document)
    except CaseError as error:
        raise UseCaseRefused("bad_facts", Text("资料不全", "the facts are no case")) from error
    decision = decide(case, law)
    terms = None
    if decision.verdict == "permit":
        until = min(valid_until(case, law, decision), at + timedelta(seconds=command.seconds))
        terms = _terms(wanted, proposal, decision, until)
    return decision, Decided(
        person_id=person.person_id,
        version=person.version,
        subject=person.subject,
        lender_id=person.lender_id,
        at=at,
        channel="voice",
        facts=document,
        body=decision.to_document(),
        by=f"t{command.bearer.token_id}",
        run_id=None,
        terms=terms,
    )


def _terms(wanted: _Wanted, proposal: Proposal, decision: Decision, until: datetime) -> PermitTerms:
    template = wanted.template
    return PermitTerms(
        party_id=proposal.party_id,
        point_id=proposal.point_id,
        form=proposal.form,
        purpose=proposal.purpose,
        debts=proposal.debts,
        collector=wanted.collector.id,
        template_version_id=template.version_id,
        # the script is bound as it was approved: the other system fills it in, and no name or amount is handed out
        content=Content(template.body, template.subject, template.provider_template, template.signature),
        not_before=wanted.at,
        expires_at=until,
        must_end_by=decision.must_end_by,
        origin="system",
        gateway=DIALLER,
    )


def _answered(
    wanted: _Wanted,
    candidates: Mapping[int, Candidate],
    prepared: Mapping[int, tuple[Decision, Decided]],
    committed: Mapping[int, Receipt],
    answers: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Lease what is permitted, and put every answer in its place."""
    new: dict[int, NewLease] = {}
    for place, (_, decided) in prepared.items():
        receipt = committed[place]
        if decided.terms is not None and receipt.permit_id is not None and receipt.delivery_id is not None:
            expires_at = decided.terms.expires_at
            new[place] = NewLease(decided.person_id, receipt.permit_id, receipt.delivery_id, expires_at)
    bearer = wanted.command.bearer
    lease_ids = dict(zip(new, write_leases(list(new.values()), wanted.campaign_id, bearer, wanted.at), strict=True))
    in_clear = NUMBER_SCOPE in bearer.scopes
    for place, (decision, decided) in prepared.items():
        candidate = candidates[place]
        if decided.terms is None:
            answers[place] = refusal_document(decision)
            continue
        number = candidate.number() if in_clear else candidate.masked()
        answers[place] = lease_document(
            (decided.person_id, lease_ids[place]), decision, number, decided.terms.expires_at, wanted.at
        )
    return answers
