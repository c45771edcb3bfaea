"""Providers of the tests: each remembers what really arrived, for whom and when, and answers what it is told."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from gateways.smsc import Smsc, inbound

WIRE_DATE = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that the provider has in its hands: `key` is what the protocol names it by."""

    key: str
    at: datetime


@dataclass
class Told:
    """What one provider does otherwise than well, from the n-th message on for so many messages."""

    behaviour: str = ""
    nth: int = 1
    lasts: int = 1
    seen: int = 0
    struck: threading.Event = field(default_factory=threading.Event)

    def now(self) -> str:
        """What happens to the message that arrives now; empty where all is well."""
        self.seen += 1
        if self.behaviour and self.nth <= self.seen < self.nth + self.lasts:
            self.struck.set()
            return self.behaviour
        return ""


class Provider(Protocol):
    """What a scene needs of a provider."""

    port: int
    arrivals: list[Arrival]

    def close(self) -> None: ...


Clock = Callable[[], datetime]


class HttpProvider:
    """The template provider: an out id is taken once; receipts and replies are pulled behind a cursor."""

    def __init__(self, now: Clock, told: Told) -> None:
        self.arrivals: list[Arrival] = []
        self.repeats: list[Arrival] = []
        self.now, self.told = now, told
        self._taken: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Serve nobody any more."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, messages: list[dict[str, Any]]) -> tuple[int, bytes]:
        """Messages of one request: taken, or not, as told."""
        with self._lock:
            how = self.told.now()
            if how in ANSWERS_BEFORE:
                return ANSWERS_BEFORE[how]
            results = [{"out_id": one["out_id"], **self._take(one)} for one in messages]
        if how in ANSWERS_AFTER:
            return ANSWERS_AFTER[how]
        if how == "other_message":
            results = [{**one, "out_id": "0-0"} for one in results]
        return 200, json.dumps({"code": "ok", "results": results}).encode()

    def _take(self, message: dict[str, Any]) -> dict[str, str]:
        key = message["out_id"]
        known = key in self._taken
        arrival = Arrival(key, self.now())
        (self.repeats if known else self.arrivals).append(arrival)
        number = self._taken.setdefault(key, {"n": len(self._taken) + 1, "to": message["to"], "at": arrival.at})["n"]
        return {"code": "duplicate_out_id" if known else "accepted", "message_id": f"m{number}"}

    def receipts(self, after: str) -> dict[str, Any]:
        """Told `repeated`, everything comes again and backwards each time; told `strange`, others' receipts are among
        them, and one that nobody can read."""
        with self._lock:
            events = [self._receipt(key, one) for key, one in self._taken.items()]
        if self.told.behaviour == "receipts_repeated":
            again = int(after or 0)
            return {"events": events[::-1] * 2 if again < 3 else [], "next": str(again + 1)}
        if self.told.behaviour == "receipts_strange" and not after:
            others = self._receipt("99-99", {"n": 99, "at": self.now()})
            return {"events": [others, {"key": None}, *events], "next": str(len(events))}
        return {"events": events[int(after or 0) :], "next": str(len(events))}

    def _receipt(self, key: str, one: dict[str, Any]) -> dict[str, str]:
        at = one["at"].strftime(WIRE_DATE)
        return {"key": f"r{one['n']}", "message_id": f"m{one['n']}", "out_id": key, "state": "delivered",
                "carrier_code": "DELIVRD", "at": at}  # fmt: skip


ANSWERS_BEFORE = {
    "500": (500, b"<html>internal error</html>"),
    "busy": (503, b'{"code":"system_busy"}'),
    "limited": (429, b'{"code":"rate_limited","retry_after_seconds":1}'),
}
ANSWERS_AFTER = {
    "502_after": (502, b"<html>bad gateway</html>"),
    "nonsense": (200, b"\xff\xfe{]"),
    "empty": (200, b'{"code":"ok","results":[]}'),
    "other_type": (200, b'{"code":"ok","results":{"out_id":5}}'),
}


