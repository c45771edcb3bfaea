"""Ask the law for one contact, or for many at one instant, and commit what it says: the only way to a permit."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.errors import told
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.store import channels
from zhizhi.store.asked import Asked, Wanted, load_asked
from zhizhi.store.filings.standing import Standing
from zhizhi.store.kept_plans import end_connections, keep_plans, renew_connections
from zhizhi.store.law.houses import law_for
from zhizhi.store.lenders.collectors import Collector, collector_of
from zhizhi.store.lenders.rights import Right
from zhizhi.store.people.opened import Addressee, load_addressees
from zhizhi.store.snapshot import PersonFacts, load_facts
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.store.transact.gate import Decided, PermitTerms, Receipt, Stale, commit_decisions, holding
from zhizhi.store.transact.together import commit_together
from zhizhi.usecases.assessments.needed import activities_of
from zhizhi.usecases.authority import require, require_reach
from zhizhi.usecases.bulk_stops.refusing import require_not_stopped
from zhizhi.usecases.filings.needed import require_filed, standing_of
from zhizhi.usecases.gathering import Company, Gathered
from zhizhi.usecases.lock_screen import require_safe_form, with_safe_form
from zhizhi.usecases.outbound.needed import require_number
from zhizhi.usecases.permit_span import valid_until
from zhizhi.usecases.proposal import Proposal, case_document, render, worked_debts
from zhizhi.usecases.refused import UseCaseRefused

TRIES_MAX = 5  # how often a decision may be overtaken: by another commit, or by the claim of its own call
LOCK_FROM_TRY = 1  # whoever was overtaken so often holds the person's row; 0 would always, TRIES_MAX never
TOGETHER_MOST = 8  # proposals that are committed together; each number of them is a statement of its own
TOGETHER_SECONDS = 0.001  # so long they wait for each other
OVERTAKEN = Text(
    "同一客户正被其他操作更新，请稍后重试",
    "the same person is being worked on elsewhere; help: try again in a moment",
)
WITHOUT_ADAPTER = {
    "im": Text(
        "企业微信等即时消息未接入：本版本没有发送适配器与会话存档，不会发出；请改用短信、邮件或电话",
        "instant messages (enterprise WeChat) are not connected: this release neither sends nor archives them, and"
        " nothing leaves; help: use text messages, mail or a call",
    ),
    "app": Text(
        "App 推送未接入：本版本没有推送适配器，不会发出；请改用短信、邮件或电话",
        "app pushes are not connected: this release does not send them, and nothing leaves; help: use text messages,"
        " mail or a call",
    ),
}
"""Channels that wordings and strategies may name, and that no adapter of this release serves."""
LOG = logging.getLogger("zhizhi.gate")


@dataclass(frozen=True, slots=True)
class ProposeContact:
    """Somebody at a desk wants to make one contact now."""

    person_id: int
    party_id: int
    point_id: int
    channel: str
    form: str
    purpose: str
    template_code: str | None
    by: int
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the law said and what was written; `untrue`: the claims that are not true, where it was refused for them."""

    decision: Decision
    receipt: Receipt
    untrue: Text | None = None

    @property
    def permit_id(self) -> int | None:
        """The permit, where it permits."""
        return self.receipt.permit_id

    @property
    def delivery_id(self) -> int | None:
        """The place in the outbox, where it permits."""
        return self.receipt.delivery_id

    @property
    def hold_id(self) -> int | None:
        """The hold, where somebody has to look."""
        return self.receipt.hold_id


def propose_contact(command: ProposeContact, at: datetime) -> Proposed:
    """Decide one contact and commit the answer. Refuses: somebody who may not contact, unknown person, point or
    template, a channel that is not connected.

    Boundary: whether the case is theirs is asked where it is looked up for them, and again by `start_call` and
    `propose_within`; asked here it would double what a proposal costs. Here it is the role, the lender and the agency.

    A call that the same person at the desk has been permitted to the same point and has not begun is given back with
    this commit: who clicks twice has one permit. The law's own proposals have nobody behind them: `propose_many`.
    """
    for overtaken in range(TRIES_MAX):
        if overtaken >= LOCK_FROM_TRY:
            with holding(command.person_id):
                answer: _Answer = _propose_alone(command, at)
        else:
            with _COMPANY.joined() as is_alone:
                gathered = None if is_alone else _GATHERED.ask(Asking(command, at))
                answer = gathered or _propose_alone(command, at)
        if isinstance(answer, UseCaseRefused):
            raise answer
        if isinstance(answer, Proposed):
            return answer
    raise UseCaseRefused("overtaken", OVERTAKEN)


def propose_within(command: ProposeContact, at: datetime) -> Proposed:
    """`propose_contact` within a transaction of the caller's, who writes more in it: the person is held from the first
    on, and the commit is shared with nobody. Refuses: as it."""
    require(command.by, Right.CONTACT, person_id=command.person_id)
    for _ in range(TRIES_MAX):
        with holding(command.person_id):
            answer = _propose_alone(command, at)
        if isinstance(answer, Proposed):
            return answer
    raise UseCaseRefused("overtaken", OVERTAKEN)


