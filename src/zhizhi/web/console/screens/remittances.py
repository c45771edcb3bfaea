"""来款: what waits for a match, what was dealt with, what is to be refunded; each step leads to a form."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.debt.remittance.authority import Step
from zhizhi.core.debt.remittance.claims import Found
from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.remittances.reads import (
    SurplusRow,
    access_claim,
    access_remittance,
    count_waiting,
    load_claims,
    load_latest_rows,
    load_paid,
    load_surplus,
    load_waiting_rows,
)
from zhizhi.store.viewer import reading
from zhizhi.usecases.remittances.claims import AnswerClaim, answer_paid_claim
from zhizhi.usecases.remittances.receiving import ReceiveMoney, receive_money
from zhizhi.usecases.remittances.settling import (
    Settled,
    SettleRemittance,
    TakeBack,
    settle_remittance,
    take_back,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.remittances import ArrivalForm, BackForm, ClaimForm, StepForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted

FORM = ("GET", "HEAD", "POST")
_SOURCES = {source.value: source.label for source in Source}
_OF_A_DESK = Text("登记还款", "recorded at a desk")


@screen(Right.SEE_REMITTANCES)
def remittances(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The queue of what waits on top, then what is to be refunded, then what was dealt with."""
    with reading(desk.viewer):
        many, minor, oldest = count_waiting()
        waiting, latest = load_waiting_rows(), load_latest_rows()
        claims, claims_many = load_claims()
        surplus, surplus_many, surplus_minor = load_surplus()
    context = {
        "here": "remittances",
        "many": many,
        "minor": minor,
        "oldest": oldest,
        "waiting": waiting,
        "latest": latest,
        "claims": [(row, row.due_at <= at) for row in claims],
        "claims_many": claims_many,
        "surplus": [(row, _source(row)) for row in surplus],
        "surplus_many": surplus_many,
        "surplus_minor": surplus_minor,
        "may_settle": desk.may(Right.SETTLE_REMITTANCE),
        "may_bring": desk.may(Right.SETTLE_REMITTANCE) and desk.may(Right.RECORD_PAYMENT),
    }
    return page(request, desk, at, "remittances.html", context)


@screen(Right.SETTLE_REMITTANCE, FORM)
def bring(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """登记来款."""
    with reading(desk.viewer):
        lenders = [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]
    form = ArrivalForm(desk.language, lenders, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = ReceiveMoney(
            lender_id=int(said["lender"]),
            source=Source(said["source"]),
            amount_minor=said["amount"],
            arrived_on=said["arrived_on"],
            by=desk.staff_id,
            reference=said["reference"],
            account=said["account"],
            customer=said["customer"],
            payer=said["payer"],
            remark=said["remark"],
        )
        if form.did(lambda: receive_money(command, at)):
            return redirect("remittances")
    return _form(request, desk, at, form, Text("登记来款", "Record money that came"))


@screen(Right.SETTLE_REMITTANCE, FORM)
def settle(request: HttpRequest, desk: Desk, at: datetime, remittance_id: int) -> HttpResponse:
    """A step with money that waits."""
    with reading(desk.viewer):
        row = access_remittance(remittance_id)
    if row is None:
        raise Http404
    form = StepForm(desk.language, posted(request))
    done: list[Settled] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = SettleRemittance(row.id, Step(said["step"]), said["ground"], desk.staff_id, said["account"])
        if form.did(lambda: done.append(settle_remittance(command, at))):
            return _onwards(done[0])
    return _form(request, desk, at, form, Text("处理来款", "Settle money"), row=row)


@screen(Right.SETTLE_REMITTANCE, FORM)
def claim(request: HttpRequest, desk: Desk, at: datetime, person_id: int, statement_id: int) -> HttpResponse:
    """称已还款核对."""
    with reading(desk.viewer):
        claimed = access_claim(person_id, statement_id)
    if claimed is None:
        raise Http404
    form = ClaimForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = AnswerClaim(person_id, statement_id, Found(said["found"]), said["ground"], desk.staff_id)
        if form.did(lambda: answer_paid_claim(command, at)):
            return redirect("remittances")
    return _form(request, desk, at, form, Text("核对称已还款", "Answer a claim to have paid"), claim=claimed)


@screen(Right.SETTLE_REMITTANCE, FORM)
def back(request: HttpRequest, desk: Desk, at: datetime, debt_id: int, payment_id: int) -> HttpResponse:
    """A payment reversed, or its surplus refunded."""
    paid = load_paid(debt_id, payment_id)
    if paid is None or desk.viewer.lender_id not in (None, paid.lender_id):
        raise Http404
    form = BackForm(desk.language, posted(request))
    done: list[Settled] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = TakeBack(debt_id, payment_id, Step(said["step"]), said["ground"], desk.staff_id, said["amount"] or 0)
        if form.did(lambda: done.append(take_back(command, at))):
            return _onwards(done[0])
    return _form(request, desk, at, form, Text("冲正或退还", "Reverse or refund"), paid=paid)


def _onwards(settled: Settled) -> HttpResponse:
    return redirect("remittances") if settled.approval_id is None else redirect("requested", settled.approval_id)


def _form(
    request: HttpRequest, desk: Desk, at: datetime, form: WordedForm, title: Text, **more: object
) -> HttpResponse:
    context = {"here": "remittances", "form": form, "form_title": title, **more}
    return page(request, desk, at, "remittance_step.html", context, status=400 if form.errors else 200)


def _source(row: SurplusRow) -> Text:
    return _SOURCES.get(row.source, _OF_A_DESK)