def _handler_of(provider: HttpProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) == length:
                self._answer(*provider.take(json.loads(body)["messages"]))

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            after = dict(part.split("=") for part in query.split("&")).get("after", "")
            events = provider.receipts(after) if path == "/v1/receipts" else {"events": [], "next": after}
            self._answer(200, json.dumps({"code": "ok", **events}).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(body)
                self.wfile.flush()

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

    return Handler


class MailProvider:
    """A mail server: a mail is its own from the line that ends it; every copy that it is handed is one more mail."""

    def __init__(self, now: Clock, told: Told) -> None:
        self.arrivals: list[Arrival] = []
        self.now, self.told = now, told
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Serve nobody any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 mail of the test\r\n")
            for line in lines:
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    mail = _mail_of(lines)
                    if mail is None:
                        return
                    connection.sendall(self._take(mail))
                elif verb == b"QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                else:
                    connection.sendall(b"250 ok\r\n" if verb in MAIL_VERBS else b"500 what\r\n")

    def _take(self, mail: bytes) -> bytes:
        how = self.told.now()
        if how in MAIL_REFUSALS:
            return MAIL_REFUSALS[how]
        self.arrivals.append(Arrival(str(message_from_bytes(mail)["Message-ID"]), self.now()))
        return b"\xff\xff nonsense\r\n" if how == "nonsense" else b"250 queued\r\n"


MAIL_VERBS = (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET")
MAIL_REFUSALS = {"busy": b"451 try later\r\n", "500": b"554 refused\r\n", "closing": b"421 closing\r\n"}


def _mail_of(lines: Any) -> bytes | None:
    mail = b""
    for line in lines:
        if line == b".\r\n":
            return mail
        mail += line
    return None


class SmppProvider:
    """An SMSC on the codec of aiosmpplib; told `receipts_…`, it pushes receipts twice and backwards."""

    def __init__(self, now: Clock, told: Told) -> None:
        self.now, self.told = now, told
        self._smsc = _TellingSmsc(self)
        self.port = self._smsc.port
        self.arrivals: list[Arrival] = []

    def close(self) -> None:
        """Serve nobody any more."""
        self._smsc.close()


class _TellingSmsc(Smsc):
    def __init__(self, provider: SmppProvider) -> None:
        self._provider = provider
        self._last: list[str] = []
        super().__init__()

    def _submit(self, connection: socket.socket, pdu: bytes, header: Any) -> None:
        how = self._provider.told.now()
        number = len(self.submitted)
        if how in SMPP_REFUSALS:
            self.answers[number] = SMPP_REFUSALS[how]
        super()._submit(connection, pdu, header)
        message = self.submitted[-1]
        if how not in ("busy", "500", "nack"):
            assert message.destination is not None
            self._provider.arrivals.append(Arrival(str(message.destination.number).lstrip("+"), self._provider.now()))
        if message.registered_delivery:
            self._last.append(f"m{number}")
        if self._provider.told.behaviour == "receipts_repeated" and message.registered_delivery:
            threading.Thread(target=self._repeat, args=(list(self._last),), daemon=True).start()

    def _repeat(self, ids: list[str]) -> None:
        text = "id:{id} sub:001 dlvrd:001 submit date:2603020200 done date:2603020201 stat:DELIVRD err:000 text:"
        with suppress(OSError, AssertionError):  # a line that breaks is another fault's affair
            for one in [*ids[::-1], *ids]:
                self.deliver(inbound(text.format(id=one), esm_class=0x04))


SMPP_REFUSALS: dict[str, int | str] = {"busy": 0x14, "500": 0x0B, "nack": "nack", "no_id": "no id"}
PROVIDERS: dict[str, Callable[[Clock, Told], Provider]] = {
    "sms_http": HttpProvider,
    "smtp": MailProvider,
    "smpp": SmppProvider,
}


def real_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
