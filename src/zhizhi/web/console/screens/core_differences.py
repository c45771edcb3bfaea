"""核心差异: where the core's figures and our ledger differ, and what somebody does about each."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.debt.remittance.core_figures import Differs
from zhizhi.store.core_differences.reads import (
    DifferenceRow,
    access_difference,
    count_waiting,
    load_ended,
    load_waiting,
)
from zhizhi.store.core_differences.words import STATES
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.core_differences.settling import SettleDifference, settle_difference
from zhizhi.usecases.core_differences.words import Step
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.core_differences import DifferenceForm
from zhizhi.web.console.pages import page, posted


@screen(Right.SEE_REMITTANCES)
def core_differences(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What waits, the oldest first; then what was settled."""
    with reading(desk.viewer):
        many, more, less = count_waiting()
        waiting, ended = load_waiting(), load_ended()
    context = {
        "here": "core_differences",
        "many": many,
        "more": more,
        "less": less,
        "waiting": [_shown(row) for row in waiting],
        "ended": [_shown(row) for row in ended],
        "may_settle": desk.may(Right.SETTLE_REMITTANCE),
    }
    return page(request, desk, at, "core_differences.html", context)


@screen(Right.SETTLE_REMITTANCE, ("GET", "HEAD", "POST"))
def settle_one(request: HttpRequest, desk: Desk, at: datetime, difference_id: int) -> HttpResponse:
    """A step with one of them."""
    with reading(desk.viewer):
        row = access_difference(difference_id)
    if row is None:
        raise Http404
    rises = not row.is_lower
    form = DifferenceForm(desk.language, posted(request), is_ours=row.ours_minor is not None, rises=rises)
    asked: list[int | None] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = SettleDifference(
            row.id, Step(said["step"]), said["ground"], desk.staff_id, said.get("component", "")
        )  # fmt: skip
        if form.did(lambda: asked.append(settle_difference(command, at))):
            return redirect("core_differences") if asked[0] is None else redirect("requested", asked[0])
    context = {"here": "core_differences", "form": form, "one": _shown(row)}
    return page(request, desk, at, "core_difference.html", context, status=400 if form.errors else 200)


def _shown(row: DifferenceRow) -> dict[str, object]:
    return {"row": row, "differs": Differs(row.differs).label, "state": STATES[row.state]}
