"""案件: the worklist with filters and keyset pages, and the search by what somebody reads off a letter."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.facts import COLLECTING
from zhizhi.store.cases.reads import (
    COUNT_MAX,
    SEARCH_ROWS_MAX,
    After,
    CaseFilter,
    Sort,
    Worklist,
    count_worklist,
    load_codes,
    load_worklist,
    search_cases,
)
from zhizhi.store.followup.reads import Asked, load_followups
from zhizhi.store.lenders.reads import Choice, Desk, lender_ids_of, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.followup.next_case import due_order, is_due
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.narrowing import NarrowForm
from zhizhi.web.console.pages import page
from zhizhi.web.console.screens.bulk_stops import announced
from zhizhi.web.console.screens.followups import due_lines
from zhizhi.web.shared.clock import today as day_of

SEARCH_CHARACTERS_MAX = 100
DUE_FIRST = 5


@screen(Right.SEE_CASES)
def worklist(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """One page of open cases."""
    with reading(desk.viewer):
        choices = load_choices(desk.viewer)
        form = NarrowForm(desk.language, _offered(choices), request.GET or None)
        narrowed = form.narrowed(at) if form.is_valid() else CaseFilter()
        sort = form.order() if form.is_valid() else Sort.BALANCE
        lenders = [choice.id for choice in choices if choice.kind == "lender"]
        cases = load_worklist(desk.viewer, narrowed, sort, _after(request.GET, sort), lenders)
        count = count_worklist(desk.viewer, narrowed)
        stops = announced(at)
    context = {
        "here": "worklist",
        "announced": stops,
        **_due(desk, at, is_whole="after" not in request.GET and narrowed == CaseFilter()),
        "form": form,
        "cases": cases.rows,
        "names": {f"{choice.kind}-{choice.id}": choice.name for choice in choices},
        "count": min(count, COUNT_MAX),
        "is_more": count > COUNT_MAX,
        "next": _next_address(request.GET, cases),
        "is_first": "after" not in request.GET,
        "is_narrowed": narrowed != CaseFilter(),
        "first_address": "?" + _without(request.GET, "after"),
    }
    return page(
        request, desk, at, "worklist_part.html" if request.headers.get("HX-Request") else "worklist.html", context
    )


def _due(desk: Desk, at: datetime, *, is_whole: bool) -> dict[str, object]:
    """What falls due for a collector now comes first, before the list that nobody narrowed."""
    if desk.role not in COLLECTING:
        return {}
    with reading(desk.viewer):
        rows = load_followups(Asked(desk.staff_id, day_of(at), at, day_of(at)))
        steps = {code.code: code.text for code in load_codes() if code.list == "next_step"}
    due = sorted((row for row in rows if is_due(row, at)), key=due_order)
    first = due_lines(due[:DUE_FIRST], steps, desk, at) if is_whole else []
    return {"may_next": desk.may(Right.CONTACT), "due": due, "due_first": first}


@screen(Right.SEE_CASES, ("GET", "HEAD", "POST"))
def search(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Exact search. By POST, because names and identity numbers have no business in addresses, logs and histories."""
    if request.method != "POST":
        return redirect("worklist")
    written = request.POST.get("q", "").strip()[:SEARCH_CHARACTERS_MAX]
    with reading(desk.viewer):
        choices = load_choices(desk.viewer)
        found = search_cases(desk.viewer, written, lender_ids_of(desk.viewer), at) if written else []
    if len(found) == 1:
        return redirect("case", found[0].number)
    context = {
        "here": "worklist",
        "q": written,
        "cases": found,
        "names": {f"{choice.kind}-{choice.id}": choice.name for choice in choices},
        "is_cut": len(found) == SEARCH_ROWS_MAX,
        "most": SEARCH_ROWS_MAX,
    }
    return page(request, desk, at, "search.html", context)


def _offered(choices: list[Choice]) -> dict[str, list[tuple[str, Text]]]:
    kinds: dict[str, list[tuple[str, Text]]] = {"lender": [], "queue": [], "agency": [], "collector": []}
    for choice in choices:
        kinds[choice.kind].append((str(choice.id), Text(choice.name, choice.name)))
    return kinds


def _after(asked: QueryDict, sort: Sort) -> After | None:
    """`value.id` as the former page wrote it; anything else is the first page."""
    value, dot, row_id = asked.get("after", "").rpartition("~")
    if not dot or not row_id.isdigit():
        return None
    if value == "":
        return After(None, int(row_id))
    try:
        return After(datetime.fromisoformat(value) if sort is Sort.NEXT else int(value), int(row_id))
    except ValueError:
        return None


def _next_address(asked: QueryDict, cases: Worklist) -> str | None:
    if cases.after is None:
        return None
    value = cases.after.value
    written = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
    rest = _without(asked, "after")
    return "?" + (rest + "&" if rest else "") + urlencode({"after": f"{written}~{cases.after.id}"})


def _without(asked: QueryDict, *names: str) -> str:
    return urlencode([(name, value) for name, value in asked.items() if name not in names and value])
