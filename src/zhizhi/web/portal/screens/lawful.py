"""这次联系合法吗: a story by form, an answer in plain words. Nothing is stored: no session, no row, no log line."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zhizhi.usecases.audit.borrower import Answer, judge_story
from zhizhi.web.portal.advice import EVIDENCE, places
from zhizhi.web.portal.questions import KINDS
from zhizhi.web.portal.story_form import StoryForm
from zhizhi.web.portal.throttle import Throttle
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import language_of

_THROTTLE = Throttle()
BUSY_SECONDS = 5
_THREATS = frozenset({"threat", "insult"})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lawful(request: HttpRequest) -> HttpResponse:
    """The form, with one more or one fewer contact, or the answer below it. Boundary: answers come by POST alone."""
    at, language = clock.now(), language_of(request)
    with translation.override("en" if language == "en" else "zh-hans"):
        story = StoryForm(language, request.POST if request.method == "POST" else None, at)
        context: dict[str, object] = {"at": at, "story": story, "kinds": KINDS.items(), "lang": language}
        status = 200
        if story.is_asking and story.is_valid():
            if not _THROTTLE.passes(at):
                return _busy(request, context)
            context |= _answered(story)
        elif story.is_asking:
            status = 400
        response = render(request, "portal/lawful.html", context, status=status)
    if request.method == "POST":
        response["X-Robots-Tag"] = "noindex"
    return response


def _answered(story: StoryForm) -> dict[str, object]:
    told = story.told()
    answers = judge_story(told)
    marks = {mark for happened in told.contacts for mark in happened.found.get("marks") or ()}
    kinds = [contact.kind for contact in story.contacts]
    by_place = {answer.place: answer for answer in answers}
    shown: list[tuple[object, Answer]] = [(contact, by_place[contact.position]) for contact in story.contacts]
    return {
        "answers": shown,
        "broken": sum(answer.verdict == "broken" for answer in answers),
        "evidence": list(dict.fromkeys(text for kind in kinds for text in EVIDENCE[kind])),
        "places": places(story.about.cleaned_data["lender"], bool(marks & _THREATS)),
        "lender_unknown": not told.profile,
    }


def _busy(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    response = render(request, "portal/lawful.html", {**context, "is_busy": True}, status=429)
    response["Retry-After"] = str(BUSY_SECONDS)
    response["X-Robots-Tag"] = "noindex"
    return response
