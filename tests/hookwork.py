"""What tests of webhooks do over and over: a receiver that listens for real, and the way from a leaf to its request."""

import hashlib
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gatework import rows
from zhizhi.core.kernel.addresses import read_networks
from zhizhi.gateways.webhooks.sender import Sender
from zhizhi.gateways.webhooks.settings import WebhookSettings
from zhizhi.jobs.webhooks import Sending
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.webhooks.fan_out import fan_out

LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """`webhook-id`."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """A receiver of webhooks: answers as told, and keeps every request."""

    url: str = ""
    port: int = 0
    authority: Path = Path()
    got: list[Got] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler, Got], None] = lambda handler, got: reply(handler, 204)

    @property
    def bodies(self) -> list[bytes]:
        """What came."""
        return [one.body for one in self.got]


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """A whole answer."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def receiving(folder: Path, *, plain: bool = False, name: str = "localhost") -> Iterator[Receiver]:
    """A receiver on this machine, under TLS unless `plain`, with a certificate of its own authority."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = Got(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
            receiver.got.append(got)
            receiver.answer(self, got)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The other side left early, as some tests want it to."""
            del request, client_address

    server = Server(("127.0.0.1", 0), Handler)
    if not plain:
        receiver.authority, chain = certificate(folder, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    receiver.url = f"{'http' if plain else 'https'}://{name}:{receiver.port}/hooks"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name, signed by itself: the file of the authority, and chain with key for a server."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    authority, chain = folder / f"{name}.pem", folder / f"{name}-chain.pem"
    authority.write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(pem + private)
    return authority, chain


def settings_for(receiver: Receiver, *, plain: bool = False) -> WebhookSettings:
    """Settings under which a receiver of this machine may be reached."""
    authority = None if plain else str(receiver.authority)
    return WebhookSettings(read_networks(LOOPBACK), plain, authority)


def sending_to(receiver: Receiver, **more: Any) -> Sending:
    """The worker's part that sends."""
    return Sending(Sender(settings_for(receiver), **more), chance=lambda: 0.0)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver of the test's own."""
    with receiving(tmp_path) as listening:
        yield listening


@pytest.fixture
def sending(receiver: Receiver) -> Iterator[Sending]:
    """The worker's part that sends to it."""
    made = sending_to(receiver)
    try:
        yield made
    finally:
        made.close()


def end_endpoints() -> None:
    """Endpoints end with their test, and with them what was not told yet."""
    rows("UPDATE webhook_delivery SET state = 'missed', next_at = NULL, claim = NULL, claimed_until = NULL,"
         " ended_at = now() WHERE state = 'waiting' RETURNING 1")  # fmt: skip
    rows("UPDATE webhook_endpoint SET deleted_at = now(), sealed = NULL, sealed_before = NULL, off_at = now(),"
         " off_because = 'deleted' WHERE deleted_at IS NULL RETURNING 1")  # fmt: skip


def told(at: datetime) -> None:
    """What was committed is numbered and becomes messages."""
    sequence_all(at)
    while fan_out(at):
        pass


def sent(sending: Sending, at: datetime) -> int:
    """Everything that is due leaves, and its end is written."""
    done = 0
    while ended := sending.work(at) + sending.finish():
        done += ended
    return done


def signature_by_openssl(secret: bytes, signed: bytes) -> str:
    """HMAC-SHA256 in base64, by another implementation than ours."""
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{secret.hex()}", "-binary"],
        input=signed, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert len(made) == hashlib.sha256().digest_size
    return subprocess.run(["openssl", "base64", "-A"], input=made, capture_output=True, check=True).stdout.decode()
