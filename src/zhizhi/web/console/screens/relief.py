"""协商减免 of a case: its agreements with their next step, and what its debts may be offered today."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reliefs.reads import ReliefRow, load_reliefs_of
from zhizhi.store.reliefs.words import OPEN
from zhizhi.store.viewer import reading
from zhizhi.usecases.relief.giving import HOW, AcceptOffer, GiveOffer, accept_offer, give_offer
from zhizhi.usecases.relief.proposing import ProposeRelief, propose_relief, withdraw_offer
from zhizhi.usecases.relief.trying import TriedDebt, try_relief
from zhizhi.web.console.access import screen
from zhizhi.web.console.agreed import shown_relief
from zhizhi.web.console.pages import ID_MAX, page
from zhizhi.web.console.screens.case import head_or_404

GROUND_CHARACTERS_MAX = 2000


@screen(Right.SEE_CASES, ("GET", "HEAD", "POST"), posting=(Right.PROPOSE_RELIEF,))
def case_relief(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """Try, propose, tell and accept; each step by its button."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        reliefs = load_reliefs_of(head.person_id)
    because: Text | None = None
    if request.method == "POST":
        try:
            _act_on(request, desk, head, reliefs, at)
        except Refused as refused:
            because = refused.text
        else:
            return redirect("case_relief", number)
    tried, why_not = _tried(head, desk, at)
    busy = {row.debt_id for row in reliefs if row.state in OPEN}
    context = {
        "here": "worklist",
        "case": head,
        "reliefs": [shown_relief(row) for row in reliefs],
        "tried": [(one, one.debt.id in busy) for one in tried],
        "why_not": why_not,
        "may_propose": desk.may(Right.PROPOSE_RELIEF) and head.closed_on is None,
        "may_see_approvals": desk.may(Right.SEE_APPROVALS),
        "hows": list(HOW.items()),
        "because": because,
        "chosen": request.POST.get("choice", ""),
        "ground": request.POST.get("ground", "")[:GROUND_CHARACTERS_MAX],
    }
    return page(request, desk, at, "relief.html", context, status=400 if because else 200)


def _tried(head: CaseHead, desk: Desk, at: datetime) -> tuple[list[TriedDebt], Text | None]:
    """What may be offered, or why nothing is; whoever only looks is told of what was agreed."""
    if head.closed_on is not None or not desk.may(Right.PROPOSE_RELIEF):
        return [], None
    try:
        return try_relief(head.person_id, desk.staff_id, at), None
    except Refused as refused:
        return [], refused.text


def _act_on(request: HttpRequest, desk: Desk, head: CaseHead, reliefs: list[ReliefRow], at: datetime) -> None:
    step = request.POST.get("step", "")
    if step == "propose":
        ground, choice = request.POST.get("ground", ""), request.POST.get("choice", "")
        debt_id = _number(request.POST.get("debt", ""))
        propose_relief(ProposeRelief(head.person_id, debt_id, choice, ground, desk.staff_id), at)
        return
    relief_id = _number(request.POST.get("relief", ""))
    known = {row.id: row for row in reliefs}
    if step == "give":
        give_offer(GiveOffer(head.person_id, relief_id, request.POST.get("how", ""), desk.staff_id), at)
    elif step == "accept":
        accept_offer(AcceptOffer(head.person_id, relief_id, desk.staff_id), at)
    elif step == "withdraw" and relief_id in known:
        withdraw_offer(head.person_id, relief_id, known[relief_id].approval_id, desk.staff_id, at)
    else:
        raise Refused("no_step", Text("请选择要做的事", "help: choose what to do"))


def _number(written: str) -> int:
    """An id as a form sends it; 0, which nobody has, for anything else."""
    return int(written) if written.isascii() and written.isdigit() and int(written) <= ID_MAX else 0
