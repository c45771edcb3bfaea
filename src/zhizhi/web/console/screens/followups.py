"""跟进: what falls due and may be done now, the next case, and for whoever leads what was missed and what differs."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.conduct.decide import Verdict
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.facts import COLLECTING
from zhizhi.store.cases.reads import load_codes
from zhizhi.store.followup.reads import (
    DIFFERENCES_OF,
    MISSED_AFTER,
    PROMISES_OF_DAYS,
    Asked,
    FollowUp,
    load_desks,
    load_differences,
    load_followups,
)
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.followup.callbacks import calls_to_owing
from zhizhi.usecases.followup.next_case import CALLS, Given, due_order, give_next, is_due
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page
from zhizhi.web.shared.clock import today

AHEAD_DAYS = 7
UNPLANNED = datetime.min.replace(tzinfo=UTC)
ASKED_MAX = 10
"""So many lines that are due are asked of the law for a page; the others are asked at the case."""


@dataclass(frozen=True, slots=True)
class Line:
    """One follow-up as the page shows it; `is_lawful` is None where no call is asked for, or nobody asked yet."""

    row: FollowUp
    step: Text | None
    is_lawful: bool | None = None
    because: Text | None = None
    cites: str = ""
    next_at: datetime | None = None


@screen(Right.SEE_CASES)
def followups(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A collector's own list; whoever leads sees that of everybody, by collector."""
    if desk.role in COLLECTING:
        return _own(request, desk, at)
    day = today(at)
    with reading(desk.viewer):
        desks = load_desks(day, at)
        missed = load_followups(Asked(None, day, at - MISSED_AFTER, day, is_callbacks_only=True))
        differences = load_differences(at)
        codes = {code.code: code.text for code in load_codes() if code.list == "outcome"}
    context = {
        "here": "worklist",
        "desks": desks,
        "missed": missed,
        "differences": [(row, codes.get(row.code, Text(row.code, row.code))) for row in differences],
        "promises_of_days": PROMISES_OF_DAYS,
        "differences_of_days": DIFFERENCES_OF.days,
        "missed_after": int(MISSED_AFTER.total_seconds()) // 60,
    }
    return page(request, desk, at, "followups_team.html", context)


def _own(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    day = today(at)
    until_on = day + timedelta(days=AHEAD_DAYS)
    until = datetime.combine(until_on + timedelta(days=1), time(), BEIJING)
    with reading(desk.viewer):
        rows = load_followups(Asked(desk.staff_id, day, until, until_on))
        stands = load_desks(day, at, desk.staff_id)
        steps = {code.code: code.text for code in load_codes() if code.list == "next_step"}
    lines = due_lines(sorted(rows, key=due_order), steps, desk, at)
    context = {
        "here": "worklist",
        "due": lines,
        "today": [_line(row, steps) for row in _by_time(rows) if not is_due(row, at) and _day_of(row, at) == day],
        "later": [_line(row, steps) for row in _by_time(rows) if not is_due(row, at) and _day_of(row, at) != day],
        "stands": stands[0] if stands else None,
        "promises_of_days": PROMISES_OF_DAYS,
        "ahead_days": AHEAD_DAYS,
    }
    return page(request, desk, at, "followups.html", context)


def due_lines(rows: list[FollowUp], steps: dict[str, Text], desk: Desk, at: datetime) -> list[Line]:
    """What is due, in its order; the first of them say whether they may be called now, and if not, why."""
    due = [row for row in rows if is_due(row, at)]
    asked = [row for row in due if _is_call(row)][:ASKED_MAX]
    return [_judged(_line(row, steps), desk.staff_id, at) if row in asked else _line(row, steps) for row in due]


def _is_call(row: FollowUp) -> bool:
    return not row.step or row.step in CALLS


def _line(row: FollowUp, steps: dict[str, Text]) -> Line:
    return Line(row, steps.get(row.step))


def _judged(line: Line, by: int, at: datetime) -> Line:
    decisions = [one.decision for one in calls_to_owing(line.row.person_id, by, at)]
    if any(one.verdict is Verdict.PERMIT for one in decisions):
        return Line(line.row, line.step, is_lawful=True)
    if not decisions:
        because = Text("没有可拨打的本人号码", "there is no number of the debtor to call")
        return Line(line.row, line.step, is_lawful=False, because=because)
    later = [one for one in decisions if one.next_permitted_at is not None]
    told = min(later, key=lambda one: one.next_permitted_at or at) if later else decisions[0]
    first = told.reasons[0]
    return Line(line.row, line.step, False, first.explain, first.cites, told.next_permitted_at)


def _by_time(rows: list[FollowUp]) -> list[FollowUp]:
    return sorted(rows, key=lambda row: (row.on, row.at is None, row.at or row.planned_at or UNPLANNED, row.number))


def _day_of(row: FollowUp, at: datetime) -> object:
    """A promise that is due today stays today's, also where its collector means to call this afternoon."""
    return max(row.on, today(at))


@screen(Right.CONTACT)
def next_case(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Goes on to the next case, or to the wrap-up that is owed; says so where nothing is to be given now."""
    given = give_next(desk.viewer, desk.staff_id, at, request.GET.get("after", "")[:40])
    if not isinstance(given, Given):
        return page(request, desk, at, "next_none.html", {"here": "worklist", "nothing": given})
    if given.owed is not None:
        return redirect(f"{reverse('wrap', args=[given.number, given.owed.permit_id])}?owed=1")
    return redirect("case", given.number)
