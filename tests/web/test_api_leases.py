"""The HTTP API from outside: tokens, scopes, keys, problems, and a call from lease to record."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from book import make_staff
from gatework import TEN, rows
from leasework import Desk, make_desk, place, secret_of
from zhizhi.store.campaigns.window import Window
from zhizhi.store.leases.tokens import load_tokens, revoke_token
from zhizhi.usecases.calling.making import MakeCalling, StepCalling, make_calling, step_calling
from zhizhi.web.api.application import application
from zhizhi.web.api.reading import BODY_BYTES_MAX
from zhizhi.web.api.urls import urlpatterns
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


@pytest.fixture(scope="module")
def secret(desk: Desk) -> str:
    return secret_of(desk)


def asked(method: str, path: str, body: str | bytes = "", headers: dict[str, str] | None = None) -> HttpResponse:
    """The answer of the API itself, as the web server asks it."""
    request = RequestFactory().generic(
        method, f"/api/v1/{path}", body, content_type="application/json", headers=headers
    )
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, named: list[tuple[str, str]]) -> None:
        begun.append((status, named))

    content = b"".join(application(request.environ, start_response))  # type: ignore[arg-type]  # no `exc_info` is given
    ((status, named),) = begun
    return HttpResponse(content, status=int(status.split(" ", 1)[0]), headers=dict(named))


def post(secret: str, path: str, body: object, key: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and document."""
    sent = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key or f"w{next(KEYS)}"}
    answer = asked("POST", path, sent, headers)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"].startswith(
        "application/json" if answer.status_code == 200 else "application/problem+json"
    )
    document = json.loads(answer.content)
    if answer.status_code != 200:
        assert document["status"] == answer.status_code
        assert document["detail"]["zh"]
        assert document["detail"]["en"]
    return answer.status_code, document


def places(document: dict[str, Any]) -> list[str]:
    return [one["pointer"] for one in document["errors"]]


def test_a_call_from_its_lease_to_its_record(desk: Desk, secret: str) -> None:
    someone = place(desk)
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


def test_several_persons_are_answered_in_their_places(desk: Desk, secret: str) -> None:
    first, second = place(desk), place(desk)
    persons = [{"case": first.case}, {"case": "no-such"}, {"account": second.who.number}, {"case": second.case}]
    status, document = post(secret, "leases/batch", {**TERMS, "persons": persons})
    assert status == 200
    assert [one["verdict"] for one in document["leases"]] == ["permit", "refused", "refused", "permit"]


def test_the_lenders_account_number_names_a_case_too(desk: Desk, secret: str) -> None:
    someone = place(desk)
    account = f"A{int(someone.who.number[3:])}"
    assert post(secret, "leases", {**TERMS, "account": account})[1]["number"] == someone.who.number


class TestTokens:
    def test_without_one_in_force_nothing_is_said(self, desk: Desk) -> None:
        over = secret_of(desk, at=TEN - timedelta(days=40))
        revoked = secret_of(desk)
        revoke_token(load_tokens()[0].id, TEN)
        for bad in ("", "zhizhi_nonsense", over, revoked):
            status, document = post(bad, "leases", {**TERMS, "case": "C-1"})
            assert (status, document["type"]) == (401, "urn:zhizhi:problem:no_token")

    def test_the_secret_is_nowhere_in_the_database(self, desk: Desk) -> None:
        secret = secret_of(desk)
        dump = rows("SELECT t::text FROM api_token t")
        assert dump
        assert secret not in str(dump)

    def test_another_agencys_case_is_not_there(self, desk: Desk) -> None:
        agency, own = secret_of(desk, agency=True), place(desk)
        terms = {**TERMS, "caller": "agent"}
        unknown = post(agency, "leases", {**terms, "case": "C-none"})
        assert post(agency, "leases", {**terms, "case": own.case}) == unknown
        assert unknown[0] == 404

    def test_a_token_without_the_scope_leases_nothing(self, desk: Desk) -> None:
        assert post(secret_of(desk, scopes=()), "leases", {**TERMS, "case": "C-1"})[0] == 403


