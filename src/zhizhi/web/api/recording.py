"""Writing down: what people said, notes, stops, complaints, plans, payments. Each is the use case of the console."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import RootModel

from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.words import STOPS
from zhizhi.usecases.free_text import TEXT_CHARACTERS_MAX
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import STOP_OF_STATEMENT, RecordStatement, record_statement
from zhizhi.usecases.remittances.receiving import (
    REFERENCE_CHARACTERS_MAX,
    WORDS_CHARACTERS_MAX,
    ReceiveMoney,
    receive_money,
)
from zhizhi.usecases.set_stop import SetStop, set_stop
from zhizhi.web.api.answered import Told
from zhizhi.web.api.cases import case_of
from zhizhi.web.api.fields import (
    CONTACT,
    DEBT,
    PARTY,
    Code,
    Contract,
    Day,
    Id,
    Instant,
    Line,
    Lines,
    OneOf,
    Shape,
    Whole,
    wrong,
)
from zhizhi.web.api.operations import Call
from zhizhi.web.api.problems import Place, Problem
from zhizhi.web.api.reading import MISSES, WRONG

SOURCE = "api"
CODE = Code("代码（见 words）", "a code, see `words`")
KIND = Line("种类（见 words）", "a kind, see `words`")
GROUND = Lines("依据", "ground", most=TEXT_CHARACTERS_MAX, least=4)
SAID_AT = Instant("说话时刻；缺省为现在", "when it was said; now where it is left out")
AMOUNT = Whole("金额（分）", "amount in minor units", 1, MONEY_MINOR_MAX)


class NewStatement(
    RootModel[
        Annotated[
            dict[str, Any],
            Contract(
                "陈述：kind、by、at（可缺省）及其种类的键", "a statement (conduct-case.md): kind, by, at?, its keys"
            ),
        ]
    ]
):
    """What a person said, as the contract writes it; `at` may be left out and is now then."""


class StatementKept(Told):
    """It is written down, with the stop that it brings."""

    statement: str
    stop: str | None


class NewComplaint(Shape):
    """Somebody complains: collection holds until the complaint is ruled on."""

    by: Annotated[int, Id("谁投诉", "who complains", PARTY)]
    at: Annotated[datetime | None, SAID_AT] = None


class NewPromise(Shape):
    """A promise to pay."""

    amount_minor: Annotated[int, AMOUNT]
    due_on: Annotated[date, Day("承诺还款日", "the promised day")]


class NewNote(Shape):
    """What was done, what came of it, and when the next step is due."""

    action: Annotated[str, CODE]
    outcome: Annotated[str, CODE]
    overdue_reason: Annotated[str | None, CODE] = None
    text: Annotated[str, Lines("催记，勿写号码", "the note; no numbers in it", most=TEXT_CHARACTERS_MAX, least=0)] = ""
    next_step: Annotated[str, CODE]
    next_step_at: Annotated[datetime, Instant("下次跟进时间", "when the next step is due")]
    contact: Annotated[int | None, Id("联系编号", "the contact that it is about", CONTACT)] = None
    promise: NewPromise | None = None


class NoteKept(Told):
    """It is written down."""

    note: str


class NewStop(Shape):
    """Collection rests from now on."""

    kind: Annotated[str, OneOf("停催原因", "kind of stop", STOPS)]
    debt: Annotated[int | None, Id("债权；缺省为全部", "the debt; all where it is left out", DEBT)] = None
    ground: Annotated[str, GROUND]
    until: Annotated[datetime | None, Instant("至何时；缺省为无期", "until when; open where it is left out")] = None


class NewPlan(Shape):
    """A plan was agreed: collection of what it is about rests while it is kept."""

    debt: Annotated[int | None, Id("债权；缺省为全部", "the debt; all where it is left out", DEBT)] = None
    ground: Annotated[str, GROUND]
    until: Annotated[datetime | None, Instant("方案最后一期之后", "after the last instalment of the plan")] = None


class StopKept(Told):
    """It is in force."""

    stop: str


class NewPayment(Shape):
    """Money that arrived for one debt; the same reference twice changes nothing."""

    debt: Annotated[int, Id("债权", "the debt", DEBT)]
    amount_minor: Annotated[int, AMOUNT]
    paid_on: Annotated[date, Day("还款日", "the day it was paid")]
    reference: Annotated[str, Line("流水号", "reference of the payment", most=200)]


class PaymentKept(Told):
    """What became of it; `is_repeated`: the reference was known, and nothing was written."""

    payment: str
    applied_minor: int
    surplus_minor: int
    exit: str | None
    is_repeated: bool


class NewRemittance(Shape):
    """Money as a source tells of it; the same source and reference again changes nothing."""

    source: Annotated[str, OneOf("来源", "where it came in", tuple(source.value for source in Source))]
    reference: Annotated[str, Line("流水号", "its reference at the source", most=REFERENCE_CHARACTERS_MAX)]
    amount_minor: Annotated[int, AMOUNT]
    arrived_on: Annotated[date, Day("到账日", "the day it came")]
    account: Annotated[str | None, Line("账户号", "account that it names", most=REFERENCE_CHARACTERS_MAX)] = None
    customer: Annotated[str | None, Line("客户号", "customer that it names", most=REFERENCE_CHARACTERS_MAX)] = None
    payer: Annotated[str | None, Line("付款人", "who paid", most=WORDS_CHARACTERS_MAX)] = None
    remark: Annotated[str | None, Line("附言", "remark", most=WORDS_CHARACTERS_MAX)] = None


class RemittanceKept(Told):
    """What became of it: `posted`, `known`, or `unmatched` with the reason; `payment` where this call posted one."""

    remittance: str
    state: str
    why: str | None
    payment: str | None
    is_repeated: bool


def add_statement(call: Call) -> StatementKept:
    """What a person said, in the words of the contract."""
    said = dict(call.sent(NewStatement).root)
    missing = [name for name in ("kind", "by") if name not in said]
    if missing:
        raise Problem(422, "bad_request", WRONG, tuple(Place(f"/{name}", MISSES) for name in missing))
    kind = _taken(said, "kind", KIND)
    party = _taken(said, "by", Id("谁说的", "who said it", PARTY))
    at = _taken(said, "at", SAID_AT) if "at" in said else None
    return _record(call, case_of(call), party, kind, said, at)


def _taken(said: dict[str, Any], name: str, field: Any) -> Any:
    """A key of a contract's document, taken out of it. Refuses: what it may not hold."""
    try:
        return field.read(said.pop(name))
    except type(wrong(MISSES)) as error:
        told = error.context or {}
        raise Problem(422, "bad_request", WRONG, (Place(f"/{name}", Text(told["zh"], told["en"])),)) from None


