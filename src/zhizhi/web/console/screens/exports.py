"""导出: what left and for whom, what is left of the limits, what waits; and taking a file."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.reads import load_own
from zhizhi.store.exports.reads import load_exports, load_used
from zhizhi.store.exports.taking import day_limit
from zhizhi.store.exports.words import CLASSES, UNITS_ALONE, DataClass, Kind, number_of
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.exports.act import EXPORT
from zhizhi.usecases.exports.sources import SOURCES
from zhizhi.usecases.exports.taking import (
    Offer,
    Taken,
    Taker,
    Wish,
    ask_export,
    offer,
    over_limit,
    take_alone,
    take_approved,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.exporting import ExportForm
from zhizhi.web.console.pages import page, position_of, posted, written_position
from zhizhi.web.console.proven import proven
from zhizhi.web.console.screens.requested import shown

TARGET_CHARACTERS_MAX = 500


@screen(Right.SEE_EXPORTS)
def exports(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What is left of the limits, the own requests, and the files that left."""
    return _listed(request, desk, at, None)


@screen(Right.TAKE_EXPORT, ("GET", "HEAD", "POST"))
@proven()
def new_export(request: HttpRequest, desk: Desk, at: datetime, kind: str) -> HttpResponse:
    """What it would be, and for whom and why; a small one comes at once, another one waits for a second person."""
    target = (request.POST if request.method == "POST" else request.GET).get("of", "")[:TARGET_CHARACTERS_MAX]
    source = SOURCES.get(Kind(kind)) if kind in set(Kind) else None
    if source is None or not desk.may(source.right):
        raise Http404
    because: Text | None = None
    try:
        found = offer(Kind(kind), target, taker_of(desk), at)
    except Refused as refused:
        found, because = None, refused.text
    if found is None and because is None:
        raise Http404
    if found is not None and found.is_over:
        because = over_limit(found).text
    form = ExportForm(desk.language, posted(request), initial={"recipient": desk.name})
    if found is not None and because is None and request.method == "POST" and form.is_valid():
        answer = _wished(form, found, target, desk, at)
        if answer is not None:
            return answer
    context = {
        "here": "exports",
        "form": form,
        "target": target,
        "found": found,
        "because": because,
    }
    is_wrong = bool(form.errors or because)
    return page(request, desk, at, "export.html", context, status=400 if is_wrong else 200)


@screen(Right.TAKE_EXPORT, ("POST",))
@proven()
def take_export(request: HttpRequest, desk: Desk, at: datetime, approval_id: int) -> HttpResponse:
    """The file of an approval of one's own, once."""
    try:
        return file_of(take_approved(approval_id, taker_of(desk), at))
    except Refused as refused:
        return _listed(request, desk, at, refused.text)


def taker_of(desk: Desk) -> Taker:
    """Who takes a file at this desk."""
    return Taker(desk.staff_id, desk.login, desk.role, desk.viewer, desk.language)


def file_of(taken: Taken) -> HttpResponse:
    """The file, to be kept: nothing of it is shown in a page."""
    response = HttpResponse(taken.made.octets, content_type=taken.made.media)
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _wished(form: ExportForm, found: Offer, target: str, desk: Desk, at: datetime) -> HttpResponse | None:
    """The file, or the way to the request that waits; None where it was refused, which stands at the form."""
    wish = Wish(found.kind, target, form.cleaned_data["recipient"], form.cleaned_data["ground"])
    try:
        if found.needs_second:
            ask_export(wish, taker_of(desk), at)
            return redirect("exports")
        return file_of(take_alone(wish, taker_of(desk), at))
    except Refused as refused:
        form.refuse(refused)
        return None


def _listed(request: HttpRequest, desk: Desk, at: datetime, because: Text | None) -> HttpResponse:
    with reading(desk.viewer):
        rows, further = load_exports(position_of(request.GET.get("after", "")))
        used = load_used(desk.staff_id, at)
        asked = load_own(EXPORT.code, desk.staff_id)
    limit = day_limit()
    left = max(0, limit - used.in_all)
    alone = max(0, min(left, min(UNITS_ALONE, limit) - used.alone))
    context = {
        "here": "exports",
        "because": because,
        "rows": [(row, number_of(row.id), Kind(row.kind).text, DataClass(row.data_class).text) for row in rows],
        "further": written_position(further),
        "asked": [shown(row, at) for row in asked],
        "limits": [
            (terms.text, left // terms.units, alone // terms.units, limit // terms.units, terms.law)
            for terms in CLASSES.values()
        ],
    }
    return page(request, desk, at, "exports.html", context, status=400 if because else 200)
