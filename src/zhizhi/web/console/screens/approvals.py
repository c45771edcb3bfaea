"""审批: requests that take two persons, wordings, strategies and changes of staff; one asks, another one approves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.consequence.words import Claim
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.reads import load_ended, load_waiting
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.lenders.staff_reads import load_changes
from zhizhi.store.strategy.reads import StrategyVersionRow, load_strategy_versions
from zhizhi.store.templates.reads import TemplateVersionRow, access_template_version, load_template_versions
from zhizhi.store.viewer import reading
from zhizhi.usecases.strategies import ActivateStrategy, DraftStrategy, activate_strategy, draft_strategy
from zhizhi.usecases.templates import (
    KNOWN_VARIABLES,
    OF_SIGN_IN,
    ApproveTemplate,
    DraftTemplate,
    approve_template,
    draft_template,
    variables_for,
)
from zhizhi.usecases.wording_preview import preview_wording
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.ruling import StrategyForm, TemplateForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven
from zhizhi.web.console.screens.recalls import recalled
from zhizhi.web.console.screens.requested import shown
from zhizhi.web.console.wordings import compare

FORM = ("GET", "HEAD", "POST")
Version = TemplateVersionRow | StrategyVersionRow


@dataclass(frozen=True, slots=True)
class Rule:
    """The second person's word on a version: the right to draft one, the right to this word, and what it does."""

    first: Right
    second: Right
    act: Callable[[], None]