def add_complaint(call: Call) -> StatementKept:
    """Open a complaint."""
    complaint = call.sent(NewComplaint)
    return _record(call, case_of(call), complaint.by, "complain", {}, complaint.at)


def _record(
    call: Call, head: CaseHead, party: int, kind: str, body: dict[str, Any], said_at: datetime | None
) -> StatementKept:
    command = RecordStatement(head.person_id, party, kind, body, call.caller.staff_id, SOURCE, said_at)
    return StatementKept(statement=str(record_statement(command, call.at)), stop=STOP_OF_STATEMENT.get(kind))


def add_note(call: Call) -> NoteKept:
    """Write a note with its next step; a promise may come with it."""
    new, head = call.sent(NewNote), case_of(call)
    command = RecordNote(
        person_id=head.person_id,
        case_id=head.id,
        action=new.action,
        outcome=new.outcome,
        overdue_reason=new.overdue_reason,
        text=new.text,
        next_step=new.next_step,
        next_step_at=new.next_step_at,
        contact_id=new.contact,
        promise=None if new.promise is None else (new.promise.amount_minor, new.promise.due_on),
        by=call.caller.staff_id,
    )
    return NoteKept(note=str(record_note(command, call.at)))


def add_stop(call: Call) -> StopKept:
    """Set a stop; lifting one is for people."""
    new = call.sent(NewStop)
    return _stop(call, new.kind, new.debt, new.ground, new.until)


def add_plan(call: Call) -> StopKept:
    """Agree a plan."""
    new = call.sent(NewPlan)
    return _stop(call, "plan", new.debt, new.ground, new.until)


def _stop(call: Call, kind: str, debt: int | None, ground: str, until: datetime | None) -> StopKept:
    head = case_of(call)
    return StopKept(
        stop=str(set_stop(SetStop(head.person_id, kind, debt, ground, until, call.caller.staff_id), call.at))
    )


def add_payment(call: Call) -> PaymentKept:
    """Book a payment."""
    new, head = call.sent(NewPayment), case_of(call)
    command = RecordPayment(
        person_id=head.person_id,
        debt_id=new.debt,
        amount_minor=new.amount_minor,
        paid_on=new.paid_on,
        reference=new.reference,
        source=SOURCE,
        by=call.caller.staff_id,
    )
    posted = record_payment(command, call.at)
    return PaymentKept(
        payment=str(posted.payment_id),
        applied_minor=posted.applied_minor,
        surplus_minor=posted.surplus_minor,
        exit=posted.case_exit,
        is_repeated=posted.is_repeated,
    )


def add_remittance(call: Call) -> RemittanceKept:
    """Tell of money that came in."""
    new = call.sent(NewRemittance)
    command = ReceiveMoney(
        lender_id=call.caller.lender_id,
        source=Source(new.source),
        amount_minor=new.amount_minor,
        arrived_on=new.arrived_on,
        by=call.caller.staff_id,
        reference=new.reference,
        account=new.account or "",
        customer=new.customer or "",
        payer=new.payer or "",
        remark=new.remark or "",
    )
    arrived = receive_money(command, call.at)
    return RemittanceKept(
        remittance=str(arrived.remittance_id),
        state=arrived.state,
        why=arrived.why,
        payment=str(arrived.payment.payment_id) if arrived.payment is not None else None,
        is_repeated=arrived.is_repeated,
    )
