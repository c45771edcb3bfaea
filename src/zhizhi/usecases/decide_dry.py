"""What the law would say to a contact now: decided on today's facts, and nothing is written or counted."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.text import Text
from zhizhi.store.law.houses import law_for
from zhizhi.store.leases.callers import callers_of
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.many import ask
from zhizhi.usecases.assessments.needed import activities_of
from zhizhi.usecases.proposal import Proposal, case_document, worked_debts
from zhizhi.usecases.propose_contact import load_person, wording
from zhizhi.usecases.refused import UseCaseRefused

UNKNOWN_COLLECTOR = Text(
    "没有这位在职人员；请用其登录名",
    "there is no such member of staff in service; help: give the login of one of yours",
)


@dataclass(frozen=True, slots=True)
class DecideDry:
    """A contact that somebody thinks of; `collector` is a login, None for the house of the token alone."""

    bearer: Bearer
    person_id: int
    party_id: int
    point_id: int
    channel: str
    form: str
    purpose: str
    template_code: str | None
    collector: str | None


def decide_dry(command: DecideDry, at: datetime) -> Decision:
    """What the law says. Refuses: an unknown person, template or collector, facts that are no case."""
    facts = load_person(command.person_id, at)
    collector = ask(callers_of([(command.bearer, command.collector)])).get(0)
    if collector is None:
        raise UseCaseRefused("unknown_collector", UNKNOWN_COLLECTOR, "collector")
    proposal = Proposal(
        person_id=command.person_id,
        party_id=command.party_id,
        point_id=command.point_id,
        channel=command.channel,
        form=command.form,
        purpose=command.purpose,
        template=wording(facts.lender_id, command.template_code, command.channel),
        debts=worked_debts(facts),
    )
    try:
        case = parse_case(case_document(facts, collector, proposal, at))
    except CaseError as error:
        raise UseCaseRefused(
            "bad_facts", Text(f"不构成可判定的案例（{error.code}）", f"this is no case to decide ({error.code})")
        ) from error
    return decide(case, law_for(facts, activities_of(facts, command.channel, is_automated=False)))
