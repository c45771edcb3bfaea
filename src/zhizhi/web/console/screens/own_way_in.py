"""登录与安全: one's own factors, recovery codes, devices and sessions, and the password."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.sign_in.reads import load_way_in
from zhizhi.store.sign_in.sessions import SignedIn
from zhizhi.store.viewer import reading
from zhizhi.usecases.sign_in import own
from zhizhi.usecases.sign_in.refusals import SignInRefused
from zhizhi.web.console.access import screen
from zhizhi.web.console.enrolment import Enroller, enrolment
from zhizhi.web.console.forms.signing import PasswordForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven
from zhizhi.web.console.way_in import goes_to, hold, shown_device, with_device
from zhizhi.web.shared.signed_in import signed_in_of

FORM, POST = ("GET", "HEAD", "POST"), ("POST",)


def _signed_in(request: HttpRequest) -> SignedIn:
    signed_in = signed_in_of(request)
    assert signed_in is not None, "`screen` lets nobody else in"
    return signed_in


def _shown(request: HttpRequest, desk: Desk, at: datetime, because: Text | None = None) -> HttpResponse:
    with reading(desk.viewer):
        way_in = load_way_in(desk.staff_id, at)
    here = _signed_in(request)
    context = {"here": "own_way_in", "way_in": way_in, "session": here, "because": because}
    return page(request, desk, at, "own_way_in.html", context, status=400 if because else 200)


def _did(request: HttpRequest, desk: Desk, at: datetime, act: Callable[[], object]) -> HttpResponse:
    """The page again after an act; a refusal stands on it."""
    try:
        act()
    except SignInRefused as refused:
        return _shown(request, desk, at, refused.text)
    return redirect("own_way_in")


@screen(Right.ENTER)
def own_way_in(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Everything about one's own sign-in."""
    return _shown(request, desk, at)


@sensitive_post_parameters()
@screen(Right.ENTER, FORM)
@proven(FORM)
def add_factor(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """One more second factor."""
    codes, context, status = enrolment(request, Enroller(desk.staff_id, desk.login), at)
    if codes is None:
        return page(request, desk, at, "enrol_factor.html", {"here": "own_way_in", **context}, status=status)
    return _codes(request, desk, at, codes)


@screen(Right.ENTER, POST)
@proven()
def remove_factor(request: HttpRequest, desk: Desk, at: datetime, factor_id: int) -> HttpResponse:
    """End one of one's factors."""
    demonstrates = _signed_in(request).proof == "demonstration"
    return _did(
        request,
        desk,
        at,
        lambda: own.remove_own_factor(desk.staff_id, desk.role, factor_id, at, demonstrates=demonstrates),
    )


@screen(Right.ENTER, POST)
@proven()
def renew_codes(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """New recovery codes, shown this once."""
    try:
        codes = own.renew_own_codes(desk.staff_id, at)
    except SignInRefused as refused:
        return _shown(request, desk, at, refused.text)
    return _codes(request, desk, at, list(codes))


def _codes(request: HttpRequest, desk: Desk, at: datetime, codes: list[str]) -> HttpResponse:
    context = {"here": "own_way_in", "codes": codes, "goes_to": "/account"}
    return page(request, desk, at, "recovery_codes.html", context)


@screen(Right.ENTER, POST)
def end_session(request: HttpRequest, desk: Desk, at: datetime, session_id: int) -> HttpResponse:
    """End one of one's sessions: no proof is asked, for ending is what a frightened person does."""
    return _did(request, desk, at, lambda: own.end_own_session(desk.staff_id, session_id, at))


@screen(Right.ENTER, POST)
def end_others(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """End all of one's sessions but this one."""
    return _did(request, desk, at, lambda: own.end_other_sessions(_signed_in(request), at))


@screen(Right.ENTER, POST)
def forget_device(request: HttpRequest, desk: Desk, at: datetime, device_id: int) -> HttpResponse:
    """A device is unknown from now on."""
    return _did(request, desk, at, lambda: own.forget_own_device(desk.staff_id, device_id, at))


@screen(Right.ENTER, POST)
@proven()
def see_devices(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """It was I: the new devices are told no more."""
    return _did(request, desk, at, lambda: own.see_new_devices(_signed_in(request), at))


@sensitive_post_parameters()
@screen(Right.ENTER, FORM)
@proven(FORM)
def change_password(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A new password; every other session ends."""
    form = PasswordForm(desk.language, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = own.ChangePassword(desk.login, said["present"], said["wanted"])
        try:
            begun = own.change_password(_signed_in(request), command, shown_device(request), at)
        except SignInRefused as refused:
            form.refuse(refused)
        else:
            hold(request, begun)
            return with_device(redirect("own_way_in"), begun)
    context = {"here": "own_way_in", "form": form}
    return page(request, desk, at, "change_password.html", context, status=400 if form.errors else 200)


@screen(Right.ENTER, POST)
@proven()
def prove_again(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Proven: on to what was asked for by its address."""
    del desk, at
    return redirect(goes_to(request))
