"""影响评估: which stand until when, and a new one, which another person approves."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.assessments.reads import load_assessments
from zhizhi.store.assessments.words import ACTIVITIES
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.assessments.asking import AskAssessment, ask_assessment
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.assessing import AssessmentForm
from zhizhi.web.console.pages import page, posted


@screen(Right.SEE_ASSESSMENTS)
def assessments(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Every approved one; the one that lasts longest first."""
    with reading(desk.viewer):
        rows = load_assessments()
    shown = [(row, ACTIVITIES[row.activity], row.stands(at)) for row in rows]
    context = {"here": "assessments", "rows": shown, "may_ask": desk.may(Right.ASK_ASSESSMENT)}
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
