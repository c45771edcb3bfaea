"""回执不符: receipts of messages that are written here as never sent, until somebody has compared the records."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.inbox.reads import access_contradiction, count_contradictions, load_contradictions, load_looked_at
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.standing import OVERTAKEN
from zhizhi.store.viewer import reading
from zhizhi.usecases.look_at_contradiction import LookAtContradiction, look_at_contradiction
from zhizhi.usecases.see_person import see_person
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.settling import ComparingForm
from zhizhi.web.console.pages import page, position_of, posted, written_position

WAITING, LOOKED_AT = "contradicted", "looked_at"
NEVER_LEFT_WHY = {
    "settled_by_hand": Text("有人凭证明认定从未送出", "somebody settled it with a proof: it never left"),
    "permit_expired": Text("许可到期，未发出", "its permit ran out before it was sent"),
    OVERTAKEN: Text("情况有变，规则不再允许，未发出", "things changed and the law permitted it no more"),
}
WAS_REFUSED = Text("渠道商当时拒收", "the provider had refused it")
PULLED_BACK = Text("发出前撤回", "it was pulled back before it left")


def why_never_left(state: str, failure: str | None) -> Text:
    """Why it is written that nothing left, for the end of a delivery."""
    return NEVER_LEFT_WHY.get(failure or "", PULLED_BACK if state == "cancelled" else WAS_REFUSED)


def contradictions(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What waits to be compared, the oldest first; or what was, the newest first."""
    is_looked_at = request.GET.get("state") == LOOKED_AT
    with reading(desk.viewer):
        load = load_looked_at if is_looked_at else load_contradictions
        rows, further = load(position_of(request.GET.get("after", "")))
        waiting = count_contradictions()
    context = {
        "here": "unknowns",
        "contradictions": waiting,
        "state": LOOKED_AT if is_looked_at else WAITING,
        "is_looked_at": is_looked_at,
        "rows": [(row, why_never_left(row.state, row.failure)) for row in rows],
        "further": written_position(further),
        "may_rule": desk.may(Right.SETTLE_UNKNOWN),
    }
    return page(request, desk, at, "contradictions.html", context)


@screen(Right.SEE_UNKNOWN, ("GET", "HEAD", "POST"), posting=(Right.SETTLE_UNKNOWN,))
def contradicted(request: HttpRequest, desk: Desk, at: datetime, person_id: int, contradiction_id: int) -> HttpResponse:
    """One of them: what each side says, and the remark of whoever compared."""
    with reading(desk.viewer):
        row = access_contradiction(person_id, contradiction_id)
    if row is None:
        raise Http404
    see_person(person_id, desk.staff_id, desk.role, at, ruling=True)
    may_say = desk.may(Right.SETTLE_UNKNOWN) and row.looked_at is None
    form = ComparingForm(desk.language, posted(request)) if may_say else None
    if request.method == "POST" and form is not None and form.is_valid():
        command = LookAtContradiction(person_id, contradiction_id, form.cleaned_data["remark"], desk.staff_id)
        try:
            look_at_contradiction(command, at)
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(f"{reverse('unknowns')}?state={WAITING}")
    context = {"here": "unknowns", "row": row, "why": why_never_left(row.state, row.failure), "form": form}
    return page(
        request, desk, at, "contradicted.html", context, status=400 if form is not None and form.errors else 200
    )
