"""债权人变更: the register and what waits for its notice; and on a case who stands as creditor, and who did before."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.words import NOTICE, ChangeKind, CreditorKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.creditors.reads import load_changes_of, load_creditors, load_unnoticed
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.creditors.changing import (
    AskChange,
    ProveNotice,
    RegisterCreditor,
    ask_change,
    prove,
    register_creditor,
)
from zhizhi.usecases.creditors.lines import read_lines
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.creditors import ChangeForm, CreditorForm, NoticeForm
from zhizhi.web.console.forms.worded import Choices
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.truths import name_of

FORM = ("GET", "HEAD", "POST")


@screen(Right.SEE_CREDITORS)
def creditors(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The register, and changes whose notice has not arrived."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
    lines = {"lines": f"{request.GET['line'][:60]},"} if request.GET.get("line") else {}
    change, creditor = ChangeForm(desk.language, lenders, initial=lines), CreditorForm(desk.language, lenders)
    return _shown(request, desk, at, change, creditor)


@screen(Right.ASK_CREDITOR, ("POST",))
def ask_creditor_change(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A change is asked for; another person approves it."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
    form = ChangeForm(desk.language, lenders, request.POST)

    def act() -> None:
        said = form.cleaned_data
        lender_id, kind = int(said["lender"]), ChangeKind(said["change"])
        debts = read_lines(said["lines"], lender_id)
        ask_change(AskChange(lender_id, kind, said["on"], said["basis"], debts, desk.staff_id), at)

    if form.is_valid() and form.did(act):
        return redirect("creditors")
    return _shown(request, desk, at, form, CreditorForm(desk.language, lenders))


@screen(Right.ASK_CREDITOR, ("POST",))
def keep_creditor(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """An institution is registered."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
    form = CreditorForm(desk.language, lenders, request.POST, auto_id="creditor_%s")

    def act() -> None:
        said = form.cleaned_data
        kind, lender_id = CreditorKind(said["kind"]), int(said["lender"])
        register_creditor(RegisterCreditor(lender_id, said["name"], kind, said["pay_to"], desk.staff_id), at)

    if form.is_valid() and form.did(act):
        return redirect("creditors")
    return _shown(request, desk, at, ChangeForm(desk.language, lenders), form)


@screen(Right.SEE_CASES, FORM, posting=(Right.PROVE_NOTICE,))
def case_creditors(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """Who holds the debts of a case and who did; the notice that is missing is proven here."""
    form = NoticeForm(desk.language, posted(request))
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        debts = load_debts(head.person_id, head.seal, desk.view)
    written = request.POST.get("change", "")
    change_id = int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0

    def act() -> None:
        said = form.cleaned_data
        command = ProveNotice(
            head.person_id, change_id, said["served_on"], Served(said["how"]), said["evidence"], desk.staff_id
        )
        prove(command, at)

    if request.method == "POST" and form.is_valid() and form.did(act):
        return redirect("case_creditors", number)
    with reading(desk.viewer):
        rows = load_changes_of(head.person_id)
    names = {debt.id: name_of(debt) for debt in debts}
    context = {
        "here": "worklist",
        "case": head,
        "rows": [(row, names.get(row.debt_id, Text("—", "—"))) for row in rows],
        "debts": [(debt.id, name_of(debt)) for debt in debts],
        "notice": NOTICE,
        "form": form,
        "may_prove": desk.may(Right.PROVE_NOTICE),
        "may_ask": desk.may(Right.ASK_CREDITOR),
        "me": desk.staff_id,
    }
    return page(request, desk, at, "case_creditors.html", context, status=400 if form.errors else 200)


def _shown(request: HttpRequest, desk: Desk, at: datetime, change: ChangeForm, creditor: CreditorForm) -> HttpResponse:
    creditor.auto_id = "creditor_%s"
    with reading(desk.viewer):
        rows, waiting = load_creditors(), load_unnoticed()
    context = {
        "here": "creditors",
        "rows": rows,
        "waiting": waiting,
        "notice": NOTICE,
        "change": change,
        "creditor": creditor,
        "may_ask": desk.may(Right.ASK_CREDITOR),
    }
    status = 400 if change.errors or creditor.errors else 200
    return page(request, desk, at, "creditors.html", context, status=status)


def _lenders(desk: Desk) -> Choices:
    return [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]
