"""真实后果: what may truthfully be said of each debt of a case, what not and why, and the register behind it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.consequence.words import Fact, Served
from zhizhi.core.kernel.text import Text
from zhizhi.store.consequences.reads import load_facts_of, load_truths
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.consequences.keeping import KeepFact, keep_truth
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.truths import TruthForm
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.truths import name_of, told_truths
from zhizhi.web.shared.clock import today


@screen(Right.SEE_CASES, ("GET", "HEAD", "POST"), posting=(Right.KEEP_TRUTHS,))
def case_truths(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """What is true of the debts of a case, and every row of it; a new row is kept here."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        debts = load_debts(head.person_id, head.seal, desk.view)
    choices = [(str(debt.id), name_of(debt)) for debt in debts]
    form = TruthForm(desk.language, choices, request.POST if request.method == "POST" else None)

    def act() -> None:
        said = form.cleaned_data
        how = Served(said["how"]) if said["how"] else None
        command = KeepFact(
            person_id=head.person_id,
            debt_id=int(said["debt"]),
            fact=Fact(said["fact"]),
            holds=said["holds"] == "yes",
            on=said["on"],
            evidence=said["evidence"],
            by=desk.staff_id,
            how=how,
        )
        keep_truth(command, at)

    if request.method == "POST" and form.is_valid() and form.did(act):
        return redirect("case_truths", number)
    with reading(desk.viewer):
        truths, rows = load_truths(head.person_id, today(at)), load_facts_of(head.person_id)
    names = {debt.id: name_of(debt) for debt in debts}
    context = {
        "here": "worklist",
        "case": head,
        "told": told_truths(truths, debts),
        "rows": [(row, names.get(row.debt_id, Text("—", "—"))) for row in rows],
        "form": form,
        "may_keep": desk.may(Right.KEEP_TRUTHS),
    }
    return page(request, desk, at, "case_truths.html", context, status=400 if form.errors else 200)
