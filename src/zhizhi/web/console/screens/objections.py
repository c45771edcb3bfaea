"""征信异议: those of a case with what credit reporting is told, and what falls due on the whole floor."""

from collections.abc import Callable
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.consequence.objections import ObjectionAnswer, ObjectionHow
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.consequences.objection_reads import (
    MessageRow,
    ObjectionRow,
    load_credit_due,
    load_messages_of,
    load_objections_of,
)
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.consequences.objecting import (
    AnswerObjection,
    RegisterObjection,
    give_answer,
    register_objection,
    tell_confirmed,
    tell_sent,
)
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.objections import ObjectionAnswerForm, ObjectionForm, ReceiptForm
from zhizhi.web.console.forms.worded import Choices, WordedForm
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.truths import name_of


@screen(Right.SEE_REQUESTS)
def credit_due(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Objections to answer and messages to send or have confirmed, what is due first on top."""
    on = civil_day(at)
    with reading(desk.viewer):
        rows = load_credit_due()
    context = {
        "here": "credit_due",
        "rows": [(row, row.due_on < on) for row in rows],
        "overdue": sum(row.due_on < on for row in rows),
    }
    return page(request, desk, at, "credit_due.html", context)


@screen(Right.SEE_CASES, ("GET", "HEAD", "POST"), posting=(Right.RECORD,))
def case_objections(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """The objections of a case; a new one is registered here."""

    def form_of(debts: Choices) -> ObjectionForm:
        return ObjectionForm(desk.language, debts, request.POST if request.method == "POST" else None)

    def act(head: CaseHead, form: WordedForm) -> None:
        said = form.cleaned_data
        how = ObjectionHow(said["how"])
        register_objection(RegisterObjection(head.person_id, int(said["debt"]), how, said["text"], desk.staff_id), at)

    return _worked(request, desk, at, number, form_of, act)


@screen(Right.SEE_CASES, ("POST",), posting=(Right.ANSWER_REQUEST,))
def answer_credit_objection(
    request: HttpRequest, desk: Desk, at: datetime, number: str, objection_id: int
) -> HttpResponse:
    """The written answer."""

    def act(head: CaseHead, form: WordedForm) -> None:
        said = form.cleaned_data
        answer = ObjectionAnswer(said["answer"])
        give_answer(AnswerObjection(head.person_id, objection_id, answer, said["text"], desk.staff_id), at)

    form = ObjectionAnswerForm(desk.language, request.POST, auto_id=_auto_id(objection_id))
    return _worked(request, desk, at, number, lambda _: form, act)


@screen(Right.SEE_CASES, ("POST",), posting=(Right.KEEP_TRUTHS,))
def credit_message(request: HttpRequest, desk: Desk, at: datetime, number: str, message_id: int) -> HttpResponse:
    """A message was sent; with a receipt, it was confirmed."""
    form = ReceiptForm(desk.language, request.POST, auto_id=_auto_id(message_id))

    def act(head: CaseHead, form: WordedForm) -> None:
        if "confirm" in request.POST:
            tell_confirmed(head.person_id, message_id, form.cleaned_data["receipt"], desk.staff_id, at)
        else:
            tell_sent(head.person_id, message_id, desk.staff_id, at)

    return _worked(request, desk, at, number, lambda _: form, act)


def _worked(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    number: str,
    form_of: Callable[[Choices], WordedForm],
    act: Callable[[CaseHead, WordedForm], None],
) -> HttpResponse:
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        names = {debt.id: name_of(debt) for debt in load_debts(head.person_id, head.seal, desk.view)}
    debts: Choices = [(str(debt), name) for debt, name in names.items()]
    form = form_of(debts)
    if request.method == "POST" and form.is_valid() and form.did(lambda: act(head, form)):
        return redirect("case_objections", number)
    with reading(desk.viewer):
        rows, messages = load_objections_of(head.person_id), load_messages_of(head.person_id)
    on = civil_day(at)
    context = {
        "here": "worklist",
        "case": head,
        "rows": [_shown(row, messages.get(row.id, []), names, desk, form, on) for row in rows],
        "form": form if isinstance(form, ObjectionForm) else ObjectionForm(desk.language, debts),
        "refused": form if form.errors and not isinstance(form, ObjectionForm) else None,
        "may_record": desk.may(Right.RECORD),
        "may_answer": desk.may(Right.ANSWER_REQUEST),
        "may_send": desk.may(Right.KEEP_TRUTHS),
    }
    return page(request, desk, at, "case_objections.html", context, status=400 if form.errors else 200)


def _shown(
    row: ObjectionRow, messages: list[MessageRow], names: dict[int, Text], desk: Desk, form: WordedForm, on: date
) -> dict[str, object]:
    own = _auto_id(row.id)
    is_refused = isinstance(form, ObjectionAnswerForm) and form.auto_id == own
    return {
        "row": row,
        "name": names.get(row.debt_id, Text("—", "—")),
        "is_late": row.answer is None and row.due_on < on,
        "messages": [
            (one, one.confirmed_at is None and one.due_on < on, ReceiptForm(desk.language, auto_id=_auto_id(one.id)))
            for one in messages
        ],
        "form": form if is_refused else ObjectionAnswerForm(desk.language, auto_id=own),
    }


def _auto_id(row_id: int) -> str:
    return f"objection{row_id}_%s"