@dataclass(frozen=True, slots=True)
class Asking:
    """A proposal with its instant, as it waits for others that come at the same time."""

    command: ProposeContact
    at: datetime

    def wanted(self) -> Wanted:
        """What it asks of the database."""
        said = self.command
        is_call = said.channel == "voice"
        return Wanted(said.person_id, said.point_id, said.template_code, said.by, is_call=is_call, at=self.at)


_Answer = Proposed | Stale | UseCaseRefused


def _propose_alone(command: ProposeContact, at: datetime) -> Proposed | Stale:
    (asked,) = load_asked([Asking(command, at).wanted()])
    decision, decided = _decide_asked(command, asked, at)
    (receipt,) = commit_decisions([decided])
    return _answer(decision, decided, receipt)


def propose_together(asking: Sequence[Asking]) -> list[_Answer | None]:
    """Decide proposals of different persons, each at its own instant, and commit them in one statement.

    None is to be asked alone: it takes a call back, or something failed that is its own.
    """
    keep_plans()
    answers: list[_Answer | None] = [None] * len(asking)
    prepared: dict[int, tuple[Decision, Decided]] = {}
    persons: set[int] = set()
    for place, (one, asked) in enumerate(zip(asking, load_asked([one.wanted() for one in asking]), strict=True)):
        if one.command.person_id in persons:
            answers[place] = Stale(one.command.person_id)  # somebody of this group commits first
        elif not asked.waiting:
            persons.add(one.command.person_id)
            try:
                prepared[place] = _decide_asked(one.command, asked, one.at)
            except UseCaseRefused as refused:
                answers[place] = refused
            except Exception as error:  # it is this one's own: it hears of it when it asks alone, the others go on
                _failed(error)
    receipts = commit_together([decided for _, decided in prepared.values()])
    for (place, (decision, decided)), receipt in zip(prepared.items(), receipts, strict=True):
        answers[place] = _answer(decision, decided, receipt)
    return answers


def _failed(error: Exception) -> None:
    LOG.warning("proposals that came together are asked one by one: %s", told(error))


def _group_failed(error: Exception) -> None:
    renew_connections()
    _failed(error)


_COMPANY = Company()
_GATHERED: Gathered[Asking, _Answer] = Gathered(
    propose_together,
    size=lambda _: 1,
    most=TOGETHER_MOST,
    seconds=TOGETHER_SECONDS,
    failed=_group_failed,
    ended=end_connections,
    has_company=True,  # who proposes alone does not come here
)


def _decide_asked(command: ProposeContact, asked: Asked, at: datetime) -> tuple[Decision, Decided]:
    facts = _known(asked.facts)
    require_reach(asked.acting, Right.CONTACT, facts.lender_id, facts.agency_id)
    proposal = Proposal(
        person_id=command.person_id,
        party_id=command.party_id,
        point_id=command.point_id,
        channel=command.channel,
        form=command.form,
        purpose=command.purpose,
        template=wording_of(asked.templates, command.template_code, command.channel),
        by=command.by,
        run_id=command.run_id,
        debts=worked_debts(facts),
        supersedes=tuple(call.delivery_id for call in asked.waiting),
    )
    return _decide(proposal, facts, asked.collector_for(facts.lender), asked.addressee, at, origin="system")


def load_person(person_id: int, at: datetime, without_permits: frozenset[int] = frozenset()) -> PersonFacts:
    """The facts of one person. Refuses: a person that does not exist."""
    return _known(load_facts([person_id], at, without_permits).get(person_id))


def _known(facts: PersonFacts | None) -> PersonFacts:
    if facts is None:
        raise UseCaseRefused("unknown_person", Text("没有这位客户", "there is no such person"))
    return facts


def wording(lender_id: int, code: str | None, channel: str) -> ApprovedTemplate | None:
    """The approved wording of a code. Refuses: none approved under it, one of another channel."""
    return wording_of(load_approved(lender_id, code) if code is not None else {}, code, channel)


def wording_of(approved: Mapping[str, ApprovedTemplate], code: str | None, channel: str) -> ApprovedTemplate | None:
    """`wording` among what was read before."""
    if code is None:
        return None
    template = approved.get(code)
    if template is None:
        raise UseCaseRefused(
            "no_template",
            Text(
                f"模板 `{code}` 没有已批准的版本；请先送审",
                f"template `{code}` has no approved version; help: have one approved",
            ),
        )
    if template.channel != channel:
        raise UseCaseRefused(
            "other_channel",
            Text(f"模板 `{code}` 不属于渠道 `{channel}`", f"template `{code}` is none of channel `{channel}`"),
        )
    return template


