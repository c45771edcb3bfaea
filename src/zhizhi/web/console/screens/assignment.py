"""案件分配: how cases lie, what moved them, who has none; dealt anew and undone after a preview; seats."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.assignment.facts import Unplaced, Why
from zhizhi.core.assignment.fairness import spreads
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.of_case import load_collectors
from zhizhi.store.assignment.queues import QUEUES
from zhizhi.store.assignment.reads import (
    Told,
    access_assignment,
    load_absences,
    load_desks,
    load_latest,
    load_skills,
    load_without,
    numbers_of,
    spread_of,
)
from zhizhi.store.assignment.words import LANGUAGES
from zhizhi.store.lenders.reads import Choice, Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.assigning import Preview
from zhizhi.store.viewer import reading
from zhizhi.usecases.assignment.running import Assign, Undo, assign_now, preview, preview_undoing, undo
from zhizhi.usecases.assignment.seats import (
    EndFact,
    RecordAbsence,
    School,
    record_absence,
    school,
    take_back_absence,
    take_back_schooling,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.assigning import AbsenceForm, ConfirmForm, SkillForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.shared.clock import today

FORM = ("GET", "HEAD", "POST")
KINDS = {
    "act": Text("立即分配", "Assign now"),
    "reshuffle": Text("月末重新分配", "Deal anew"),
}
SKILL_TEXTS = {
    **{("queue", code): text for code, text in QUEUES.items()},
    **{("language", code): text for code, text in LANGUAGES.items()},
}


@screen(Right.SEE_ASSIGNMENT)
def assignment(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """How the cases of a lender lie now, and the latest assignments."""
    with reading(desk.viewer):
        lender, lenders = _lender(request, desk)
        latest = load_latest(lender.id)
        without = load_without(lender.id)
    with reading(desk.viewer, counting=True):
        desks = load_desks(lender.id, today(at))
    context = {
        "here": "assignment",
        "lender": lender,
        "lenders": lenders if len(lenders) > 1 else [],
        "latest": latest,
        "newest": latest[0] if latest else None,
        "without": without,
        "desks": desks,
        "spreads": spread_of(desks),
        "may_assign": desk.may(Right.ASSIGN),
        "may_keep": desk.may(Right.KEEP_SEATS),
    }
    return page(request, desk, at, "assignment.html", context)


@screen(Right.ASSIGN, FORM)
def deal(request: HttpRequest, desk: Desk, at: datetime, kind: str) -> HttpResponse:
    """What would be done, and the button that does exactly that."""
    if kind not in KINDS:
        raise Http404
    with reading(desk.viewer):
        lender, _ = _lender(request, desk)
    command = Assign(lender.id, today(at), desk.staff_id, kind == "reshuffle")
    form = ConfirmForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        digest = form.cleaned_data["digest"]
        confirmed = Assign(command.lender_id, command.on, command.by, command.reshuffles, digest)
        if form.did(lambda: assign_now(confirmed, at)):
            return redirect(f"{reverse('assignment')}?lender={lender.id}")
    return _previewed(request, desk, at, lender, KINDS[kind], preview(command), form)


@screen(Right.ASSIGN, FORM)
def undo_one(request: HttpRequest, desk: Desk, at: datetime, assignment_id: int) -> HttpResponse:
    """What would go back, and what would not."""
    with reading(desk.viewer):
        told = access_assignment(assignment_id)
    if told is None:
        raise Http404
    command = Undo(told.lender_id, assignment_id, desk.staff_id)
    form = ConfirmForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        confirmed = Undo(told.lender_id, assignment_id, desk.staff_id, form.cleaned_data["digest"])
        if form.did(lambda: undo(confirmed, at)):
            return redirect(f"{reverse('assignment')}?lender={told.lender_id}")
    title = Text(f"撤销分配 {told.id}", f"Undo assignment {told.id}")
    lender = Choice("lender", told.lender_id, told.lender)
    return _previewed(request, desk, at, lender, title, preview_undoing(command, at), form, told)


def _previewed(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    lender: Choice,
    title: Text,
    shown: Preview,
    form: ConfirmForm,
    told: Told | None = None,
) -> HttpResponse:
    moves = shown.assignment.moves
    with reading(desk.viewer):
        numbers = numbers_of([case_id for case_id, _ in shown.stuck])
        agencies = {one.id: one.name for one in load_choices(desk.viewer) if one.kind == "agency"}
    placed = [move for move in moves if move.to_id is not None]
    context = {
        "here": "assignment",
        "lender": lender,
        "form_title": title,
        "form": form,
        "digest": shown.digest.hex(),
        "moved": len(placed) if told is None else len(moves),
        "reasons": [(why.label, sum(move.why is why for move in moves)) for why in Why],
        "without": [(one.label, sum(move.unplaced is one for move in moves)) for one in Unplaced],
        "spreads": [(agencies.get(one.agency_id or 0, ""), one) for one in spreads(shown.assignment.desks)],
        "stuck": [(numbers[case_id], why) for case_id, why in shown.stuck if case_id in numbers],
        "stuck_count": len(shown.stuck),
    }
    return page(request, desk, at, "assignment_preview.html", context, status=400 if form.errors else 200)


@screen(Right.KEEP_SEATS, FORM)
def seats(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Who is away and who was schooled for what; either form is sent to this address."""
    with reading(desk.viewer):
        lender, lenders = _lender(request, desk)
        found = load_collectors(lender.id)
        absences, skills = load_absences(lender.id, today(at)), load_skills(lender.id)
    collectors = [(str(one.id), Text(one.name, one.name)) for one in found]
    sent = request.POST.get("what") if request.method == "POST" else None
    away = AbsenceForm(desk.language, collectors, posted(request) if sent == "absence" else None, prefix="a")
    schooled = SkillForm(desk.language, collectors, posted(request) if sent == "skill" else None, prefix="s")
    if sent == "absence" and away.is_valid() and away.did(lambda: record_absence(_absence(away, desk), at)):
        return redirect(_seats_of(lender.id))
    if sent == "skill" and schooled.is_valid() and schooled.did(lambda: school(_school(schooled, desk), at)):
        return redirect(_seats_of(lender.id))
    context = {
        "here": "assignment",
        "lender": lender,
        "lenders": lenders if len(lenders) > 1 else [],
        "away": away,
        "schooled": schooled,
        "absences": absences,
        "skills": [(row, SKILL_TEXTS[row.kind, row.value]) for row in skills],
    }
    refused = bool(away.errors or schooled.errors or (request.method == "POST" and sent not in ("absence", "skill")))
    return page(request, desk, at, "assignment_seats.html", context, status=400 if refused else 200)


