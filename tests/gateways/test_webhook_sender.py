"""What leaves, to which address, and how each end of a request is told; against receivers that listen for real."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hookwork import LOOPBACK, Got, Receiver, receiving, reply, settings_for, signature_by_openssl
from zhizhi.core.kernel.addresses import NO_NETWORKS, read_networks
from zhizhi.gateways.webhooks.sender import ANSWER_OCTETS_MAX, Answered, Sender
from zhizhi.gateways.webhooks.settings import WebhookSettings, WebhookSettingsRefused, load_webhook_settings

AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SECRET, OTHER = b"k" * 32, b"m" * 32
BODY = '{"type":"note.recorded","data":{"case":"案"}}'.encode()


def send(sender: Sender, url: str) -> Answered:
    return sender.send(url, "msg_1", BODY, (SECRET,), AT)


def test_a_message_arrives_signed_under_each_secret_and_is_not_altered(receiver: Receiver) -> None:
    answered = Sender(settings_for(receiver)).send(receiver.url, "msg_1", BODY, (SECRET, OTHER), AT)
    assert (answered.end, answered.status) == ("accepted", 204)
    (got,) = receiver.got
    assert (got.path, got.body, got.id) == ("/hooks", BODY, "msg_1")
    signed = f"msg_1.{int(AT.timestamp())}.".encode() + BODY
    expected = " ".join(f"v1,{signature_by_openssl(secret, signed)}" for secret in (SECRET, OTHER))
    assert got.headers["webhook-signature"] == expected
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert not {"authorization", "cookie"} & set(got.headers)


@pytest.mark.parametrize(
    ("status", "end"),
    [(200, "accepted"), (299, "accepted"), (302, "redirect"), (307, "redirect"), (400, "status"), (410, "gone"),
     (429, "status"), (503, "status")],
)  # fmt: skip
def test_what_a_receiver_answers_is_told(receiver: Receiver, status: int, end: str) -> None:
    receiver.answer = lambda handler, got: reply(handler, status, b"x")
    answered = send(Sender(settings_for(receiver)), receiver.url)
    assert (answered.end, answered.status) == (end, status)


def test_a_redirect_to_a_clouds_metadata_is_not_followed(receiver: Receiver) -> None:
    asked: list[str] = []

    def resolving(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    receiver.answer = lambda handler, got: reply(handler, 302, Location="http://169.254.169.254/latest/meta-data/")
    answered = send(Sender(settings_for(receiver), resolving=resolving), receiver.url)
    assert (answered.end, len(receiver.got), asked) == ("redirect", 1, ["localhost"])


@pytest.mark.parametrize(
    "leads_to",
    [["10.0.0.1"], ["127.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["100.64.0.1"], ["224.0.0.1"],
     ["0.0.0.0"], ["fd00::1"], ["1.1.1.1", "127.0.0.1"], ["64:ff9b::7f00:1"], []],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_connected_to(receiver: Receiver, leads_to: list[str]) -> None:
    settings = WebhookSettings(NO_NETWORKS, False, str(receiver.authority))
    answered = send(Sender(settings, resolving=lambda host, port: leads_to), receiver.url)
    assert (answered.end, receiver.got) == ("address", [])


def test_a_name_is_resolved_once_and_a_second_answer_of_it_is_never_asked_for(receiver: Receiver) -> None:
    """Rebinding: the first answer passes, a second one would lead elsewhere."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]])
    asked: list[str] = []

    def resolving(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    own = WebhookSettings(read_networks(["127.0.0.1/32"]), False, str(receiver.authority))
    sender = Sender(own, resolving=resolving)
    assert send(sender, receiver.url).end == "accepted"
    assert asked == ["localhost"]
    assert send(sender, receiver.url).end == "address", "each request judges anew"
    assert len(receiver.got) == 1


def test_addresses_in_other_spellings_are_judged_by_what_they_are(receiver: Receiver) -> None:
    sender = Sender(WebhookSettings(NO_NETWORKS, False, str(receiver.authority)))
    for host in (
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:7f00:1]",
        "localhost",
    ):
        answered = send(sender, f"https://{host}:{receiver.port}/hooks")
        assert answered.end == "address", (host, answered)
    assert receiver.got == []


def test_without_tls_only_to_own_networks_where_the_operator_says_so(tmp_path: Path) -> None:
    with receiving(tmp_path, plain=True) as plain:
        own = read_networks(LOOPBACK)
        assert send(Sender(WebhookSettings(own, False)), plain.url).end == "address"
        assert send(Sender(WebhookSettings(own, True)), plain.url).end == "accepted"
        public = Sender(WebhookSettings(own, True), resolving=lambda host, port: ["1.1.1.1"])
        assert send(public, "http://example.org/").end == "address"