@screen(Right.SEE_APPROVALS)
def approvals(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Requests and drafts first, then what is in use."""
    with reading(desk.viewer):
        asked, ended = load_waiting(at), load_ended(at)
        wordings = load_template_versions(desk.viewer)
        strategies = load_strategy_versions(desk.viewer)
        changes = load_changes(desk.viewer, waiting=True) if desk.may(Right.SEE_STAFF) else []
    context = {
        "here": "approvals",
        "waiting": changes,
        "asked": [shown(row, at) for row in asked],
        "ended": [shown(row, at) for row in ended],
        "drafts": [row for row in wordings if row.state == "draft"],
        "in_use": [row for row in wordings if row.state == "approved"],
        "strategies": strategies,
        "may_draft_wording": desk.may(Right.DRAFT_WORDING),
        "may_draft_strategy": desk.may(Right.DRAFT_STRATEGY),
    }
    return page(request, desk, at, "approvals.html", context)


@screen(Right.SEE_APPROVALS, FORM, posting=(Right.APPROVE_WORDING,))
@proven()
def wording(request: HttpRequest, desk: Desk, at: datetime, version_id: int) -> HttpResponse:
    """One wording against the one before it; a second person approves or refuses."""
    with reading(desk.viewer):
        found = access_template_version(desk.viewer, version_id)
    if found is None:
        raise Http404
    command = ApproveTemplate(version_id, request.POST.get("ruling") == "approve", desk.staff_id)
    rule = Rule(Right.DRAFT_WORDING, Right.APPROVE_WORDING, lambda: approve_template(command, at))
    shown_at_most = preview_wording(found[0].channel, found[0].body, found[0].lender, found[0].signature)
    more = {
        "preview": shown_at_most,
        "claims": [Claim(claim).label for claim in found[0].claims],
        "recalled": recalled(desk, version_id, at),
        "may_recall": desk.may(Right.RECALL_WORDING),
    }
    return _ruling(request, desk, at, "wording.html", *found, rule, more)


@screen(Right.DRAFT_WORDING, FORM)
def draft_wording(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A new wording; `?from=` begins with an existing version."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
        start = (
            access_template_version(desk.viewer, int(request.GET["from"]))
            if request.GET.get("from", "").isdigit()
            else None
        )
    initial: dict[str, object] = {}
    if start is not None:
        copied = ("code", "name", "channel", "kind", "subject", "body", "discloses_debt", "provider_template", "claims")
        initial = {name: getattr(start[0], name) for name in copied}
    form = TemplateForm(
        desk.language,
        lenders,
        " ".join(f"{{{name}}}" for name in (*KNOWN_VARIABLES, *OF_SIGN_IN)),
        posted(request),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = DraftTemplate(
            lender_id=int(said["lender"]),
            code=said["code"],
            channel=said["channel"],
            kind=said["kind"],
            name=said["name"],
            subject=said["subject"],
            body=said["body"],
            variables=tuple(
                name for name in variables_for(said["kind"]) if f"{{{name}}}" in said["subject"] + said["body"]
            ),
            marks=tuple(said["marks"]) if said["is_screened"] else None,
            discloses_debt=said["discloses_debt"],
            provider_template=said["provider_template"],
            by=desk.staff_id,
            claims=tuple(said["claims"]),
        )
        if form.did(lambda: draft_template(command, at)):
            return redirect("approvals")
    context = {"here": "approvals", "form": form, "form_title": Text("新话术或模板", "New wording")}
    return page(request, desk, at, "draft.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_APPROVALS, FORM, posting=(Right.ACTIVATE_STRATEGY,))
@proven()
def strategy(request: HttpRequest, desk: Desk, at: datetime, version_id: int) -> HttpResponse:
    """One version of a strategy against the one before it; a second person activates it."""
    with reading(desk.viewer):
        versions = load_strategy_versions(desk.viewer)
    found, command = _version(versions, version_id), ActivateStrategy(version_id, desk.staff_id)
    rule = Rule(Right.DRAFT_STRATEGY, Right.ACTIVATE_STRATEGY, lambda: activate_strategy(command, at))
    return _ruling(request, desk, at, "strategy.html", *found, rule)


@screen(Right.DRAFT_STRATEGY, FORM)
def draft_strategy_version(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A new version of a strategy; `?from=` begins with an existing one."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
        versions = {row.id: row for row in load_strategy_versions(desk.viewer)}
    asked = request.GET.get("from", "")
    start = versions.get(int(asked)) if asked.isdigit() else None
    form = StrategyForm(desk.language, lenders, posted(request), initial={"body": start.body} if start else {})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if form.did(lambda: draft_strategy(DraftStrategy(int(said["lender"]), said["body"], desk.staff_id), at)):
            return redirect("approvals")
    context = {"here": "approvals", "form": form, "form_title": Text("策略新版本", "New version of a strategy")}
    return page(request, desk, at, "draft.html", context, status=400 if form.errors else 200)


def _ruling(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    template: str,
    version: Version,
    former: Version | None,
    rule: Rule,
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """A version beside the one before it; ruled on where the form is sent."""
    because: Text | None = None
    if request.method == "POST":
        try:
            rule.act()
        except Refused as refused:
            because = refused.text
        else:
            return redirect("approvals")
    context = {
        "here": "approvals",
        "version": version,
        "former": former,
        "pieces": compare(former.body, version.body) if former else None,
        "is_own": version.created_by_id == desk.staff_id,
        "may_draft": desk.may(rule.first),
        "may_rule": desk.may(rule.second) and version.state == "draft",
        "because": because,
        **(more or {}),
    }
    return page(request, desk, at, template, context, status=400 if because else 200)


def _lenders(desk: Desk) -> list[tuple[str, Text]]:
    """The lenders for which this desk may draft; the form refuses any other."""
    choices = load_choices(desk.viewer)
    return [(str(choice.id), Text(choice.name, choice.name)) for choice in choices if choice.kind == "lender"]


def _version(
    versions: list[StrategyVersionRow], version_id: int
) -> tuple[StrategyVersionRow, StrategyVersionRow | None]:
    for position, version in enumerate(versions):
        if version.id == version_id:
            older = versions[position + 1 : position + 2]
            return version, older[0] if older and older[0].strategy_id == version.strategy_id else None
    raise Http404
