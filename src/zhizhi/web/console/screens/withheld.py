"""回避、保留、语言: who may not have a case, which negotiation stays with its collector, what the debtor speaks."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.of_case import load_bars, load_collectors, load_reserves
from zhizhi.store.cases.reads import CaseHead
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.assignment.speaking import SetLanguage, set_case_language
from zhizhi.usecases.assignment.withholding import Bar, EndWithheld, Reserve, bar, end_reserved, lift_bar, reserve
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.assigning import BarForm, EndForm, LanguageForm, ReserveForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.screens.case import head_or_404
from zhizhi.web.console.screens.closed import onwards
from zhizhi.web.shared.clock import today

FORM = ("GET", "HEAD", "POST")
AT_ONCE = Text("若案件正由其办理，即刻转交他人", "where this collector has the case, it moves at once")
STAYS = Text(
    "休假与月末重新分配时不移走；离职、回避除外",
    "it stays through absence and reshuffle, never with one who left or is barred",
)
NEXT_MORNING = Text(
    "下次分配起由会此语言的催收员办理", "from the next assignment on somebody who speaks it has the case"
)


@screen(Right.BAR_COLLECTOR, FORM)
def bar_collector(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """A collector may not have this case."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        collectors = [(str(one.id), Text(one.name, one.name)) for one in load_collectors(head.lender_id)]
    form = BarForm(desk.language, collectors, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = Bar(head.person_id, int(said["staff"]), said["ground"], said["remark"], desk.staff_id)
        if form.did(lambda: bar(command, at)):
            return onwards(request, desk, number, "statement")
    return _form(request, desk, at, head, form, Text("设定回避", "Bar a collector"), AT_ONCE)


@screen(Right.BAR_COLLECTOR, FORM)
def reserve_negotiation(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """The case stays with its collector until a day."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
    form = ReserveForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = Reserve(head.person_id, said["until_on"], said["ground"], desk.staff_id)
        if form.did(lambda: reserve(command, at)):
            return redirect("case", number)
    return _form(request, desk, at, head, form, Text("保留协商", "Reserve the negotiation"), STAYS)


@screen(Right.RECORD, FORM)
def speak(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """What the debtor speaks."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
    form = LanguageForm(desk.language, posted(request), initial={"spoken": head.language})
    if request.method == "POST" and form.is_valid():
        command = SetLanguage(head.person_id, form.cleaned_data["spoken"], desk.staff_id)
        if form.did(lambda: set_case_language(command, at)):
            return redirect("case", number)
    return _form(request, desk, at, head, form, Text("客户所用语言", "What the debtor speaks"), NEXT_MORNING)


@screen(Right.BAR_COLLECTOR, FORM)
def end_bar(request: HttpRequest, desk: Desk, at: datetime, number: str, row_id: int) -> HttpResponse:
    """解除回避, on a ground."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        standing = {row.id for row in load_bars(head.person_id)}
    return _end(request, desk, at, head, row_id in standing, row_id, lift_bar, Text("解除回避", "Lift the bar"))


@screen(Right.BAR_COLLECTOR, FORM)
def end_reserve(request: HttpRequest, desk: Desk, at: datetime, number: str, row_id: int) -> HttpResponse:
    """解除保留, on a ground."""
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        standing = {row.id for row in load_reserves(head.person_id, today(at))}
    title = Text("解除保留", "End the reservation")
    return _end(request, desk, at, head, row_id in standing, row_id, end_reserved, title)


def _end(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    head: CaseHead,
    stands: bool,
    row_id: int,
    act: Callable[[EndWithheld, datetime], None],
    title: Text,
) -> HttpResponse:
    if not stands:
        raise Http404
    form = EndForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        command = EndWithheld(head.person_id, row_id, form.cleaned_data["ended_ground"], desk.staff_id)
        if form.did(lambda: act(command, at)):
            return redirect("case", head.number)
    return _form(request, desk, at, head, form, title, None)


def _form(
    request: HttpRequest, desk: Desk, at: datetime, head: CaseHead, form: WordedForm, title: Text, hint: Text | None
) -> HttpResponse:
    context = {"here": "worklist", "case": head, "form": form, "form_title": title, "hint": hint}
    return page(request, desk, at, "record.html", context, status=400 if form.errors else 200)