def test_a_certificate_of_another_name_or_of_nobody_we_trust_is_refused(tmp_path: Path, receiver: Receiver) -> None:
    distrusting = Sender(WebhookSettings(read_networks(LOOPBACK)))
    assert send(distrusting, receiver.url).end == "tls"
    with receiving(tmp_path, name="other.example") as other:
        sender = Sender(settings_for(other), resolving=lambda host, port: ["127.0.0.1"])
        assert send(sender, other.url).end == "accepted"
        assert send(sender, other.url.replace("other.example", "evil.example")).end == "tls"
        assert len(other.got) == 1
    assert receiver.got == []


def test_a_giant_answer_is_left_and_costs_no_memory(receiver: Receiver) -> None:
    taken = [0]

    def endless(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        while True:
            taken[0] += handler.wfile.write(b"x" * 65_536)

    receiver.answer = endless
    assert send(Sender(settings_for(receiver)), receiver.url).end == "accepted"
    assert taken[0] < ANSWER_OCTETS_MAX + (16 << 20), "what the sockets hold, not what was promised"


def test_a_giant_head_is_no_answer(receiver: Receiver) -> None:
    def heads(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(40_000):
            handler.wfile.write(f"x-{n}: {'y' * 50}\r\n".encode())

    receiver.answer = heads
    assert send(Sender(settings_for(receiver)), receiver.url).end in ("protocol", "unreachable")


@contextmanager
def dripping(octets: bytes, every: float) -> Iterator[int]:
    """A receiver without TLS that sends an octet now and then; its port."""
    stop, server = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            for octet in octets:
                if stop.wait(every):
                    return
                try:
                    connection.send(bytes((octet,)))
                except OSError:
                    return
            with contextlib.suppress(OSError):  # what came meanwhile is taken, so that the end is no reset
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        stop.set()
        thread.join()
        server.close()


@pytest.mark.parametrize(
    "octets", [b"", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000], ids=["nothing", "an octet at a time"]
)
def test_one_deadline_is_over_all_of_a_request(octets: bytes) -> None:
    sender = Sender(WebhookSettings(read_networks(LOOPBACK), True), seconds_max=0.4)
    with dripping(octets or b"x" * 9, 0.05 if octets else 60.0) as port:
        began = time.monotonic()
        assert send(sender, f"http://127.0.0.1:{port}/").end == "timeout"
        assert time.monotonic() - began < 30


def test_a_body_that_never_ends_changes_nothing_of_its_status(receiver: Receiver) -> None:
    stop = threading.Event()

    def hanging(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "10")
        handler.end_headers()
        handler.wfile.flush()
        stop.wait(120)

    receiver.answer = hanging
    answered = send(Sender(settings_for(receiver), seconds_max=5), receiver.url)
    stop.set()
    assert (answered.end, answered.status) == ("accepted", 200)


def test_nobody_there_and_no_http_are_told_apart() -> None:
    sender = Sender(WebhookSettings(read_networks(LOOPBACK), True), seconds_max=60)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert send(sender, f"http://127.0.0.1:{port}/").end == "unreachable"
    assert send(sender, "https://name.invalid/").end == "unreachable"
    with dripping(b"SSH-2.0-x\r\n\r\n", 0.0) as port:
        assert send(sender, f"http://127.0.0.1:{port}/").end == "protocol"


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("30", timedelta(seconds=30)), (format_datetime(AT + timedelta(minutes=2)), timedelta(minutes=2)), ("soon", None),
     ("-5", None), ("9" * 40, None)],
)  # fmt: skip
def test_how_long_a_receiver_asks_to_wait(receiver: Receiver, asked: str, pause: timedelta | None) -> None:
    receiver.answer = lambda handler, got: reply(handler, 503, Retry_After=asked)
    assert send(Sender(settings_for(receiver)), receiver.url).retry_after == pause


def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert send(Sender(settings_for(receiver)), receiver.url).end == "accepted"


@pytest.mark.parametrize(
    "written",
    ["own_networks = 1", 'own_networks = ["10.0.0.1/8"]', 'own_networks = ["here"]', 'plain_http = "yes"', "x = 1",
     'authority = "missing.pem"', "own_networks = ["],
)  # fmt: skip
def test_settings_that_do_not_fit_stop_the_worker(tmp_path: Path, written: str) -> None:
    path = tmp_path / "webhooks.toml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(WebhookSettingsRefused):
        load_webhook_settings(path)


def test_without_settings_public_addresses_alone(tmp_path: Path) -> None:
    assert load_webhook_settings(tmp_path / "webhooks.toml") == WebhookSettings()
