"""群发: the list with a form for a new one; one campaign with its figures, and the hand on its brake."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.campaigns.reads import (
    PAGE,
    CampaignRow,
    ReasonRow,
    count_by_state,
    load_campaign,
    load_campaigns,
    load_paces,
    load_reasons,
    load_rejects,
    load_sent,
    load_steps,
)
from zhizhi.store.lenders.reads import Choice, Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.templates.reads import load_wordings
from zhizhi.store.viewer import reading
from zhizhi.usecases.campaigns.allowed import right_to
from zhizhi.usecases.campaigns.making import CHANNELS, make_campaign
from zhizhi.usecases.campaigns.running import StepCampaign, Throttle, step_campaign, throttle
from zhizhi.usecases.campaigns.words import figures, pulled_back, pulling_back
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.campaigning import APART, CampaignForm, ThrottleForm
from zhizhi.web.console.forms.worded import Choices
from zhizhi.web.console.pages import page, posted_files
from zhizhi.web.console.screens.today import of_many
from zhizhi.web.shared import vocabulary
from zhizhi.web.shared.clock import today

HOURS_SHOWN_FIRST = 9 * 60, 20 * 60
STEPS = ("started", "paused", "resumed", "cancelled")
THROTTLES = {"throttle": False, "pace": True}
"""What a form on the page of a campaign asks for: its own throttle, or that of the provider for all campaigns."""
SETTLED = ("permit", "forbid", "hold", "skipped")


@screen(Right.SEE_CAMPAIGNS, ("GET", "HEAD", "POST"), posting=(Right.MAKE_CAMPAIGN,))
def campaigns(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The list, and the form for those who may make one."""
    before = request.GET.get("before", "")
    with reading(desk.viewer):
        form = _form(request, desk, at) if desk.may(Right.MAKE_CAMPAIGN) else None
        rows = load_campaigns(int(before) if before.isdigit() else None)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return redirect("campaign", make_campaign(form.command(desk.staff_id), at))
        except Refused as refused:
            form.refuse(refused)
    context = {
        "here": "campaigns",
        "form": form,
        "campaigns": rows,
        "further": rows[-1].id if len(rows) == PAGE else None,
    }
    return page(request, desk, at, "campaigns.html", context, status=400 if form is not None and form.errors else 200)


def _form(request: HttpRequest, desk: Desk, at: datetime) -> CampaignForm:
    choices = load_choices(desk.viewer)
    lenders = [choice for choice in choices if choice.kind == "lender"]
    queues = [(str(choice.id), Text(choice.name, choice.name)) for choice in choices if choice.kind == "queue"]
    opens, closes = (f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in HOURS_SHOWN_FIRST)
    first = {"from_on": today(at), "until_on": today(at), "opens": opens, "closes": closes}
    return CampaignForm(desk.language, _wordings(lenders), queues, *posted_files(request), initial=first)


def _wordings(lenders: Sequence[Choice]) -> Choices:
    offered = []
    for lender in lenders:
        whose = f"{lender.name} · " if len(lenders) > 1 else ""
        for row in load_wordings(lender.id):
            if row.channel in CHANNELS and channels.gateway_of(row.channel) is not None:
                channel = vocabulary.word("channel", row.channel)
                words = Text(f"{whose}{row.name}（{channel.zh}）", f"{whose}{row.name} ({channel.en})")
                offered.append((f"{lender.id}{APART}{row.code}", words))
    return offered


@screen(Right.SEE_CAMPAIGNS, ("GET", "HEAD", "POST"), posting=(Right.RUN_CAMPAIGN, Right.HALT_CAMPAIGN))
def campaign(request: HttpRequest, desk: Desk, at: datetime, campaign_id: int) -> HttpResponse:
    """One campaign; while it moves, htmx asks for its figures again."""
    with reading(desk.viewer):
        row = _or_404(campaign_id)
    form, refused = None, None
    if request.method == "POST":
        form, refused = _do(request, desk, at, row)
        if form is None and refused is None:
            return redirect("campaign", campaign_id)
    with reading(desk.viewer):
        context = {"here": "campaigns", "refused": refused, **_shown(desk, _or_404(campaign_id))}
    if form is not None:
        context["throttle_error"] = form.errors.get("per_second")
    is_part = bool(request.headers.get("HX-Request")) and request.method != "POST"
    status = 400 if form is not None or refused is not None else 200
    return page(request, desk, at, "campaign_figures.html" if is_part else "campaign.html", context, status=status)


def _or_404(campaign_id: int) -> CampaignRow:
    row = load_campaign(campaign_id)
    if row is None:
        raise Http404
    return row


def _do(request: HttpRequest, desk: Desk, at: datetime, row: CampaignRow) -> tuple[ThrottleForm | None, Text | None]:
    """Do what a form of the page asks for; answers the form that was wrong, or why it was refused."""
    what = request.POST.get("do", "")
    if not desk.may(right_to(what)):
        raise PermissionDenied
    try:
        if what in STEPS:
            step_campaign(StepCampaign(row.id, what, desk.staff_id), at)
        elif what in THROTTLES:
            form = ThrottleForm(desk.language, request.POST)
            if not form.is_valid():
                return form, None
            which = None if THROTTLES[what] else row.id
            throttle(Throttle(which, row.channel, form.cleaned_data["per_second"], desk.staff_id), at)
        else:
            raise Http404
    except Refused as refused:
        return None, refused.text
    return None, None


def _shown(desk: Desk, row: CampaignRow) -> dict[str, object]:
    reasons = load_reasons(row.id)
    states = count_by_state(reasons)
    sent = load_sent(row.id)
    rejected, lines = load_rejects(row.id)
    gateway = channels.gateway_of(row.channel)
    settled = sum(states.get(state, 0) for state in SETTLED)
    return {
        "campaign": row,
        "gateway": gateway,
        "pace": load_paces().get((gateway or "", row.channel)),
        "settled": settled,
        "share": settled * 100 // row.total if row.total else 100,
        "figures": figures(states, sent),
        "pulled_back": pulled_back(sent) if row.ended_at and (sent.pulled_back or row.is_moving) else [],
        "pulling_back": pulling_back(sent) if row.ended_at and row.is_moving else [],
        "reasons": [_of_many(reason) for reason in reasons if reason.reason],
        "steps": load_steps(row.id),
        "rejected": rejected,
        "lines": lines,
        "may_move": desk.may(Right.RUN_CAMPAIGN),
        "may_stop": desk.may(Right.HALT_CAMPAIGN),
    }


def _of_many(row: ReasonRow) -> ReasonRow:
    return replace(row, explain=of_many(row.explain)) if row.explain is not None else row
