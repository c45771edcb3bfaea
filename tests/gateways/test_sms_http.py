"""SMS by HTTP against the sink, which plays the provider as documented, and against peers that cut the connection."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateways.grants import AT, make_grant
from zhizhi.gateways.inbound import ReceiptState, ReplyKind
from zhizhi.gateways.permit import Failed, FailureKind, Origin, PermitGrant, Sent, Unknown
from zhizhi.gateways.sink.outbox import Outbox
from zhizhi.gateways.sink.provider import Provider, ProviderSettings
from zhizhi.gateways.sink.server import SinkServer, free_port
from zhizhi.gateways.sms_http import wire
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, NotTaken, ProviderError, SmsSettings
from zhizhi.gateways.sms_http.events import EventError, parse_push

WALL = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NUMBER = "10000000001"
BODY = "${name}您好,您的账单已到期,请登录App查看。回复TD退订"


class Clock:
    """The provider's and our real clock; each can be moved."""

    def __init__(self) -> None:
        self.ours = WALL
        self.theirs = WALL


@contextmanager
def sink_at(state: Path, clock: Clock, **settings: Any) -> Iterator[tuple[HttpSmsChannel, Outbox, str]]:
    outbox = Outbox(state)
    provider = Provider(outbox, ProviderSettings("key", "secret", **settings), lambda: clock.theirs)
    server = SinkServer(provider, 0, free_port())
    server.start()
    base_url = f"http://127.0.0.1:{server.port}"
    channel = HttpSmsChannel(SmsSettings(base_url, "key", "secret", into_sink=True), lambda: clock.ours)
    try:
        yield channel, outbox, base_url
    finally:
        channel.close()
        server.stop()
        outbox.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sink(tmp_path: Path, clock: Clock) -> Iterator[tuple[HttpSmsChannel, Outbox, str]]:
    with sink_at(tmp_path / "sink", clock, undelivered=("9",)) as running:
        running[0].file_signature("知止示范")
        assert running[0].file_template("T1", BODY) == "approved"
        yield running


def sms(key: str = "permit-7", **changes: Any) -> PermitGrant:
    fields = {
        "signature": "知止示范",
        "template_id": "T1",
        "variables": (("name", "王先生"),),
        "idempotency_key": key,
        **changes,
    }
    return make_grant("sms", fields.pop("address", NUMBER), **fields)


def test_what_leaves_is_the_filed_template_with_signature_and_variables(sink: Any) -> None:
    channel, outbox, _ = sink
    outcome = channel.send(sms(), AT)
    assert outcome == Sent("S0000000000")
    [(_, message)] = outbox.newest("sms", 0, 10)
    assert message["text"] == "【知止示范】王先生您好,您的账单已到期,请登录App查看。回复TD退订"
    assert message["to"] == NUMBER


