"""What tests of the API do over and over: ask it as the web server does, as a token of a scope."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory

from zhizhi.store.api.accounts import create_account_token
from zhizhi.store.api.scopes import TokenScope
from zhizhi.web.api.application import application

KEYS = count()
NAMES = count()
OF_AGENCIES = tuple(scope for scope in TokenScope if scope.row.for_agencies)


@dataclass(frozen=True)
class Told:
    """An answer with its status."""

    status: int
    document: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.document.get("type", "")).removeprefix("urn:zhizhi:problem:")

    @property
    def places(self) -> list[str]:
        """The pointers of a problem."""
        return [one["pointer"] for one in self.document.get("errors", [])]


def wsgi(method: str, path: str, body: str | bytes = "", headers: Mapping[str, str] | None = None,
         content_type: str = "application/json") -> HttpResponse:  # fmt: skip
    """The answer of the API itself, as the web server asks it."""
    request = RequestFactory().generic(method, f"/api/v1/{path}", body, content_type=content_type, headers=headers)
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, named: list[tuple[str, str]]) -> None:
        begun.append((status, named))

    content = b"".join(application(request.environ, start_response))  # type: ignore[arg-type]  # no `exc_info` is given
    ((status, named),) = begun
    return HttpResponse(content, status=int(status.split(" ", 1)[0]), headers=dict(named))


@dataclass(frozen=True)
class Client:
    """A system with a token."""

    secret: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None, key: str | None = None, **more: Any) -> Told:
        """Ask; a request that writes has a fresh key unless one is given."""
        sent = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.secret}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or f"k{next(KEYS)}"
        found = wsgi(method, path, sent, headers, **more)
        document = json.loads(found.content) if found.content else {}
        if found.status_code != 200:
            assert found["Content-Type"].startswith("application/problem+json")
            assert document["status"] == found.status_code
            assert document["detail"]["zh"]
            assert document["detail"]["en"]
        assert found["Cache-Control"] == "no-store"
        return Told(found.status_code, document, dict(found.items()))

    def get(self, path: str) -> Told:
        """Read."""
        return self.ask("GET", path)

    def post(self, path: str, body: object, key: str | None = None) -> Told:
        """Write."""
        return self.ask("POST", path, body, key)


def client_of(
    lender: str, at: datetime, agency: str | None = None, scopes: tuple[str, ...] | None = None, name: str | None = None
) -> Client:
    """A system with every scope that it may have, or those that are named."""
    given = scopes if scopes is not None else (OF_AGENCIES if agency else tuple(TokenScope))
    until = at + timedelta(days=30)
    return Client(create_account_token(name or f"s{next(NAMES)}", lender, agency, given, expires_at=until, at=at)[1])
