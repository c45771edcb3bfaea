"""E-mail against a real SMTP server (aiosmtpd): what is proof that nothing left, and what is not."""

import asyncio
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, Envelope, Session

from gateways.grants import AT, make_grant
from postbox import Postbox, serve
from zhizhi.gateways.permit import Failed, FailureKind, Origin, Sent, Unknown
from zhizhi.gateways.smtp.channel import SmtpChannel
from zhizhi.gateways.smtp.line import mail_address
from zhizhi.gateways.smtp.lines import SmtpLines
from zhizhi.gateways.smtp.settings import Security, SmtpSettings


def channel_to(port: int, **changes: Any) -> SmtpChannel:
    fields = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "notice@lender.example",
        "security": Security.PLAIN,
        "timeout_seconds": 60.0,
    }
    return SmtpChannel(SmtpSettings(**{**fields, **changes}))


def test_a_mail_arrives_whole_with_chinese_subject_and_body() -> None:
    postbox = Postbox()
    body = "第一行\n.以点开头的一行\n" + "很长" * 500
    with serve(postbox) as port:
        channel = channel_to(port)
        outcome = channel.send(make_grant("email", "borrower@mail.example", body=body, subject="还款提醒 " * 20), AT)
        channel.close()
    assert isinstance(outcome, Sent)
    mail = message_from_bytes(postbox.mails[0].content or b"", policy=default_policy)
    assert mail["Message-ID"] == outcome.provider_message_id
    assert mail["To"] == "borrower@mail.example"
    assert str(mail["Subject"]).split() == ["还款提醒"] * 20
    assert mail.get_content() == body


def test_the_same_permit_has_the_same_message_id_and_another_has_another() -> None:
    postbox = Postbox()
    with serve(postbox) as port:
        channel = channel_to(port)
        first = channel.send(make_grant("email", "a@mail.example"), AT)
        again = channel.send(make_grant("email", "a@mail.example"), AT)
        other = channel.send(make_grant("email", "a@mail.example", idempotency_key="permit-8"), AT)
        channel.close()
    assert first == again
    assert isinstance(first, Sent)
    assert isinstance(other, Sent)
    assert first.provider_message_id != other.provider_message_id


@pytest.mark.parametrize("stage", ["MAIL", "RCPT"])
def test_a_connection_cut_before_the_message_is_proof_that_nothing_left(stage: str) -> None:
    postbox = Postbox(**{stage: "cut"})
    with serve(postbox) as port:
        outcome = channel_to(port).send(make_grant("email", "a@mail.example"), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code) == (FailureKind.TEMPORARY, "not_connected")
    assert postbox.mails == []


def test_a_connection_cut_after_the_message_is_unknown() -> None:
    postbox = Postbox(DATA="cut")
    with serve(postbox) as port:
        outcome = channel_to(port).send(make_grant("email", "a@mail.example"), AT)
    assert isinstance(outcome, Unknown)
    assert len(postbox.mails) == 1


def test_several_connections_carry_several_mails_at_once_each_with_its_own_end() -> None:
    together = threading.Barrier(3)

    class Slow(Postbox):
        async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
            await asyncio.to_thread(together.wait, 120)
            return await super().handle_DATA(server, session, envelope)

    postbox = Slow()
    with serve(postbox) as port:
        lines = SmtpLines(SmtpSettings("127.0.0.1", port, "notice@lender.example", Security.PLAIN), 3)
        grants = [make_grant("email", f"b{n}@mail.example", idempotency_key=f"permit-{n}") for n in range(6)]
        with ThreadPoolExecutor(3) as pool:
            outcomes = list(pool.map(lambda grant: lines.send(grant, AT), grants))
        lines.close()
    assert len({one.provider_message_id for one in outcomes if isinstance(one, Sent)}) == 6
    assert sorted(mail.rcpt_tos[0] for mail in postbox.mails) == [f"b{n}@mail.example" for n in range(6)]
    assert postbox.seen.count("DATA") == 6


def test_a_closed_port_is_proof_that_nothing_left() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        outcome = channel_to(probe.getsockname()[1]).send(make_grant("email", "a@mail.example"), AT)
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.TEMPORARY


