"""结案之后: where somebody goes on to whose case has closed, or left them, by what they wrote or while they talked."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.cases.reads import access_case
from zhizhi.store.contacts.calls import BegunCall, find_begun_call
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.recordings.reads import load_engine_facts
from zhizhi.store.viewer import reading
from zhizhi.usecases.place_call import HangUp, hang_up
from zhizhi.usecases.start_call import record_outcome
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.recording import OutcomeForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens import live_call

LEFT = "case_left"  # in the session: the number of the case and what was written last
WRITTEN = {
    "payment": Text("还款已登记。", "The payment is recorded."),
    "outcome": Text("通话结果已登记，无需再写催记。", "What came of the call is recorded; no note is needed."),
    "note": Text("催记已保存。", "The note is kept."),
    "statement": Text("已登记。", "It is recorded."),
    "stop": Text("已登记。", "It is recorded."),
}


def onwards(request: HttpRequest, desk: Desk, number: str, written: str, address: str | None = None) -> HttpResponse:
    """To the case, or to `address`; where what was written has taken the case out of sight, to what says so."""
    with reading(desk.viewer):
        if access_case(number) is not None:
            return redirect(address or reverse("case", args=[number]))
    request.session[LEFT] = {"number": number, "written": written}
    return redirect("case_left")


@screen(Right.SEE_CASES)
def case_left(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Says that it was written, and that the case is closed or somebody else's; nothing of the case but its number."""
    left = request.session.get(LEFT)
    if not isinstance(left, dict) or left.get("written") not in WRITTEN:
        raise Http404
    context = {"here": "worklist", "number": left["number"], "written": WRITTEN[left["written"]]}
    return page(request, desk, at, "case_left.html", context)


def begun_call_of_left_case(desk: Desk, number: str, permit_id: int) -> BegunCall | None:
    """The call that this desk has begun on a case that has left its sight since; None where the case is in sight."""
    with reading(desk.viewer):
        if access_case(number) is not None:
            return None
    return find_begun_call(number, permit_id, desk.staff_id)


def report_call(request: HttpRequest, desk: Desk, at: datetime, number: str, call: BegunCall) -> HttpResponse:
    """The form of what came of such a call, and for one that the system placed the way to hang up."""
    if request.headers.get("HX-Request"):
        return live_call.anew()  # what asks for the line gets the whole page
    because = None
    if request.POST.get("do") == "hang_up":
        form = OutcomeForm(desk.language)
        try:
            hang_up(HangUp(call.person_id, call.permit_id, desk.staff_id), at)
        except Refused as refused:
            because = refused.text
    else:
        form = OutcomeForm(desk.language, posted(request))
    if call.gateway == channels.SIP:
        form = live_call.without_measured(form)
    if form.is_valid() and form.did(lambda: record_outcome(form.said_of(call.person_id, call.permit_id, desk), at)):
        return onwards(request, desk, number, "outcome")
    engine = load_engine_facts(call.person_id, call.permit_id)
    context = {
        "here": "worklist",
        "number": number,
        "permit_id": call.permit_id,
        "is_on": engine is not None and not engine.is_over,
        "because": because,
        "form": form,
    }
    return page(request, desk, at, "call_of_left_case.html", context, status=400 if form.errors else 200)
