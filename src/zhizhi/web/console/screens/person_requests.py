"""诉求: the requests of a case with their next step, and what waits on the whole floor, overdue first."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.person_requests.reads import RequestRow, load_requests_of, load_waiting
from zhizhi.store.person_requests.words import ANSWERED, ANSWERS, HOWS, KINDS, OPEN, SECOND_LOOK, STATES, WAITING
from zhizhi.store.viewer import reading
from zhizhi.usecases.person_requests.working import (
    AnswerRequest,
    AskSecondLook,
    RegisterRequest,
    answer_request,
    give_second_look,
    register_request,
    request_second_look,
)
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.requests import ReasonsForm, RequestForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens.case import head_or_404

POSTING = (Right.RECORD, Right.ANSWER_REQUEST)


@screen(Right.SEE_REQUESTS)
def person_requests(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What waits for an answer or a second look."""
    on = civil_day(at)
    with reading(desk.viewer):
        rows = load_waiting()
    context = {
        "here": "person_requests",
        "rows": [(row, KINDS[row.kind], STATES[row.state], row.due_on < on) for row in rows],
        "overdue": sum(row.due_on < on for row in rows),
    }
    return page(request, desk, at, "person_requests.html", context)


@screen(Right.SEE_CASES, ("GET", "HEAD", "POST"), posting=POSTING)
def case_requests(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """The requests of a case; a new one is registered here."""
    form = RequestForm(desk.language, request.POST if request.method == "POST" else None)

    def act(head: CaseHead) -> None:
        said = form.cleaned_data
        register_request(RegisterRequest(head.person_id, said["kind"], said["how"], said["text"], desk.staff_id), at)

    return _worked(request, desk, at, number, form, act)


@screen(Right.SEE_CASES, ("POST",), posting=(Right.ANSWER_REQUEST,))
def answer_one(request: HttpRequest, desk: Desk, at: datetime, number: str, request_id: int) -> HttpResponse:
    """An answer, or the second look's."""
    form = ReasonsForm(desk.language, request.POST, auto_id=_auto_id(request_id))

    def act(head: CaseHead) -> None:
        said = form.cleaned_data
        command = AnswerRequest(head.person_id, request_id, said["answer"], said["reasons"], desk.staff_id)
        (give_second_look if "second" in request.POST else answer_request)(command, at)

    return _worked(request, desk, at, number, form, act)


@screen(Right.SEE_CASES, ("POST",), posting=(Right.RECORD,))
def second_look(request: HttpRequest, desk: Desk, at: datetime, number: str, request_id: int) -> HttpResponse:
    """The debtor does not agree with the answer."""
    form = WordedForm(desk.language, request.POST)

    def act(head: CaseHead) -> None:
        request_second_look(AskSecondLook(head.person_id, request_id, desk.staff_id), at)

    return _worked(request, desk, at, number, form, act)


def _worked(
    request: HttpRequest, desk: Desk, at: datetime, number: str, form: WordedForm, act: Callable[[CaseHead], None]
) -> HttpResponse:
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
    if request.method == "POST" and form.is_valid() and form.did(lambda: act(head)):
        return redirect("case_requests", number)
    with reading(desk.viewer):
        rows = load_requests_of(head.person_id)
    on = civil_day(at)
    context = {
        "here": "worklist",
        "case": head,
        "rows": [_shown(row, desk, form, is_late=row.state in WAITING and row.due_on < on) for row in rows],
        "form": form if isinstance(form, RequestForm) else RequestForm(desk.language),
        "refused": form if form.errors and not isinstance(form, RequestForm) else None,
        "may_record": desk.may(Right.RECORD),
        "may_answer": desk.may(Right.ANSWER_REQUEST),
    }
    return page(request, desk, at, "case_requests.html", context, status=400 if form.errors else 200)


def _shown(row: RequestRow, desk: Desk, form: WordedForm, *, is_late: bool) -> dict[str, object]:
    own = _auto_id(row.id)
    is_refused = isinstance(form, ReasonsForm) and form.auto_id == own
    return {
        "row": row,
        "kind": KINDS[row.kind],
        "how": HOWS[row.how],
        "state": STATES[row.state],
        "answer": ANSWERS[row.answer] if row.answer is not None else None,
        "second": ANSWERS[row.second_answer] if row.second_answer is not None else None,
        "is_late": is_late,
        "waits": row.state in WAITING,
        "is_open": row.state == OPEN,
        "is_second": row.state == SECOND_LOOK,
        "is_answered": row.state == ANSWERED,
        "form": form if is_refused else ReasonsForm(desk.language, auto_id=own),
    }


def _auto_id(request_id: int) -> str:
    return f"request{request_id}_%s"
