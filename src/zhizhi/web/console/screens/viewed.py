"""查看记录: who saw whom, when and on which ground, for compliance and the auditor."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.store.views.grounds import GROUNDS
from zhizhi.store.views.reads import ViewRow, load_viewers, load_views
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.viewing import ViewingForm
from zhizhi.web.console.pages import page, position_of, written_position


@screen(Right.SEE_VIEWS)
def viewed(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The views that are asked for, the newest first, page by page."""
    rows: list[ViewRow] = []
    further = None
    with reading(desk.viewer):
        form = ViewingForm(desk.language, load_viewers(desk.viewer.lender_id), request.GET)
        asked = form.asked()
        if asked is not None:
            rows, further = load_views(asked, position_of(request.GET.get("after", "")))
    narrowed = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {
        "here": "views",
        "form": form,
        "rows": [(row, GROUNDS[row.ground]) for row in rows],
        "narrowed": narrowed,
        "further": written_position(further),
    }
    return page(request, desk, at, "viewed.html", context, status=400 if asked is None else 200)
