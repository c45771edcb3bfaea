"""Filling a template: what every page of the console has around its own content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.web.console.access import EVERYBODY, RULING, SEEING_AUDITS, SEEING_IMPACT, SEEING_IMPORTS


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the navigation."""

    name: str
    text: Text
    icon: str
    roles: frozenset[str]


DOORS = (
    Door("today", Text("今日", "Today"), "ti-sun", EVERYBODY),
    Door("worklist", Text("案件", "Cases"), "ti-folder", EVERYBODY),
    Door("holds", Text("待人工核定", "Holds"), "ti-hand-stop", RULING | {"auditor"}),
    Door("approvals", Text("审批", "Approvals"), "ti-checklist", RULING | {"auditor"}),
    Door("imports", Text("导入", "Imports"), "ti-file-import", SEEING_IMPORTS),
    Door("law", Text("合规规则", "Rules"), "ti-scale", EVERYBODY),
    Door("impacts", Text("规则影响", "Impact"), "ti-arrows-diff", SEEING_IMPACT),
    Door("audits", Text("触达审计", "Audit"), "ti-report-search", SEEING_AUDITS),
)


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
        "doors": [door for door in DOORS if desk.role in door.roles],
        "is_part": bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted"),
    }
    return render(request, f"console/{template}", {**around, **context}, status=status)
