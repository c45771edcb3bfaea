"""An invitation: the code, then a password, then the second factor.

The code comes behind `#` and by POST, never in an address that a server sees.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zhizhi.store.sign_in.invitations import OpenInvitation
from zhizhi.usecases.sign_in.by_password import NextStep
from zhizhi.usecases.sign_in.refusals import SignInRefused
from zhizhi.usecases.staff.inviting import Choose, choose_password, name_of, show_invitation
from zhizhi.web.console.forms.signing import FirstPasswordForm
from zhizhi.web.console.forms.staffing import InvitationForm
from zhizhi.web.console.pages import posted
from zhizhi.web.console.way_in import STEP_LASTS, keep_step
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import language_of
from zhizhi.web.shared.peer import address_of

FORM = ["GET", "HEAD", "POST"]
KEPT = "invited"
AWAY = frozenset({"clock", "keys"})


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(FORM)
def invitation(request: HttpRequest) -> HttpResponse:
    """The code; a right one leads to the choice of a password."""
    language, at = language_of(request), clock.now()
    form, status = InvitationForm(language, posted(request)), 200
    with translation.override("en" if language == "en" else "zh-hans"):
        if request.method == "POST" and form.is_valid():
            try:
                opened = show_invitation(form.cleaned_data["code"], address_of(request), at)
            except SignInRefused as refused:
                form.refuse(refused)
                status = 503 if refused.code in AWAY else 400
            else:
                request.session.flush()
                request.session[KEPT] = {"id": opened.id, "staff": opened.staff_id, "at": at.isoformat()}
                return redirect("first_password")
        context = {"form": form, "at": at}
        return render(request, "console/invitation.html", context, status=max(status, 400 if form.errors else 200))


@sensitive_post_parameters("wanted", "again")
@never_cache
@require_http_methods(FORM)
def first_password(request: HttpRequest) -> HttpResponse:
    """The first password, by whoever showed the code a moment ago; then the second factor."""
    language, at = language_of(request), clock.now()
    opened = _kept(request, at)
    if opened is None:
        return redirect("invitation")
    form, status = FirstPasswordForm(language, posted(request)), 200
    with translation.override("en" if language == "en" else "zh-hans"):
        if request.method == "POST" and form.is_valid():
            try:
                member, step = choose_password(Choose(opened, form.cleaned_data["wanted"]), at)
            except SignInRefused as refused:
                form.refuse(refused)
                status = 503 if refused.code in AWAY else 400
            else:
                name = NextStep.ENROL if step is NextStep.ENTER else step
                keep_step(request, member, name.value, "/", at)
                return redirect("prove_factor" if name is NextStep.PROVE else "enrol_factor")
        login, called = name_of(opened)
        context = {"form": form, "at": at, "login": login, "name": called}
        return render(request, "console/first_password.html", context, status=max(status, 400 if form.errors else 200))


def _kept(request: HttpRequest, at: datetime) -> OpenInvitation | None:
    """What was opened in this browser; None after ten minutes."""
    kept = request.session.get(KEPT)
    if not isinstance(kept, dict):
        return None
    since = at - datetime.fromisoformat(kept["at"])
    return OpenInvitation(kept["id"], kept["staff"]) if since < STEP_LASTS and since.total_seconds() >= 0 else None
