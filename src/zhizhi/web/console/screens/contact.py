"""From a click to a call or a message: propose, use the permit, report what came of it."""

from datetime import datetime

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.contacts.reads import OpenCallRow, access_decision, load_open_calls
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.people.reads import load_parties
from zhizhi.store.viewer import reading
from zhizhi.usecases.preview_contacts import PURPOSE_OF_ROLE, VERBS
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact
from zhizhi.usecases.start_call import StartCall, start_call
from zhizhi.web.console.access import screen
from zhizhi.web.console.actions import OWING, is_third_party
from zhizhi.web.console.forms.wrapping import wrap_form
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens import live_call
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.screens.closed import begun_call_of_left_case, report_call
from zhizhi.web.console.told import facts_behind, tell, without_recipe

POST = ("POST",)
CHANNELS_OF_DESK = tuple(VERBS)


class ProposeForm(forms.Form):
    """What the button of an action sends; purpose and form are not for the browser to choose."""

    channel = forms.ChoiceField(choices=[(channel, channel) for channel in CHANNELS_OF_DESK])
    party = forms.IntegerField(min_value=1)
    point = forms.IntegerField(min_value=1)
    template = forms.CharField(required=False, max_length=100)


@screen(Right.CONTACT, POST)
def propose(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """Ask the law, now and binding. A permitted call goes on to its card; everything else back to the case."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        parties = load_parties(head.person_id, head.seal, desk.view)
    roles = {(party.id, point.id): party.role for party in parties for point in party.points}
    form = ProposeForm(request.POST)
    role = roles.get((form.cleaned_data["party"], form.cleaned_data["point"])) if form.is_valid() else None
    if role is None:
        return _not_done(
            request, desk, at, head, Text("这个动作已不可用，请刷新案件", "this action is gone; reload the case")
        )
    wanted = form.cleaned_data
    command = ProposeContact(
        person_id=head.person_id,
        party_id=wanted["party"],
        point_id=wanted["point"],
        channel=wanted["channel"],
        form="interactive" if wanted["channel"] in ("voice", "visit") else "notification",
        purpose=PURPOSE_OF_ROLE.get(role, "relay"),
        template_code=wanted["template"] or None,
        by=desk.staff_id,
    )
    try:
        proposed = propose_contact(command, at)
    except Refused as refused:
        return _not_done(request, desk, at, head, refused.text)
    return _answer(request, desk, at, head, command.channel, proposed, role)


def _answer(
    request: HttpRequest, desk: Desk, at: datetime, head: CaseHead, channel: str, proposed: Proposed, role: str
) -> HttpResponse:
    if proposed.permit_id is None:
        told = tell(proposed.decision.to_document())
        shown = told if role in OWING else without_recipe(told)
        context: dict[str, object] = {"here": "worklist", "case": head, "told": shown, "channel": channel}
        context["untrue"] = proposed.untrue if role in OWING else None
        return page(request, desk, at, "refused.html", context)
    if channel == "voice":
        return redirect("call", head.number, proposed.permit_id)
    return redirect(f"{reverse('case', args=[head.number])}?tab=contact#line")


def _not_done(request: HttpRequest, desk: Desk, at: datetime, head: CaseHead, because: Text) -> HttpResponse:
    context = {"here": "worklist", "case": head, "because": because}
    return page(request, desk, at, "not_done.html", context, status=400)


@screen(Right.CONTACT, ("GET", "HEAD", "POST"))
def call(request: HttpRequest, desk: Desk, at: datetime, number: str, permit_id: int) -> HttpResponse:
    """The card of a permitted call. Posting uses the permit and shows the number, this once."""
    if (begun := begun_call_of_left_case(desk, number, permit_id)) is not None:
        return report_call(request, desk, at, number, begun)
    if (ended := _told_by_engine(desk, at, number, permit_id)) is not None:
        return live_call.anew() if request.headers.get("HX-Request") else ended
    head, open_call, context = _open_call(desk, at, number, permit_id)
    if open_call.gateway == channels.SIP:
        return live_call.show_call(request, desk, at, head, open_call, context)
    if request.method == "POST" and open_call.state == "waiting":
        try:
            context["card"] = start_call(StartCall(head.person_id, permit_id, desk.staff_id), at)
            context["is_waiting"] = False
        except Refused as refused:
            context["because"] = refused.text
    if not context["is_waiting"]:
        context |= {"form": wrap_form(desk, at, head, permit_id), "permit_id": permit_id}
    return page(request, desk, at, "call.html", context)


@screen(Right.CONTACT, POST)
def outcome(request: HttpRequest, desk: Desk, at: datetime, number: str, permit_id: int) -> HttpResponse:
    """Report a call whose case has left the desk meanwhile; of a case that is in sight its wrap-up says it."""
    if (begun := begun_call_of_left_case(desk, number, permit_id)) is not None:
        return report_call(request, desk, at, number, begun)
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
    return redirect("wrap", head.number, permit_id)


def _told_by_engine(desk: Desk, at: datetime, number: str, permit_id: int) -> HttpResponse | None:
    """Where to go on from a call that is not open any more because the engine told how it ended."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        if any(row.permit_id == permit_id for row in load_open_calls(head.person_id, at)):
            return None
    live = live_call.load_call(desk, head, permit_id)
    return live_call.after_end(number, live) if live is not None and live.state == "ended" else None


def _open_call(
    desk: Desk, at: datetime, number: str, permit_id: int
) -> tuple[CaseHead, OpenCallRow, dict[str, object]]:
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        calls = {row.permit_id: row for row in load_open_calls(head.person_id, at)}
        parties = {party.id: party for party in load_parties(head.person_id, head.seal, desk.view)}
    open_call = calls.get(permit_id)
    if open_call is None:
        raise Http404
    party = parties.get(open_call.party_id)
    point = next((one for one in party.points if one.id == open_call.point_id), None) if party else None
    context: dict[str, object] = {
        "here": "worklist",
        "case": head,
        "call": open_call,
        "party": party,
        "point": point,
        "is_waiting": open_call.state == "waiting",
    }
    return head, open_call, context


@screen(Right.SEE_CASES)
def decision(request: HttpRequest, desk: Desk, at: datetime, number: str, decision_id: int) -> HttpResponse:
    """One stored decision: rule, facts and trace."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        found = access_decision(head.person_id, decision_id)
    if found is None:
        raise Http404
    told, is_guarded = tell(found.body), is_third_party(found.facts) and not desk.may(Right.SEE_WHOLE_DECISIONS)
    context = {
        "here": "worklist",
        "case": head,
        "decision": found,
        "told": without_recipe(told) if is_guarded else told,
        "is_guarded": is_guarded,
        "behind": facts_behind(told, found.facts),
    }
    return page(request, desk, at, "decision.html", context)