def test_the_same_key_again_is_the_same_message_and_leaves_once(sink: Any) -> None:
    channel, outbox, _ = sink
    channel.send(sms(), AT)
    assert channel.send(sms(), AT) == Sent("S0000000000", already=True)
    assert outbox.count("sms") == 1


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"signature": "未备案"}, FailureKind.PERMANENT, "signature_not_filed"),
        ({"template_id": "T9"}, FailureKind.PERMANENT, "template_not_approved"),
        ({"variables": ()}, FailureKind.PERMANENT, "variables_mismatch"),
        ({"variables": (("name", "a"), ("more", "b"))}, FailureKind.PERMANENT, "variables_mismatch"),
        ({"variables": (("name", "长" * 500),)}, FailureKind.PERMANENT, "malformed"),
        ({"address": "12"}, FailureKind.PERMANENT, "bad_telephone"),
        ({"address": "１００００００００００"}, FailureKind.PERMANENT, "bad_telephone"),
        ({"expires_at": AT}, FailureKind.PERMANENT, "permit_expired"),
        ({"not_before": AT + timedelta(seconds=1)}, FailureKind.TEMPORARY, "not_yet_valid"),
        ({"content_digest": "0" * 64}, FailureKind.PERMANENT, "content_changed"),
    ],
)
def test_refusals_carry_their_code_and_nothing_left(
    sink: Any, changes: dict[str, Any], kind: FailureKind, code: str
) -> None:
    channel, outbox, _ = sink
    outcome = channel.send(sms(**changes), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert outbox.count() == 0


def test_a_batch_answers_each_in_order_and_one_bad_message_stops_no_other(sink: Any) -> None:
    channel, outbox, _ = sink
    expired = sms("k3", expires_at=AT)
    grants = [
        sms("k1"),
        sms("k2", template_id="T9"),
        expired,
        sms("k4", variables=(("name", "长" * 500),)),
        sms("k5"),
        sms("k1"),
    ]
    codes = [getattr(outcome, "code", "sent") for outcome in channel.send_many(grants, AT)]
    assert codes == ["sent", "template_not_approved", "permit_expired", "malformed", "sent", "key_twice"]
    assert outbox.count("sms") == 2


def test_too_large_a_batch_leaves_nothing(sink: Any) -> None:
    channel, outbox, _ = sink
    outcomes = channel.send_many([sms(f"k{i}") for i in range(201)], AT)
    assert {getattr(outcome, "code", "sent") for outcome in outcomes} == {"batch_too_large"}
    assert outbox.count() == 0


def test_a_key_used_for_another_message_is_refused(sink: Any) -> None:
    channel, _, _ = sink
    channel.send(sms(), AT)
    outcome = channel.send(sms(variables=(("name", "李女士"),)), AT)
    assert isinstance(outcome, Failed)
    assert outcome.code == "out_id_conflict"


def test_a_clock_that_is_six_minutes_off_is_refused_and_a_declared_clock_does_not_matter(
    sink: Any, clock: Clock
) -> None:
    channel, outbox, _ = sink
    declared = AT + timedelta(days=400)
    grant = sms(not_before=declared, expires_at=declared + timedelta(hours=1), origin=Origin.DECLARED)
    assert isinstance(channel.send(grant, declared), Sent)
    clock.ours = WALL + timedelta(minutes=6)
    outcome = channel.send(sms("k2"), AT)
    assert isinstance(outcome, Failed)
    assert outcome.code == "clock_skew"
    assert outbox.count() == 1


def test_a_real_channel_refuses_a_permit_of_a_declared_clock() -> None:
    channel = HttpSmsChannel(SmsSettings("http://127.0.0.1:9", "key", "secret"), lambda: WALL)
    outcome = channel.send(sms(origin=Origin.DECLARED), AT)
    channel.close()
    assert isinstance(outcome, Failed)
    assert outcome.code == "declared_clock"


@pytest.mark.parametrize(
    ("key", "secret", "code"), [("other", "secret", "unknown_key"), ("key", "other", "bad_request_signature")]
)
def test_a_wrong_account_is_refused(sink: Any, key: str, secret: str, code: str) -> None:
    _, outbox, base_url = sink
    channel = HttpSmsChannel(SmsSettings(base_url, key, secret, into_sink=True), lambda: WALL)
    outcome = channel.send(sms(), AT)
    channel.close()
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code) == (FailureKind.TEMPORARY, code)
    assert outbox.count() == 0


def test_the_request_signature_is_the_documented_one_and_a_nonce_counts_once(sink: Any) -> None:
    _, _, base_url = sink
    target, date, nonce = "/v1/receipts?after=0&limit=5", "2026-11-21T12:00:00Z", "ab" * 16
    lines = f"GET\n{target}\n{date}\n{nonce}\n{hashlib.sha256(b'').hexdigest()}"
    signature = hmac.new(b"secret", lines.encode(), "sha256").hexdigest()
    headers = {"X-Access-Key": "key", "X-Date": date, "X-Nonce": nonce, "X-Signature": signature}
    with httpx.Client(base_url=base_url) as client:
        assert client.get(target, headers=headers).json() == {"code": "ok", "events": [], "next": "0"}
        replayed = client.get(target, headers=headers)
        assert (replayed.status_code, replayed.json()["code"]) == (401, "nonce_reused")
        tampered = client.get("/v1/receipts?after=1&limit=5", headers={**headers, "X-Nonce": "cd" * 16})
        assert tampered.json()["code"] == "bad_request_signature"


def test_receipts_come_once_by_cursor_with_the_share_that_was_not_delivered(sink: Any) -> None:
    channel, _, _ = sink
    channel.send_many([sms(f"k{i}", address=f"1000000001{i}") for i in range(10)], AT)
    receipts, cursor = channel.pull_receipts()
    assert [receipt.idempotency_key for receipt in receipts] == [f"k{i}" for i in range(10)]
    assert [receipt.state for receipt in receipts].count(ReceiptState.UNDELIVERED) == 1
    assert channel.pull_receipts(cursor) == ([], cursor)


