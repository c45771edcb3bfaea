"""外呼活动: the list, a new one, and one campaign with its pace and its brake."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.calling.pacing import LIMIT, NEAR, SAMPLE_MIN, Answered
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.calling.reads import CallingRow, load_answered, load_calling, load_calling_steps, load_held
from zhizhi.store.calling.words import MOVES, STATES, STEPS, TARGETS
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.outbound.reads import load_numbers
from zhizhi.store.templates.reads import load_wordings
from zhizhi.store.viewer import reading
from zhizhi.usecases.calling.making import StepCalling, make_calling, right_to_step, step_calling
from zhizhi.usecases.lease_confirm import NOT_VALID
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.calling import CallingForm
from zhizhi.web.console.forms.campaigning import APART
from zhizhi.web.console.forms.worded import Choices
from zhizhi.web.console.pages import page, posted

FORM = ("GET", "HEAD", "POST")
BUTTONS = {
    "started": Text("启动", "Start"),
    "resumed": Text("恢复", "Resume"),
    "paused": Text("暂停", "Pause"),
    "ended": Text("结束", "End"),
}


def _per_cent(seen: Answered) -> str:
    """The share of abandoned calls in hundredths of a per cent, cut off, never rounded below what it is."""
    basis_points = -(-seen.abandoned * 10_000 // seen.answered) if seen.answered else 0
    return f"{basis_points // 100}.{basis_points % 100:02d} %"


def _ratio(row: CallingRow) -> str:
    return f"{row.ratio // 100}.{row.ratio % 100:02d}"


@screen(Right.SEE_CAMPAIGNS)
def callings(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Every calling campaign of the viewer's lenders."""
    with reading(desk.viewer):
        rows = load_calling()
        seen = {row.id: load_answered(row.id, at) for row in rows}
    context = {
        "here": "callings",
        "rows": [(row, STATES[row.state], _ratio(row), _per_cent(seen[row.id])) for row in rows],
        "may_make": desk.may(Right.MAKE_CAMPAIGN),
    }
    return page(request, desk, at, "callings.html", context)


@screen(Right.MAKE_CAMPAIGN, FORM)
def new_calling(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Make a calling campaign."""
    with reading(desk.viewer):
        scripts, lines = _scripts(desk), _lines(at)
    first = {"from_on": civil_day(at), "until_on": civil_day(at), "opens": "09:00", "closes": "20:00"}
    form = CallingForm(desk.language, scripts, lines, posted(request), initial=first)
    if request.method == "POST" and form.is_valid():
        made: list[int] = []
        if form.did(lambda: made.append(make_calling(form.command(desk.staff_id), at))):
            return redirect("calling", made[0])
    context = {"here": "callings", "form": form}
    return page(request, desk, at, "calling_new.html", context, status=400 if form.errors else 200)


def _scripts(desk: Desk) -> Choices:
    lenders = [choice for choice in load_choices(desk.viewer) if choice.kind == "lender"]
    return [
        (f"{lender.id}{APART}{row.code}", Text(f"{lender.name} · {row.name}", f"{lender.name} · {row.name}"))
        for lender in lenders
        for row in load_wordings(lender.id)
        if row.channel == "voice"
    ]


def _lines(at: datetime) -> Choices:
    own = [one for one in load_numbers(at, civil_day(at)) if not one.agency and one.state == "open"]
    return [(str(one.id), Text(one.number, one.number)) for one in own]


@screen(Right.SEE_CAMPAIGNS, FORM, posting=(Right.RUN_CAMPAIGN, Right.HALT_CAMPAIGN))
def calling(request: HttpRequest, desk: Desk, at: datetime, campaign_id: int) -> HttpResponse:
    """One calling campaign: how far it is, its pace, what the law held back; started, paused and ended here."""
    row = _or_404(desk, campaign_id)
    refused: Text | None = None
    if request.method == "POST":
        what = request.POST.get("do", "")
        if what not in BUTTONS:
            raise Http404
        if not desk.may(right_to_step(what)):
            raise PermissionDenied
        try:
            step_calling(StepCalling(campaign_id, what, desk.staff_id), at)
            return redirect("calling", campaign_id)
        except Refused as why:
            refused = why.text
    with reading(desk.viewer):
        seen, held, steps = load_answered(row.id, at), load_held(row.id), load_calling_steps(row.id)
    context = {
        "here": "callings",
        "row": row,
        "state": STATES[row.state],
        "ratio": _ratio(row),
        "share": _per_cent(seen),
        "seen": seen,
        "is_over": seen.share > LIMIT,
        "is_near": NEAR <= seen.share <= LIMIT,
        "sample_min": SAMPLE_MIN,
        "counts": [(text, row.counts[state]) for state, text in TARGETS.items() if row.counts.get(state)],
        "held": [(one, _why(one.why)) for one in held],
        "steps": [(STEPS[step.what], step) for step in steps],
        "buttons": [(what, text) for what, text in BUTTONS.items() if _offers(desk, row, what)],
        "refused": refused,
    }
    return page(request, desk, at, "calling.html", context, status=400 if refused else 200)


def _or_404(desk: Desk, campaign_id: int) -> CallingRow:
    with reading(desk.viewer):
        rows = load_calling(campaign_id)
    if not rows:
        raise Http404
    return rows[0]


def _offers(desk: Desk, row: CallingRow, what: str) -> bool:
    before = MOVES.get(what, (row.state, ""))[0]
    return row.state == before and row.state != "ended" and desk.may(right_to_step(what))


def _why(code: str) -> Text:
    """A code in words; a rule of the law is its own name, and opens in the rule library."""
    return NOT_VALID.get(code) or Text(f"规则 {code}", f"rule {code}")
