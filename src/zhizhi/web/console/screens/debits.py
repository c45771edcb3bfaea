"""代扣: what waits for a person, what is planned and under way; the mandates and debits of a case."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.debt.debit.failures import Failure
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.debits.reads import (
    AttemptRow,
    MandateRow,
    access_attempt,
    access_lender,
    load_attempts_of,
    load_ended_attempts,
    load_lender_debits,
    load_mandates,
    load_open_attempts,
    load_waiting_attempts,
)
from zhizhi.store.debits.words import (
    ACTIVE,
    ASKED,
    ATTEMPT_STATES,
    CHARGED_BACK,
    MANDATE_STATES,
    SIGNED_HOWS,
    SUSPENDED,
)
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.debits.working import (
    RecordMandate,
    ask_for_reserve,
    ask_nothing_drawn,
    ask_to_hand_over,
    look_at_failure,
    record_mandate,
    revoke_mandate,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.debits import AGAIN, GroundForm, LookForm, MandateForm, ReserveForm
from zhizhi.web.console.forms.worded import Choices, WordedForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.shared.clock import today

FORM = ("GET", "HEAD", "POST")
_LIVE = (ASKED, ACTIVE, SUSPENDED)


@screen(Right.SEE_REMITTANCES)
def debits(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What waits for a person on top, then what each lender has planned, what is under way, what has ended."""
    on = today(at)
    with reading(desk.viewer):
        lenders = load_lender_debits(on)
        waiting, opened, ended = load_waiting_attempts(on), load_open_attempts(), load_ended_attempts()
    context = {
        "here": "debits",
        "lenders": lenders,
        "waiting": [_shown(row, at) for row in waiting],
        "opened": [_shown(row, at) for row in opened if not row.is_late(on)],
        "ended": [_shown(row, at) for row in ended if not row.waits],
        "may_settle": desk.may(Right.SETTLE_REMITTANCE),
    }
    return page(request, desk, at, "debits.html", context)


@screen(Right.SETTLE_REMITTANCE, FORM)
def batch(request: HttpRequest, desk: Desk, at: datetime, lender_id: int) -> HttpResponse:
    """提交批次."""
    with reading(desk.viewer):
        lender = access_lender(lender_id, today(at))
    if lender is None:
        raise Http404
    form = GroundForm(desk.language, posted(request))
    asked: list[int] = []
    if request.method == "POST" and form.is_valid():
        ground = form.cleaned_data["ground"]
        if form.did(lambda: asked.append(ask_to_hand_over(lender_id, ground, desk.staff_id, at))):
            return redirect("requested", asked[0])
    return _form(request, desk, at, form, Text("提交代扣批次", "Hand debits over"), lender=lender)


@screen(Right.SETTLE_REMITTANCE, FORM)
def reserve(request: HttpRequest, desk: Desk, at: datetime, lender_id: int) -> HttpResponse:
    """每月生活必需费用."""
    with reading(desk.viewer):
        lender = access_lender(lender_id, today(at))
    if lender is None:
        raise Http404
    form = ReserveForm(desk.language, posted(request))
    asked: list[int] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if form.did(
            lambda: asked.append(ask_for_reserve(lender_id, said["reserve"], said["ground"], desk.staff_id, at))
        ):
            return redirect("requested", asked[0])
    return _form(request, desk, at, form, Text("改每月生活必需费用", "Another living reserve"), of_reserve=lender)


@screen(Right.SETTLE_REMITTANCE, FORM)
def order(request: HttpRequest, desk: Desk, at: datetime, attempt_id: int) -> HttpResponse:
    """A debit that waits for a person: its failure, or that its result did not come."""
    with reading(desk.viewer):
        row = access_attempt(attempt_id)
    if row is None or not (row.waits or row.is_late(today(at))):
        raise Http404
    if not row.waits:
        return _late(request, desk, at, row)
    form = LookForm(desk.language, posted(request), may_again=row.state != CHARGED_BACK)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        again = said["choice"] == AGAIN
        if form.did(lambda: look_at_failure(row.id, said["ground"], desk.staff_id, at, again=again)):
            return redirect("debits")
    return _form(request, desk, at, form, Text("处理代扣失败", "Settle a failed debit"), one=_shown(row, at))


def _late(request: HttpRequest, desk: Desk, at: datetime, row: AttemptRow) -> HttpResponse:
    form = GroundForm(desk.language, posted(request))
    asked: list[int] = []
    if request.method == "POST" and form.is_valid():
        ground = form.cleaned_data["ground"]
        if form.did(lambda: asked.append(ask_nothing_drawn(row.id, ground, desk.staff_id, at))):
            return redirect("requested", asked[0])
    return _form(request, desk, at, form, Text("确认未扣款", "Say that nothing was drawn"), one=_shown(row, at))


