"""The HTTP API from outside: tokens, scopes, keys, problems, and a call from lease to record."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from gatework import TEN, rows
from leasework import Desk, make_desk, place, secret_of
from zhizhi.web.shared import clock

KEYS = count()
TERMS = {"campaign": "morning", "seconds": 60, "script": "call-plan", "caller": "collector"}


@pytest.fixture(scope="module")
def desk(store: str) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, "testserver"])
        clock.install(lambda: TEN)
        yield make_desk()
        clock.install()


def post(secret: str, path: str, body: object, key: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and document."""
    text = body if isinstance(body, str) else json.dumps(body)
    answer = Client(raise_request_exception=False).post(
        f"/api/v1/{path}",
        text,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key or f"w{next(KEYS)}"},
    )
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, json.loads(answer.content)


def test_a_call_from_its_lease_to_its_record(desk: Desk) -> None:
    someone, secret = place(desk), secret_of(desk)
    status, leased = post(secret, "leases", {**TERMS, "case": someone.case})
    assert (status, leased["verdict"], leased["number"]) == (200, "permit", someone.who.number)
    status, confirmed = post(secret, f"leases/{leased['lease']}/confirm", {})
    assert (status, confirmed["valid"]) == (200, True)
    told = {"kind": "talked", "began_at": TEN.isoformat(), "ring_seconds": 5, "talk_seconds": 60}
    status, recorded = post(secret, f"leases/{leased['lease']}/records", told)
    assert (status, recorded) == (
        200,
        {"lease": leased["lease"], "counted": True, "state": "settled", "inquiries": []},
    )
    found = rows("SELECT outcome, talk_seconds, at FROM contact WHERE person_id = %s", someone.who.person)
    assert found == [("conversation", 60, TEN)]
