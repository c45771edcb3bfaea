"""Webhooks from end to end: an endpoint is made over the API, something happens, and a real receiver is told of it."""

import base64
import json
import re
import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from apiwork import Client, client_of
from gatework import rows
from hookwork import LOOPBACK, Receiver, end_endpoints, reply, sent, signature_by_openssl, told
from web.book import AT, Book
from zhizhi.core.kernel.addresses import read_networks
from zhizhi.jobs.webhooks import Sending
from zhizhi.usecases.webhooks import house

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def own_networks() -> Iterator[None]:
    house.install(house.HouseRules(read_networks(LOOPBACK), False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "API_AT_ONCE", 100_000)
        yield
    house.install(house.HouseRules())


@pytest.fixture
def system(book: Book) -> Client:
    """A system of its own in each test: what others asked for is not its."""
    return client_of("L1", AT)


@pytest.fixture(autouse=True)
def nobody_else(book: Book) -> Iterator[None]:
    """Endpoints of a test end with it."""
    yield
    end_endpoints()


def made(system: Client, receiver: Receiver, **more: object) -> tuple[str, bytes]:
    """An endpoint and the octets of its secret."""
    answer = system.post("webhooks", {"url": receiver.url, **more})
    assert answer.status == 200, answer
    secret = answer.document["secret"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    return answer.document["webhook"], base64.b64decode(secret.removeprefix("whsec_"))


def complain(system: Client, case: str) -> str:
    """Something happens: a complaint, which brings a stop."""
    debtor = system.get(f"cases/{case}/parties").document["parties"][0]["party"]
    answer = system.post(f"cases/{case}/complaints", {"by": debtor})
    assert answer.status == 200, answer
    return str(answer.document["statement"])


class TestBeingTold:
    def test_what_happens_is_told_thinly_and_signed(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        _, secret = made(system, receiver)
        case = book.cases["wang"]
        statement = complain(system, case)
        told(AT)
        sent(sending, AT)
        bodies = {json.loads(one.body)["type"]: json.loads(one.body) for one in receiver.got}
        assert set(bodies) == {"complaint.opened", "stop.opened"}
        complaint = bodies["complaint.opened"]
        assert complaint["data"] == {
            "case": case, "statement": statement, "href": f"/api/v1/cases/{case}/statements",
        }  # fmt: skip
        assert complaint["timestamp"] == AT.isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert statement in str(system.get(complaint["data"]["href"].removeprefix("/api/v1/")).document)
        for one in receiver.got:
            assert one.headers["webhook-timestamp"] == str(int(AT.timestamp()))
            signed = f"{one.id}.{one.headers['webhook-timestamp']}.".encode() + one.body
            assert one.headers["webhook-signature"] == f"v1,{signature_by_openssl(secret, signed)}"
        assert len({one.id for one in receiver.got}) == 2
        sent(sending, AT + DAY)
        assert len(receiver.got) == 2, "told once"

    def test_only_what_was_asked_for_is_told(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        made(system, receiver, events=["stop.opened"])
        complain(system, book.cases["wang"])
        told(AT)
        sent(sending, AT)
        assert [json.loads(one.body)["type"] for one in receiver.got] == ["stop.opened"]

    def test_a_body_holds_nothing_of_a_person(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        made(system, receiver)
        case = book.cases["wang"]
        note = {"action": "CALL_OUT", "outcome": "PROMISE", "next_step": "WAIT",
                "next_step_at": "2026-04-01T10:00:00+08:00", "text": "客户说下月还"}  # fmt: skip
        assert system.post(f"cases/{case}/notes", note).status == 200
        debt = system.get(f"cases/{case}/accounts").document["accounts"][0]["debt"]
        paid = {"debt": debt, "amount_minor": 12_345, "paid_on": "2026-03-02", "reference": "R-1"}
        assert system.post(f"cases/{case}/payments", paid).status == 200
        told(AT)
        sent(sending, AT)
        assert {json.loads(one.body)["type"] for one in receiver.got} == {"note.recorded", "payment.recorded"}
        written = b"".join(receiver.bodies).decode()
        for word in ("王小伟", "12345", "客户说", "1090000", "PROMISE"):
            assert word not in written
        for one in receiver.got:
            assert set(json.loads(one.body)) == {"type", "timestamp", "data"}

    def test_the_code_of_the_tutorial_checks_a_real_message(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending, tmp_path: Path
    ) -> None:
        page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
        (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        (tmp_path / "receiver.py").write_text(code, encoding="utf-8")
        verify = runpy.run_path(str(tmp_path / "receiver.py"))["verified"]
        webhook, secret = made(system, receiver)
        complain(system, book.cases["wang"])
        told(AT)
        sent(sending, AT)
        one, shown, now = receiver.got[0], "whsec_" + base64.b64encode(secret).decode(), AT.timestamp()
        assert verify(one.headers, one.body, [shown], now)["type"] in ("complaint.opened", "stop.opened")
        for headers, body, when in (
            (one.headers, one.body + b" ", now),
            ({**one.headers, "webhook-id": "msg_0"}, one.body, now),
            (one.headers, one.body, now + 301),
            (one.headers, one.body, now - 301),
            ({**one.headers, "webhook-signature": "v1,x v2,y"}, one.body, now),
        ):
            with pytest.raises(ValueError):
                verify(headers, body, [shown], when)
        new = system.post(f"webhooks/{webhook}/secret", {}).document["secret"]
        complain(system, book.cases["wang"])
        told(AT)
        sent(sending, AT)
        for known in (shown, new):
            assert verify(receiver.got[-1].headers, receiver.got[-1].body, [known], now)


class TestEndpoints:
    def test_an_endpoint_is_listed_changed_turned_off_and_ended(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        webhook, _ = made(system, receiver, description="CRM")
        shown = system.get(f"webhooks/{webhook}").document
        assert (shown["url"], shown["active"], shown["events"], shown["description"]) == (receiver.url, True, [], "CRM")
        assert "secret" not in json.dumps(shown).replace("former_secret_until", "")
        assert system.get("webhooks").document["rows"] == [shown]
        assert system.ask("PATCH", f"webhooks/{webhook}", {"active": False, "events": ["note.recorded"]}).status == 200
        shown = system.get(f"webhooks/{webhook}").document
        assert (shown["active"], shown["off_because"], shown["events"]) == (False, "asked", ["note.recorded"])
        assert system.ask("PATCH", f"webhooks/{webhook}", {"active": True}).status == 200
        assert system.ask("DELETE", f"webhooks/{webhook}").status == 200
        assert system.get(f"webhooks/{webhook}").status == 404
        assert rows("SELECT sealed, sealed_before FROM webhook_endpoint WHERE id = %s", int(webhook)) == [(None, None)]
        told_of = rows("SELECT count(*) FROM leaf WHERE kind = 'setting' AND at = %s", AT)[0][0]
        assert told_of >= 4

    def test_both_secrets_sign_for_a_day_and_then_the_new_one_alone(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        webhook, first = made(system, receiver, events=["stop.opened"])
        answer = system.post(f"webhooks/{webhook}/secret", {}).document
        second = base64.b64decode(answer["secret"].removeprefix("whsec_"))
        for at, secrets in ((AT + 23 * HOUR, [second, first]), (AT + 25 * HOUR, [second])):
            complain(system, book.cases["wang"])
            told(at)
            sent(sending, at)
            one = receiver.got[-1]
            signed = f"{one.id}.{int(at.timestamp())}.".encode() + one.body
            assert one.headers["webhook-signature"].split(" ") == [
                f"v1,{signature_by_openssl(secret, signed)}" for secret in secrets
            ]

    @pytest.mark.parametrize(
        "url",
        [
            *("http://example.org/", "https://", "https://u:p@example.org/", "https://example.org/#x", "ftp://a.b/"),
            *("https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://[fd00::1]/"),
            *("https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://[64:ff9b::a00:1]/"),
            *("https://exa mple.org/", "https://例子.测试/", "//example.org/", "https://example.org:0/"),
            *("https://example.org\\@10.0.0.1/", "https://[fe80::1%25eth0]/", "https://[::1]:99999/"),
        ],
    )  # fmt: skip
    def test_what_is_no_address_to_be_told_at_is_refused(self, system: Client, url: str) -> None:
        answer = system.post("webhooks", {"url": url})
        assert (answer.status, answer.places) in ((409, ["/url"]), (422, ["/url"])), answer

    def test_a_name_of_this_machine_is_refused_where_no_network_is_the_operators(self, system: Client) -> None:
        house.install(house.HouseRules())
        try:
            for url in ("https://localhost/", "https://127.0.0.1/", "https://db.internal/", "https://[::1]/"):
                assert system.post("webhooks", {"url": url}).code == "bad_url", url
        finally:
            house.install(house.HouseRules(read_networks(LOOPBACK), False))

    def test_one_account_has_so_many_and_sees_no_others(self, book: Book, system: Client, receiver: Receiver) -> None:
        other = client_of("L1", AT)
        webhook, _ = made(other, receiver)
        for _ in range(20):
            assert system.post("webhooks", {"url": receiver.url}).status == 200
        assert system.post("webhooks", {"url": receiver.url}).code == "too_many_endpoints"
        assert len(system.get("webhooks").document["rows"]) == 20
        for method, path, body in (
            ("GET", "", None), ("PATCH", "", {"active": False}), ("DELETE", "", None),
            ("POST", "/secret", {}), ("POST", "/replay", {"since": AT.isoformat()}),
        ):  # fmt: skip
            assert system.ask(method, f"webhooks/{webhook}{path}", body).status == 404, path

    def test_a_token_without_the_scope_does_nothing(self, book: Book, receiver: Receiver) -> None:
        reader = client_of("L1", AT, scopes=("read", "record"))
        assert reader.post("webhooks", {"url": receiver.url}).code == "no_scope"
        assert reader.get("webhook-deliveries").code == "no_scope"


class TestTellingAgain:
    def test_messages_are_listed_with_their_tries_and_told_once_more(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        webhook, _ = made(system, receiver, events=["complaint.opened"])
        receiver.answer = lambda handler, got: reply(handler, 500)
        complain(system, book.cases["wang"])
        told(AT)
        sent(sending, AT)
        (row,) = system.get(f"webhook-deliveries?webhook={webhook}").document["rows"]
        assert (row["state"], row["tries"], row["status"], row["end"]) == ("waiting", 1, 500, "status")
        receiver.answer = lambda handler, got: reply(handler, 204)
        sent(sending, AT + timedelta(seconds=6))
        whole = system.get(f"webhook-deliveries/{row['delivery']}").document
        assert (whole["state"], [one["status"] for one in whole["attempts"]]) == ("delivered", [204, 500])
        assert whole["body"].encode() == receiver.bodies[0] == receiver.bodies[1]
        again = system.post(f"webhooks/{webhook}/replay", {"delivery": row["delivery"]})
        assert again.document == {"webhook": webhook, "messages": 1}
        sent(sending, AT + HOUR)
        assert [one.id for one in receiver.got] == [whole["message"]] * 3, "the same id each time"

    def test_what_was_missed_while_it_was_off_is_told_from_an_instant_on(
        self, book: Book, system: Client, receiver: Receiver, sending: Sending
    ) -> None:
        webhook, _ = made(system, receiver, events=["complaint.opened"])
        system.ask("PATCH", f"webhooks/{webhook}", {"active": False})
        for who in ("wang", "bobs"):
            complain(system, book.cases[who])
        told(AT)
        sent(sending, AT)
        assert receiver.got == []
        assert {row["state"] for row in system.get("webhook-deliveries").document["rows"]} == {"missed"}
        asked = {"since": (AT - HOUR).isoformat()}
        assert system.post(f"webhooks/{webhook}/replay", asked).code == "endpoint_off"
        system.ask("PATCH", f"webhooks/{webhook}", {"active": True})
        assert system.post(f"webhooks/{webhook}/replay", {**asked, "until": AT.isoformat()}).document["messages"] == 0
        assert system.post(f"webhooks/{webhook}/replay", asked).document["messages"] == 2
        sent(sending, AT)
        assert len(receiver.got) == 2
        assert system.post(f"webhooks/{webhook}/replay", {}).places == ["/since"]
        assert system.get("webhook-deliveries?state=delivered&limit=1").document["cursor"] is not None