def test_a_reply_typed_on_the_page_is_pulled_refuses_the_medium_and_blocks_the_number(sink: Any) -> None:
    channel, _, base_url = sink
    channel.send_many([sms("k1"), sms("k2", address="10000000002")], AT)
    with httpx.Client(base_url=base_url) as client:
        token = client.get("/").text.split('name="token" value="')[1].split('"')[0]
        assert client.post("/reply", data={"token": token, "n": "0", "text": "ｔｄ。"}).status_code == 303
        client.post("/reply", data={"token": token, "n": "1", "text": "我明天还"})
        assert client.post("/reply", data={"token": "forged", "n": "0", "text": "退订"}).status_code == 403
    replies, cursor = channel.pull_replies()
    assert [(reply.address, reply.kind) for reply in replies] == [
        (NUMBER, ReplyKind.REFUSE_MEDIUM),
        ("10000000002", ReplyKind.FREE_TEXT),
    ]
    assert replies[1].text == "我明天还"
    assert channel.pull_replies(cursor) == ([], cursor)
    blocked = channel.send(sms("k3"), AT)
    assert isinstance(blocked, Failed)
    assert blocked.code == "mobile_black_list"
    assert channel.send(sms("k1"), AT) == Sent("S0000000000", already=True)


def test_a_rate_limit_is_temporary(tmp_path: Path, clock: Clock) -> None:
    with sink_at(tmp_path / "limited", clock, messages_a_minute_a_number=2) as (channel, _, _):
        channel.file_signature("知止示范")
        channel.file_template("T1", BODY)
        codes = [getattr(channel.send(sms(f"k{i}"), AT), "code", "sent") for i in range(3)]
        assert codes == ["sent", "sent", "rate_limited"]
        clock.ours = clock.theirs = WALL + timedelta(seconds=61)
        assert isinstance(channel.send(sms("k9"), AT), Sent)


def test_a_look_up_settles_an_unknown(sink: Any) -> None:
    channel, _, _ = sink
    channel.send(sms("key with & and 中文"), AT)
    assert channel.look_up("key with & and 中文") == Sent("S0000000000", already=True)
    assert channel.look_up("never sent") == NotTaken()


# ---- the boundary: peers that cut ----


@contextmanager
def raw_peer(talk: Callable[[socket.socket, bytes], None], seconds: float = 60.0) -> Iterator[HttpSmsChannel]:
    """A peer that reads one whole request and then does what the test says; its client waits so long."""
    listener = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while len(body) < length:
                body += connection.recv(65536)
            talk(connection, body)

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    settings = SmsSettings(f"http://127.0.0.1:{listener.getsockname()[1]}", "key", "secret", timeout_seconds=seconds)
    channel = HttpSmsChannel(settings, lambda: WALL)
    try:
        yield channel
    finally:
        channel.close()
        thread.join(60)
        listener.close()


def answer(status: str, body: bytes) -> Callable[[socket.socket, bytes], None]:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    return lambda connection, _body: connection.sendall(head + body)


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection, body: None,
        lambda connection, body: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
        lambda connection, body: connection.sendall(b"garbage\r\n\r\n"),
        answer("502 Bad Gateway", b"<html>upstream</html>"),
        answer("200 OK", b"{}"),
        answer("200 OK", b'{"code":"ok","results":[]}'),
        answer("200 OK", b'{"code":"ok","results":[{"out_id":"permit-7","code":"new_code"}]}'),
        answer("200 OK", b'{"code":"ok","results":[{"out_id":"permit-7","code":"accepted","message_id":""}]}'),
        answer("302 Found", b""),
        answer("200 OK", b"[" * 100_000),
    ],
    ids=["cut", "half", "garbage", "proxy", "empty", "none", "undocumented", "no id", "redirect", "deep"],
)
def test_after_the_request_was_written_only_a_documented_answer_is_proof(talk: Callable[..., None]) -> None:
    with raw_peer(talk) as channel:
        outcome = channel.send(sms(), AT)
    assert isinstance(outcome, Unknown)


def test_nor_is_silence_after_it() -> None:
    with raw_peer(lambda connection, body: connection.recv(1) and None, seconds=0.5) as channel:
        outcome = channel.send(sms(), AT)
    assert isinstance(outcome, Unknown)


def test_a_documented_refusal_is_proof_even_with_a_server_error_status() -> None:
    with raw_peer(answer("503 Busy", b'{"code":"system_busy","retry_after_seconds":7}')) as channel:
        outcome = channel.send(sms(), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code, outcome.retry_after_seconds) == (FailureKind.TEMPORARY, "system_busy", 7)


def test_a_closed_port_is_proof_that_nothing_left() -> None:
    channel = HttpSmsChannel(SmsSettings(f"http://127.0.0.1:{free_port()}", "key", "secret"), lambda: WALL)
    outcomes = channel.send_many([sms("k1"), sms("k2")], AT)
    channel.close()
    assert [getattr(outcome, "code", "") for outcome in outcomes] == ["not_connected"] * 2


def test_a_server_whose_certificate_is_unknown_gets_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        received: list[bytes] = []

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(10))
                connection.sendall(b"not tls at all")

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        channel = HttpSmsChannel(
            SmsSettings(f"https://127.0.0.1:{listener.getsockname()[1]}", "key", "secret"), lambda: WALL
        )
        outcome = channel.send(sms(), AT)
        channel.close()
        thread.join(60)
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.TEMPORARY
    assert b"POST" not in b"".join(received)


