"""What the law says now to a contact that it permitted before: of today's facts, without its own permit."""

from datetime import datetime
from typing import Any

from zhizhi.core.conduct.case import Case, CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.store.law.houses import law_for
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.snapshot import PersonFacts, load_facts
from zhizhi.store.transact.gate import Decided, PermitTerms
from zhizhi.store.transact.standing import Permitted
from zhizhi.usecases.assessments.needed import activities_of
from zhizhi.usecases.bulk_stops.refusing import require_not_stopped
from zhizhi.usecases.proposal import Proposal, case_document
from zhizhi.usecases.refused import UseCaseRefused


def ask_again(
    permitted: Permitted, collector: Collector, at: datetime, *, by: str, run_id: int | None = None
) -> tuple[Decision, Decided]:
    """What the law says at an instant, and what the gate shall commit where it refuses.

    Refuses: a partial profile, facts that are no case, a bulk stop.
    """
    person = load_facts([permitted.person_id], at, frozenset({permitted.permit_id}))[permitted.person_id]
    activities = activities_of(person, permitted.channel, is_automated=run_id is not None)
    law = whole_law(person, activities, is_synthetic=permitted.is_synthetic)
    proposal = Proposal(
        person_id=permitted.person_id,
        party_id=permitted.party_id,
        point_id=permitted.point_id,
        channel=permitted.channel,
        form=permitted.form,
        purpose=permitted.purpose,
        template=None,
        debts=permitted.debts,
    )
    document = case_document(person, collector, proposal, at, origin=permitted.origin)
    document["proposed"] = {**permitted.proposed, **document["proposed"]}  # and what the wording said of itself
    decision = decide(case_of(document), law)
    if decision.verdict == "permit":
        require_not_stopped(person, permitted.channel, permitted.purpose, at)
    return decision, decided_of(person, document, decision, at, permitted.channel, by=by, run_id=run_id)


def whole_law(person: PersonFacts, activities: frozenset[str], *, is_synthetic: bool) -> Law:
    """The law of a person. Refuses: one of which packs are missing, unless the person is made up."""
    law = law_for(person, activities)
    if law.is_partial and not is_synthetic:
        raise UseCaseRefused(
            "partial_profile", Text("适用的规则包尚不齐全", "not all packs of this profile are there yet")
        )
    return law


def case_of(document: dict[str, Any]) -> Case:
    """The case that a document describes. Refuses: facts that are no case."""
    try:
        return parse_case(document)
    except CaseError as error:
        raise UseCaseRefused("bad_facts", Text("资料不全", "the facts are no case")) from error


def decided_of(
    person: PersonFacts,
    document: dict[str, Any],
    decision: Decision,
    at: datetime,
    channel: str,
    *,
    by: str,
    run_id: int | None = None,
    terms: PermitTerms | None = None,
) -> Decided:
    """A decision, ready to commit."""
    return Decided(
        person_id=person.person_id,
        version=person.version,
        subject=person.subject,
        lender_id=person.lender_id,
        at=at,
        channel=channel,
        facts=document,
        body=decision.to_document(),
        by=by,
        run_id=run_id,
        terms=terms,
    )
