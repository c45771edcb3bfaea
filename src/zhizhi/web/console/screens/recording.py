"""What a desk writes on a case: a note with its next step, what somebody said, a stop, a payment."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.core.screening.personal import find_personal
from zhizhi.store.cases.reads import CaseHead, load_codes, load_stops
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.people.reads import load_parties
from zhizhi.store.viewer import reading
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.recording import (
    LiftForm,
    NoteForm,
    PaymentForm,
    StatementForm,
    StopForm,
    tomorrow_morning,
)
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.screens.closed import onwards
from zhizhi.web.shared import vocabulary

FORM = ("GET", "HEAD", "POST")


@screen(Right.RECORD, FORM)
def note(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """催记, with a promise where one was made; the next step and its time are required."""
    with reading(desk.viewer):
        head, codes = head_or_404(number, desk, at), load_codes()
        parties = load_parties(head.person_id, head.seal, desk.view)
    form = NoteForm(desk.language, codes, posted(request), initial={"next_step_at": tomorrow_morning(at)})
    if find_personal(request.POST.get("text", "")):
        form.question(parties)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        amount_minor, due_on = said["promise_amount"], said["promise_due_on"]
        command = RecordNote(
            person_id=head.person_id,
            case_id=head.id,
            action=said["action"],
            outcome=said["outcome"],
            overdue_reason=said["overdue_reason"] or None,
            text=said["text"],
            next_step=said["next_step"],
            next_step_at=said["next_step_at"],
            contact_id=said["contact_id"],
            promise=(amount_minor, due_on) if amount_minor is not None else None,
            by=desk.staff_id,
            hide="found" in said,
            told=form.told(),
        )
        if form.did(lambda: record_note(command, at)):
            return onwards(request, desk, number, "note")
    return _form(request, desk, at, head, form, Text("写催记", "Write a note"))


@screen(Right.RECORD, FORM)
def statement(request: HttpRequest, desk: Desk, at: datetime, number: str, kind: str) -> HttpResponse:
    """客户意愿: what somebody said; paid, dispute and complaint act at once."""
    if kind not in StatementForm.FIELDS:
        raise Http404
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        parties = load_parties(head.person_id, head.seal, desk.view)
    form = StatementForm(desk.language, kind, parties, posted(request))
    if request.method == "POST" and form.is_valid():
        said, body = form.statement()
        command = RecordStatement(head.person_id, int(form.cleaned_data["party"]), said, body, desk.staff_id)
        if form.did(lambda: record_statement(command, at)):
            return onwards(request, desk, number, "statement")
    acts = Text("保存后立即停止相关催收。", "Saving this stops the collection that it touches at once.")
    hint = acts if kind in ("claims_paid", "denies_debt", "complain", "refuse") else None
    return _form(request, desk, at, head, form, vocabulary.word("action", kind), hint)


@screen(Right.SET_STOP, FORM)
def stop(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """停催: takes effect at once; lifting it is for those who rule."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        debts = load_debts(head.person_id, head.seal, desk.view)
    form = StopForm(desk.language, debts, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        debt_id = int(said["debt"]) if said["debt"] else None
        command = SetStop(head.person_id, said["kind"], debt_id, said["ground"], said["until"], desk.staff_id)
        if form.did(lambda: set_stop(command, at)):
            return onwards(request, desk, number, "stop")
    return _form(request, desk, at, head, form, Text("申请停催", "Request a stop"))


@screen(Right.LIFT_STOP, FORM)
def lift(request: HttpRequest, desk: Desk, at: datetime, number: str, stop_id: int) -> HttpResponse:
    """解除停催, on a ground."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        in_force = {row.id: row for row in load_stops(head.person_id, at)}
    if stop_id not in in_force:
        raise Http404
    form = LiftForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        command = LiftStop(head.person_id, stop_id, form.cleaned_data["ground"], desk.staff_id)
        if form.did(lambda: lift_stop(command, at)):
            return redirect("case", number)
    kind = vocabulary.word("stop", in_force[stop_id].kind)
    return _form(request, desk, at, head, form, Text(f"解除停催：{kind.zh}", f"Lift the stop: {kind.en}"))


@screen(Right.RECORD_PAYMENT, FORM)
def payment(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """还款登记: collection of what it paid ends with it."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        debts = load_debts(head.person_id, head.seal, desk.view)
    form = PaymentForm(desk.language, debts, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = RecordPayment(
            person_id=head.person_id,
            debt_id=int(said["debt"]),
            amount_minor=said["amount"],
            paid_on=said["paid_on"],
            reference=said["reference"],
            source="console",
            by=desk.staff_id,
        )
        if form.did(lambda: record_payment(command, at)):
            return onwards(request, desk, number, "payment")
    return _form(request, desk, at, head, form, Text("还款登记", "Record a payment"))


def _form(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    head: CaseHead,
    form: WordedForm,
    title: Text,
    hint: Text | None = None,
) -> HttpResponse:
    context = {"here": "worklist", "case": head, "form": form, "form_title": title, "hint": hint}
    return page(request, desk, at, "record.html", context, status=400 if form.errors else 200)