def test_a_pull_that_fails_is_an_error_and_not_an_empty_answer() -> None:
    channel = HttpSmsChannel(SmsSettings(f"http://127.0.0.1:{free_port()}", "key", "secret"), lambda: WALL)
    with pytest.raises(ProviderError) as caught:
        channel.pull_receipts()
    channel.close()
    assert caught.value.code == "not_connected"


@contextmanager
def peer_that_answers(document: Any) -> Iterator[HttpSmsChannel]:
    body = json.dumps(document).encode()
    listener = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    channel = HttpSmsChannel(
        SmsSettings(f"http://127.0.0.1:{listener.getsockname()[1]}", "key", "secret"), lambda: WALL
    )
    try:
        yield channel
    finally:
        channel.close()
        thread.join(60)
        listener.close()


def test_an_unreadable_event_is_logged_without_its_content_and_holds_up_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with peer_that_answers({"code": "ok", "events": [{"from": NUMBER, "text": 5}, REPLY], "next": "2"}) as channel:
        replies, cursor = channel.pull_replies()
    assert ([reply.key for reply in replies], cursor) == (["reply-1"], "2")
    assert "event 0 of 2" in caplog.text
    assert NUMBER not in caplog.text


@pytest.mark.parametrize("document", [{"code": "ok"}, {"code": "ok", "events": {}, "next": "1"}, {"code": "new"}, []])
def test_a_pull_that_is_answered_otherwise_is_an_error(document: Any) -> None:
    with peer_that_answers(document) as channel, pytest.raises(ProviderError) as caught:
        channel.pull_receipts()
    assert caught.value.code == "unreadable_answer"


# ---- pushes ----


def push(document: Any, secret: str = "secret", at: datetime = WALL) -> tuple[dict[str, str], bytes]:
    body = json.dumps(document).encode()
    date, nonce = wire.to_wire_date(at), "ab" * 16
    signature = wire.sign(secret, method="POST", target="/hooks/sms", date=date, nonce=nonce, body=body)
    return {"x-date": date, "x-nonce": nonce, "x-signature": signature}, body


RECEIPT = {
    "key": "receipt-1",
    "message_id": "S1",
    "out_id": "permit-7",
    "state": "delivered",
    "carrier_code": "DELIVRD",
    "at": "2026-11-21T11:59:59Z",
}
REPLY = {"key": "reply-1", "from": NUMBER, "text": "N", "at": "2026-11-21T11:59:59Z", "message_id": "S1"}


def test_a_signed_push_is_read() -> None:
    headers, body = push({"receipts": [RECEIPT], "replies": [REPLY]})
    receipts, replies = parse_push(headers, "/hooks/sms", body, "secret", WALL)
    assert receipts[0].idempotency_key == "permit-7"
    assert replies[0].kind is ReplyKind.REFUSE_MEDIUM


@pytest.mark.parametrize(
    ("document", "secret", "at", "target", "code"),
    [
        ({"receipts": []}, "other", WALL, "/hooks/sms", "bad_request_signature"),
        ({"receipts": []}, "secret", WALL, "/hooks/other", "bad_request_signature"),
        ({"receipts": []}, "secret", WALL - timedelta(minutes=6), "/hooks/sms", "clock_skew"),
        ([], "secret", WALL, "/hooks/sms", "unreadable_event"),
        ({"receipts": [{**RECEIPT, "state": "perhaps"}]}, "secret", WALL, "/hooks/sms", "unreadable_event"),
        ({"receipts": ["x"]}, "secret", WALL, "/hooks/sms", "unreadable_event"),
        ({"replies": [{**REPLY, "from": "you"}]}, "secret", WALL, "/hooks/sms", "unreadable_event"),
        ({"replies": [REPLY] * 2000}, "secret", WALL, "/hooks/sms", "unreadable_event"),
    ],
)
def test_a_push_that_is_not_the_providers_is_refused(
    document: Any, secret: str, at: datetime, target: str, code: str
) -> None:
    headers, body = push(document, secret, at)
    with pytest.raises(EventError) as caught:
        parse_push(headers, target, body, "secret", WALL)
    assert caught.value.code == code
    assert NUMBER not in str(caught.value)


def test_a_permit_that_ends_while_the_connection_is_made_stays_behind(sink: Any) -> None:
    channel, outbox, _ = sink
    outcome = channel.send(replace(sms(), expires_at=AT + timedelta(microseconds=1)), AT)
    assert isinstance(outcome, Failed)
    assert outbox.count() == 0
