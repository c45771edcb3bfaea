"""What every endpoint does alike: the token, its scope, the key, the body, and the problem where one is wrong."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.db import Error, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from zhizhi.core.kernel.errors import KeyUnavailable, Refused, told
from zhizhi.store.leases.answers import Asked, OtherRequest
from zhizhi.store.leases.tokens import Bearer, load_bearer
from zhizhi.store.operations.clock_guard import ClockNotTrusted
from zhizhi.store.viewer import UnknownViewer
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.lease_confirm import NotFound
from zhizhi.web.api.problems import AWAY, FAILED, NO_KEY, NO_PAGE, NO_SCOPE, NO_TOKEN, Place, Problem, problem_answer
from zhizhi.web.api.reading import TOO_LARGE, read_body
from zhizhi.web.shared import clock

LOG = logging.getLogger("zhizhi.api")
SCOPE = "lease"
KEY = re.compile(r"[!-~]{1,100}", re.ASCII)

Shape = TypeVar("Shape", bound=BaseModel)
Endpoint = Callable[..., HttpResponse]


def endpoint(view: Endpoint) -> Endpoint:
    """A view of which every way to end is an answer."""

    @wraps(view)
    def answered(request: HttpRequest, **named: str) -> HttpResponse:
        return answer_of(lambda: view(request, **named))

    return answered


def answer_of(ask: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer, and the problem where there is none; what nobody expected is logged by type and place alone."""
    try:
        return ask()
    except Problem as problem:
        return problem_answer(problem)
    except (Refused, Error) as refused:
        return problem_answer(to_problem(refused))
    except RequestDataTooBig:
        return problem_answer(Problem(413, "too_large", TOO_LARGE))
    except KeyUnavailable as error:
        LOG.error("a key is not available: %s", told(error))
        return problem_answer(Problem(503, "key_away", AWAY))
    except Exception as error:
        LOG.error("a request failed: %s", told(error))
        return problem_answer(Problem(500, "failed", FAILED))


def to_problem(refused: Refused | Error) -> Problem:
    """What was refused, as a problem with its status."""
    match refused:
        case NotFound():
            return Problem(404, refused.code, refused.text)
        case OtherRequest():
            return Problem(422, refused.code, refused.text)
        case ClockNotTrusted():
            return Problem(503, refused.code, refused.text)
        case UnknownViewer():
            return Problem(401, "no_token", NO_TOKEN)
        case NotAllowed():
            return Problem(403, refused.code, refused.text)
        case Refused():
            field = getattr(refused, "field", None)
            places = (Place(f"/{field}", refused.text),) if field else ()
            return Problem(409, refused.code, refused.text, places)
        case OperationalError() | InterfaceError():
            LOG.error("the database failed: %s", told(refused))
            return Problem(503, "database_away", AWAY)
        case _:
            LOG.error("a request failed: %s", told(refused))
            return Problem(500, "failed", FAILED)


def secret_of(request: HttpRequest) -> str:
    """The secret that a request shows; empty where it shows none."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def may(bearer: Bearer | None, scope: str) -> Bearer:
    """Who asks. Refuses: no token in force, one without the scope."""
    if bearer is None:
        raise Problem(401, "no_token", NO_TOKEN)
    if scope not in bearer.scopes:
        raise Problem(403, "no_scope", NO_SCOPE)
    return bearer


def authorised(request: HttpRequest, scope: str, at: datetime) -> Bearer:
    """Who asks. Refuses: no token in force, one without the scope."""
    return may(load_bearer(secret_of(request), at), scope)


def key_of(request: HttpRequest) -> str:
    """The idempotency key. Refuses: none, or no visible characters."""
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not KEY.fullmatch(key):
        raise Problem(400, "no_idempotency_key", NO_KEY)
    return key


def said(request: HttpRequest) -> bytes:
    """Everything that a request said: the same key with anything else is another request."""
    return f"{request.method} {request.path}\n".encode() + request.body


def posted(request: HttpRequest, shape: type[Shape]) -> tuple[Bearer, Asked, Shape, datetime]:
    """Everything that a POST brings. Refuses: another method, and what its parts refuse."""
    only_post(request)
    at = clock.now()
    bearer = authorised(request, SCOPE, at)
    return bearer, Asked(bearer.token_id, key_of(request), said(request)), read_body(shape, request.body), at


def only_post(request: HttpRequest) -> None:
    """Refuses: another method."""
    if request.method != "POST":
        raise Problem(405, "method", NO_PAGE)


@contextmanager
def authorised_where_wrong(request: HttpRequest) -> Iterator[None]:
    """Where something is wrong with a request whose token was not looked at yet, the token comes first: whoever has
    none is told that, and nothing else.
    """
    try:
        yield
    except Problem:
        authorised(request, SCOPE, clock.now())
        raise


def again_where_overtaken(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Two requests of one key at once: the later one fails as a whole, and is given what the first was answered."""
    try:
        return ask()
    except IntegrityError:
        return ask()
