"""A call that the system places: the click, what the line does, the countdown, and the word of the desk afterwards."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.contacts.reads import OpenCallRow
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.recordings.reads import LiveCallRow, load_live_call
from zhizhi.store.transact.live_calls import ASKED_FOR
from zhizhi.store.viewer import reading
from zhizhi.usecases.place_call import HangUp, PlaceCall, access_script, hang_up, place_call
from zhizhi.web.console.forms.recording import OutcomeForm
from zhizhi.web.console.forms.wrapping import wrap_form
from zhizhi.web.console.pages import page

MEASURED = ("talk_seconds", "ring_seconds", "line_result")  # the engine knows them better than anybody
STATES = {
    "asked": Text("正在接通您的话机", "your telephone is about to ring"),
    "desk_rings": Text("请接起您的话机", "pick up your telephone"),
    "placed": Text("正在呼叫对方", "calling"),
    "rings": Text("对方振铃中", "it rings"),
    "talks": Text("通话中", "talking"),
    "ended": Text("通话已结束", "the call is over"),
}
ENDS = {
    "limit": Text("已到规定的结束时间，系统已挂断", "the instant by which it had to end was there, the system hung up"),
    "they_hung_up": Text("对方已挂断", "they hung up"),
    "desk_hung_up": Text("您已挂断", "you hung up"),
    "asked": Text("您已挂断", "you hung up"),
    "no_answer": Text("无人接听", "nobody answered"),
    "line_refused": Text("线路未接通", "the line was not answered"),
    "recorder_stopped": Text("录音中断，按规定已挂断", "the recording stopped, so the call had to end"),
    "recorder_unproven": Text("无法录音，按规定未呼出", "nothing could be recorded, so no call was placed"),
    "desk_no_answer": Text("您的话机无人接听，未呼出", "your telephone was not picked up; no call was placed"),
    "permit_over": Text("触达许可已失效，未呼出", "the permit has run out; no call was placed"),
    "number_falls": Text(
        "线路显示的号码在号码库中不可用，未呼出", "the number that the line shows does not stand; no call was placed"
    ),
    "too_late": Text(
        "距规定的结束时间太近，未呼出", "too close to the instant by which it has to end; no call was placed"
    ),
    "not_taken": Text("电话网关没有应答，未呼出", "the voice gateway did not answer; no call was placed"),
}
ENDED_OTHERWISE = Text("通话因系统故障结束", "the call ended through a fault of the system")


def load_call(desk: Desk, head: CaseHead, permit_id: int) -> LiveCallRow | None:
    """The call of a permit, as this viewer may see it."""
    with reading(desk.viewer):
        return load_live_call(head.person_id, permit_id)


def anew() -> HttpResponse:
    """Tells htmx to load the whole page: of a call that is over another page is to be seen, not another line."""
    return HttpResponse(headers={"HX-Refresh": "true"})


def after_end(number: str, live: LiveCallRow) -> HttpResponse:
    """A call of which the engine told the outcome goes on to its wrap-up; one that never left, back to the case."""
    if live.outcome is None:
        return redirect("case", number)
    return redirect("wrap", number, live.permit_id)


def show_call(
    request: HttpRequest, desk: Desk, at: datetime, head: CaseHead, call: OpenCallRow, context: dict[str, object]
) -> HttpResponse:
    """The page of such a call; posting places it, or hangs up.

    While it lasts htmx asks for what the line does alone, so that the script stays where it is read and the way to hang
    up keeps the keyboard; once it is over the page is shown anew, with the form of what came of it.
    """
    if request.method == "POST":
        ids = (head.person_id, call.permit_id, desk.staff_id)
        try:
            if request.POST.get("do") == "hang_up":
                hang_up(HangUp(*ids), at)
            else:
                place_call(PlaceCall(*ids), at)
        except Refused as refused:
            context["because"] = refused.text
        else:
            return redirect("call", head.number, call.permit_id)
    told = _told(desk, at, head, call)
    if request.headers.get("HX-Request"):
        if not told.get("is_moving"):
            return anew()
        return page(request, desk, at, "live_call_line.html", {**context, **told})
    if not told.get("is_moving"):
        context |= {"form": wrap_form(desk, at, head, call.permit_id), "permit_id": call.permit_id}
    return page(request, desk, at, "live_call.html", {**context, **told})


def _told(desk: Desk, at: datetime, head: CaseHead, call: OpenCallRow) -> dict[str, object]:
    live = load_call(desk, head, call.permit_id)
    if live is None:
        return {"live": None}
    is_untaken = live.state == "asked" and at - live.asked_at > ASKED_FOR
    return {
        "live": live,
        "is_moving": live.state != "ended" and not is_untaken,
        "state": ENDS["not_taken"] if is_untaken else STATES[live.state],
        "end": ENDS.get(live.ended_because or "", ENDED_OTHERWISE),
        "script": access_script(head.person_id, call.permit_id, desk.staff_id),
    }


def without_measured(form: OutcomeForm) -> OutcomeForm:
    """The form without what the engine measured."""
    for name in MEASURED:
        del form.fields[name]
    return form
