"""Sign-in, sign-out, and the switch of language."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhizhi.core.kernel.text import Text
from zhizhi.web.console.forms.signing import SignInForm
from zhizhi.web.console.pages import posted
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import COOKIE, COOKIE_SECONDS, language_of

# One sentence for an unknown name, a wrong password and somebody who left: nobody learns which names exist.
REFUSED = Text("登录名或密码不正确", "sign-in name or password is wrong")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, or the way in."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    language = language_of(request)
    form = SignInForm(language, posted(request))
    with translation.override("en" if language == "en" else "zh-hans"):
        if request.method == "POST" and form.is_valid():
            staff = authenticate(request, username=form.cleaned_data["login"], password=form.cleaned_data["password"])
            if staff is not None:
                login(request, staff)
                return redirect(_next(request))
            form.add_error(None, REFUSED.in_language(language))
        context = {"form": form, "next": _next(request), "at": clock.now()}
        return render(request, "console/sign_in.html", context, status=400 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign_in")


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Chinese or English from now on: on the staff row of somebody signed in, and in a cookie for the sign-in page."""
    language = "en" if request.POST.get("language") == "en" else "zh"
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response = redirect(_next(request))
    response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax")
    return response


def _next(request: HttpRequest) -> str:
    """Where to go on; never to another host."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"
