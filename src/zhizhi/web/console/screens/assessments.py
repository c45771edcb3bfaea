"""影响评估: which stand until when, and a new one, which another person approves."""

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.assessments.reads import load_assessments, load_standing_assessments
from zhizhi.store.assessments.words import ACTIVITIES, CITES, CONTACTS
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.assessments.asking import AskAssessment, ask_assessment
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.assessing import AssessmentForm
from zhizhi.web.console.pages import page, posted

SOON = timedelta(days=30)


def precondition(request: HttpRequest, desk: Desk, at: datetime, activity: str) -> HttpResponse:
    """What a decision means that was held for want of an assessment. Refuses: an activity that is none."""
    if activity not in ACTIVITIES:
        raise Http404
    context = {
        "here": "law",
        "activity": ACTIVITIES[activity],
        "contacts": CONTACTS[activity],
        "cites": CITES[activity],
        "may_see": desk.may(Right.SEE_ASSESSMENTS),
    }
    return page(request, desk, at, "precondition.html", context)


@screen(Right.SEE_ASSESSMENTS)
def assessments(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What stands for each lender now, and every approved one; the one that lasts longest first."""
    with reading(desk.viewer):
        standing, rows = load_standing_assessments(at), load_assessments()
    context = {
        "here": "assessments",
        "standing": [
            (one, ACTIVITIES[one.activity], CONTACTS[one.activity], one.until_at and one.until_at - at <= SOON)
            for one in standing
        ],
        "rows": [(row, ACTIVITIES[row.activity], row.stands(at)) for row in rows],
        "may_ask": desk.may(Right.ASK_ASSESSMENT),
    }
    return page(request, desk, at, "assessments.html", context)


@screen(Right.ASK_ASSESSMENT, ("GET", "HEAD", "POST"))
def new_assessment(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Write one and send it for approval."""
    with reading(desk.viewer):
        lenders = [(str(one.id), Text(one.name, one.name)) for one in load_choices(desk.viewer) if one.kind == "lender"]
    form = AssessmentForm(desk.language, lenders, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        answers = {name: said[name] for name in ("necessity", "impact", "measures")}
        command = AskAssessment(int(said["lender"]), said["activity"], said["days"], by=desk.staff_id, **answers)
        asked: list[int] = []
        if form.did(lambda: asked.append(ask_assessment(command, at))):
            return redirect("requested", asked[0])
    context = {"here": "assessments", "form": form, "form_title": Text("新影响评估", "New impact assessment")}
    return page(request, desk, at, "draft.html", context, status=400 if form.errors else 200)
