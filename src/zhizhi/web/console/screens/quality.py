"""质检: what waits for a reviewer, one's own reviews, appeals and verdicts that wait, draws, and the report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.instants import BEIJING, MINUTES_PER_DAY, wall
from zhizhi.core.kernel.text import Text
from zhizhi.core.quality.agreement import agreement
from zhizhi.core.quality.marks import MARKS, Mark, Severity
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.quality.reads import (
    ReviewRow,
    access_review,
    load_draws,
    load_figures,
    load_of_staff,
    load_open,
    load_pairs,
    load_waiting,
)
from zhizhi.store.quality.words import APPEALED, CHANGED, CONSEQUENCES, DONE, STATES, UPHELD, WAITING
from zhizhi.store.viewer import reading
from zhizhi.usecases.quality.drawing import DrawSample, draw_sample
from zhizhi.usecases.quality.reviewing import Review, appeal, follow, review, rule
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.quality import AppealForm, DrawForm, FollowForm, MarksForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted

FORM = ("GET", "HEAD", "POST")
REPORT_DAYS = (7, 30, 90)
REPORT_USUALLY = 30
_ACTING = (Right.REVIEW_QUALITY, Right.APPEAL_QUALITY, Right.RULE_QUALITY, Right.FOLLOW_QUALITY)


@dataclass(frozen=True, slots=True)
class Shown:
    """A review in words."""

    row: ReviewRow
    state: Text
    severity: Severity | None
    marks: tuple[tuple[Mark, int | None], ...]
    consequence: Text | None


def _shown(row: ReviewRow) -> Shown:
    return Shown(
        row,
        STATES[row.state],
        Severity(row.severity) if row.severity else None,
        tuple((MARKS[code], second) for code, second in row.marks if code in MARKS),
        CONSEQUENCES[row.consequence] if row.consequence else None,
    )


@screen(Right.SEE_QUALITY)
def quality(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What concerns this desk: to be reviewed, about oneself, to be ruled on, and the draws."""
    may_review, is_alone = desk.may(Right.REVIEW_QUALITY), desk.viewer.scope is Scope.SELF
    with reading(desk.viewer):
        context = {
            "here": "quality",
            "waiting": [_shown(row) for row in load_waiting(desk.staff_id)] if may_review else None,
            "own": [_shown(row) for row in load_of_staff(desk.staff_id)] if desk.may(Right.APPEAL_QUALITY) else None,
            "open": None if is_alone else [_shown(row) for row in load_open()],
            "draws": load_draws(),
            "may_draw": desk.may(Right.DRAW_QUALITY),
        }
    return page(request, desk, at, "quality.html", context)


@screen(Right.DRAW_QUALITY, FORM)
def quality_draw(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Draw from a day or some days; which contacts is nobody's choice."""
    with reading(desk.viewer):
        lenders = [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]
    yesterday = civil_day(at) - timedelta(days=1)
    initial = {"from_on": yesterday, "until_on": yesterday}
    form = DrawForm(desk.language, lenders, posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = DrawSample(int(said["lender"]), said["from_on"], said["until_on"], desk.staff_id)
        if form.did(lambda: draw_sample(command, at)):
            return redirect("quality")
    return page(
        request, desk, at, "quality_draw.html", {"here": "quality", "form": form}, status=400 if form.errors else 200
    )


@screen(Right.SEE_QUALITY, FORM, posting=_ACTING)
def quality_review(request: HttpRequest, desk: Desk, at: datetime, person_id: int, review_id: int) -> HttpResponse:
    """One review: its verdict, and the one step that this desk may take next."""
    with reading(desk.viewer):
        row = access_review(person_id, review_id)
    if row is None:
        raise Http404
    which = Review(person_id, review_id, desk.staff_id)
    step = _step(row, desk, at)
    form: WordedForm | None = step[1](desk.language, posted(request)) if step else None
    if request.method == "POST" and form is not None and step is not None and form.is_valid():
        name = step[0]
        if form.did(lambda: _take(name, form, which, request.POST.get("ruling", ""), at)):
            return redirect("quality") if name == "review" else redirect(request.path)
    context = {
        "here": "quality",
        "told": _shown(row),
        "step": step[0] if step else None,
        "form": form,
        "lines": form.lines() if isinstance(form, MarksForm) else None,
    }
    return page(
        request, desk, at, "quality_review.html", context, status=400 if form is not None and form.errors else 200
    )


def _step(row: ReviewRow, desk: Desk, at: datetime) -> tuple[str, Callable[..., WordedForm]] | None:
    """What may be done next by this desk, and its form."""
    today = civil_day(at)
    is_own = row.staff_id == desk.staff_id
    if row.state == WAITING and row.reviewer_id == desk.staff_id and desk.may(Right.REVIEW_QUALITY):
        return "review", MarksForm
    if row.state == DONE and is_own and _may_appeal(row, today) and desk.may(Right.APPEAL_QUALITY):
        return "appeal", AppealForm
    if row.state == APPEALED and desk.may(Right.RULE_QUALITY) and not is_own and row.reviewer_id != desk.staff_id:
        return "rule", MarksForm
    stands = row.state in (UPHELD, CHANGED) or (row.state == DONE and not _may_appeal(row, today))
    if stands and row.is_revealed and row.n == 1 and row.consequence is None and not is_own:
        return ("follow", FollowForm) if desk.may(Right.FOLLOW_QUALITY) else None
    return None


def _may_appeal(row: ReviewRow, today: date) -> bool:
    return row.is_revealed and row.n == 1 and row.appeal_until is not None and today <= row.appeal_until


def _take(step: str, form: WordedForm, which: Review, ruling: str, at: datetime) -> None:
    said = form.cleaned_data
    if isinstance(form, MarksForm) and step == "review":
        review(which, form.marks(), said["remark"], at)
    elif isinstance(form, MarksForm):
        rule(which, form.marks() if ruling == CHANGED else None, said["remark"], at)
    elif step == "appeal":
        appeal(which, said["ground"], at)
    else:
        follow(which, said["consequence"], said["ground"], at)


@screen(Right.SEE_QUALITY)
def quality_report(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """By collector, team and agency, of the contacts of the last days; and how far two reviewers agree."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdigit() and int(asked) in REPORT_DAYS else REPORT_USUALLY
    today = civil_day(at)
    begins, ends = wall(BEIJING, today - timedelta(days=days), 0), wall(BEIJING, today, MINUTES_PER_DAY)
    with reading(desk.viewer):
        tables = [(text, load_figures(by, begins, ends)) for by, text in _BY.items()]
        agreed = agreement(load_pairs(begins, ends))
    kappa = None if agreed.kappa is None else f"{float(agreed.kappa):.2f}"
    context = {
        "here": "quality",
        "tables": tables,
        "agreed": agreed,
        "kappa": kappa,
        "days": days,
        "choices": REPORT_DAYS,
    }
    return page(request, desk, at, "quality_report.html", context)


_BY = {
    "collector": Text("按催收员", "By collector"),
    "team": Text("按组别", "By team"),
    "agency": Text("按机构", "By agency"),
}
