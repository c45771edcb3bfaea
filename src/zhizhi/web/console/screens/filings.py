"""运营商报备: which signature and wording stands filed with which carrier, what ends soon, and each step of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.text import Text
from zhizhi.store.filings.reads import FiledThing, Latest, load_filed, load_recalls, load_steps
from zhizhi.store.filings.words import EXPIRED, NOTHING, STATES
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.filings.needed import needs_filing
from zhizhi.usecases.filings.recording import RecordFiling, record_filing
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.filings import FilingForm
from zhizhi.web.console.pages import page, posted_files

WITHIN_DAYS = (7, 30, 60, 90)
WITHIN_USUALLY = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """How a thing stands with a carrier on a day; `stands`: texts may leave by it."""

    carrier: Text
    text: Text
    expires_on: date | None
    stands: bool


def _cell(carrier: str, latest: Latest | None, day: date) -> Cell:
    if latest is None:
        return Cell(CARRIERS[carrier], NOTHING, None, False)
    text = EXPIRED if latest.is_over(day) else STATES[latest.state]
    return Cell(CARRIERS[carrier], text, latest.expires_on, latest.stands(day))


def _cells(thing: FiledThing, day: date) -> list[Cell]:
    return [_cell(carrier, thing.latest.get(carrier), day) for carrier in CARRIERS]


@screen(Right.SEE_APPROVALS)
def filings(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Everything that is filed or has to be; what has ended or ends soon first."""
    day = civil_day(at)
    asked = request.GET.get("days", "")
    within = int(asked) if asked.isdigit() and int(asked) in WITHIN_DAYS else WITHIN_USUALLY
    with reading(desk.viewer):
        things, recalls = load_filed(), load_recalls()
    ending = [
        (thing, CARRIERS[carrier], latest, (latest.expires_on - day).days)
        for thing in things
        for carrier, latest in thing.latest.items()
        if latest.expires_on is not None and latest.expires_on <= day + timedelta(days=within)
    ]
    context = {
        "here": "filings",
        "things": [(thing, _cells(thing, day)) for thing in things],
        "carriers": list(CARRIERS.values()),
        "ending": sorted(ending, key=lambda one: one[3]),
        "within": within,
        "choices": WITHIN_DAYS,
        "is_needed": needs_filing("sms"),
        "recalls": [(recall, recall.closed_at is None and recall.due_at < at) for recall in recalls],
    }
    return page(request, desk, at, "filings.html", context)


@screen(Right.SEE_APPROVALS, ("GET", "HEAD", "POST"), posting=(Right.KEEP_FILINGS,))
def filing(request: HttpRequest, desk: Desk, at: datetime, lender_id: int, version_id: int = 0) -> HttpResponse:
    """One signature, or one wording: where it stands with each carrier, its steps, and the next one."""
    with reading(desk.viewer):
        found = [one for one in load_filed() if (one.lender_id, one.version_id or 0) == (lender_id, version_id)]
        steps = load_steps(lender_id, version_id or None)
    if not found:
        raise Http404
    day = civil_day(at)
    form = FilingForm(desk.language, *posted_files(request), initial={"on_day": day, "carriers": list(CARRIERS)})
    if request.method == "POST" and form.is_valid():
        asked: list[int | None] = []
        if form.did(lambda: asked.append(record_filing(_command(form, desk, found[0]), at))):
            return redirect("requested", asked[0]) if asked[0] else redirect(request.path)
    context = {
        "here": "filings",
        "thing": found[0],
        "cells": _cells(found[0], day),
        "steps": [(step, CARRIERS[step.carrier], STATES[step.state]) for step in steps],
        "form": form if desk.may(Right.KEEP_FILINGS) else None,
    }
    return page(request, desk, at, "filing.html", context, status=400 if form.errors else 200)


def _command(form: FilingForm, desk: Desk, thing: FiledThing) -> RecordFiling:
    said = form.cleaned_data
    return RecordFiling(
        lender_id=thing.lender_id,
        version_id=thing.version_id,
        carriers=tuple(said["carriers"]),
        state=said["state"],
        on_day=said["on_day"],
        by=desk.staff_id,
        number=said["number"],
        expires_on=said["expires_on"],
        reason=said["reason"],
        evidence=said["evidence"],
        file=said["file"],
    )
