"""Filling a template: what every page of the console has around its own content."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.usecases.sign_in.of_others import OPENING
from zhizhi.web.console.access import (
    EVERYBODY,
    RULING,
    SEEING_AUDITS,
    SEEING_CAMPAIGNS,
    SEEING_IMPACT,
    SEEING_IMPORTS,
    SEEING_RECONCILIATION,
)
from zhizhi.web.shared.signed_in import signed_in_of

ID_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the navigation."""

    name: str
    text: Text
    icon: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Menu:
    """Entries behind one word of the navigation."""

    text: Text
    icon: str
    doors: tuple[Door, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its entries."""
        return tuple(door.name for door in self.doors)


DOORS: tuple[Door | Menu, ...] = (
    Door("today", Text("今日", "Today"), "ti-sun", EVERYBODY),
    Menu(
        Text("总览", "Overview"),
        "ti-chart-bar",
        (
            Door("figures", Text("催收总览", "Collections"), "ti-coins", RULING | {"auditor"}),
            Door("floor", Text("班组实时", "The floor"), "ti-headset", RULING | {"auditor"}),
            Door("figures_compliance", Text("合规总览", "Compliance"), "ti-shield-check", SEEING_IMPACT),
        ),
    ),
    Door("worklist", Text("案件", "Cases"), "ti-folder", EVERYBODY),
    Door("campaigns", Text("群发", "Campaigns"), "ti-send", SEEING_CAMPAIGNS),
    Door("holds", Text("待人工核定", "Holds"), "ti-hand-stop", RULING | {"auditor"}),
    Door("approvals", Text("审批", "Approvals"), "ti-checklist", RULING | {"auditor"}),
    Door("imports", Text("导入", "Imports"), "ti-file-import", SEEING_IMPORTS),
    Menu(
        Text("合规规则", "Rules"),
        "ti-scale",
        (
            Door("law", Text("规则库", "Rule library"), "ti-books", EVERYBODY),
            Door("case_builder", Text("判定试算", "Case builder"), "ti-flask", EVERYBODY),
            Door("impacts", Text("规则影响", "Impact"), "ti-arrows-diff", SEEING_IMPACT),
            Door("audits", Text("触达审计", "Audit"), "ti-report-search", SEEING_AUDITS),
            Door("reconciliations", Text("对账", "Reconciliation"), "ti-file-diff", SEEING_RECONCILIATION),
            Door("inquiries", Text("违规核查", "Breach inquiries"), "ti-zoom-exclamation", SEEING_RECONCILIATION),
        ),
    ),
    Menu(
        Text("运行", "Operations"),
        "ti-activity",
        (
            Door("unknowns", Text("结果未定", "Unknown outcomes"), "ti-help", RULING | {"auditor"}),
            Door("health", Text("运行状况", "Health"), "ti-heartbeat", RULING | {"auditor"}),
            Door("sign_ins", Text("登录管理", "Sign-ins"), "ti-key", OPENING | {"auditor"}),
        ),
    ),
)


def doors_of(role: str) -> list[Door | Menu]:
    """The navigation of a role; a menu shows the entries that the role may open."""
    seen: list[Door | Menu] = []
    for entry in DOORS:
        if isinstance(entry, Door):
            seen += [entry] if role in entry.roles else []
        elif doors := tuple(door for door in entry.doors if role in door.roles):
            seen.append(replace(entry, doors=doors))
    return seen


def position_of(written: str) -> tuple[datetime, int] | None:
    """Where a page of a list begins, `instant~id` as the page before wrote it; anything else begins at the start."""
    instant, _, row_id = written.partition("~")
    try:
        at, number = datetime.fromisoformat(instant), int(row_id)
    except ValueError:
        return None
    return (at, number) if at.tzinfo is not None and 0 <= number <= ID_MAX else None


def written_position(position: tuple[datetime, int] | None) -> str | None:
    """The same for an address."""
    return f"{position[0].isoformat()}~{position[1]}".replace("+", "%2B") if position is not None else None


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, an empty one too; None where it is only shown."""
    return request.POST if request.method == "POST" else None


def posted_files(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, UploadedFile] | None]:
    """The same for a form that brings files."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def page(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    """The filled template; `context` is the view model of one screen."""
    around = {
        "desk": desk,
        "at": at,
        "doors": doors_of(desk.role),
        "signed_in": signed_in_of(request),
        "is_part": bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted"),
    }
    return render(request, f"console/{template}", {**around, **context}, status=status)
