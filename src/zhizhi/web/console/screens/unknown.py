"""结果未定: contacts that may have left and whose end nobody knows; a person settles each with a proof."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.contacts.unsettled import CALL_IS_AT_WORK_FOR, UnsettledDetail, access_unsettled, load_unsettled
from zhizhi.store.inbox.reads import count_contradictions
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.settlements.reads import load_settlements
from zhizhi.store.viewer import reading
from zhizhi.usecases.see_person import see_person
from zhizhi.usecases.settle_unknown import SettleUnknown, settle_unknown
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.settling import SettlingForm
from zhizhi.web.console.pages import page, position_of, posted_files, written_position
from zhizhi.web.console.proven import proven
from zhizhi.web.console.screens.contradicted import LOOKED_AT, WAITING, contradictions

PER_PAGE = 50
WHY = {
    "worker_lost": Text("后台进程中断", "the worker was lost"),
    "no_record": Text("外呼系统未回报", "the dialler reported nothing"),
    "gateway_broke": Text("渠道程序出错", "the gateway broke"),
    "": Text("拨打后未登记结果", "the call's outcome was never reported"),
}
OTHER_WHY = Text("渠道未答复", "the provider gave no answer")


def why_unknown(failure: str | None) -> Text:
    """Why nobody knows the end, for the code of a failure."""
    return WHY.get(failure or "", OTHER_WHY)


@screen(Right.SEE_UNKNOWN)
def unknowns(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What waits, the oldest first; `?state=` shows what was settled, and what a receipt contradicts."""
    after = position_of(request.GET.get("after", ""))
    if request.GET.get("state") in (WAITING, LOOKED_AT):
        return contradictions(request, desk, at)
    if request.GET.get("state") == "settled":
        with reading(desk.viewer):
            rows, further = load_settlements(after)
            contradicting = count_contradictions()
        context: dict[str, object] = {
            "here": "unknowns",
            "contradictions": contradicting,
            "settled": rows,
            "further": written_position(further),
        }
        return page(request, desk, at, "settled.html", context)
    with reading(desk.viewer):
        waiting, further = load_unsettled(at - CALL_IS_AT_WORK_FOR, after, limit=PER_PAGE)
        contradicting = count_contradictions()
    context = {
        "here": "unknowns",
        "contradictions": contradicting,
        "waiting": [(row, why_unknown(row.failure)) for row in waiting],
        "further": written_position(further),
        "may_rule": desk.may(Right.SETTLE_UNKNOWN),
    }
    return page(request, desk, at, "unknowns.html", context)


@screen(Right.SEE_UNKNOWN, ("GET", "HEAD", "POST"), posting=(Right.SETTLE_UNKNOWN,))
@proven()
def unknown(request: HttpRequest, desk: Desk, at: datetime, person_id: int, delivery_id: int) -> HttpResponse:
    """One of them: what is known, what is counted, and the finding with its proof."""
    with reading(desk.viewer):
        found = access_unsettled(person_id, delivery_id, at - CALL_IS_AT_WORK_FOR, desk.view)
    if found is None:
        raise Http404
    see_person(person_id, desk.staff_id, desk.role, at, ruling=True)
    may_rule = desk.may(Right.SETTLE_UNKNOWN)
    form = SettlingForm(desk.language, found.row.channel, *posted_files(request)) if may_rule else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            settle_unknown(_command(found, form, desk), at)
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("unknowns")
    context = {
        "here": "unknowns",
        "found": found,
        "row": found.row,
        "why": why_unknown(found.row.failure),
        "form": form,
    }
    return page(request, desk, at, "unknown.html", context, status=400 if form is not None and form.errors else 200)


def _command(found: UnsettledDetail, form: SettlingForm, desk: Desk) -> SettleUnknown:
    said = form.cleaned_data
    file, kind = form.proof_file()
    return SettleUnknown(
        person_id=found.row.person_id,
        delivery_id=found.row.delivery_id,
        left=said["left"] == "yes",
        outcome=said["outcome"] or None,
        ground=said["ground"],
        by=desk.staff_id,
        reference=said["reference"],
        file=file,
        file_kind=kind,
    )
