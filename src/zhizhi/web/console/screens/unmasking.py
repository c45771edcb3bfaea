"""查看明文: a masked value of a case, the ground on which it is asked for, and for a minute the value itself."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.people.reads import load_id_number, load_parties
from zhizhi.store.unmasking.grounds import SHOWN_SECONDS, grounds_of, wants_proof
from zhizhi.store.unmasking.targets import Target, find_target
from zhizhi.store.viewer import reading
from zhizhi.usecases.unmask import Unmask, unmask
from zhizhi.web.console.access import screen
from zhizhi.web.console.clearing import Clearable, Clearing
from zhizhi.web.console.forms.unmasking import UnmaskForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven
from zhizhi.web.console.screens.case import head_or_404


@screen(Right.UNMASK, ("GET", "HEAD", "POST"))
def clear_value(request: HttpRequest, desk: Desk, at: datetime, number: str, what: str, target_id: int) -> HttpResponse:
    """`?masked` gives the masked form back; else the form, and after it the value. Part of the case with htmx."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        value = _masked(desk, head, what, target_id)
    target = find_target(head.person_id, what, target_id)
    if value is None or target is None:
        raise Http404
    if not value.may_ask:
        raise PermissionDenied
    if request.method != "POST" and "masked" in request.GET:
        return page(request, desk, at, "clear_value.html", {"case": head, "value": value})
    show = _proven if wants_proof(target.kind, is_third=target.is_third) else _show
    return show(request, desk, at, head, value, target)


def _masked(desk: Desk, head: CaseHead, what: str, target_id: int) -> Clearable | None:
    """The value as the case shows it to this desk."""
    clearing = Clearing(desk, is_open=head.seal is not None)
    if what == "account":
        accounts = (clearing.account(debt) for debt in load_debts(head.person_id, head.seal, desk.view))
        return next((one for one in accounts if one.id == target_id), None)
    rows = load_parties(head.person_id, head.seal, desk.view)
    id_number = load_id_number(head.person_id, head.seal, desk.view) if what == "id_number" else None
    parties = clearing.parties(rows, id_number)
    every = [value for one in parties for value in (one.name, one.id_number, *(point for _, point in one.points))]
    return next((one for one in every if one is not None and (one.what, one.id) == (what, target_id)), None)


def _show(
    request: HttpRequest, desk: Desk, at: datetime, head: CaseHead, value: Clearable, target: Target
) -> HttpResponse:
    grounds = grounds_of(desk.role, target.kind, is_third=target.is_third)
    form = UnmaskForm(desk.language, grounds, posted(request), auto_id=f"{value.what}-{value.id}-%s")
    context: dict[str, object] = {
        "here": "worklist",
        "case": head,
        "value": value,
        "kind": target.kind.text,
        "form": form,
        "seconds": SHOWN_SECONDS,
        "wants_proof": wants_proof(target.kind, is_third=target.is_third),
    }
    if request.method == "POST" and form.is_valid():
        command = Unmask(head.person_id, head.id, value.what, value.id, form.cleaned_data["ground"], desk.staff_id)
        try:
            context["shown"] = unmask(command, at)
        except Refused as refused:
            form.refuse(refused)
    is_part = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")
    template = "clear_value.html" if is_part else "clear_value_page.html"
    status = 400 if form.errors and not is_part else 200  # htmx leaves a part alone that comes with an error
    return page(request, desk, at, template, context, status=status)


_proven = proven()(_show)
