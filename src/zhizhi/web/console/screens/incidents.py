"""事件: what is due to whom until when, the log of facts, letters; a drill says so everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.incidents.reads import DeadlineRow, IncidentRow, access_incident, load_incidents
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.incidents.clocks import TO, Clock, clocks
from zhizhi.usecases.incidents.letters import GRADE_WORDS, KIND_WORDS, letter
from zhizhi.usecases.incidents.working import (
    AddFact,
    Answer,
    Classify,
    OpenIncident,
    answer,
    classify,
    close,
    note,
    open_up,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.incident import AnswerForm, FactForm, GraveForm, OpenForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted

FORM = ("GET", "HEAD", "POST")
FACT_WORDS = {
    "opened": Text("立案", "opened"),
    "classified": Text("定级", "classified"),
    "fact": Text("事实", "fact"),
    "filed": Text("已报送", "told"),
    "not_owed": Text("不需报送", "not owed"),
    "closed": Text("关闭", "closed"),
}
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as it is shown: `left` is what is left of it, or by how much it is over."""

    row: DeadlineRow
    clock: Clock
    to: Text
    is_over: bool
    is_near: bool
    left: Text


@screen(Right.SEE_INCIDENTS)
def incidents(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The open ones first, then the newest."""
    with reading(desk.viewer):
        rows = load_incidents()
    shown = [
        (row, KIND_WORDS[row.kind], span(row.next_due_at - at) if row.next_due_at else None, _is_over(row, at))
        for row in rows
    ]
    context = {"here": "incidents", "rows": shown, "may_work": desk.may(Right.WORK_INCIDENT)}
    return page(request, desk, at, "incidents.html", context)


@screen(Right.WORK_INCIDENT, FORM)
def open_one(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A new incident, or a drill."""
    with reading(desk.viewer):
        lenders = [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]
    for_all = desk.viewer.lender_id is None
    form = OpenForm(desk.language, lenders, posted(request), initial={"known_at": at}, for_all=for_all)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        lender = int(said["lender"]) if said["lender"] else None
        command = OpenIncident(
            lender, said["kind"], said["is_drill"], said["known_at"], form.grave(), said["text"], desk.staff_id
        )
        made: list[int] = []
        if form.did(lambda: made.append(open_up(command, at))):
            return redirect("incident", made[0])
    context = {"here": "incidents", "form": form}
    return page(request, desk, at, "incident_open.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_INCIDENTS, FORM, posting=(Right.WORK_INCIDENT,))
def incident(request: HttpRequest, desk: Desk, at: datetime, incident_id: int) -> HttpResponse:
    """One incident: its countdowns, its facts, and what may be done."""
    row = _found(desk, incident_id)
    dues = _dues(row, at)
    forms = _forms(request, desk, row, dues)
    act = request.POST.get("act", "")
    chosen = forms.get(act)
    is_whole = chosen is not None and chosen.is_bound and chosen.is_valid()
    if chosen is not None and is_whole and chosen.did(lambda: _ACTS[act](incident_id, chosen, desk.staff_id, at)):
        return redirect("incident", incident_id)
    context = {
        "here": "incidents",
        "row": row,
        "kind": KIND_WORDS[row.kind],
        "grade": GRADE_WORDS[row.classified["grade"]],
        "persons": row.classified["persons"],
        "waiting": [due for due in dues if due.row.answered_at is None],
        "answered": [due for due in dues if due.row.answered_at is not None],
        "facts": [(fact, FACT_WORDS[fact.kind], _what(fact.clock)) for fact in row.facts],
        "forms": forms,
    }
    return page(request, desk, at, "incident.html", context, status=400 if request.method == "POST" else 200)


@screen(Right.SEE_INCIDENTS)
def incident_letter(request: HttpRequest, desk: Desk, at: datetime, incident_id: int, clock: str) -> HttpResponse:
    """The letter for one deadline, to be copied; what the facts do not say is left open."""
    row = _found(desk, incident_id)
    found = _clock(clock)
    if found is None or clock not in {one.clock for one in row.deadlines}:
        raise Http404
    context = {"here": "incidents", "row": row, "clock": found, "to": TO[found.to], "letter": letter(row, found, at)}
    return page(request, desk, at, "incident_letter.html", context)


def span(left: timedelta) -> Text:
    """How long, in the two largest units: 1 天 3 小时."""
    whole = abs(left)
    days, hours, minutes = whole // _DAY, whole % _DAY // _HOUR, whole % _HOUR // _MINUTE
    if days:
        return Text(f"{days} 天 {hours} 小时", f"{days} d {hours} h")
    if hours:
        return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return Text(f"{minutes} 分", f"{minutes} min")


def _found(desk: Desk, incident_id: int) -> IncidentRow:
    with reading(desk.viewer):
        row = access_incident(incident_id)
    if row is None:
        raise Http404
    return row


def _is_over(row: IncidentRow, at: datetime) -> bool:
    return row.next_due_at is not None and row.next_due_at <= at


def _clock(clock_id: str | None) -> Clock | None:
    return next((one for one in clocks() if one.id == clock_id), None)


def _what(clock_id: str | None) -> Text | None:
    found = _clock(clock_id)
    return found.what if found is not None else None


def _dues(row: IncidentRow, at: datetime) -> list[Due]:
    shown = []
    for one in row.deadlines:
        clock = _clock(one.clock)
        if clock is not None:
            is_over = one.due_at <= at
            shown.append(Due(one, clock, TO[clock.to], is_over, one.warn_at <= at, span(one.due_at - at)))
    return shown


def _forms(request: HttpRequest, desk: Desk, row: IncidentRow, dues: list[Due]) -> dict[str, WordedForm]:
    """The forms of this desk; only the one that was sent is bound."""
    if row.closed_at is not None or not desk.may(Right.WORK_INCIDENT):
        return {}
    act, sent = request.POST.get("act", ""), posted(request)
    language = desk.language
    waiting = [(due.clock.id, due.clock.what) for due in dues if due.row.answered_at is None]
    forms: dict[str, WordedForm] = {}
    if waiting:
        forms["answer"] = AnswerForm(language, waiting, sent if act == "answer" else None, auto_id="answer_%s")
    forms["note"] = FactForm(language, sent if act == "note" else None, auto_id="note_%s")
    forms["classify"] = GraveForm(
        language, sent if act == "classify" else None, initial=dict(row.classified), auto_id="grave_%s"
    )
    if not waiting:
        forms["close"] = FactForm(language, sent if act == "close" else None, auto_id="close_%s")
    return forms


def _answer(incident_id: int, form: Any, by: int, at: datetime) -> None:
    said = form.cleaned_data
    answer(Answer(incident_id, said["clock"], said["answer"] == "filed", said["reference"], said["text"], by), at)


def _note(incident_id: int, form: Any, by: int, at: datetime) -> None:
    note(AddFact(incident_id, form.cleaned_data["text"], by), at)


def _classify(incident_id: int, form: Any, by: int, at: datetime) -> None:
    classify(Classify(incident_id, form.grave(), form.cleaned_data["text"], by), at)


def _close(incident_id: int, form: Any, by: int, at: datetime) -> None:
    close(AddFact(incident_id, form.cleaned_data["text"], by), at)


_ACTS: dict[str, Callable[[int, Any, int, datetime], None]] = {
    "answer": _answer,
    "note": _note,
    "classify": _classify,
    "close": _close,
}
