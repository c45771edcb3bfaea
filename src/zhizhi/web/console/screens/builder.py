"""判定试算: a case built by form or pasted, its decision with every rule behind it, the days ahead. Keeps nothing."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from zhizhi.core.conduct.ahead import ahead
from zhizhi.core.conduct.case import Case, CaseError, parse_case
from zhizhi.core.conduct.errors import CaseCode
from zhizhi.core.conduct.trace import trace
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.packs import list_profiles, load_law
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.case_example import example
from zhizhi.web.console.forms.case_flat import (
    ROWS_MAX,
    Flat,
    TooManyRows,
    add_row,
    drop_row,
    first,
    from_post,
    in_time_order,
    to_document,
    to_flat,
)
from zhizhi.web.console.forms.case_form import case_form
from zhizhi.web.console.pages import page
from zhizhi.web.console.tried import DAYS_AHEAD, Tried, tell_tried
from zhizhi.web.shared.clock import today

DOCUMENT_BYTES_MAX = 1 << 20
DEFAULT_ZONE = "Asia/Shanghai"
_NO_JSON = Text("不是 JSON 文档", "is no JSON document")
_TOO_LARGE = Text("文档过大", "the document is too large")
_TOO_MANY = Text(
    f"表单每类至多 {ROWS_MAX} 行；更大的案例请用命令 zhizhi law decide",
    f"the form holds at most {ROWS_MAX} rows of a kind; decide larger cases with `zhizhi law decide`",
)


@dataclass(frozen=True, slots=True)
class _Built:
    """What a step made of the form: its fields, and the answer or what is wrong."""

    flat: Flat
    tried: Tried | None = None
    wrong: CaseError | None = None
    pasted: str = ""


@screen(Right.SEE_LAW, ("GET", "HEAD", "POST"))
def case_builder(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The form; with a POST what its button asks for: decide, load, download, one row more or less."""
    if request.method != "POST":
        return _shown(request, desk, at, _decided(example(today(at)), zone_of(DEFAULT_ZONE)))
    flat = from_post(request.POST)
    do, _, where = request.POST.get("do", "decide").partition(" ")
    if do == "load":
        return _shown(request, desk, at, _loaded(request, flat))
    zone = _zone(flat)
    if do in ("add", "drop", "more", "turn"):
        return _shown(request, desk, at, _Built(_turned(flat, do, where)))
    document = in_time_order(to_document(flat, zone))
    if do == "download":
        return _file(document)
    return _shown(request, desk, at, _decided(document, zone))


def _turned(flat: Flat, do: str, where: str) -> Flat:
    """The form with one row more or less, or more fields of a row."""
    if do == "add":
        return add_row(flat, where)
    if do == "drop":
        return drop_row(flat, where)
    return {**flat, f"{where}.more": ["1"]} if do == "more" else flat


def _decided(document: dict[str, Any], zone: ZoneInfo) -> _Built:
    flat = to_flat(document, zone)
    try:
        case = parse_case(document)
    except CaseError as wrong:
        return _Built(flat, wrong=wrong)
    return _Built(flat, _tried(case))


def _tried(case: Case) -> Tried:
    law = load_law(case.profile)
    return tell_tried(trace(case, law), ahead(case, law, case.proposed.at + timedelta(days=DAYS_AHEAD)))


def _loaded(request: HttpRequest, flat: Flat) -> _Built:
    """The form of a pasted or uploaded document, decided; the form stays as it was where there is none."""
    uploaded = request.FILES.get("file")
    if uploaded is not None and (uploaded.size or 0) > DOCUMENT_BYTES_MAX:
        return _Built(flat, wrong=_bad(_TOO_LARGE))
    pasted = uploaded.read().decode("utf-8", "replace") if uploaded is not None else request.POST.get("document", "")
    if len(pasted) > DOCUMENT_BYTES_MAX:
        return _Built(flat, wrong=_bad(_TOO_LARGE))
    try:
        document = json.loads(pasted)
        case = parse_case(document)
        law = load_law(case.profile)
        return _decided(document, zone_of(law.zone or case.time_zones[0]))
    except (ValueError, RecursionError):
        return _Built(flat, wrong=_bad(_NO_JSON), pasted=pasted)
    except CaseError as wrong:
        return _Built(flat, wrong=wrong, pasted=pasted)
    except TooManyRows:
        return _Built(flat, wrong=_bad(_TOO_MANY), pasted=pasted)


def _bad(text: Text) -> CaseError:
    return CaseError(CaseCode.BAD_JSON.value, text)


def _zone(flat: Flat) -> ZoneInfo:
    """The clock on which the form's instants are read: the law's, else that of the debtor's first zone."""
    profile = first(flat, "profile")
    law_zone = load_law(profile).zone if profile in list_profiles() else DEFAULT_ZONE
    keys = first(flat, "debtor.time_zones").replace(",", " ").split()
    try:
        return zone_of(law_zone or (keys[0] if keys else DEFAULT_ZONE))
    except ValueError:  # the reader of cases names the field
        return zone_of(DEFAULT_ZONE)


def _file(document: dict[str, Any]) -> HttpResponse:
    body = json.dumps(document, ensure_ascii=False, indent=1)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="case.json"'
    return response


def _shown(request: HttpRequest, desk: Desk, at: datetime, built: _Built) -> HttpResponse:
    profiles = {name: load_law(name).title for name in list_profiles()}
    context = {
        "here": "case_builder",
        "case": case_form(built.flat, profiles, built.wrong),
        "tried": built.tried,
        "wrong": built.wrong,
        "pasted": built.pasted,
        "zone": _zone(built.flat).key,
    }
    is_part = request.headers.get("HX-Request") is not None
    return page(request, desk, at, "builder.html", context, status=400 if built.wrong and not is_part else 200)
