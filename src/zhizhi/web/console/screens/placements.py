"""委外: batches and lots, what runs out, cases taken back or given back; an agency sees what it has."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.fitness import Barrier
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.placements.choosing import Criteria
from zhizhi.store.placements.reads import load_agencies, load_batches, load_differences, load_standing
from zhizhi.store.placements.words import STATES
from zhizhi.store.viewer import reading
from zhizhi.usecases.placements.ending import (
    ExtendPlacement,
    RecallCases,
    ReturnCase,
    extend,
    recall_cases,
    return_case,
)
from zhizhi.usecases.placements.propose import Preview, ProposeBatch, preview_batch, propose_batch
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.placements import BatchForm, ExtendForm, RecallForm, ReturnForm
from zhizhi.web.console.forms.worded import Choices, WordedForm
from zhizhi.web.console.pages import page, posted

FORM = ("GET", "HEAD", "POST")
PREVIEW, SEND = "preview", "send"


@screen(Right.SEE_PLACEMENTS)
def placements(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Who has how much until when; batches with what became of their lots; where files say otherwise."""
    on = civil_day(at)
    with reading(desk.viewer, counting=True):
        agencies = load_agencies(on)
    with reading(desk.viewer):
        standing, batches = load_standing(), load_batches()
        differences, differ = load_differences() if desk.viewer.agency_id is None else ([], 0)
    context = {
        "here": "placements",
        "agencies": agencies,
        "standing": [(row, row.due_on is not None and (row.due_on - on).days) for row in standing],
        "batches": [
            (
                batch,
                [(Barrier(why).label, many) for why, many in batch.left_out.items()],
                [(lot, [(STATES[state], many) for state, many in lot.states.items()]) for lot in batch.lots],
            )
            for batch in batches
        ],
        "differences": differences,
        "differ": differ,
        "is_agency": desk.viewer.agency_id is not None,
        "may_ask": desk.may(Right.ASK_PLACEMENT),
        "may_end": desk.may(Right.END_PLACEMENT),
        "may_return": desk.may(Right.RETURN_PLACEMENT),
    }
    return page(request, desk, at, "placements.html", context)


@screen(Right.ASK_PLACEMENT, FORM)
def new_batch(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Choose cases and agencies, look at the lots, and send them to a second person."""
    lenders, agencies = _places(desk)
    form = BatchForm(desk.language, lenders, agencies, posted(request))
    shown: list[Preview] = []
    asked: list[int] = []
    if request.method == "POST" and form.is_valid():
        command = _command(form, desk)
        if request.POST.get("step") == SEND:
            if form.did(lambda: asked.append(propose_batch(command, at))):
                return redirect("requested", asked[0])
        else:
            form.did(lambda: shown.append(preview_batch(command, at)))
    named = {int(code): text for code, text in agencies}
    context = {
        "here": "placements",
        "form": form,
        "preview": shown[0] if shown else None,
        "lots": [
            (named[agency], len(cases), sum(case.balance_minor for case in cases))
            for preview in shown
            for agency, cases in preview.lots
        ],
        "left_out": [(Barrier(why).label, many) for preview in shown for why, many in preview.left_out.items()],
    }
    return page(request, desk, at, "placement_new.html", context, status=400 if form.errors else 200)


def _command(form: BatchForm, desk: Desk) -> ProposeBatch:
    said = form.cleaned_data
    return ProposeBatch(
        lender_id=int(said["lender"]),
        criteria=Criteria(
            said["days_from"], said["days_until"], said["yuan_from"] or 0, said["yuan_until"], most=said["most"]
        ),
        agency_ids=tuple(int(agency) for agency in said["agencies"]),
        hand=said["hand"],
        term_days=said["term_days"],
        ground=said["ground"],
        by=desk.staff_id,
    )


def _places(desk: Desk) -> tuple[Choices, Choices]:
    with reading(desk.viewer):
        choices = load_choices(desk.viewer)
    lenders, agencies = (
        [(str(one.id), Text(one.name, one.name)) for one in choices if one.kind == kind]
        for kind in ("lender", "agency")
    )
    return lenders, agencies


@screen(Right.END_PLACEMENT, FORM)
def recall(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """撤案, at once."""
    with reading(desk.viewer):
        rows = load_agencies(civil_day(at))
    places = [
        (
            f"{row.lender_id}-{row.agency_id}",
            Text(f"{row.lender} → {row.agency}（{row.cases} 件）", f"{row.lender} → {row.agency} ({row.cases})"),
        )
        for row in rows
    ]
    form = RecallForm(desk.language, places, posted(request))

    def act() -> object:
        said = form.cleaned_data
        lender_id, agency_id = (int(part) for part in said["where"].split("-"))
        number = said["number"] or None
        return recall_cases(RecallCases(lender_id, agency_id, said["ground"], desk.staff_id, number), at)

    return _ended(request, desk, at, form, Text("撤案", "Recall cases"), act)


@screen(Right.RETURN_PLACEMENT, FORM)
def give_back(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """退案, by the agency."""
    form = ReturnForm(desk.language, posted(request))

    def act() -> object:
        said = form.cleaned_data
        return return_case(ReturnCase(said["number"], said["ground"], desk.staff_id), at)

    return _ended(request, desk, at, form, Text("退案", "Give a case back"), act)


@screen(Right.END_PLACEMENT, FORM)
def extend_one(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """留案: a later last day of one case."""
    form = ExtendForm(desk.language, posted(request))

    def act() -> None:
        said = form.cleaned_data
        extend(ExtendPlacement(said["number"], said["due_on"], said["ground"], desk.staff_id), at)

    return _ended(request, desk, at, form, Text("留案", "Extend a placement"), act)


def _ended(
    request: HttpRequest, desk: Desk, at: datetime, form: WordedForm, title: Text, act: Callable[[], object]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and form.did(act):
        return redirect("placements")
    context = {"here": "placements", "form": form, "form_title": title}
    return page(request, desk, at, "placement_end.html", context, status=400 if form.errors else 200)
