"""A wished-for contact in the words of the conduct contract, and the content that it would carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.content import Content
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.talk import FALSE_CONSEQUENCE
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.people.opened import Addressee
from zhizhi.store.snapshot import PersonFacts
from zhizhi.store.templates.approved import ApprovedTemplate
from zhizhi.usecases.consequences.claiming import joined, untrue_claims
from zhizhi.usecases.refused import UseCaseRefused

CENTS = 100
OVERDUE = ("overdue", "plan_broken")
OPT_OUT_WORDS = ("退订", "拒收", "T退", "回复T")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One contact that somebody or a strategy wants to make.

    `robot`: nobody acts, the system answers by itself. `own`: variables that this contact alone can fill.
    """

    person_id: int
    party_id: int
    point_id: int
    channel: str
    form: str
    purpose: str
    template: ApprovedTemplate | None = field(repr=False)
    by: int | None = None
    run_id: int | None = None
    debts: tuple[int, ...] = ()
    wish_id: int | None = None
    supersedes: tuple[int, ...] = ()
    campaign_id: int | None = None
    robot: bool = False
    own: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def worked_debts(facts: PersonFacts) -> tuple[int, ...]:
    """The debts that a contact is about: those that are overdue, unless stopped. None means all of the person's: where
    nothing is to be told apart, and where none is overdue, so that the law answers for what there is.
    """
    debts = facts.document["debts"]
    live = tuple(
        number
        for number, debt in ((int(debt["id"][1:]), debt) for debt in debts)
        if debt.get("state") in OVERDUE and number not in facts.stopped_debts
    )
    return () if len(live) == len(debts) else live


def case_document(
    facts: PersonFacts, collector: Collector, proposal: Proposal, at: datetime, *, origin: str = "system"
) -> dict[str, Any]:
    """The whole conduct case of a proposal (contract/conduct-case.md).

    What is committed is known: clocks of several processes differ, so an event that another clock puts behind `at`
    counts as of `at`. A declared clock stands apart from the system's, and only what was said reaches it.
    """
    known = dict(facts.document)
    known["statements"] = [_known_by(one, at) for one in known["statements"]]
    if origin == "system":
        known["events"] = [_known_by(one, at) for one in known["events"]]
    document = {
        "id": f"{facts.person_id}-{facts.version}",
        **known,
        "collector": dict(collector.document),
        "proposed": _proposed(facts, proposal, at),
    }
    untrue = untrue_of_proposal(facts, proposal)
    if untrue:  # the law hears the mark, and whoever reads the decision which claim it is
        document["proposed"]["content"] = sorted({*document["proposed"].get("content", ()), FALSE_CONSEQUENCE})
        told = joined(untrue)
        document["notes"] = {"zh": told.zh, "en": told.en}
    return document


def _known_by(one: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
    return one if datetime.fromisoformat(one["at"]) <= at else {**one, "at": at.isoformat()}


def _proposed(facts: PersonFacts, proposal: Proposal, at: datetime) -> dict[str, Any]:
    template = proposal.template
    proposed: dict[str, Any] = {
        "at": at.isoformat(),
        "channel": proposal.channel,
        "direction": "out",
        "party": f"p{proposal.party_id}",
        "point": f"m{proposal.point_id}",
        "form": proposal.form,
        "purpose": proposal.purpose,
    }
    if proposal.robot:
        proposed["robot"] = True
    if proposal.debts:
        proposed["debts"] = [f"d{debt}" for debt in proposal.debts]
    if template is not None:
        proposed["discloses_debt"] = template.discloses_debt
        proposed["identifies_collector"] = proposed["names_principal"] = _names_lender(template)
        proposed["opt_out_notice"] = any(words in template.body for words in OPT_OUT_WORDS)
        if template.marks is not None:  # nobody screened it: unknown, and the law holds what it does not know
            proposed["content"] = list(template.marks)
    if proposal.channel == "voice":
        proposed["recording"] = facts.recorder
    return proposed


def untrue_of_proposal(facts: PersonFacts, proposal: Proposal) -> tuple[Text, ...]:
    """What it would claim of consequences that is not true of its debts, as nothing on record bears it out."""
    debts = proposal.debts or [int(one["id"][1:]) for one in facts.document["debts"] if not _is_settled(one)]
    return untrue_claims(facts, proposal.template, proposal.purpose, debts)


def _is_settled(debt: Mapping[str, Any]) -> bool:
    return debt.get("state") == "settled"


def _names_lender(template: ApprovedTemplate) -> bool:
    """Whether the wording says who speaks: by name, by the signature of a message, or on the lender's own pages."""
    signed = template.channel == "sms" and bool(template.signature)
    return signed or template.channel == "app" or "lender" in template.variables


def render(
    template: ApprovedTemplate,
    addressee: Addressee,
    debts: Sequence[int] = (),
    own: Sequence[tuple[str, str]] = (),
) -> Content:
    """The content of a message, letter or call script about some debts. Refuses: a variable that nobody knows."""
    known = variables_of(addressee, debts) | dict(own)
    missing = [name for name in template.variables if name not in known]
    if missing:
        raise UseCaseRefused(
            "unknown_variable",
            Text(
                f"模板 `{template.code}` 用了未知变量 `{missing[0]}`；可用：{'、'.join(known)}",
                f"template `{template.code}` uses the unknown variable `{missing[0]}`;"
                f" help: use one of {', '.join(known)}",
            ),
        )
    values = {name: known[name] for name in template.variables}
    return Content(
        body=fill(template.body, values),
        subject=fill(template.subject, values),
        template_id=template.provider_template,
        signature=template.signature,
        variables=tuple(values.items()),
    )


def variables_of(addressee: Addressee, debts: Sequence[int] = ()) -> dict[str, str]:
    """What a template may name, as text."""
    owed = addressee.owed(debts)
    return {
        "name": addressee.name,
        "lender": "、".join(addressee.principals(debts)),
        "amount": yuan(owed.balance_minor),
        "due_on": owed.oldest_due_on.isoformat() if owed.oldest_due_on else "",
        "days": str(addressee.days_past_due),
    }


def fill(wording: str, values: Mapping[str, str]) -> str:
    """Replace `{name}` by its value; a value is never read again for further names."""
    parts = wording.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        filled.append(values[name] + rest if closed and name in values else "{" + part)
    return "".join(filled)


def yuan(minor: int) -> str:
    """12,486.30: thousands separators, two decimals, integer arithmetic."""
    return f"{minor // CENTS:,}.{minor % CENTS:02d}"
