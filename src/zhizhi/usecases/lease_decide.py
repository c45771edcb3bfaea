"""The law is asked about one call of another system, when it is leased and again where somebody committed since; what
the gate shall commit is made of its answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.content import Content
from zhizhi.core.kernel.text import Text
from zhizhi.store.channels import DIALLER
from zhizhi.store.leases.callers import load_caller_again
from zhizhi.store.leases.candidates import Candidate
from zhizhi.store.leases.holding import HeldLease, load_leased
from zhizhi.store.leases.minting import HeldPerson
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.templates.approved import ApprovedTemplate
from zhizhi.store.transact.gate import Decided, PermitTerms
from zhizhi.store.transact.standing import Permitted
from zhizhi.usecases.asked_again import ask_again, case_of, decided_of, whole_law
from zhizhi.usecases.assessments.needed import activities_of
from zhizhi.usecases.bulk_stops.refusing import require_not_stopped
from zhizhi.usecases.permit_span import valid_until
from zhizhi.usecases.proposal import Proposal, case_document, worked_debts
from zhizhi.usecases.refused import UseCaseRefused

UNKNOWN_CALLER = Text(
    "没有这位在职坐席；请用其登录名", "there is no such active caller; help: give the login of one of your staff"
)


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """What is the same for every person of a request: who asks, who will speak, with which script, for how long."""

    token_id: int
    collector: Collector
    template: ApprovedTemplate
    purpose: str
    seconds: int
    at: datetime


def decide_lease(terms: LeaseTerms, candidate: Candidate, held: HeldPerson) -> tuple[Decision, Decided]:
    """What the law says to calling this person now. Refuses: a partial profile, facts that are no case, a
    bulk stop."""
    assert candidate.party_id is not None, "whoever has a number is a party"
    assert candidate.point_id is not None, "a number was chosen"
    person = held.facts
    activities = activities_of(person, "voice", is_automated=False)  # another system names the case
    law = whole_law(person, activities, is_synthetic=candidate.is_synthetic)
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
    case = case_of(document)
    decision = decide(case, law)
    permit = None
    if decision.verdict == "permit":
        require_not_stopped(person, "voice", terms.purpose, terms.at)
        until = min(valid_until(case, law, decision), terms.at + timedelta(seconds=terms.seconds))
        permit = _permit_terms(terms, proposal, decision, until, held.data_key)
    by = f"t{terms.token_id}"
    return decision, decided_of(person, document, decision, terms.at, "voice", by=by, terms=permit)


def decide_again(bearer: Bearer, held: HeldLease, at: datetime) -> tuple[Decision, Decided]:
    """What the law says now to the call that was leased: of today's facts, its own permit left out of the count.

    Refuses: a caller who is there no more, a partial profile, facts that are no case.
    """
    leased, claimed = load_leased(held), held.claimed
    collector = load_caller_again(bearer, leased.staff_id)
    if collector is None:
        raise UseCaseRefused("unknown_caller", UNKNOWN_CALLER, "caller")
    permitted = Permitted(
        person_id=claimed.person_id,
        permit_id=claimed.permit_id,
        party_id=claimed.party_id,
        point_id=claimed.point_id,
        channel=claimed.channel,
        form=claimed.form,
        purpose=claimed.purpose,
        debts=tuple(claimed.debts),
        must_end_by=claimed.must_end_by,
        origin=claimed.origin,
        is_synthetic=leased.is_synthetic,
        proposed=leased.proposed,
    )
    return ask_again(permitted, collector, at, by=f"t{bearer.token_id}")


def _permit_terms(
    terms: LeaseTerms, proposal: Proposal, decision: Decision, until: datetime, data_key: bytes | None
) -> PermitTerms:
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
        data_key=data_key,
    )
