"""The portal's way in: ask for a code, show it, leave. Whoever asks, the pages are the same."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhizhi.store.portal.requests import CODE_LASTS, SESSION_LASTS
from zhizhi.store.portal.sessions import end_visit
from zhizhi.usecases.portal.entering import AskCode, PortalRefused, ask_code, show_code
from zhizhi.web.portal.entry_forms import AskForm, CodeForm, EntryForm
from zhizhi.web.portal.way_in import ASKED, ENTERED, forgetting, goes_to, holding, secret_of
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import language_of
from zhizhi.web.shared.peer import address_of

STATUS_OF = {"waits": 429, "away": 503}


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The first step: who asks. The answer is the same for everybody; the worker finds out who it is."""
    form = AskForm(language_of(request), request.POST if request.method == "POST" else None)

    def keep(at: datetime) -> HttpResponse:
        said = form.cleaned_data
        secret = ask_code(AskCode(said["reference"], said["number"], address_of(request)), at)
        return holding(goes_to(request, "my-code"), ASKED, secret)

    return _step(request, form, keep, "portal/ask.html")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The second step: the code that came, or did not."""
    secret = secret_of(request, ASKED)
    if secret is None:
        return goes_to(request, "my-sign-in")
    form = CodeForm(language_of(request), request.POST if request.method == "POST" else None)

    def enter(at: datetime) -> HttpResponse:
        session = show_code(secret, form.cleaned_data["code"], at)
        return forgetting(holding(goes_to(request, "my"), ENTERED, session), ASKED)

    return _step(request, form, enter, "portal/code.html")


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The session is over, here and for whoever copied its cookie."""
    secret = secret_of(request, ENTERED)
    if secret is not None:
        end_visit(secret, clock.now())
    return forgetting(goes_to(request, "my-sign-in"), ASKED, ENTERED)


def _step(
    request: HttpRequest, form: EntryForm, act: Callable[[datetime], HttpResponse], template: str
) -> HttpResponse:
    """The form, or what comes after it where it is right."""
    at, status = clock.now(), 200
    with translation.override("en" if form.language == "en" else "zh-hans"):
        if request.method == "POST":
            status = 400
            if form.is_valid():
                try:
                    return act(at)
                except PortalRefused as refused:
                    form.refuse(refused)
                    status = STATUS_OF.get(refused.code, 400)
        context = {
            "at": at, "form": form, "lang": form.language,
            "minutes": CODE_LASTS.seconds // 60, "stays": SESSION_LASTS.seconds // 60,
        }  # fmt: skip
        response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
