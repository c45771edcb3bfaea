"""The demonstration outbox for a command: the one that runs already, else one of its own for as long as the command
lasts."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from zhizhi.gateways.sink.account import open_account
from zhizhi.gateways.sink.outbox import Outbox
from zhizhi.gateways.sink.provider import Provider, ProviderSettings
from zhizhi.gateways.sink.server import HOST, SinkServer, free_port

ADDRESS = "address.json"
LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SinkAddress:
    """Where the outbox listens."""

    url: str
    smtp_port: int


def note_address(state: Path, port: int, smtp_port: int) -> None:
    """Called by the sink that serves a state folder, so that commands beside it find it."""
    fresh = state / f"{ADDRESS}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        json.dump({"url": f"http://{HOST}:{port}", "smtp_port": smtp_port}, opened)
    fresh.replace(state / ADDRESS)


@contextlib.contextmanager
def sink_at_hand(state: Path, wall: Callable[[], datetime]) -> Iterator[SinkAddress]:
    """The address of the running outbox, or of one that is started here and stopped afterwards."""
    running = _running(state)
    if running is not None:
        yield running
        return
    account = open_account(state)
    outbox = Outbox(state)
    provider = Provider(outbox, ProviderSettings(account.access_key, account.secret, (), 0), wall)
    smtp_port = free_port()
    server = SinkServer(provider, 0, smtp_port)
    server.start()
    try:
        yield SinkAddress(f"http://{HOST}:{server.port}", smtp_port)
    finally:
        server.stop()
        outbox.close()


def _running(state: Path) -> SinkAddress | None:
    try:
        noted = SinkAddress(**json.loads((state / ADDRESS).read_text(encoding="utf-8")))
        httpx.get(noted.url, timeout=LOOK_SECONDS, trust_env=False).raise_for_status()
    except (OSError, ValueError, TypeError, httpx.HTTPError):
        return None  # none runs: the file is missing or left over from one that ended
    return noted
