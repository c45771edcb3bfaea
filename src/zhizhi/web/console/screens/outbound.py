"""号码库: which numbers calls may go out from, how each stands today, and what happened to it."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.outbound.reads import ShownNumber, load_agencies, load_lenders, load_numbers, load_steps
from zhizhi.store.outbound.words import LINE_CARRIERS, MARKS, STEPS, WHY
from zhizhi.store.viewer import reading
from zhizhi.usecases.outbound.keeping import AddNumber, StepNumber, put_number, step_number
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.outbound import NumberForm, StepForm
from zhizhi.web.console.pages import page, posted

ENDS_SOON_DAYS = 30
FORM = ("GET", "HEAD", "POST")


def _told(one: ShownNumber, at: datetime) -> dict[str, object]:
    """A number with its words: why it falls, its marks, and whether its filing ends soon."""
    left = (one.filed_until - civil_day(at)).days if one.filed_until else None
    return {
        "row": one,
        "carrier": LINE_CARRIERS[one.carrier],
        "why": WHY[one.falls] if one.falls else None,
        "marks": [MARKS.get(mark, STEPS.get(mark, Text(mark, mark))) for mark in one.marks],
        "left": left if left is not None and left <= ENDS_SOON_DAYS else None,
    }


@screen(Right.SEE_NUMBERS)
def numbers(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Every number of the viewer's lenders, and why no call may go out from it, where that is so."""
    with reading(desk.viewer):
        found = load_numbers(at, civil_day(at))
    told = [_told(one, at) for one in found]
    context = {
        "here": "outbound_numbers",
        "numbers": told,
        "stands": sum(one.falls is None for one in found),
        "ending": [one for one in told if one["left"] is not None],
        "may_keep": desk.may(Right.KEEP_NUMBERS),
    }
    return page(request, desk, at, "outbound_numbers.html", context)


@screen(Right.KEEP_NUMBERS, FORM)
def new_number(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Put a number into the register."""
    with reading(desk.viewer):
        lenders, agencies = load_lenders(), load_agencies()
    form = NumberForm(desk.language, lenders, agencies, posted(request), initial={"daily_max": 200})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = AddNumber(
            lender_id=int(said["lender"]),
            agency=said["agency"],
            number=said["number"],
            carrier=said["carrier"],
            holder=said["holder"],
            daily_max=said["daily_max"],
            by=desk.staff_id,
        )
        made: list[int] = []
        if form.did(lambda: made.append(put_number(command, at))):
            return redirect("outbound_number", made[0])
    context = {"here": "outbound_numbers", "form": form}
    return page(request, desk, at, "outbound_number_new.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_NUMBERS, FORM, posting=(Right.KEEP_NUMBERS, Right.REST_NUMBER))
def number(request: HttpRequest, desk: Desk, at: datetime, number_id: int) -> HttpResponse:
    """One number: how it stands, its steps, and the next one."""
    with reading(desk.viewer):
        found = load_numbers(at, civil_day(at), number_id)
        steps = load_steps(number_id)
    if not found:
        raise Http404
    form = StepForm(desk, posted(request))
    if request.method == "POST" and form.is_valid():
        asked: list[int | None] = []
        command = StepNumber(number_id, by=desk.staff_id, **form.cleaned_data)
        if form.did(lambda: asked.append(step_number(command, at))):
            return redirect("requested", asked[0]) if asked[0] else redirect(request.path)
    is_open = found[0].state != "retired"
    context = {
        "here": "outbound_numbers",
        **_told(found[0], at),
        "steps": [(step, STEPS[step.kind], MARKS.get(step.mark)) for step in steps],
        "form": form if is_open and (desk.may(Right.KEEP_NUMBERS) or desk.may(Right.REST_NUMBER)) else None,
    }
    return page(request, desk, at, "outbound_number.html", context, status=400 if form.errors else 200)