def propose_many(
    proposals: Sequence[Proposal], facts: Mapping[int, PersonFacts], at: datetime, *, origin: str
) -> list[Proposed | Stale | UseCaseRefused]:
    """Decide proposals of different persons at one instant and commit them together; answers in the order of the
    input.

    One that cannot be proposed at all (an erased person, facts that are no conduct case) refuses itself alone, and
    nothing is written of it.
    """
    addressees = load_addressees([proposal.person_id for proposal in proposals])
    filed = standing_of(proposals)
    collectors: dict[tuple[str, int | None], Collector] = {}  # by lender and staff member
    prepared: list[tuple[Decision, Decided] | UseCaseRefused] = []
    for proposal in proposals:
        person = facts[proposal.person_id]
        who = (person.lender, proposal.by)
        collector = collectors.get(who) or collectors.setdefault(who, collector_of(*who))
        try:
            addressee = addressees.get(proposal.person_id)
            prepared.append(_decide(proposal, person, collector, addressee, at, origin, filed))
        except UseCaseRefused as refused:
            prepared.append(refused)
    receipts = iter(commit_decisions([one[1] for one in prepared if not isinstance(one, UseCaseRefused)]))
    return [one if isinstance(one, UseCaseRefused) else _answer(*one, next(receipts)) for one in prepared]


def _answer(decision: Decision, decided: Decided, receipt: Receipt | Stale) -> Proposed | Stale:
    if isinstance(receipt, Stale):
        return receipt
    notes = decided.facts.get("notes")
    return Proposed(decision, receipt, Text(notes["zh"], notes["en"]) if notes else None)


def _decide(
    proposal: Proposal,
    person: PersonFacts,
    collector: Collector,
    addressee: Addressee | None,
    at: datetime,
    origin: str,
    filed: Standing | None = None,
) -> tuple[Decision, Decided]:
    proposal = with_safe_form(proposal, person)
    law = law_for(person, activities_of(person, proposal.channel, is_automated=proposal.run_id is not None))
    document = case_document(person, collector, proposal, at, origin=origin)
    try:
        case = parse_case(document)
    except CaseError as error:
        raise UseCaseRefused(
            "bad_facts",
            Text(
                f"客户资料不构成可判定的案例（{error.code}），请先更正",
                f"the person's facts are no case that can be decided ({error.code}); help: correct them first",
            ),
        ) from error
    decision = decide(case, law)
    terms = None
    if decision.verdict == "permit":
        require_not_stopped(person, proposal.channel, proposal.purpose, at)
        gateway = connected_gateway(proposal.channel, law)
        require_safe_form(proposal, person)
        require_filed(proposal, filed, at)
        require_number(proposal.channel, person.lender_id, collector.id, at)
        until = valid_until(case, law, decision)
        terms = _terms(proposal, collector, addressee, decision.must_end_by, at, until, origin, gateway)
    return decision, Decided(
        person_id=person.person_id,
        version=person.version,
        subject=person.subject,
        lender_id=person.lender_id,
        at=at,
        channel=proposal.channel,
        facts=document,
        body=decision.to_document(),
        by=_said_by(proposal),
        run_id=proposal.run_id,
        terms=terms,
        wish_id=proposal.wish_id,
        supersedes=proposal.supersedes,
        campaign_id=proposal.campaign_id,
    )


def _terms(
    proposal: Proposal,
    collector: Collector,
    addressee: Addressee | None,
    must_end_by: datetime | None,
    at: datetime,
    until: datetime,
    origin: str,
    gateway: str,
) -> PermitTerms:
    if proposal.template is None:
        raise UseCaseRefused(
            "free_text",
            Text(
                "自由文本不能直接发出；请选择已批准的模板或话术",
                "free text does not leave; help: choose an approved template or script",
            ),
        )
    if addressee is None:
        raise UseCaseRefused(
            "erased_person",
            Text("客户资料已删除或无法解开", "the person's data were erased or do not open"),
        )
    return PermitTerms(
        party_id=proposal.party_id,
        point_id=proposal.point_id,
        form=proposal.form,
        purpose=proposal.purpose,
        debts=proposal.debts,
        collector=collector.id,
        template_version_id=proposal.template.version_id,
        content=render(proposal.template, addressee, proposal.debts, proposal.own),
        data_key=addressee.data_key,
        not_before=at,
        expires_at=until,
        must_end_by=must_end_by,
        origin=origin,
        gateway=gateway,
    )


def _said_by(proposal: Proposal) -> str:
    """Who is behind a decision: a member of staff, whoever asks on the portal, or a run."""
    if proposal.by:
        return f"u{proposal.by}"
    return "portal" if proposal.own else f"run {proposal.run_id}"


def connected_gateway(channel: str, law: Law) -> str:
    """The gateway of a channel. Refuses: none connected, or a real one under a profile whose packs are not all
    there."""
    gateway = channels.gateway_of(channel)
    if gateway is None:
        other = Text(f"渠道 `{channel}` 未接入", f"channel `{channel}` is not connected")
        raise UseCaseRefused("not_connected", WITHOUT_ADAPTER.get(channel, other))
    if law.is_partial and gateway in channels.real_gateways():
        raise UseCaseRefused(
            "partial_profile",
            Text(
                "适用的规则包尚不齐全，只能发往演示发件箱",
                "not all packs of this profile are there yet: only the built-in outbox may be used",
            ),
        )
    return gateway
