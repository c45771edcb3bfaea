"""Who is at the portal: two cookies of this part of the site, one while a code is awaited, one while it is honoured."""

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.portal.requests import CODE_LASTS, SESSION_LASTS
from zhizhi.store.portal.sessions import PortalVisitor, load_visitor
from zhizhi.web.shared.language import language_of

ASKED, ENTERED = "zhizhi_my_code", "zhizhi_my"
_SECONDS = {ASKED: int(CODE_LASTS.total_seconds()), ENTERED: int(SESSION_LASTS.total_seconds())}
PATH = "/my"


def secret_of(request: HttpRequest, name: str) -> str | None:
    """What the browser holds; a value that we never gave opens nothing."""
    return request.COOKIES.get(name) or None


def visitor_of(request: HttpRequest, at: datetime) -> PortalVisitor | None:
    """Whoever showed a code in this browser, while that is honoured; nobody while the keys are away."""
    secret = secret_of(request, ENTERED)
    try:
        return load_visitor(secret, at) if secret is not None else None
    except KeyUnavailable:
        return None


def holding(response: HttpResponse, name: str, secret: str) -> HttpResponse:
    """The answer, with what this browser holds from now on."""
    response.set_cookie(
        name,
        secret,
        max_age=_SECONDS[name],
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return response


def forgetting(response: HttpResponse, *names: str) -> HttpResponse:
    """The answer, after which the browser holds these no more."""
    for name in names:
        response.delete_cookie(name, path=PATH, samesite="Strict")
    return response


def goes_to(request: HttpRequest, route: str) -> HttpResponse:
    """Another page of the portal, in the same language."""
    return redirect(f"{reverse(route)}?{urlencode({'lang': language_of(request)})}")
