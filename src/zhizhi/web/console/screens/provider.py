"""Sign-in through the identity provider: there, back with its answer, its word of an end, and its own sign-out."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from zhizhi.core.kernel.identity import Trip
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.sign_in.provided import marks_of
from zhizhi.store.sign_in.sessions import prove_session
from zhizhi.usecases.sign_in import provider as use
from zhizhi.usecases.sign_in.provider import Answer, Way
from zhizhi.usecases.sign_in.refusals import SignInRefused
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page
from zhizhi.web.console.way_in import enter, goes_to, keep_step, origin_of, with_device
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import language_of
from zhizhi.web.shared.signed_in import signed_in_of

TRIP = "provider_trip"
FIELD_MAX = 4_096
AWAY = frozenset({"clock", "keys", "provider_away"})
TOO_LATE = Text("这次登录已失效，请重新登录", "this sign-in is over; help: begin again")


@never_cache
@require_GET
def set_out(request: HttpRequest) -> HttpResponse:
    """To the provider; what its answer is compared with stays in this browser's session."""
    if request.user.is_authenticated:
        return redirect(goes_to(request))
    return _sent(request, is_fresh=False)


@screen(Right.ENTER)
def again(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """To the provider to sign in anew, which proves a session again."""
    del desk, at
    return _sent(request, is_fresh=True)


@screen(Right.ENTER)
def proved(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Proven in this window; what was asked for waits in the other."""
    return page(request, desk, at, "provider_proved.html", {})


@never_cache
@require_GET
def answer(request: HttpRequest) -> HttpResponse:
    """Back from the provider; the answer is looked at once."""
    at, kept = clock.now(), request.session.pop(TRIP, None)
    said = {name: request.GET.get(name, "")[:FIELD_MAX] for name in ("state", "code", "error")}
    brought = Answer(said["state"], said["code"], said["error"], request.GET.get("iss"))
    try:
        if not isinstance(kept, dict):
            raise SignInRefused("changed", TOO_LATE)
        trip = Trip(kept["state"], kept["nonce"], kept["verifier"], kept["returns_to"], kept["is_fresh"])
        if trip.is_fresh:
            return _proved(request, trip, brought, at, kept["next"])
        return _entered(request, trip, brought, at, kept["next"])
    except SignInRefused as refused:
        return _refused(request, refused, at)


@csrf_exempt
@sensitive_post_parameters("logout_token")
@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """The provider's own word, signed, that a session has ended: no browser is here.

    Source: Back-Channel Logout 1.0, 2.8.
    """
    try:
        use.end_at_provider(request.POST.get("logout_token", ""), clock.now())
    except SignInRefused as refused:
        return HttpResponse(status=503 if refused.code in AWAY else 400)
    return HttpResponse(status=200)


@never_cache
@require_GET
def farewell(request: HttpRequest) -> HttpResponse:
    """Signed out here; the way to sign out there."""
    if request.user.is_authenticated:
        return redirect("today")
    language = language_of(request)
    with translation.override("en" if language == "en" else "zh-hans"):
        target = use.farewell(origin_of(request) + reverse("sign_in"))
        return render(request, "console/signed_out.html", {"at": clock.now(), "target": target})


def _sent(request: HttpRequest, *, is_fresh: bool) -> HttpResponse:
    try:
        address, trip = use.set_out(origin_of(request) + reverse("provider_answer"), is_fresh=is_fresh)
    except SignInRefused as refused:
        return _refused(request, refused, clock.now())
    request.session[TRIP] = {
        "state": trip.state,
        "nonce": trip.nonce,
        "verifier": trip.verifier,
        "returns_to": trip.returns_to,
        "is_fresh": trip.is_fresh,
        "next": goes_to(request),
    }
    return redirect(address)


def _entered(request: HttpRequest, trip: Trip, brought: Answer, at: datetime, goes_on: str) -> HttpResponse:
    member, identity, way = use.come_back(trip, brought, at)
    marks = marks_of(identity)
    if way is Way.ENTER:
        return with_device(redirect(goes_on), enter(request, member, "provider", at, marks))
    keep_step(request, member, way.value, goes_on, at, marks)
    return redirect("prove_factor" if way is Way.PROVE else "enrol_factor")


def _proved(request: HttpRequest, trip: Trip, brought: Answer, at: datetime, goes_on: str) -> HttpResponse:
    signed_in = signed_in_of(request)
    if signed_in is None:
        raise SignInRefused("changed", TOO_LATE)
    prove_session(signed_in, use.prove_at_provider(trip, brought, signed_in.staff_id, at), at)
    return redirect(goes_on)


def _refused(request: HttpRequest, refused: SignInRefused, at: datetime) -> HttpResponse:
    language = language_of(request)
    with translation.override("en" if language == "en" else "zh-hans"):
        status = 503 if refused.code in AWAY else 404 if refused.code == "no_provider" else 400
        return render(request, "console/provider_refused.html", {"at": at, "because": refused.text}, status=status)
