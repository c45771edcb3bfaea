"""The sink's two servers, on the loopback only: the template provider with its page over HTTP, and a mail server."""

import hashlib
import secrets
import socket
import sys
import threading
from contextlib import closing
from email import message_from_bytes
from email.policy import default as default_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from zhizhi.gateways.sink import page
from zhizhi.gateways.sink.outbox import CHANNELS
from zhizhi.gateways.sink.provider import Provider
from zhizhi.gateways.sms_http import wire

HOST = "127.0.0.1"
IDLE_SECONDS = 60
MAX_MAIL_OCTETS = 10 * 1024 * 1024
_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=utf-8"


class SinkServer:
    """Both servers in threads of this process."""

    def __init__(self, provider: Provider, port: int, smtp_port: int) -> None:
        self._http = _HttpServer((HOST, port), provider)
        self._thread = threading.Thread(target=self._http.serve_forever, name="sink-http", daemon=True)
        self._smtp = Controller(
            _MailHandler(provider), hostname=HOST, port=smtp_port, data_size_limit=MAX_MAIL_OCTETS, ident="zhizhi sink"
        )

    @property
    def port(self) -> int:
        """The HTTP port, also where 0 was asked for."""
        return int(self._http.server_address[1])

    def start(self) -> None:
        """Serve; returns at once."""
        self._smtp.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close both ports; requests under way are answered."""
        self._http.shutdown()
        self._http.server_close()
        self._smtp.stop()
        self._thread.join(5)


def free_port() -> int:
    """A port that is free now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], provider: Provider) -> None:
        super().__init__(address, _Handler)
        self.provider = provider
        self.page_token = secrets.token_urlsafe(24)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours; anything else is reported."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # one write for head and body

    @property
    def _sink(self) -> _HttpServer:
        return cast(_HttpServer, self.server)

    def version_string(self) -> str:
        return "zhizhi-demonstration-outbox"

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: requests hold numbers, and the outbox itself is the record."""

    def do_GET(self) -> None:
        """The page, the health check, or the provider's interface."""
        if not self._is_asked_here():
            return
        if self.path.startswith("/v1/"):
            self._answer_provider(b"")
        elif urlsplit(self.path).path == "/":
            self._show_page()
        elif self.path == "/healthz":
            self._answer(200, _JSON, b'{"code":"ok"}')
        else:
            self._answer(404, _HTML, "没有这一页 · no such page".encode())

    def do_POST(self) -> None:
        """The provider's interface, or a reply from the page."""
        body = self._read_body()
        if body is None or not self._is_asked_here():
            return
        if self.path.startswith("/v1/"):
            self._answer_provider(body)
        elif self.path == "/reply":
            self._take_reply(body)
        else:
            self._answer(404, _HTML, "没有这一页 · no such page".encode())

    def _is_asked_here(self) -> bool:
        """Refuse a foreign name for this address (DNS rebinding)."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host in (HOST, "localhost"):
            return True
        self._answer(421, _HTML, b"this address answers to 127.0.0.1 and localhost only")
        return False

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > wire.MAX_BODY_OCTETS:
            self.close_connection = True
            self._answer(413, _JSON, wire.to_wire({"code": wire.Code.MALFORMED.value}))
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # cut in the middle: nothing of it counts
            self.close_connection = True
            return None
        return body

    def _answer_provider(self, body: bytes) -> None:
        headers = {name: self.headers.get(name, "") for name in _PROVIDER_HEADERS}
        status, document = self._sink.provider.answer(self.command, self.path, headers, body)
        self._answer(status, _JSON, wire.to_wire(document))

    def _take_reply(self, body: bytes) -> None:
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if not secrets.compare_digest(form.get("token", "").encode(), self._sink.page_token.encode()):
            self._answer(403, _HTML, "请从本页重新提交 · submit again from the page".encode())
            return
        n = form.get("n", "")
        taken = n.isascii() and n.isdigit() and self._sink.provider.reply_as_borrower(int(n), form.get("text", ""))
        self.send_response(303)
        self.send_header("Location", "/?channel=sms&notice=" + ("replied" if taken else "refused"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _show_page(self) -> None:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        outbox, provider = self._sink.provider.outbox, self._sink.provider
        channel = query.get("channel", "") if query.get("channel", "") in CHANNELS else ""
        asked = query.get("page", "1")
        number = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 12 else 1
        messages = outbox.newest(channel, (number - 1) * page.PAGE_SIZE, page.PAGE_SIZE)
        shown = page.Page(
            channel=channel,
            number=number,
            total=outbox.count(channel),
            counts={name: outbox.count(name) for name in ("", *CHANNELS)},
            messages=messages,
            states={n: provider.receipt(n, line)["state"] for n, line in messages if line["channel"] == "sms"},
            token=self._sink.page_token,
            notice=_NOTICES.get(query.get("notice", ""), ""),
        )
        self._answer(200, _HTML, page.render(shown))

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if content_type is _HTML:
            self.send_header("Content-Security-Policy", _POLICY)
            self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PROVIDER_HEADERS = (wire.KEY_HEADER, wire.DATE_HEADER, wire.NONCE_HEADER, wire.SIGNATURE_HEADER)
_NOTICES = {
    "replied": "回复已收下,系统取走后生效 · the reply waits for the system to fetch it",
    "refused": "没有这条短信或内容为空 · no such message, or an empty reply",
}


class _MailHandler:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        octets = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            self._provider.take_mail(_mail_line(octets, ", ".join(envelope.rcpt_tos)))
        except OSError:
            return "452 the demonstration outbox cannot write its file"
        return "250 kept in the demonstration outbox"


def _mail_line(octets: bytes, to: str) -> dict[str, Any]:
    message = message_from_bytes(octets, policy=default_policy)
    part = message.get_body(preferencelist=("plain", "html"))
    try:
        text = str(part.get_content()) if part else ""
    except (LookupError, KeyError):  # a charset or type that Python does not know: show that, not nothing
        text = "(无法显示的正文 · a body that cannot be shown)"
    # a mail server keeps every copy that it is handed, so each gets a key of its own
    facts = {"out_id": f"mail:{secrets.token_hex(12)}", "digest": hashlib.sha256(octets).hexdigest()}
    return {**facts, "to": to, "subject": str(message["Subject"] or ""), "text": text}
