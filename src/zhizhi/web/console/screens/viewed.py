"""查看记录: who saw whom, when and on which ground, for compliance and the auditor."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.store.views.reads import COUNTED_MAX, WAYS, ViewFilter, ViewRow, count_views, load_viewers, load_views
from zhizhi.usecases.exports.views import target_of
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.viewing import ViewingForm
from zhizhi.web.console.pages import page, position_of, written_position


@screen(Right.SEE_VIEWS)
def viewed(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The views that are asked for, the newest first, page by page."""
    rows: list[ViewRow] = []
    further = None
    counted: dict[str, int] = {}
    with reading(desk.viewer):
        form = ViewingForm(desk.language, load_viewers(desk.viewer.lender_id), request.GET)
        asked = form.asked()
        if asked is not None:
            rows, further = load_views(asked, position_of(request.GET.get("after", "")))
            counted = count_views(asked)
    narrowed = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {
        "here": "views",
        "form": form,
        "rows": [(row, WAYS[row.way]) for row in rows],
        "counted": [(WAYS[way], min(number, COUNTED_MAX), number > COUNTED_MAX) for way, number in counted.items()],
        "may_export": desk.may(Right.TAKE_EXPORT),
        "export_of": _target(asked, at) if desk.may(Right.TAKE_EXPORT) else None,
        "narrowed": narrowed,
        "further": written_position(further),
    }
    return page(request, desk, at, "viewed.html", context, status=400 if asked is None else 200)


def _target(asked: ViewFilter | None, at: datetime) -> str | None:
    """The question as an export would answer it; None where a day is missing at either end. It ends now."""
    if asked is None or asked.is_open:
        return None
    assert asked.until_at is not None, "it is not open"
    return target_of(replace(asked, until_at=min(asked.until_at, at)))
