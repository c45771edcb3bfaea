"""批量停催: those that stand, come and are over; a look before one is set; lifting early, by two."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.bulk_stops.keeping import Meant
from zhizhi.store.bulk_stops.reads import BulkStopRow, load_announced, load_bulk_stops
from zhizhi.store.bulk_stops.words import REASONS
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.bulk_stops.divisions import division_name
from zhizhi.usecases.bulk_stops.setting import (
    LiftBulkStop,
    RecordResidence,
    SetBulkStop,
    ask_to_lift,
    preview_bulk_stop,
    record_residence,
    set_bulk_stop,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.bulk_stops import BulkStopForm, LiftBulkStopForm, ResidenceForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens.case import head_or_404

FORM = ("GET", "HEAD", "POST")
SET = "set"
STATES = {
    "standing": Text("生效中", "in force"),
    "coming": Text("将开始", "to come"),
    "over": Text("已到期", "over"),
    "lifted": Text("已提前解除", "lifted early"),
}
COUNTED = {
    "persons": Text("在手客户", "persons with an open case"),
    "unplaced": Text("其中所在地不明", "of these, residence not recorded"),
    "waiting": Text("排队中的触达（收回）", "contacts that wait (given back)"),
    "in_hand": Text("发送进程手中（未发的不再发）", "in a worker's hands (what has not begun does not leave)"),
    "leased": Text("外部系统已租用未拨（拨前被拒）", "leased and not rung (refused before they ring)"),
    "talking": Text("通话中（不打断）", "calls under way (not cut)"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A bulk stop in words."""

    row: BulkStopRow
    code: str
    state: Text
    reason: Text
    areas: tuple[str, ...]


def _shown(row: BulkStopRow, at: datetime) -> Shown:
    code = row.state(at)
    return Shown(row, code, STATES[code], REASONS[row.reason], tuple(division_name(area) for area in row.areas))


def announced(at: datetime) -> list[Shown]:
    """Those that stand now or begin within a day, for the banner of worklist and floor; a reading is open."""
    return [_shown(row, at) for row in load_announced(at)]


def _counts(counts: dict[str, int]) -> list[tuple[Text, int]]:
    return [(text, counts.get(name, 0)) for name, text in COUNTED.items()]


@screen(Right.SEE_BULK_STOPS)
def bulk_stops(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What stands and comes first, then what is over."""
    with reading(desk.viewer):
        rows = [_shown(row, at) for row in load_bulk_stops()]
    live = [one for one in rows if one.code in ("standing", "coming")]
    context = {
        "here": "bulk_stops",
        "live": live,
        "past": [one for one in rows if one not in live],
        "may_set": desk.may(Right.SET_BULK_STOP),
    }
    return page(request, desk, at, "bulk_stops.html", context)


@screen(Right.SET_BULK_STOP, FORM)
def new_bulk_stop(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Look whom it would mean, then set it: one person, at once."""
    with reading(desk.viewer):
        choices = load_choices(desk.viewer)
    lenders, agencies = (
        [(str(one.id), Text(one.name, one.name)) for one in choices if one.kind == kind]
        for kind in ("lender", "agency")
    )
    form = BulkStopForm(desk.language, lenders, agencies, posted(request), of_one=desk.viewer.lender_id is not None)
    meant: list[Meant] = []
    if request.method == "POST" and form.is_valid():
        command = _command(form, desk)
        if request.POST.get("step") != SET:
            form.did(lambda: meant.append(preview_bulk_stop(command, at)))
        elif form.did(lambda: set_bulk_stop(command, at)):
            return redirect("bulk_stops")
    counts = [_counts({name: getattr(one, name) for name in COUNTED}) for one in meant]
    context = {"here": "bulk_stops", "form": form, "counts": counts[0] if counts else None}
    return page(request, desk, at, "bulk_stop_new.html", context, status=400 if form.errors else 200)


def _command(form: BulkStopForm, desk: Desk) -> SetBulkStop:
    said = form.cleaned_data
    lender = said["lender"] or desk.viewer.lender_id
    return SetBulkStop(
        lender_id=int(lender) if lender else None,
        agency_id=int(said["agency"]) if said["agency"] else None,
        product=said["product"],
        channel=said["channel"],
        areas=said["areas"],
        from_at=said["from_at"],
        until_at=said["until_at"],
        reason=said["reason"],
        ground=said["ground"],
        by=desk.staff_id,
    )


@screen(Right.SEE_BULK_STOPS, FORM, posting=(Right.SET_BULK_STOP,))
def bulk_stop(request: HttpRequest, desk: Desk, at: datetime, stop_id: int) -> HttpResponse:
    """One of them with what it counted; whoever may asks to lift it before its end."""
    with reading(desk.viewer):
        found = load_bulk_stops(stop_id)
    if not found:
        raise Http404
    told = _shown(found[0], at)
    form = LiftBulkStopForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        asked: list[int] = []
        command = LiftBulkStop(stop_id, found[0].lender_id, form.cleaned_data["ground"], desk.staff_id)
        if form.did(lambda: asked.append(ask_to_lift(command, at))):
            return redirect("requested", asked[0])
    may_lift = desk.may(Right.SET_BULK_STOP) and told.code in ("standing", "coming")
    context = {
        "here": "bulk_stops",
        "told": told,
        "counts": _counts(dict(found[0].counts)),
        "form": form if may_lift else None,
        "may_see_approval": desk.may(Right.SEE_APPROVALS),
    }
    return page(request, desk, at, "bulk_stop.html", context, status=400 if form.errors else 200)


@screen(Right.RECORD, FORM)
def residence(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """所在地: the division where somebody lives, as they said."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
    form = ResidenceForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        command = RecordResidence(head.person_id, form.cleaned_data["division"], desk.staff_id)
        if form.did(lambda: record_residence(command, at)):
            return redirect("case", number)
    context = {"here": "worklist", "case": head, "form": form, "form_title": Text("所在地", "Where they live")}
    return page(request, desk, at, "record.html", context, status=400 if form.errors else 200)
