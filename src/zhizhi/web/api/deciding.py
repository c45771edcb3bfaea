"""Asking the law, proposing contacts through the gate, and telling what came of them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import RootModel

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled
from zhizhi.core.conduct.words import CALL_OUTCOMES, LINE_RESULTS, PURPOSES
from zhizhi.core.debt.solve import solve
from zhizhi.core.kernel.masks import View
from zhizhi.core.kernel.text import Text
from zhizhi.store.api.accounts import find_collector
from zhizhi.store.api.scopes import TokenScope
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.packs import UnknownProfile, load_law
from zhizhi.store.people.reads import load_parties
from zhizhi.store.people.rows import mask_number
from zhizhi.store.viewer import reading
from zhizhi.usecases.decide_dry import UNKNOWN_COLLECTOR, DecideDry, decide_dry
from zhizhi.usecases.preview_contacts import VERBS
from zhizhi.usecases.propose_contact import ProposeContact, propose_within
from zhizhi.usecases.start_call import TALK_SECONDS_MAX, RecordOutcome, StartCall, record_outcome, start_call
from zhizhi.web.api.answered import Told
from zhizhi.web.api.cases import case_of, id_in, tell_decision
from zhizhi.web.api.fields import PARTY, PERMIT, POINT, Contract, Id, Line, OneOf, Shape, Whole, YesNo
from zhizhi.web.api.operations import Call
from zhizhi.web.api.problems import Place, Problem
from zhizhi.web.api.reading import WRONG
from zhizhi.web.api.shown import ToldDecision

NO_POINT = Text("该相关人没有这个联系方式", "this party has no such point; help: see the parties of the case")
CLOSED = Text("案件已关闭", "the case is closed")
COLLECTOR = Line("经办人登录名（本机构在职）", "login of the member of staff whose contact it is")


class ConductCase(RootModel[Annotated[dict[str, Any], Contract("行为案例", "a conduct case (conduct-case.md)")]]):
    """A conduct case as its contract writes it; nothing of ours is looked at."""


class DebtCase(RootModel[Annotated[dict[str, Any], Contract("债务案例", "a debt case (debt-case.md)")]]):
    """A debt case as its contract writes it."""


class Document(RootModel[dict[str, Any]]):
    """A document of a contract."""


class Wished(Shape):
    """A contact with somebody of the case, in the words of the contract."""

    channel: Annotated[str, OneOf("渠道", "channel", tuple(VERBS))]
    party: Annotated[int, Id("相关人", "party", PARTY)]
    point: Annotated[int, Id("联系方式", "point", POINT)]
    purpose: Annotated[str, OneOf("目的", "purpose", PURPOSES)] = "collect"
    template: Annotated[str | None, Line("已批准的话术代码", "code of an approved wording")] = None


class WishedDry(Wished):
    """A contact that is only thought of; without `collector` the law is asked about the house alone."""

    collector: Annotated[str | None, COLLECTOR] = None


class Proposed(Wished):
    """A contact that shall be made now, by whoever is named."""

    collector: Annotated[str, COLLECTOR]


class ProposalAnswered(ToldDecision):
    """What the law said and what was written: a permit to be used, or a hold that a person rules on."""

    decision: str
    permit: str | None
    hold: str | None


class Starting(Shape):
    """Who makes the permitted call, now."""

    collector: Annotated[str, COLLECTOR]


class CallCard(Told):
    """The call has begun: its number (masked without `contact.number`, and where desks see it so), until
    when, and `goes_from`, the line to call from where the lender keeps a register; else empty."""

    number: str
    is_masked: bool
    must_end_by: datetime | None
    goes_from: str


class Outcome(Starting):
    """What came of the call, in the words of the contract."""

    outcome: Annotated[str, OneOf("通话结果", "outcome", tuple(CALL_OUTCOMES))]
    ring_seconds: Annotated[int | None, Whole("响铃秒数", "how long it rang", 0, 600)] = None
    line_result: Annotated[str | None, OneOf("网络提示", "what the network said", LINE_RESULTS)] = None
    talk_seconds: Annotated[int | None, Whole("通话秒数", "how long the talk was", 0, TALK_SECONDS_MAX)] = None
    exchanged: Annotated[bool | None, YesNo("双方是否都表达了意思", "whether both sides expressed themselves")] = None
    about_debt: Annotated[bool | None, YesNo("是否谈及欠款", "whether the debt was spoken of")] = None


class Kept(Told):
    """It is written down."""

    case: str


def decide_case(call: Call) -> Document:
    """A conduct case, decided."""
    document = call.sent(ConductCase).root
    try:
        case = parse_case(document)
        law = load_law(case.profile)
    except CaseError as error:
        raise Problem(422, f"case.{error.code}", error.text) from error
    except UnknownProfile as error:
        raise Problem(422, "case.bad_value", Text("没有这个 profile", "there is no such profile")) from error
    return Document(decide_compiled(case, law).to_document())


def solve_debt(call: Call) -> Document:
    """A debt case, solved."""
    result = solve(call.sent(DebtCase).root)
    error = result.get("error")
    if isinstance(error, dict):
        code, message = str(error["code"]), str(error["message"])
        raise Problem(422, f"debt.{code}", Text(f"债务案例有误（{code}）", message))
    return Document(dict(result))


def decide_contact(call: Call) -> ToldDecision:
    """What the law would say to a contact of this case now."""
    wished = call.sent(WishedDry)
    head = case_of(call)
    role = _role(call, head, wished)
    command = DecideDry(
        bearer=call.caller.bearer,
        person_id=head.person_id,
        party_id=wished.party,
        point_id=wished.point,
        channel=wished.channel,
        form=_form(wished.channel),
        purpose=wished.purpose,
        template_code=wished.template,
        collector=wished.collector,
    )
    return tell_decision(decide_dry(command, call.at).to_document(), role, call)


def propose(call: Call) -> ProposalAnswered:
    """Ask the law, now and binding."""
    wished = call.sent(Proposed)
    head = case_of(call)
    role = _role(call, head, wished)
    command = ProposeContact(
        person_id=head.person_id,
        party_id=wished.party,
        point_id=wished.point,
        channel=wished.channel,
        form=_form(wished.channel),
        purpose=wished.purpose,
        template_code=wished.template,
        by=_collector(call, wished.collector),
    )
    proposed = propose_within(command, call.at)
    told = tell_decision(proposed.decision.to_document(), role, call)
    permit, hold = proposed.permit_id, proposed.hold_id
    return ProposalAnswered(
        **dict(told),
        decision=str(proposed.receipt.decision_id),
        permit=None if permit is None else f"{PERMIT}{permit}",
        hold=None if hold is None else str(hold),
    )


def begin_call(call: Call) -> CallCard:
    """Use a permit: the call is made now."""
    starting = call.sent(Starting)
    head = case_of(call)
    card = start_call(
        StartCall(head.person_id, id_in(call, "permit", PERMIT), _collector(call, starting.collector)), call.at
    )
    is_clear = card.masked is None and TokenScope.CONTACT_NUMBER in call.caller.scopes
    return CallCard(
        number=card.number if is_clear else mask_number(card.number),
        is_masked=not is_clear,
        must_end_by=card.must_end_by,
        goes_from=card.goes_from,
    )


def tell_outcome(call: Call) -> Kept:
    """What came of a call."""
    told = call.sent(Outcome)
    head = case_of(call)
    record_outcome(
        RecordOutcome(
            person_id=head.person_id,
            permit_id=id_in(call, "permit", PERMIT),
            outcome=told.outcome,
            ring_seconds=told.ring_seconds,
            line_result=told.line_result,
            talk_seconds=told.talk_seconds,
            exchanged=told.exchanged,
            about_debt=told.about_debt,
            by=_collector(call, told.collector),
        ),
        call.at,
    )
    return Kept(case=head.number)


def _form(channel: str) -> str:
    return "interactive" if channel in ("voice", "visit") else "notification"


def _collector(call: Call, login: str) -> int:
    found = find_collector(call.caller, login)
    if found is None:
        raise Problem(422, "bad_request", WRONG, (Place("/collector", UNKNOWN_COLLECTOR),))
    return found


def _role(call: Call, head: CaseHead, wished: Wished) -> str:
    """The role of the party. Refuses: a point that is not this party's of this case."""
    if head.closed_on is not None:
        raise Problem(409, "case_closed", CLOSED)
    with reading(call.caller.viewer):
        parties = load_parties(head.person_id, None, View.NOBODY)
    for party in parties:
        if party.id == wished.party and any(point.id == wished.point for point in party.points):
            return party.role
    raise Problem(422, "bad_request", WRONG, (Place("/point", NO_POINT),))
