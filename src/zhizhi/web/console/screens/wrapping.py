"""小结: the form after a call; whoever saves it gets the next case."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.followup.calls import load_ended_call
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.followup.wrap_up import LineDiffers, wrap_up
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.wrapping import wrap_form
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.screens.closed import onwards

FORM = ("GET", "HEAD", "POST")
# What such a disposition asks for besides, before the next case: what was said in full, or the stop that it needs.
_DENIES = ("statement", "denies_debt")
ASKS_FOR: dict[str, tuple[str, ...]] = {"DISPUTES": _DENIES, "WRONG_PERSON": _DENIES, "DECEASED": ("stop",)}


@screen(Right.RECORD, FORM)
def wrap(request: HttpRequest, desk: Desk, at: datetime, number: str, permit_id: int) -> HttpResponse:
    """The wrap-up of a call of this desk."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
    call = load_ended_call(head.person_id, permit_id)
    if call is None or call.staff_id != desk.staff_id:
        raise Http404
    if call.is_wrapped_up:
        return onwards(request, desk, number, "note")
    form = wrap_form(desk, at, head, permit_id, posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            wrap_up(form.command(head, permit_id, desk.staff_id), at)
        except LineDiffers as refused:
            form.refuse(refused)
            form.insist()
        except Refused as refused:
            form.refuse(refused)
        else:
            return onwards(request, desk, number, "note", _onwards(request, number, form.cleaned_data["disposition"]))
    context = {"here": "worklist", "case": head, "permit_id": permit_id, "form": form, "line": call.line}
    context["is_owed"] = "owed" in request.GET
    return page(request, desk, at, "wrap.html", context, status=400 if form.errors else 200)


def _onwards(request: HttpRequest, number: str, disposition: str) -> str | None:
    if disposition in ASKS_FOR:
        name, *kind = ASKS_FOR[disposition]
        return reverse(name, args=[number, *kind])
    return f"{reverse('next_case')}?after={number}" if request.POST.get("then") != "stay" else None
