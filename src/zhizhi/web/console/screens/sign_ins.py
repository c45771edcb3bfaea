"""登录管理: whose sign-ins stand, and what another person may do about them."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.sign_in.reads import access_member, load_members, load_way_in
from zhizhi.store.viewer import reading
from zhizhi.usecases.sign_in.of_others import OfAnother, end_sessions, reset_factor, unlock
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.signing import OfAnotherForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven

Q_MAX = 100
ACTS: dict[str, Callable[[OfAnother, datetime], object]] = {
    "unlock": unlock,
    "end": end_sessions,
    "reset": reset_factor,
}


@screen(Right.SEE_SIGN_INS, ("GET", "HEAD", "POST"))
def sign_ins(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Members by login; a search goes by POST, for a name in an address stands in logs."""
    q, after = request.POST.get("member", "").strip()[:Q_MAX], request.GET.get("after", "")[:Q_MAX]
    with reading(desk.viewer):
        members, further = load_members(desk.viewer.lender_id, q, after, at)
    context = {"here": "sign_ins", "members": members, "further": further, "member_q": q}
    return page(request, desk, at, "sign_ins.html", context)


@screen(Right.SEE_SIGN_INS, ("GET", "HEAD", "POST"), posting=(Right.OPEN_SIGN_IN, Right.RESET_SIGN_IN))
@proven()
def sign_in_of(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """One member's sessions and factors; what is done to them wants a ground and is evidence."""
    with reading(desk.viewer):
        member = access_member(desk.viewer.lender_id, staff_id, at)
        way_in = load_way_in(staff_id, at)
    if member is None:
        raise Http404
    offered = _offered(desk, staff_id)
    form = OfAnotherForm(desk.language, offered, posted(request)) if offered else None
    if request.method == "POST" and form is not None and form.is_valid():
        command = OfAnother(member.login, desk.login, form.cleaned_data["ground"])
        if form.did(lambda: ACTS[form.cleaned_data["act"]](command, at)):
            return redirect("sign_in_of", staff_id)
    context = {"here": "sign_ins", "member": member, "way_in": way_in, "form": form}
    return page(request, desk, at, "sign_in_of.html", context, status=400 if form is not None and form.errors else 200)


def _offered(desk: Desk, staff_id: int) -> tuple[str, ...]:
    """What this desk may do to that member: nobody anything to oneself."""
    if desk.staff_id == staff_id or not desk.may(Right.OPEN_SIGN_IN):
        return ()
    return ("unlock", "end", "reset") if desk.may(Right.RESET_SIGN_IN) else ("unlock",)
