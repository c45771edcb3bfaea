"""Who may open a screen: signed in, with the right that it names; what is seen in it is up to row-level security."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import update_wrapper
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from zhizhi.store.lenders.reads import Desk, desk_of
from zhizhi.store.lenders.rights import Right
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import language_of
from zhizhi.web.shared.opening import NAMED, Opening

Arguments = ParamSpec("Arguments")
Screen = Callable[Concatenate[HttpRequest, Desk, datetime, Arguments], HttpResponse]
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def screen(
    right: Right, methods: tuple[str, ...] = ("GET", "HEAD"), *, posting: tuple[Right, ...] = ()
) -> Callable[[Screen[Arguments]], View[Arguments]]:
    """A view for signed-in staff with a right; it is handed the desk and the one reading of the clock.

    `posting`: a POST wants one of these besides. What it does asks for its own right again.
    """
    opening = Opening(right, methods, posting)

    def wrap(shown: Screen[Arguments]) -> View[Arguments]:
        def view(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
            desk = desk_of(request.user)
            if desk is None:
                return _to_sign_in(request)
            wanted = opening.rights_for(str(request.method))
            if not all(any(desk.may(one) for one in group) for group in wanted):
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            spoken = replace(desk, language=language_of(request))  # an address may ask for the other one
            with translation.override("en" if spoken.language == "en" else "zh-hans"):
                response = shown(request, spoken, clock.now(), *args, **kwargs)
            response.headers["Cache-Control"] = "no-store"  # pages hold personal data: no cache keeps one
            return response

        update_wrapper(view, shown)
        setattr(view, NAMED, opening)
        return view

    return wrap


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = request.get_full_path() if request.method == "GET" else "/"
    address = reverse("sign_in") + ("?" + urlencode({"next": target}) if target != "/" else "")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
