"""Who a request comes from: the member whose session the browser holds, while that session is honoured."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from zhizhi.store.sign_in.sessions import SignedIn, load_signed_in, touch_session
from zhizhi.web.shared import clock

SESSION_KEY = "sign_in"
FOUND = "_zhizhi_signed_in"


class SignedInMiddleware:
    """Sets `request.user`; the database is asked when somebody looks, once a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        request.user = SimpleLazyObject(lambda: _found(request)[0])  # type: ignore[assignment]  # lazy, as Django's own
        return self._get_response(request)


def signed_in_of(request: HttpRequest) -> SignedIn | None:
    """The session of a request; None for somebody who is not signed in."""
    return _found(request)[1]


def replace_signed_in(request: HttpRequest, signed_in: SignedIn) -> None:
    """What the session says since this request began."""
    setattr(request, FOUND, (_found(request)[0], signed_in))


def _found(request: HttpRequest) -> tuple[object, SignedIn | None]:
    known: tuple[object, SignedIn | None] | None = getattr(request, FOUND, None)
    if known is None:
        known = _look(request)
        setattr(request, FOUND, known)
    return known


def _look(request: HttpRequest) -> tuple[object, SignedIn | None]:
    secret, at = request.session.get(SESSION_KEY), clock.now()
    found = load_signed_in(secret, at) if isinstance(secret, str) else None
    if found is None:
        return AnonymousUser(), None
    # A part that a script fetches by itself is nobody at the desk.
    if not request.headers.get("HX-Request") or request.headers.get("HX-Boosted"):
        touch_session(found[1], at)
    return found
