"""A request that takes two persons: what it would change, and the second person's word."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.reads import ApprovalRow, access_approval
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.approvals.asking import withdraw
from zhizhi.usecases.approvals.every import ACTS, EVERY
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page
from zhizhi.web.console.proven import proven

REMARK_CHARACTERS_MAX = 2000
STATES = {
    "waiting": Text("待审批", "waits"),
    "approved": Text("已批准，待申请人办理", "approved; who asked carries it out"),
    "executed": Text("已批准并办结", "approved and done"),
    "refused": Text("已拒绝", "refused"),
    "withdrawn": Text("已撤回", "taken back"),
    "expired": Text("已过期", "over"),
}
UNKNOWN_ACT = Text("本版本不认识的事项", "an act that this release does not know")
_SAYING = tuple(dict.fromkeys(right for act in EVERY for right in (act.approves, act.asks)))


@dataclass(frozen=True, slots=True)
class Shown:
    """A request in words; `act` None where this release does not know it."""

    row: ApprovalRow
    act: Act | None
    title: Text
    state: Text
    is_open: bool
    changes: tuple[Change, ...]


def shown(row: ApprovalRow, at: datetime) -> Shown:
    """The request as the screens tell it."""
    act = ACTS.get(row.act)
    is_open = row.is_open(at)
    is_over = row.state in ("waiting", "approved") and not is_open
    return Shown(
        row=row,
        act=act,
        title=act.text if act else UNKNOWN_ACT,
        state=STATES["expired" if is_over else row.state],
        is_open=is_open,
        changes=act.tell(row.request) if act else (),
    )


@screen(Right.SEE_APPROVALS, ("GET", "HEAD", "POST"), posting=_SAYING)
@proven()
def requested(request: HttpRequest, desk: Desk, at: datetime, approval_id: int) -> HttpResponse:
    """One request; another person approves or refuses it, who asked takes it back."""
    with reading(desk.viewer):
        row = access_approval(approval_id)
    if row is None:
        raise Http404
    because: Text | None = None
    if request.method == "POST":
        try:
            _act_on(request, desk, row, at)
        except Refused as refused:
            because = refused.text
        else:
            return redirect("requested", approval_id)
    told = shown(row, at)
    is_own, waits = row.asked_by_id == desk.staff_id, told.is_open and row.state == "waiting"
    context = {
        "here": "approvals",
        "told": told,
        "is_own": is_own,
        "is_concerned": row.about_id == desk.staff_id,
        "may_rule": waits
        and told.act is not None
        and desk.may(told.act.approves)
        and desk.staff_id not in (row.asked_by_id, row.about_id),
        "may_withdraw": waits and is_own,
        "remark": request.POST.get("remark", "")[:REMARK_CHARACTERS_MAX],
        "because": because,
    }
    return page(request, desk, at, "requested.html", context, status=400 if because else 200)


def _act_on(request: HttpRequest, desk: Desk, row: ApprovalRow, at: datetime) -> None:
    ruling = request.POST.get("ruling", "")
    if ruling == "withdraw":
        withdraw(row.id, desk.staff_id, at)
        return
    if ruling not in ("approve", "refuse"):
        raise Refused("no_ruling", Text("请选择批准或拒绝", "help: approve or refuse"))
    digest, remark = request.POST.get("digest", "")[:64], request.POST.get("remark", "")
    rule(Rule(row.id, digest, ruling == "approve", desk.staff_id, remark), at)
