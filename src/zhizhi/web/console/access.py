"""Who may open a screen: signed in, in a role that has it; what is seen in it is up to row-level security."""

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
from zhizhi.store.words import STAFF_ROLES
from zhizhi.web.shared import clock
from zhizhi.web.shared.language import language_of

# Roles by what they may do; what each may see is SCOPE_OF_ROLE (store/lenders/models.py).
EVERYBODY = frozenset(STAFF_ROLES)
WORKING = EVERYBODY - {"auditor"}
RULING = frozenset(("administrator", "head", "compliance", "supervisor", "team_leader"))
IMPORTING = frozenset(("administrator", "head", "supervisor"))
SEEING_IMPORTS = RULING | {"auditor"}
WEIGHING = frozenset(("administrator", "head", "compliance", "supervisor"))
SEEING_IMPACT = WEIGHING | {"auditor"}
AUDITING = frozenset(("administrator", "head", "compliance", "supervisor"))
SEEING_AUDITS = AUDITING | {"auditor"}
WORKING_INQUIRIES = frozenset(("administrator", "head", "compliance", "supervisor"))
CAMPAIGNING = frozenset(("administrator", "head", "supervisor"))
STOPPING_CAMPAIGNS = CAMPAIGNING | {"compliance"}
SEEING_CAMPAIGNS = RULING | {"auditor"}
SEEING_RECONCILIATION = WORKING_INQUIRIES | {"auditor"}

Arguments = ParamSpec("Arguments")
Screen = Callable[Concatenate[HttpRequest, Desk, datetime, Arguments], HttpResponse]
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def screen(
    roles: frozenset[str] = EVERYBODY, methods: tuple[str, ...] = ("GET", "HEAD")
) -> Callable[[Screen[Arguments]], View[Arguments]]:
    """A view for signed-in staff of these roles; it is handed the desk and the one reading of the clock."""

    def wrap(shown: Screen[Arguments]) -> View[Arguments]:
        def view(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
            desk = desk_of(request.user)
            if desk is None:
                return _to_sign_in(request)
            if desk.role not in roles:
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            spoken = replace(desk, language=language_of(request))  # an address may ask for the other one
            with translation.override("en" if spoken.language == "en" else "zh-hans"):
                response = shown(request, spoken, clock.now(), *args, **kwargs)
            response.headers["Cache-Control"] = "no-store"  # pages hold personal data: no cache keeps one
            return response

        update_wrapper(view, shown)
        return view

    return wrap


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = request.get_full_path() if request.method == "GET" else "/"
    address = reverse("sign_in") + ("?" + urlencode({"next": target}) if target != "/" else "")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