class TestKeys:
    def test_the_same_request_is_given_the_same_answer(self, desk: Desk, secret: str) -> None:
        body = {**TERMS, "case": place(desk).case}
        first = post(secret, "leases", body, "one-key")
        assert post(secret, "leases", body, "one-key") == first
        status, document = post(secret, "leases", {**body, "seconds": 30}, "one-key")
        assert (status, document["type"]) == (422, "urn:zhizhi:problem:idempotency_key_reused")

    def test_without_a_key_nothing_is_done(self, secret: str) -> None:
        assert post(secret, "leases", TERMS, " ")[1]["type"] == "urn:zhizhi:problem:no_idempotency_key"

    def test_what_is_kept_holds_no_number(self, desk: Desk, secret: str) -> None:
        someone = place(desk)
        assert someone.who.number in str(post(secret, "leases", {**TERMS, "case": someone.case}))
        assert someone.who.number not in str(rows("SELECT a::text FROM kept_answer a"))


class TestWrongRequests:
    @pytest.mark.parametrize(
        "body", ["", "[]", "{", '{"a": NaN}', '{"case": "a", "case": "b"}', b"\xff\xfe", "[" * 5000], ids=range(7)
    )
    def test_what_is_no_object_of_json(self, secret: str, body: object) -> None:
        assert post(secret, "leases", body)[1]["type"] == "urn:zhizhi:problem:bad_json"

    def test_every_wrong_place_is_named_and_no_value_repeated(self, secret: str) -> None:
        body = {"campaign": "", "seconds": 3600, "script": 5, "caller": "x", "mobile": "10000000001", "case": "a\u0000"}
        status, document = post(secret, "leases", body)
        assert status == 422
        assert sorted(places(document)) == ["/", "/campaign", "/case", "/script", "/seconds"]
        assert "10000000001" not in json.dumps(document)
        assert "mobile" not in json.dumps(document)

    def test_inside_a_list_too(self, secret: str) -> None:
        body = {**TERMS, "persons": [{"case": "a"}, {"case": 7}, 9, {}]}
        assert places(post(secret, "leases/batch", body)[1]) == ["/persons/1/case", "/persons/2"]
        body = {**TERMS, "persons": [{"case": "a"}, {}]}
        assert places(post(secret, "leases/batch", body)[1]) == ["/persons/1/case"]
        assert places(post(secret, "leases/batch", {**TERMS, "persons": []})[1]) == ["/persons"]

    @pytest.mark.parametrize("seconds", [True, 60.0, "60", None, 4, 121])
    def test_seconds_are_a_whole_number_in_bounds(self, secret: str, seconds: object) -> None:
        assert places(post(secret, "leases", {**TERMS, "seconds": seconds, "case": "a"})[1]) == ["/seconds"]

    @pytest.mark.parametrize("at", ["2026-03-02T10:00:00", "yesterday", 5, "9999-12-31T23:59:59Z"])
    def test_an_instant_has_an_offset(self, secret: str, at: object) -> None:
        body = {"kind": "rang", "began_at": at}
        assert places(post(secret, "leases/1-1/records", body)[1]) == ["/began_at"]

    @pytest.mark.parametrize(
        "path", ["leases/1-1/confirm", "leases/x/confirm", "leases/99999999999999999999-1/confirm", "campaigns/x/end"]
    )
    def test_what_is_not_there_is_not_there(self, secret: str, path: str) -> None:
        assert post(secret, path, {})[0] == 404

    def test_a_name_beyond_what_the_database_counts_is_not_there(self, secret: str) -> None:
        assert post(secret, "leases/9999999999999999999-1/confirm", {})[0] == 404

    def test_another_address_or_method_is_a_problem_too(self, secret: str) -> None:
        assert post(secret, "nonsense", {})[0] == 404
        assert post(secret, "two%0Alines", {})[0] == 404
        assert asked("GET", "leases").status_code == 405

    def test_a_script_that_nobody_approved(self, secret: str) -> None:
        status, document = post(secret, "leases", {**TERMS, "script": "mine", "case": "a"})
        assert (status, document["type"]) == (409, "urn:zhizhi:problem:no_template")


