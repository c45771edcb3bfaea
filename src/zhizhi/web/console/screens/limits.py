"""查看明文上限: how many clear values are seen at most, for each lender; another limit is asked for, and approved by
another person."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.unmasking.reads import load_limits
from zhizhi.store.viewer import reading
from zhizhi.usecases.unmask_limit import AskLimit, ask_limit
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.limiting import OF, LimitForm
from zhizhi.web.console.pages import page, posted

LENDERS_SHOWN_MAX = 50


@screen(Right.SEE_APPROVALS)
def limits(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The limits that hold for the viewer's lenders."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
        rows = [
            (name, OF[row.per], row, f"lender={lender_id}&per={row.per}&hours={row.hours}&most={row.most}")
            for lender_id, name in lenders[:LENDERS_SHOWN_MAX]
            for row in load_limits(int(lender_id))
        ]
    context = {"here": "approvals", "rows": rows, "may_ask": desk.may(Right.ASK_LIMIT)}
    context |= {"is_cut": len(lenders) > LENDERS_SHOWN_MAX}
    return page(request, desk, at, "limits.html", context)


@screen(Right.ASK_LIMIT, ("GET", "HEAD", "POST"))
def ask_for_limit(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Ask for another limit; `?lender=…&per=…&hours=…&most=…` begins with one that holds."""
    with reading(desk.viewer):
        lenders = _lenders(desk)
    known = {name: request.GET[name] for name in ("lender", "per", "hours", "most") if name in request.GET}
    form = LimitForm(desk.language, lenders, posted(request), initial=known)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = AskLimit(int(said["lender"]), said["per"], said["hours"], said["most"], said["ground"], desk.staff_id)
        asked: list[int] = []
        if form.did(lambda: asked.append(ask_limit(command, at))):
            return redirect("requested", asked[0])
    context = {
        "here": "approvals",
        "form": form,
        "form_title": Text("更改查看明文上限", "Another limit of clear values"),
    }
    return page(request, desk, at, "draft.html", context, status=400 if form.errors else 200)


def _lenders(desk: Desk) -> list[tuple[str, Text]]:
    return [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]
