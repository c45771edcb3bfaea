"""Ask the law for the persons of a campaign: chunk by chunk, each chunk in one commit, through the same gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.campaigns.chunks import (
    Target,
    TargetResult,
    stay_running,
    take_one,
    taking,
    write_targets,
)
from zhizhi.store.campaigns.terms import CampaignTerms
from zhizhi.store.snapshot import PersonFacts, load_facts
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.store.transact.gate import OtherLaw, Stale, holding
from zhizhi.usecases.bulk_stops.refusing import BulkStopped
from zhizhi.usecases.proposal import Proposal, worked_debts
from zhizhi.usecases.propose_contact import Proposed, propose_many
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.run_day import CASE_CLOSED, NOT_CONNECTED, debtor_point

CHUNK_MAX = 2_000
ASKED_MAX = 20  # how often a person is put off before a refusal for now is one for good
NO_POINT = "no_point"
OF_THE_CAMPAIGN = frozenset((NOT_CONNECTED, "partial_profile"))
"""Refusals that would meet everybody: they stop the campaign and settle nobody."""
WORDING_CHANGED = UseCaseRefused(
    "wording_changed",
    Text(
        "模板已有新的获批版本，或已停用；请核对后新建群发",
        "another version of the wording is approved by now, or none; help: look at it and make a new campaign",
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a chunk came to: how many persons were settled or put off, and how many of them may be written to."""

    settled: int = 0
    permitted: int = 0
    again: int = 0

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.settled + other.settled, self.permitted + other.permitted, self.again + other.again)


def ask_chunk(terms: CampaignTerms, at: datetime, most: int = CHUNK_MAX) -> Asked:
    """Decide at most so many persons who are due, in one commit; then, each alone, those whom somebody overtook.

    Refuses: ClockNotTrusted; a wording that is not the approved one any more and what would refuse everybody
    (UseCaseRefused); a campaign that was stopped meanwhile (CampaignStopped). Nothing of the chunk is written then.
    """
    template = _wording(terms)
    try:
        with taking(terms.id, at, most) as targets:
            results, overtaken = _ask(terms, targets, template, at)
            write_targets(results)
    except OtherLaw:  # the lender's house rules changed before the commit: nothing is written, the next round asks
        return Asked()
    done = Asked(len(results), sum(one.state == "permit" for one in results), len(overtaken))
    for target in overtaken:
        done += _ask_singly(terms, target, template, at)
    return done


def _wording(terms: CampaignTerms) -> ApprovedTemplate:
    """The wording that the campaign names, where it is still the approved one."""
    if channels.gateway_of(terms.channel) is None:
        raise UseCaseRefused(NOT_CONNECTED, Text("渠道未接入", "the channel is not connected"))
    template = load_approved(terms.lender_id, terms.template_code).get(terms.template_code)
    if template is None or template.version_id != terms.template_version_id:
        raise WORDING_CHANGED
    return template


def _ask_singly(terms: CampaignTerms, target: Target, template: ApprovedTemplate, at: datetime) -> Asked:
    """As a chunk of one, nobody else writing for the person meanwhile; not at all where another worker has it."""
    with holding(target.person_id):
        held = take_one(terms.id, target.person_id, at)
        results, overtaken = _ask(terms, held, template, at)
        assert not overtaken, "nobody overtakes who is held"
        write_targets(results)
        stay_running(terms.id)
    return Asked(len(results), sum(one.state == "permit" for one in results))


def _ask(
    terms: CampaignTerms, targets: Sequence[Target], template: ApprovedTemplate, at: datetime
) -> tuple[list[TargetResult], list[Target]]:
    """What became of the targets, committed with the decisions by the caller; and those whom somebody overtook."""
    facts = load_facts([target.person_id for target in targets], at)
    results: list[TargetResult] = []
    asked: list[tuple[Target, Proposal]] = []
    for target in targets:
        proposal = _proposal(terms, target, facts[target.person_id], template)
        if isinstance(proposal, Proposal):
            asked.append((target, proposal))
        else:
            results.append(_unasked(target, *proposal))
    answers = propose_many([proposal for _, proposal in asked], facts, at, origin="system")
    overtaken: list[Target] = []
    for (target, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, Stale):
            overtaken.append(target)
        elif isinstance(answer, UseCaseRefused):
            if answer.code in OF_THE_CAMPAIGN:
                raise answer
            later = _after_stop(terms, target, answer, at)
            results.append(later or _unasked(target, "hold", answer.code))
        else:
            results.append(_answered(terms, target, answer, at))
    return results, overtaken


def _proposal(
    terms: CampaignTerms, target: Target, facts: PersonFacts, template: ApprovedTemplate
) -> Proposal | tuple[str, str]:
    """The proposal for a person, or what becomes of one for whom there is nothing to propose."""
    if facts.case_id != target.case_id:
        return "skipped", CASE_CLOSED
    if facts.stop is not None:
        return "hold", f"stop_{facts.stop}"
    found = debtor_point(facts, terms.channel)
    if found is None:
        return "skipped", NO_POINT
    party, point = found
    return Proposal(
        person_id=target.person_id,
        party_id=party,
        point_id=point,
        channel=terms.channel,
        form=terms.form,
        purpose=terms.purpose,
        template=template,
        by=target.collector_id or terms.created_by_id,
        debts=worked_debts(facts),
        campaign_id=terms.id,
    )


def _unasked(target: Target, state: str, reason: str) -> TargetResult:
    return TargetResult(target.person_id, target.target_id, state, reason)


def _after_stop(terms: CampaignTerms, target: Target, refused: UseCaseRefused, at: datetime) -> TargetResult | None:
    """A bulk stop that ends while the campaign lasts puts the person off until then."""
    if not isinstance(refused, BulkStopped) or target.asked >= ASKED_MAX:
        return None
    later = terms.window.opening_from(refused.until)
    if later is None or later <= at:
        return None
    return TargetResult(target.person_id, target.target_id, "waiting", refused.code, not_before=later)


def _answered(terms: CampaignTerms, target: Target, answer: Proposed, at: datetime) -> TargetResult:
    """A refusal that names a next instant within the campaign puts the person off until then."""
    decision, receipt = answer.decision, answer.receipt
    if decision.verdict == "permit":
        return TargetResult(target.person_id, target.target_id, "permit", "", receipt.decision_id, receipt.delivery_id)
    state = "forbid" if decision.verdict == "forbid" else "hold"
    later = None
    if state == "forbid" and decision.next_permitted_at is not None and target.asked < ASKED_MAX:
        later = terms.window.opening_from(decision.next_permitted_at)
    return TargetResult(
        target.person_id,
        target.target_id,
        "waiting" if later is not None and later > at else state,
        decision.reasons[0].rule if decision.reasons else "",
        receipt.decision_id,
        not_before=later if later is not None and later > at else None,
    )