class TestTheWayIn:
    def test_every_answer_says_what_pages_say_in_headers_and_no_cookie_is_set(self, desk: Desk, secret: str) -> None:
        for answer in (asked("GET", "openapi.json"), asked("POST", "leases"), asked("GET", "nonsense")):
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["X-Frame-Options"] == "DENY"
            assert answer["Referrer-Policy"] == "same-origin"
            assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert answer["Content-Length"] == str(len(answer.content))
            assert "Set-Cookie" not in answer

    def test_under_another_host_name_nothing_is_served(self, desk: Desk, secret: str) -> None:
        headers = {"Host": "elsewhere.example", "Authorization": f"Bearer {secret}", "Idempotency-Key": "host"}
        answer = asked("POST", "leases", json.dumps({**TERMS, "case": place(desk).case}), headers)
        assert (answer.status_code, json.loads(answer.content)["type"]) == (400, "urn:zhizhi:problem:no_such_host")

    @pytest.mark.parametrize("octets", [BODY_BYTES_MAX + 1, (8 << 20) + 1])
    def test_a_body_that_is_too_large_is_refused(self, secret: str, octets: int) -> None:
        status, document = post(secret, "leases", " " * octets)
        assert (status, document["type"]) == (413, "urn:zhizhi:problem:too_large")

    def test_a_session_opens_nothing(self, desk: Desk) -> None:
        headers = {"Cookie": "sessionid=anything", "Idempotency-Key": "cookie"}
        answer = asked("POST", "leases", json.dumps({**TERMS, "case": "C-1"}), headers)
        assert answer.status_code == 401


def test_nothing_personal_is_logged(desk: Desk, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    someone = place(desk)
    with caplog.at_level(logging.DEBUG):
        _, leased = post(secret, "leases", {**TERMS, "case": someone.case})
        post(secret, f"leases/{leased['lease']}/records", {"kind": "rang", "number": someone.who.number})
        post(secret, "leases", {**TERMS, "case": someone.who.number, "seconds": 1})
    assert someone.who.number not in caplog.text
    assert secret not in caplog.text


class TestDocument:
    def test_it_describes_every_address_and_refers_to_what_is_there(self, desk: Desk) -> None:
        document = json.loads(asked("GET", "openapi.json").content)
        assert document["openapi"] == "3.1.0"
        served = {re.sub(r"<str:(\w+)>", r"{\1}", str(one.pattern)) for one in urlpatterns}
        assert {path.lstrip("/") for path in document["paths"]} == served - {
            "openapi.json",
            "docs",
            str(urlpatterns[-1].pattern),
        }
        names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
        assert {"OneLease", "Problem", "LeaseAnswer"} <= names <= set(document["components"]["schemas"])

    def test_what_it_requires_is_what_the_reader_requires(self, secret: str) -> None:
        schemas = json.loads(asked("GET", "openapi.json").content)["components"]["schemas"]
        assert places(post(secret, "leases", {})[1]) == [f"/{name}" for name in schemas["OneLease"]["required"]]
        assert not schemas["OneLease"]["additionalProperties"]


def test_a_calling_campaign_is_asked_with_its_free_seats(desk: Desk, secret: str) -> None:
    placed, by = place(desk), make_staff("lead", "supervisor", desk.lender).pk
    day = Window(TEN.date(), TEN.date(), 9 * 60, 20 * 60)
    made = make_calling(MakeCalling(desk.lender.pk, "spring", "call-plan", day, placed.case, "collector", (), by), TEN)
    free = {"seconds": 60, "free": [{"login": "collector"}]}
    status, document = post(secret, "calling/spring/next", free)
    assert (status, document["type"]) == (409, "urn:zhizhi:problem:not_running")
    step_calling(StepCalling(made, "started", by), TEN)
    status, document = post(secret, "calling/spring/next", free, "the-key")
    assert status == 200, document
    (one,) = document["leases"]
    assert (one["verdict"], one["caller"], one["number"], one["goes_from"]) == (
        "permit", "collector", placed.who.number, "",
    )  # fmt: skip
    assert post(secret, "calling/spring/next", free, "the-key") == (200, document)
    assert post(secret, "calling/winter/next", free)[0] == 404
    status, document = post(secret, "calling/spring/next", {"seconds": 60, "free": []})
    assert (status, places(document)) == (422, ["/free"])
