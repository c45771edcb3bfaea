"""批量建卷、到期日历、费用台账、律所: what is done with many court files at once."""

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.bars import Bar
from zhizhi.core.litigation.calendar_file import Entry, calendar_file
from zhizhi.core.litigation.fees import FeeMove, FeeSum
from zhizhi.core.litigation.machine import Standing, steps_from
from zhizhi.core.litigation.words import Lane, State, Step
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.litigation.reads import (
    BatchRow,
    DeadlineRow,
    FileRow,
    load_batch,
    load_calendar,
    load_fee_sums,
    load_fees,
    load_files,
    load_firms,
    load_refused,
    load_scores,
)
from zhizhi.store.litigation.words import CALENDAR_DAYS, CLAIMS
from zhizhi.store.viewer import reading
from zhizhi.usecases.litigation.opening import Opened, OpenFiles, open_files
from zhizhi.usecases.litigation.working import BatchWorked, WorkBatch, register_firm, work_batch
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.suits import BatchStepForm, FilesForm, FirmForm
from zhizhi.web.console.forms.worded import Choices
from zhizhi.web.console.pages import page, posted
from zhizhi.web.shared.clock import today

FORM = ("GET", "HEAD", "POST")


@screen(Right.WORK_SUIT, FORM)
def open_suits(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """建卷; `?case=` one case, `?again=` the refused cases of a batch."""
    again = _again(request, desk)
    with reading(desk.viewer):
        lenders = _lenders(desk)
        refused = load_refused(again.id) if again is not None else []
    numbers = "\n".join(dict.fromkeys(number for number, _ in refused)) or request.GET.get("case", "")
    initial = {"numbers": numbers, **(_said_before(again) if again is not None else {})}
    form = FilesForm(desk.language, lenders, posted(request), initial=initial)
    done: list[Opened] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = OpenFiles(
            lender_id=int(said["lender"]),
            lane=Lane(said["lane"]),
            court=said["court"],
            claim=said["claim"],
            case_numbers=tuple(said["numbers"].split()),
            by=desk.staff_id,
            has_arbitration_clause=said["has_arbitration_clause"],
            is_notarised=said["is_notarised"],
            interrupted_on=said["interrupted_on"],
            again_of=again.id if again is not None else None,
        )
        if form.did(lambda: done.append(open_files(command, at))):
            return redirect("court_batch", done[0].batch_id)
    context = {"here": "suits", "form": form, "again": again}
    return page(request, desk, at, "suit_open.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_SUITS, FORM, posting=(Right.WORK_SUIT,))
def court_batch(request: HttpRequest, desk: Desk, at: datetime, batch_id: int) -> HttpResponse:
    """What came of a batch, and one step for all its files."""
    with reading(desk.viewer):
        batch = load_batch(batch_id)
        if batch is None:
            raise Http404
        rows, refused = load_files(batch_id=batch.id), load_refused(batch.id)
    form = BatchStepForm(desk.language, _steps_of(rows), posted(request), initial={"on": today(at)})
    worked: list[BatchWorked] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = WorkBatch(batch.id, Step(said["step"]), said["on"], desk.staff_id, said["until_on"])
        if form.did(lambda: worked.append(work_batch(command, at))):
            with reading(desk.viewer):
                rows = load_files(batch_id=batch.id)
            form = BatchStepForm(desk.language, _steps_of(rows), initial={"on": today(at)})
    context = {
        "here": "suits",
        "batch": batch,
        "claim": CLAIMS[batch.claim],
        "rows": rows,
        "refused": [(number, Bar(bar).label) for number, bar in refused],
        "form": form if desk.may(Right.WORK_SUIT) and _steps_of(rows) else None,
        "worked": worked[0] if worked else None,
        "may_work": desk.may(Right.WORK_SUIT),
    }
    return page(request, desk, at, "suit_batch.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_SUITS)
def court_calendar(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What falls due, what is overdue on top, each with who acts."""
    on = today(at)
    with reading(desk.viewer):
        rows = load_calendar(on + timedelta(days=CALENDAR_DAYS))
    context = {
        "here": "court_calendar",
        "rows": [(row, row.due_on < on, row.due_on <= on + timedelta(days=7)) for row in rows],
        "overdue": sum(row.due_on < on and row.acts == "us" for row in rows),
        "days": CALENDAR_DAYS,
    }
    return page(request, desk, at, "suit_calendar.html", context)


@screen(Right.SEE_SUITS)
def court_calendar_file(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The same as a calendar file: numbers of files, days and articles, no case and no person."""
    del request
    with reading(desk.viewer):
        rows = load_calendar(today(at) + timedelta(days=CALENDAR_DAYS))
    written = calendar_file(map(_entry, rows), at, desk.language)
    response = HttpResponse(written.encode(), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="court-calendar.ics"'
    return response


@screen(Right.SEE_SUITS)
def court_fees(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """费用台账: sums by item that add up, and the latest entries."""
    with reading(desk.viewer):
        sums, rows = load_fee_sums(), load_fees()
    total = FeeSum(*(sum(getattr(one, move.value) for one in sums.values()) for move in FeeMove))
    context = {"here": "court_fees", "sums": list(sums.items()), "total": total, "rows": rows}
    return page(request, desk, at, "suit_fees.html", context)


@screen(Right.SEE_SUITS, FORM, posting=(Right.KEEP_LAW_FIRM,))
def law_firms(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """律所 and how their files went; a new one is kept here."""
    on = today(at)
    with reading(desk.viewer):
        lenders = _lenders(desk)
    form = FirmForm(desk.language, lenders, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        lender_id, by = int(said["lender"]), desk.staff_id
        if form.did(lambda: register_firm(lender_id, said["name"], said["contract_ends_on"], by, at)):
            return redirect("law_firms")
    with reading(desk.viewer):
        firms, scores = load_firms(), load_scores(on)
    context = {
        "here": "law_firms",
        "firms": [(firm, firm.contract_ends_on < on) for firm in firms],
        "scores": scores,
        "form": form if desk.may(Right.KEEP_LAW_FIRM) else None,
    }
    return page(request, desk, at, "suit_firms.html", context, status=400 if form.errors else 200)


def _lenders(desk: Desk) -> Choices:
    return [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]


def _again(request: HttpRequest, desk: Desk) -> BatchRow | None:
    written = request.GET.get("again", "")
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        return None
    with reading(desk.viewer):
        return load_batch(int(written))


def _said_before(batch: BatchRow) -> dict[str, object]:
    return {"lender": str(batch.lender_id), **batch.facts}


def _steps_of(rows: list[FileRow]) -> tuple[Step, ...]:
    """Steps that a file of the batch may take, in the order of the table."""
    found = [step for row in rows if row.state is not State.ENDED for step in steps_from(Standing(row.state, row.lane))]
    return tuple(dict.fromkeys(found))


def _entry(row: DeadlineRow) -> Entry:
    return Entry(row.id, row.number, row.due, row.acts, row.source, row.due_on)
