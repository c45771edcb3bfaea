"""诱饵档案告警: who looked at somebody who does not exist, and what compliance says of it."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.canaries.reads import access_alarm, load_alarms, load_planted
from zhizhi.store.canaries.words import HOWS, RULINGS
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.canaries.asking import AskCanaries, ask_canaries
from zhizhi.usecases.canaries.ruling import RuleAlarm, rule_on_alarm
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.canaries import AlarmForm, PlantForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven

FORM = ("GET", "HEAD", "POST")


@screen(Right.KEEP_CANARIES)
def canaries(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Alarms that wait first; below them who is planted where."""
    with reading(desk.viewer):
        alarms, planted = load_alarms(), load_planted()
    context = {
        "here": "canaries",
        "alarms": [(row, HOWS[row.how], RULINGS[row.ruling] if row.ruling else None) for row in alarms],
        "waiting": sum(row.ruling is None for row in alarms),
        "planted": planted,
    }
    return page(request, desk, at, "canaries.html", context)


@screen(Right.KEEP_CANARIES, FORM)
@proven()
def plant(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Ask another person of compliance to agree."""
    with reading(desk.viewer):
        choices = load_choices(desk.viewer)
    of_kind = {
        kind: [(str(one.id), Text(one.name, one.name)) for one in choices if one.kind == kind]
        for kind in ("lender", "agency")
    }
    form = PlantForm(desk.language, of_kind["lender"], of_kind["agency"], posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        agency = int(said["agency"]) if said["agency"] else None
        command = AskCanaries(int(said["lender"]), agency, said["count"], said["ground"], desk.staff_id)
        asked: list[int] = []
        if form.did(lambda: asked.append(ask_canaries(command, at))):
            return redirect("requested", asked[0])
    context = {"here": "canaries", "form": form, "form_title": Text("布设诱饵档案", "Plant canaries")}
    return page(request, desk, at, "draft.html", context, status=400 if form.errors else 200)


@screen(Right.KEEP_CANARIES, FORM)
@proven()
def alarm(request: HttpRequest, desk: Desk, at: datetime, alarm_id: int) -> HttpResponse:
    """One alarm, and what it was."""
    with reading(desk.viewer):
        row = access_alarm(alarm_id)
    if row is None:
        raise Http404
    form = AlarmForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = RuleAlarm(alarm_id, said["ruling"], said["remark"], desk.staff_id)
        opened: list[int | None] = []
        if form.did(lambda: opened.append(rule_on_alarm(command, at))):
            return redirect("incident", opened[0]) if opened[0] is not None else redirect("canaries")
    context = {
        "here": "canaries",
        "row": row,
        "how": HOWS[row.how],
        "ruling": RULINGS[row.ruling] if row.ruling else None,
        "form": form if row.ruling is None and row.staff_id != desk.staff_id else None,
        "is_own": row.staff_id == desk.staff_id,
    }
    return page(request, desk, at, "canary_alarm.html", context, status=400 if form.errors else 200)
