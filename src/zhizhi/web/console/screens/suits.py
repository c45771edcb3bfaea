"""诉讼调解: the files that are open, a file with its steps, deadlines and fees, and what is done to it."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.fees import FeeItem, FeeMove, FeeSum, scale_of
from zhizhi.core.litigation.machine import MOVES, UNCONFIRMED, Standing, steps_from
from zhizhi.core.litigation.words import State, Step
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.litigation.reads import (
    FileRow,
    count_states,
    load_batches,
    load_deadlines,
    load_fee_sums,
    load_fees,
    load_file,
    load_files,
    load_firms,
    load_steps,
)
from zhizhi.store.viewer import reading
from zhizhi.usecases.litigation.working import KeepFee, WorkFile, give_to_firm, keep_fee, work_file
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.suits import FeeForm, GiveForm, StepForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page
from zhizhi.web.shared.clock import today


@screen(Right.SEE_SUITS)
def suits(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The files, what falls due first on top; `?state=` those of one state."""
    wanted = request.GET.get("state", "")
    state = wanted if wanted in {one.value for one in State} else ""
    with reading(desk.viewer):
        rows, states, batches = load_files(state), count_states(), load_batches()
    context = {
        "here": "suits",
        "rows": rows,
        "states": [(one, many, one.value == state) for one, many in states.items()],
        "state": state,
        "batches": batches,
        "today": today(at),
        "may_work": desk.may(Right.WORK_SUIT),
    }
    return page(request, desk, at, "suits.html", context)


@screen(Right.SEE_SUITS)
def court_file(request: HttpRequest, desk: Desk, at: datetime, file_id: int) -> HttpResponse:
    """One file."""
    return _file_page(request, desk, at, _file(desk, file_id))


@screen(Right.SEE_SUITS, ("POST",), posting=(Right.WORK_SUIT,))
def take_file_step(request: HttpRequest, desk: Desk, at: datetime, file_id: int) -> HttpResponse:
    """A step of a file."""
    row = _file(desk, file_id)
    form = StepForm(desk.language, _steps(row), request.POST)

    def act() -> None:
        said = form.cleaned_data
        command = WorkFile(row.id, Step(said["step"]), said["on"], desk.staff_id, said["until_on"], said["docket"])
        work_file(command, at)

    return _done(request, desk, at, row, form, act)


@screen(Right.SEE_SUITS, ("POST",), posting=(Right.KEEP_COURT_FEE,))
def keep_file_fee(request: HttpRequest, desk: Desk, at: datetime, file_id: int) -> HttpResponse:
    """A fee of a file, written or asked of a second person."""
    row = _file(desk, file_id)
    form = FeeForm(desk.language, request.POST)
    asked: list[int | None] = []

    def act() -> None:
        said = form.cleaned_data
        item, move = FeeItem(said["item"]), FeeMove(said["move"])
        command = KeepFee(row.id, item, move, said["amount"], said["fee_on"], desk.staff_id, said["ground"])
        asked.append(keep_fee(command, at))

    answer = _done(request, desk, at, row, form, act)
    return redirect("requested", asked[0]) if asked and asked[0] is not None else answer


@screen(Right.SEE_SUITS, ("POST",), posting=(Right.WORK_SUIT,))
def give_file(request: HttpRequest, desk: Desk, at: datetime, file_id: int) -> HttpResponse:
    """A file goes to a law firm."""
    row = _file(desk, file_id)
    with reading(desk.viewer):
        form = GiveForm(desk.language, _firms(row), request.POST)
    return _done(
        request, desk, at, row, form,
        lambda: give_to_firm([row.id], int(form.cleaned_data["firm"]), desk.staff_id, at),
    )  # fmt: skip


def _file(desk: Desk, file_id: int) -> FileRow:
    with reading(desk.viewer):
        row = load_file(file_id)
    if row is None:
        raise Http404
    return row


def _steps(row: FileRow) -> tuple[Step, ...]:
    return steps_from(Standing(row.state, row.lane, has_title=row.has_title))


def _firms(row: FileRow) -> list[tuple[str, Text]]:
    return [(str(one.id), Text(one.name, one.name)) for one in load_firms() if one.lender_id == row.lender_id]


def _done(
    request: HttpRequest, desk: Desk, at: datetime, row: FileRow, form: WordedForm, act: Callable[[], None]
) -> HttpResponse:
    if form.is_valid() and form.did(act):
        return redirect("court_file", row.id)
    return _file_page(request, desk, at, row, form)


def _file_page(
    request: HttpRequest, desk: Desk, at: datetime, row: FileRow, refused: WordedForm | None = None
) -> HttpResponse:
    on = today(at)
    with reading(desk.viewer):
        steps, deadlines = load_steps(row.id), load_deadlines(row.id)
        sums, fees, firms = load_fee_sums(row.id), load_fees(row.id), _firms(row)
    is_open = row.state is not State.ENDED
    befores = (None, *(one.state for one in steps))
    day = {"on": on, "fee_on": on}
    context = {
        "here": "suits",
        "row": row,
        "steps": [(one, _source(before, one.step)) for before, one in zip(befores, steps, strict=False)],
        "deadlines": [(one, one.is_missed(on)) for one in deadlines],
        "fees": fees,
        "sums": list(sums.items()),
        "outstanding": sum(one.outstanding for one in sums.values()),
        "scales": _scales(row, sums),
        "provisional": bool(row.next_due_on and WORKDAYS_CN.is_provisional(row.next_due_on)),
        "step_form": _own(refused, StepForm) or StepForm(desk.language, _steps(row), initial=day)
        if is_open and desk.may(Right.WORK_SUIT) else None,
        "fee_form": _own(refused, FeeForm) or FeeForm(desk.language, initial=day)
        if desk.may(Right.KEEP_COURT_FEE) else None,
        "give_form": _own(refused, GiveForm) or GiveForm(desk.language, firms, initial={"firm": row.firm_id})
        if is_open and firms and desk.may(Right.WORK_SUIT) else None,
    }  # fmt: skip
    return page(request, desk, at, "suit.html", context, status=400 if refused is not None else 200)


def _own(refused: WordedForm | None, kind: type[WordedForm]) -> WordedForm | None:
    return refused if isinstance(refused, kind) else None


def _source(before: State | None, step: Step) -> str:
    """The article of a step that was taken; empty for the opening, and for one that is named from recollection."""
    move = MOVES.get((before, step)) if before is not None else None
    return move.source if move is not None and move.source not in UNCONFIRMED and move.source != "house" else ""


def _scales(row: FileRow, sums: dict[FeeItem, FeeSum]) -> list[tuple[FeeItem, int]]:
    """What the scale asks for items that nobody advanced yet."""
    found = ((item, scale_of(item, row.lane, row.claim_minor, row.opened_on)) for item in FeeItem if item not in sums)
    return [(item, minor) for item, minor in found if minor is not None]
