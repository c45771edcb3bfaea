"""`zhizhi leases` as a process of its own: it leases over a real socket, comes to its end, and leaves nobody behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from gatework import rows
from leasework import Desk, make_desk, place, secret_of
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.store import keyring

WITHIN_SECONDS = 240.0
WORKERS = 3
TERMS = {"campaign": "morning", "seconds": 60, "script": "call-plan", "caller": "collector"}


@dataclass
class Served:
    """A running server, and who asks it."""

    process: psutil.Popen
    client: httpx.Client
    secret: str

    def ask(self, case: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": f"key-{case}"}
        answer = self.client.post("/api/v1/leases", json={**TERMS, "case": case}, headers=headers)
        return answer.status_code, json.loads(answer.content)

    def deciding(self) -> list[psutil.Process]:
        """The processes that decide; the one that only keeps track of what multiprocessing shares is not among them."""
        return [one for one in self.process.children() if "spawn_main" in " ".join(one.cmdline())]


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    return make_desk()


@pytest.fixture
def served(desk: Desk, database: str, tmp_path: Path) -> Iterator[Served]:
    now = datetime.now(UTC)
    keyring.install(open_local_keys(tmp_path / "keys" / "local.json", now))  # the other processes find the same keys
    environment = {**os.environ, "DATABASE_URL": database, "ZHIZHI_STATE": str(tmp_path), "ZHIZHI_SECRET_KEY": "lane"}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        words = [sys.executable, "-m", "zhizhi", "leases", "--fd", str(listening.fileno())]
        process = psutil.Popen(words, env=environment, pass_fds=[listening.fileno()], start_new_session=True)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=address, timeout=WITHIN_SECONDS, trust_env=False) as client:
        assert client.get("/healthz").text == "ok\n"
        yield Served(process, client, secret_of(desk, at=now - timedelta(hours=1)))
    with suppress(psutil.NoSuchProcess):
        process.kill()
    process.wait(WITHIN_SECONDS)


def ends(processes: list[psutil.Process]) -> None:
    """Every one of them ends by itself."""
    _, alive = psutil.wait_procs(processes, timeout=WITHIN_SECONDS)
    assert not alive


def test_it_leases_over_a_socket_and_ends_in_order(desk: Desk, served: Served) -> None:
    """At whatever hour the test runs: the law may refuse, and each answer is on the log as it was given."""
    people = [place(desk) for _ in range(8)]
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(lambda one: served.ask(one.case), people))
    ids = [one.who.person for one in people]
    said = dict(rows("SELECT person_id, verdict FROM decision WHERE person_id = ANY (%s)", ids))
    assert [(200, said[person]) for person in ids] == [(status, document["verdict"]) for status, document in answers]
    assert served.ask(people[0].case) == answers[0]
    deciding = served.deciding()
    assert len(deciding) == WORKERS
    served.process.send_signal(signal.SIGTERM)
    ends([served.process, *deciding])


def test_killed_it_takes_those_that_decide_with_it(served: Served) -> None:
    deciding = served.deciding()
    served.process.kill()
    ends([served.process, *deciding])


def test_where_one_that_decides_is_killed_who_asks_is_told_to_come_again_and_the_server_ends(
    desk: Desk, served: Served
) -> None:
    deciding = served.deciding()
    deciding[0].kill()
    someone = place(desk)
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        try:
            status, document = served.ask(someone.case)
        except httpx.HTTPError:
            break  # it has ended
        assert (status, document.get("type")) == (503, "urn:zhizhi:problem:away")
        assert time.monotonic() < deadline
    ends([served.process, *deciding])
    assert rows("SELECT count(*) FROM decision WHERE person_id = %s", someone.who.person) == [(0,)]


def test_an_address_that_is_taken_or_none_is_told_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for bind, told in ((f"127.0.0.1:{taken.getsockname()[1]}", "--bind"), ("8001", "address:port")):
            words = [sys.executable, "-m", "zhizhi", "leases", "--bind", bind]
            done = subprocess.run(words, capture_output=True, text=True, timeout=WITHIN_SECONDS, check=False)
            assert done.returncode != 0
            assert told in done.stderr
            assert "Traceback" not in done.stderr
