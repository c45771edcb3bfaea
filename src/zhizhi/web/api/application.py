"""The API as a WSGI application of its own: a request of a system carries no cookie, form or page, so nothing that
looks for one runs. What the console's middleware says in headers is said here of every answer.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from zhizhi.web.api.problems import NO_HOST, NO_PAGE, Problem, problem_answer
from zhizhi.web.shared.headers import NOT_KEPT, on_every_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ADDRESS = "/api/v1/"
ADDRESSES_BELOW = "zhizhi.web.api.urls"
POLICY = "default-src 'none'; frame-ancestors 'none'"


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer one request below `ADDRESS`; a connection that this thread opened and that broke or rested is closed."""
    close_old_connections()
    try:
        response = _answer(WSGIRequest(environ))
    finally:
        close_old_connections()
    headers, content = octets_of(response)
    start_response(f"{response.status_code} {response.reason_phrase}", headers)
    return [content]


def octets_of(response: HttpResponse) -> tuple[list[tuple[str, str]], bytes]:
    """Headers, with those that stand on every answer, and content."""
    content = response.content
    for name, value in {**on_every_answer(), "Content-Security-Policy": POLICY, "Cache-Control": NOT_KEPT}.items():
        response.headers.setdefault(name, value)
    return [*response.items(), ("Content-Length", str(len(content)))], content


def _answer(request: WSGIRequest) -> HttpResponse:
    try:
        request.get_host()
        view, values, named = resolve("/" + request.path_info.removeprefix(ADDRESS), ADDRESSES_BELOW)
    except DisallowedHost:
        return problem_answer(Problem(400, "no_such_host", NO_HOST))
    except Resolver404:
        return problem_answer(Problem(404, "no_such_endpoint", NO_PAGE))
    answered: HttpResponse = view(request, *values, **named)
    return answered
