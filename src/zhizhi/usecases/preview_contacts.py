"""What may be done now for one case: every possible next contact with the law's answer, decided without minting
anything."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.bulk_stops.standing import stop_in_the_way
from zhizhi.store.law.houses import law_for
from zhizhi.store.lenders.collectors import Collector, collector_of
from zhizhi.store.snapshot import PersonFacts
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.usecases.assessments.needed import activities_of
from zhizhi.usecases.bulk_stops.refusing import cite_stop
from zhizhi.usecases.consequences.claiming import joined
from zhizhi.usecases.lock_screen import with_safe_form
from zhizhi.usecases.proposal import Proposal, case_document, untrue_of_proposal, worked_debts
from zhizhi.usecases.propose_contact import load_person

ACTIONS_MAX = 40
CHANNELS_OF_POINT = {
    "mobile": ("voice", "sms"),
    "landline": ("voice",),
    "email": ("email",),
    "postal": ("letter",),
    "place": ("visit",),
    "im": ("im",),
}
VERBS = {
    "voice": Text("拨打", "Call"),
    "sms": Text("发送短信", "Send an SMS"),
    "email": Text("发送邮件", "Send an e-mail"),
    "letter": Text("寄送函件", "Send a letter"),
    "visit": Text("外访", "Visit"),
    "im": Text("发送即时消息", "Send a message"),
}
# A contact person is only ever asked to pass on a message: no word of the debt (cn/cba2026 CBA-020, cn/gbt45251
# GBT-012).
PURPOSE_OF_ROLE = {"debtor": "collect", "co_borrower": "collect", "guarantor": "collect"}
DEFAULT_TEMPLATES = {"voice": "call-plan", "sms": "plan-sms", "email": "plan-email", "letter": "letter"}


@dataclass(frozen=True, slots=True)
class PreviewedAction:
    """One possible next contact, and what the law says of it now; `untrue`: claims of its wording that are not true;
    `stopped` cites a bulk stop in its way."""

    verb: Text
    channel: str
    party_id: int
    role: str
    point_id: int
    point_kind: str
    template_code: str | None
    form: str
    purpose: str
    is_connected: bool
    stopped: Text | None
    decision: Decision = field(repr=False)
    untrue: Text | None = None


def preview_contacts(person_id: int, by: int, at: datetime) -> list[PreviewedAction]:
    """All contacts that the case screen offers, the debtor's first. Refuses: a person that does not exist."""
    facts = load_person(person_id, at)
    collector = collector_of(facts.lender, by)
    templates = load_approved(facts.lender_id)
    roles = {party["id"]: str(party["role"]) for party in facts.document["parties"]}
    points = sorted(facts.document["points"], key=lambda point: (roles[point["party"]] != "debtor", point["id"]))
    actions = [
        _preview(facts, collector, templates, point, roles[point["party"]], channel, by, at)
        for point in points
        for channel in CHANNELS_OF_POINT.get(point["kind"], ())
    ]
    return actions[:ACTIONS_MAX]


def _preview(
    facts: PersonFacts,
    collector: Collector,
    templates: dict[str, ApprovedTemplate],
    point: dict[str, str],
    role: str,
    channel: str,
    by: int,
    at: datetime,
) -> PreviewedAction:
    purpose = PURPOSE_OF_ROLE.get(role, "relay")
    code = DEFAULT_TEMPLATES.get(channel) if purpose == "collect" else None
    template = templates.get(code) if code else None
    proposal = Proposal(
        person_id=facts.person_id,
        party_id=int(point["party"][1:]),
        point_id=int(point["id"][1:]),
        channel=channel,
        form="interactive" if channel in ("voice", "visit") else "notification",
        purpose=purpose,
        template=template,
        by=by,
        debts=worked_debts(facts),
    )
    proposal = with_safe_form(proposal, facts)
    untrue = untrue_of_proposal(facts, proposal)
    stop = stop_in_the_way(facts.bulk_stops, channel, purpose, at)
    return PreviewedAction(
        verb=VERBS[channel],
        channel=channel,
        party_id=proposal.party_id,
        role=role,
        point_id=proposal.point_id,
        point_kind=point["kind"],
        template_code=proposal.template.code if proposal.template else None,
        form=proposal.form,
        purpose=purpose,
        is_connected=channels.gateway_of(channel) is not None,
        stopped=cite_stop(stop) if stop else None,
        decision=decide(
            parse_case(case_document(facts, collector, proposal, at)),
            law_for(facts, activities_of(facts, channel, is_automated=False)),
        ),
        untrue=joined(untrue) if untrue else None,
    )