@contextmanager
def serve_bytes(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A peer that speaks raw bytes, for cuts that a well-behaved server cannot make."""
    listener = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            talk(connection)

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(60)
        listener.close()


def test_a_connection_cut_in_the_middle_of_the_message_is_proof_and_silence_after_its_end_is_not() -> None:
    def talk_until(cut: bool) -> Callable[[socket.socket], None]:
        def talk(connection: socket.socket) -> None:
            connection.sendall(b"220 peer\r\n")
            reader = connection.makefile("rb")
            for answer in (b"250 peer", b"250 ok", b"250 ok", b"354 go"):
                reader.readline()
                connection.sendall(answer + b"\r\n")
            if cut:
                reader.read(20_000)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                return
            while reader.readline() != b".\r\n":
                pass
            reader.readline()  # says nothing until the other side gives up

        return talk

    huge = make_grant("email", "a@mail.example", body="长" * 4_000_000)
    with serve_bytes(talk_until(cut=True)) as port:
        outcome = channel_to(port).send(huge, AT)
    assert isinstance(outcome, Failed)
    assert outcome.code == "not_connected"
    with serve_bytes(talk_until(cut=False)) as port:
        silent = channel_to(port, timeout_seconds=3.0).send(make_grant("email", "a@mail.example"), AT)
    assert isinstance(silent, Unknown)


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "code"),
    [
        ("RCPT", "550 no such user", FailureKind.PERMANENT, "smtp_550"),
        ("RCPT", "450 mailbox busy", FailureKind.TEMPORARY, "smtp_450"),
        ("MAIL", "530 authentication required", FailureKind.PERMANENT, "smtp_530"),
        ("DATA", "451 try later", FailureKind.TEMPORARY, "smtp_451"),
        ("DATA", "554 content refused", FailureKind.PERMANENT, "smtp_554"),
    ],
)
def test_a_refusal_of_the_server_is_proof_and_the_next_mail_still_goes(
    stage: str, answer: str, kind: FailureKind, code: str
) -> None:
    postbox = Postbox(**{stage: answer})
    with serve(postbox) as port:
        channel = channel_to(port)
        outcome = channel.send(make_grant("email", "a@mail.example"), AT)
        postbox.answers.clear()
        following = channel.send(make_grant("email", "a@mail.example"), AT)
        channel.close()
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert isinstance(following, Sent)


def test_an_idle_connection_that_died_is_replaced_within_the_same_call() -> None:
    postbox = Postbox()
    with serve(postbox) as port:
        channel = channel_to(port)
        channel.send(make_grant("email", "a@mail.example"), AT)
        postbox.answers["MAIL"] = "cut"
        first = channel.send(make_grant("email", "a@mail.example"), AT)
        assert isinstance(first, Failed)
        postbox.answers.clear()
        channel.send(make_grant("email", "a@mail.example"), AT)
    with serve(Postbox()) as port2:
        channel._line._settings = SmtpSettings("127.0.0.1", port2, "notice@lender.example", Security.PLAIN)
        assert isinstance(channel.send(make_grant("email", "a@mail.example"), AT), Sent)
        channel.close()


class Stammering(socketserver.ThreadingTCPServer):
    """A mail server that says one answer twice, at its first connection; it ends when its conversations have."""

    def __init__(self, verb: bytes) -> None:
        self.verb = verb
        self.mails: list[bytes] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Stammer)

    def answer(self, verb: bytes) -> bytes:
        """What is said to a verb."""
        said = {b"DATA": b"354 go on\r\n", b".": b"250 queued\r\n"}.get(verb, b"250 ok\r\n")
        return said * 2 if verb == self.verb and self.connections == 1 else said


class _Stammer(socketserver.StreamRequestHandler):
    server: Stammering

    def handle(self) -> None:
        self.server.connections += 1
        self.wfile.write(b"220 peer\r\n")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            self.wfile.write(self.server.answer(verb))
            if verb == b"DATA":
                self._mail()

    def _mail(self) -> None:
        """Until the dot; one that is cut off is none, and its end is an end: whoever reads on holds a core for ever."""
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                self.server.mails.append(b"".join(lines))
                self.wfile.write(self.server.answer(b"."))
                return
            lines.append(line)


@pytest.mark.parametrize("verb", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
def test_an_answer_said_twice_is_never_taken_for_that_of_another_command(verb: bytes) -> None:
    with Stammering(verb) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        channel = channel_to(server.server_address[1])
        outcomes = [channel.send(make_grant("email", "a@mail.example"), AT) for _ in range(3)]
        channel.close()
        server.shutdown()
    arrived = len(server.mails)
    assert sum(isinstance(one, Sent) for one in outcomes) <= arrived
    assert sum(not isinstance(one, Failed) for one in outcomes) == arrived, "proof that nothing left was none"
    assert all(isinstance(one, Sent) for one in outcomes[1:]), "the line is clean again for the next mail"
    assert isinstance(outcomes[0], Sent) is (verb == b".")


def test_what_is_left_of_one_permit_bounds_no_later_mail() -> None:
    with serve(Postbox()) as port:
        channel = channel_to(port)
        channel.send(make_grant("email", "a@mail.example", expires_at=AT + timedelta(seconds=3)), AT)
        assert channel._line._connection is not None
        assert channel._line._connection.sock is not None
        assert channel._line._connection.sock.gettimeout() == channel._line._settings.timeout_seconds
        channel.close()


@pytest.mark.parametrize(
    ("changes", "at", "code"),
    [
        ({}, AT - timedelta(minutes=6), "not_yet_valid"),
        ({}, AT + timedelta(minutes=55), "permit_expired"),
        ({"content_digest": "0" * 64}, AT, "content_changed"),
        ({"origin": Origin.DECLARED}, AT, "declared_clock"),
        ({"channel": "sms"}, AT, "wrong_channel"),
        ({"idempotency_key": ""}, AT, "no_idempotency_key"),
        ({"address": "no address"}, AT, "bad_address"),
        ({"address": "a@mail.example\r\nRCPT TO:<b@mail.example>"}, AT, "bad_address"),
        ({"subject": "a\r\nBcc: b@mail.example"}, AT, "bad_content"),
    ],
)
def test_an_invalid_permit_is_refused_without_any_traffic(changes: dict[str, Any], at: Any, code: str) -> None:
    grant = make_grant(**{"channel": "email", "address": "a@mail.example", **changes})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        outcome = channel_to(listener.getsockname()[1]).send(grant, at)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert isinstance(outcome, Failed)
    assert outcome.code == code


def test_nothing_personal_stands_in_a_repr() -> None:
    grant = make_grant("email", "borrower@mail.example", variables=(("name", "张三"),))
    assert "borrower" not in repr(grant)
    assert "张三" not in repr(grant)
    assert "账单" not in repr(grant)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    options = f"-x509 -newkey rsa:2048 -nodes -keyout {key.name} -out {cert.name} -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *options.split(), *names], check=True, capture_output=True, cwd=folder)
    return cert, key


def authenticator(_server: Any, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.login == b"zhizhi" and data.password == b"right", handled=False)


@pytest.mark.parametrize(("password", "code"), [("right", None), ("wrong", "login_refused")])
def test_starttls_and_login(certificate: tuple[Path, Path], password: str, code: str | None) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    postbox = Postbox()
    with serve(
        postbox, tls_context=context, require_starttls=True, authenticator=authenticator, auth_required=True
    ) as port:
        channel = channel_to(
            port, security=Security.STARTTLS, login="zhizhi", password=password, ca_file=str(certificate[0])
        )
        outcome = channel.send(make_grant("email", "a@mail.example"), AT)
        channel.close()
    if code is None:
        assert isinstance(outcome, Sent)
    else:
        assert isinstance(outcome, Failed)
        assert outcome.code == code
        assert postbox.mails == []


def test_an_unknown_certificate_ends_before_anything_left(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    postbox = Postbox()
    with serve(postbox, tls_context=context) as port:
        outcome = channel_to(port, security=Security.STARTTLS).send(make_grant("email", "a@mail.example"), AT)
    assert isinstance(outcome, Failed)
    assert postbox.seen == []


def test_a_login_over_an_open_line_is_refused_at_the_settings() -> None:
    with pytest.raises(ValueError, match="tls"):
        channel_to(25, login="zhizhi", password="secret")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a.b+c@mail.example", "a.b+c@mail.example"),
        ("a@例子.example", "a@xn--fsqu00a.example"),
        ("a@localhost", None),
        ("a b@mail.example", None),
        ("@mail.example", None),
        ("a@@mail.example", None),
        ("张@mail.example", None),
        ("a@mail..example", None),
        ("a" * 250 + "@mail.example", None),
    ],
)
def test_addresses_are_checked_before_a_server_sees_them(address: str, expected: str | None) -> None:
    assert mail_address(address) == expected
