"""The law is asked about one call of another system, and what the gate shall commit is made of its answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.content import Content
from zhizhi.core.kernel.text import Text
from zhizhi.store.leases.candidates import Candidate
from zhizhi.store.leases.minting import DIALLER
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.packs import load_law
from zhizhi.store.snapshot import PersonFacts
from zhizhi.store.templates.approved import ApprovedTemplate
from zhizhi.store.transact.gate import Decided, PermitTerms
from zhizhi.usecases.permit_span import valid_until
from zhizhi.usecases.proposal import Proposal, case_document, worked_debts
from zhizhi.usecases.refused import UseCaseRefused


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """What is the same for every person of a request: who asks, who will speak, with which script, for how long."""

    token_id: int
    collector: Collector
    template: ApprovedTemplate
    purpose: str
    seconds: int
    at: datetime


def decide_lease(terms: LeaseTerms, candidate: Candidate, person: PersonFacts) -> tuple[Decision, Decided]:
    """What the law says to calling this person now. Refuses: a partial profile, facts that are no case."""
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
        purpose=terms.purpose,
        template=terms.template,
        debts=worked_debts(person),
    )
    document = case_document(person, terms.collector, proposal, terms.at)
    try:
        case = parse_case(document)
    except CaseError as error:
        raise UseCaseRefused("bad_facts", Text("资料不全", "the facts are no case")) from error
    decision = decide(case, law)
    permit = None
    if decision.verdict == "permit":
        until = min(valid_until(case, law, decision), terms.at + timedelta(seconds=terms.seconds))
        permit = _permit_terms(terms, proposal, decision, until)
    return decision, Decided(
        person_id=person.person_id,
        version=person.version,
        subject=person.subject,
        lender_id=person.lender_id,
        at=terms.at,
        channel="voice",
        facts=document,
        body=decision.to_document(),
        by=f"t{terms.token_id}",
        run_id=None,
        terms=permit,
    )


def _permit_terms(terms: LeaseTerms, proposal: Proposal, decision: Decision, until: datetime) -> PermitTerms:
    template = terms.template
    return PermitTerms(
        party_id=proposal.party_id,
        point_id=proposal.point_id,
        form=proposal.form,
        purpose=proposal.purpose,
        debts=proposal.debts,
        collector=terms.collector.id,
        template_version_id=template.version_id,
        # the script is bound as it was approved: the other system fills it in, and no name or amount is handed out
        content=Content(template.body, template.subject, template.provider_template, template.signature),
        not_before=terms.at,
        expires_at=until,
        must_end_by=decision.must_end_by,
        origin="system",
        gateway=DIALLER,
    )