@screen(Right.SEE_CASES, FORM, posting=(Right.SETTLE_REMITTANCE,))
def case_debits(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """The mandates and debits of a case; a mandate is recorded here."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        debts: Choices = [
            (str(debt.id), Text(debt.account, debt.account))
            for debt in load_debts(head.person_id, head.seal, desk.view)
        ]
    form = MandateForm(desk.language, debts, posted(request))
    asked: list[int] = []
    if request.method == "POST" and form.is_valid():
        command = _mandate(form.cleaned_data, head.person_id, desk.staff_id)
        if form.did(lambda: asked.append(record_mandate(command, at))):
            return redirect("requested", asked[0])
    return _case_page(request, desk, at, head, form, GroundForm(desk.language, prefix="end"))


@screen(Right.SEE_CASES, ("POST",), posting=(Right.RECORD,))
def revoke(request: HttpRequest, desk: Desk, at: datetime, number: str, mandate_id: int) -> HttpResponse:
    """The debtor takes a mandate back."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        debts = load_debts(head.person_id, head.seal, desk.view)
    form = GroundForm(desk.language, request.POST, prefix="end")
    if form.is_valid():
        ground = form.cleaned_data["ground"]
        if form.did(lambda: revoke_mandate(head.person_id, mandate_id, ground, desk.staff_id, at)):
            return redirect("case_debits", number)
    choices: Choices = [(str(debt.id), Text(debt.account, debt.account)) for debt in debts]
    return _case_page(request, desk, at, head, MandateForm(desk.language, choices), form)


def _case_page(
    request: HttpRequest, desk: Desk, at: datetime, head: CaseHead, form: MandateForm, ending: GroundForm
) -> HttpResponse:
    with reading(desk.viewer):
        mandates, attempts = load_mandates(head.person_id, today(at)), load_attempts_of(head.person_id)
    context = {
        "here": "worklist",
        "case": head,
        "mandates": [_shown_mandate(row) for row in mandates],
        "attempts": [_shown(row, at) for row in attempts],
        "form": form,
        "ending": ending,
        "may_settle": head.closed_on is None and head.seal is not None and desk.may(Right.SETTLE_REMITTANCE),
        "may_end": desk.may(Right.RECORD),
    }
    status = 400 if form.errors or ending.errors else 200
    return page(request, desk, at, "case_debits.html", context, status=status)


def _mandate(said: dict[str, object], person_id: int, by: int) -> RecordMandate:
    return RecordMandate(
        person_id=person_id,
        debt_id=int(str(said["debt"])),
        signed_on=said["signed_on"],  # type: ignore[arg-type]  # the form has made them what they are
        signed_how=str(said["signed_how"]),
        limit_debit_minor=said["limit_debit"],  # type: ignore[arg-type]  # as above
        limit_day_minor=said["limit_day"],  # type: ignore[arg-type]  # as above
        income_minor=said["income"],  # type: ignore[arg-type]  # as above
        from_on=said["from_on"],  # type: ignore[arg-type]  # as above
        until_on=said["until_on"],  # type: ignore[arg-type]  # as above
        ground=str(said["ground"]),
        by=by,
        token=str(said["token"]),
        tail=str(said["tail"]),
        paper=str(said["paper"]),
    )


def _shown(row: AttemptRow, at: datetime) -> dict[str, object]:
    return {
        "row": row,
        "state": ATTEMPT_STATES[row.state],
        "failure": Failure(row.failure).label if row.failure is not None else None,
        "is_late": row.is_late(today(at)),
    }


def _shown_mandate(row: MandateRow) -> dict[str, object]:
    of_month = None if row.income_minor is None else max(0, row.income_minor - row.reserve_minor)
    return {
        "row": row,
        "state": MANDATE_STATES[row.state],
        "how": SIGNED_HOWS[row.signed_how],
        "of_month": of_month,
        "is_live": row.state in _LIVE,
        "is_active": row.state == ACTIVE,
    }


def _form(
    request: HttpRequest, desk: Desk, at: datetime, form: WordedForm, title: Text, **more: object
) -> HttpResponse:
    context = {"here": "debits", "form": form, "form_title": title, **more}
    return page(request, desk, at, "debit_step.html", context, status=400 if form.errors else 200)
