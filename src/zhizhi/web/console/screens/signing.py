"""Sign-in: the password, then the second factor or its enrolment; sign-out, and the switch of language."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhizhi.store.sign_in.endings import leave_session
from zhizhi.usecases.sign_in.by_password import NextStep, TryPassword, try_password
from zhizhi.usecases.sign_in.installed import provider_name
from zhizhi.usecases.sign_in.proving import prove_factor
from zhizhi.usecases.sign_in.refusals import SignInRefused
from zhizhi.web.console.enrolment import Enroller, enrolment
from zhizhi.web.console.forms.signing import SignInForm
from zhizhi.web.console.pages import posted
from zhizhi.web.console.proven import ways_to_prove
from zhizhi.web.console.way_in import (
    Step,
    device_secret_of,
    enter,
    goes_to,
    keep_step,
    shown_factor,
    step_of,
    with_device,
)
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import COOKIE, COOKIE_SECONDS, language_of
from zhizhi.web.shared.peer import address_of
from zhizhi.web.shared.signed_in import signed_in_of

FORM = ["GET", "HEAD", "POST"]
AWAY = frozenset({"clock", "keys"})
"""Refusals that are no fault of whoever signs in."""


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(FORM)
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; a right password leads to the second factor."""
    if request.user.is_authenticated:
        return redirect(goes_to(request))
    language, at = language_of(request), clock.now()
    form = SignInForm(language, posted(request))
    status = 200
    with translation.override("en" if language == "en" else "zh-hans"):
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            tried = TryPassword(said["login"], said["password"], address_of(request), device_secret_of(request))
            try:
                return _after_password(request, tried, at)
            except SignInRefused as refused:
                form.refuse(refused)
                status = 503 if refused.code in AWAY else 400
        context = {"form": form, "next": goes_to(request), "at": at, "provider": provider_name()}
        return render(request, "console/sign_in.html", context, status=max(status, 400 if form.errors else 200))


def _after_password(request: HttpRequest, tried: TryPassword, at: datetime) -> HttpResponse:
    member, step = try_password(tried, at)
    if step is NextStep.ENTER:
        target = goes_to(request)
        begun = enter(request, member, "demonstration" if member.demonstrates else "password", at)
        return with_device(redirect(target), begun)
    keep_step(request, member, step.value, goes_to(request), at)
    return redirect("prove_factor" if step is NextStep.PROVE else "enrol_factor")


@sensitive_post_parameters("code", "passkey")
@never_cache
@require_http_methods(FORM)
def prove(request: HttpRequest) -> HttpResponse:
    """The second factor of somebody whose password was right."""
    at, language = clock.now(), language_of(request)
    step = step_of(request, NextStep.PROVE.value, at)
    if step is None:
        return redirect("sign_in")
    because: SignInRefused | None = None
    if request.method == "POST":
        try:
            proof = prove_factor(step.member.id, shown_factor(request), at)
            begun = enter(request, step.member, proof, at, step.provided)
        except SignInRefused as refused:
            because = refused
        else:
            return with_device(redirect(step.goes_to), begun)
    status = 200 if because is None else 503 if because.code in AWAY else 400
    with translation.override("en" if language == "en" else "zh-hans"):
        context = {"at": at, "because": because and because.text, **ways_to_prove(request, step.member.id)}
        return render(request, "console/prove_factor.html", context, status=status)


@sensitive_post_parameters("code", "passkey")
@never_cache
@require_http_methods(FORM)
def enrol(request: HttpRequest) -> HttpResponse:
    """The first second factor of somebody whose password was right."""
    at, language = clock.now(), language_of(request)
    step = step_of(request, NextStep.ENROL.value, at)
    if step is None:
        return redirect("sign_in")
    who = Enroller(step.member.id, step.member.login, is_first=True)
    with translation.override("en" if language == "en" else "zh-hans"):
        codes, context, status = enrolment(request, who, at)
        if codes is None:
            return render(request, "console/enrol_factor.html", {"at": at, **context}, status=status)
        return _entered_with(request, step, str(context["proof"]), codes, at)


def _entered_with(request: HttpRequest, step: Step, proof: str, codes: list[str], at: datetime) -> HttpResponse:
    begun = enter(request, step.member, proof, at, step.provided)
    context = {"at": at, "codes": codes, "goes_to": step.goes_to}
    return with_device(render(request, "console/recovery_codes.html", context), begun)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    signed_in = signed_in_of(request)
    if signed_in is not None:
        leave_session(signed_in.session_id, clock.now())
    request.session.flush()
    return redirect("sign_in" if provider_name() is None else "provider_farewell")


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Chinese or English from now on: on the staff row of somebody signed in, and in a cookie for the sign-in page."""
    language = "en" if request.POST.get("language") == "en" else "zh"
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response = redirect(goes_to(request))
    is_secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=is_secure)
    return response