def _absence(form: AbsenceForm, desk: Desk) -> RecordAbsence:
    said = form.cleaned_data
    return RecordAbsence(int(said["staff"]), said["from_on"], said["to_on"], desk.staff_id)


def _school(form: SkillForm, desk: Desk) -> School:
    kind, _, value = form.cleaned_data["skill"].partition(":")
    return School(int(form.cleaned_data["staff"]), kind, value, desk.staff_id)


@screen(Right.KEEP_SEATS, ("POST",))
def end_absence(request: HttpRequest, desk: Desk, at: datetime, row_id: int) -> HttpResponse:
    """Back earlier, or never away."""
    _end(lambda: take_back_absence(EndFact(row_id, desk.staff_id), at))
    return redirect(_seats_of(request.POST.get("lender", "")))


@screen(Right.KEEP_SEATS, ("POST",))
def end_skill(request: HttpRequest, desk: Desk, at: datetime, row_id: int) -> HttpResponse:
    """Schooled for it no more."""
    _end(lambda: take_back_schooling(EndFact(row_id, desk.staff_id), at))
    return redirect(_seats_of(request.POST.get("lender", "")))


def _end(act: Callable[[], None]) -> None:
    """What is not standing, or not theirs, is not there for these eyes."""
    try:
        act()
    except Refused as refused:
        raise Http404 from refused


def _seats_of(lender_id: int | str) -> str:
    return (
        f"{reverse('assignment_seats')}?lender={lender_id}" if str(lender_id).isdigit() else reverse("assignment_seats")
    )


def _lender(request: HttpRequest, desk: Desk) -> tuple[Choice, list[Choice]]:
    """The lender that the address names, else the first; 404 where there is none for these eyes."""
    lenders = [one for one in load_choices(desk.viewer) if one.kind == "lender"]
    if not lenders:
        raise Http404
    wanted = request.GET.get("lender", "")
    return next((one for one in lenders if str(one.id) == wanted), lenders[0]), lenders
