"""待人工核定: decisions that wait for a person; what was known, what was not, and the ruling with its ground."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.contacts.reads import access_hold, load_holds
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.rule_hold import RuleHold, is_mended_elsewhere, rule_hold
from zhizhi.usecases.see_person import see_person
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.ruling import RulingForm, next_week
from zhizhi.web.console.pages import page, position_of, posted, written_position
from zhizhi.web.console.told import facts_behind, tell


@screen(Right.SEE_HOLDS)
def holds(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The holds that wait, the longest waiting first; with `?state=ruled` those that were ruled on."""
    are_open = request.GET.get("state") != "ruled"
    with reading(desk.viewer):
        rows, after = load_holds(are_open=are_open, after=position_of(request.GET.get("after", "")))
    context = {"here": "holds", "holds": rows, "are_open": are_open, "further": written_position(after)}
    return page(request, desk, at, "holds.html", context)


@screen(Right.SEE_HOLDS, ("GET", "HEAD", "POST"), posting=(Right.RULE_HOLD,))
def hold(request: HttpRequest, desk: Desk, at: datetime, person_id: int, hold_id: int) -> HttpResponse:
    """One hold: the decision it came from, and the ruling."""
    with reading(desk.viewer):
        found = access_hold(person_id, hold_id)
    if found is None:
        raise Http404
    see_person(person_id, desk.staff_id, desk.role, at, ruling=True)
    row, decision = found
    may_rule = desk.may(Right.RULE_HOLD) and row.state == "open"
    form = RulingForm(desk.language, posted(request), initial={"until": next_week(at)}) if may_rule else None
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        release = said["ruling"] == "release"
        command = RuleHold(
            person_id=person_id,
            hold_id=hold_id,
            release=release,
            ground=said["ground"],
            until_at=said["until"] if release else None,
            channels=tuple(said["channels"]) if release else (),
            by=desk.staff_id,
        )
        try:
            rule_hold(command, at)
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("holds")
    told = tell(decision.body)
    context = {"here": "holds", "hold": row, "decision": decision, "told": told, "form": form}
    context |= {"behind": facts_behind(told, decision.facts), "is_mended_elsewhere": is_mended_elsewhere(row.rule)}
    return page(request, desk, at, "hold.html", context, status=400 if form is not None and form.errors else 200)
