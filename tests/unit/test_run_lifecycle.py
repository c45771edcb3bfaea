"""`zhizhi run` around a real database: however it ends, nothing is left running and the next start recovers.

The commands that it runs are small programs here; the supervisor cannot tell. The real ones are met in the journeys.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from zhizhi.gateways.postgres.server import attach

COMMANDS = """
import http.server, os, socket, sys, time
import psycopg
command, *rest = sys.argv[1:]
if command == "migrate":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS started (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO started DEFAULT VALUES")
elif command in {"generate", "import"}:
    with open(os.environ["ZHIZHI_STATE"] + "/" + command, "a") as mark:
        mark.write("once ")
elif command in {"defaults", "day"}:
    assert os.environ["ZHIZHI_SECRET_KEY"]
    sys.exit(int(os.environ.get("DAY_EXIT", "0")) if command == "day" else 0)
elif command in {"web", "sink"}:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in {"/healthz", "/"} else 404)
            self.end_headers()
    port = int(rest[rest.index("--port") + 1]) if "--port" in rest else 0
    server = http.server.HTTPServer(("127.0.0.1", port), Page, bind_and_activate=command == "sink")
    if command == "web":
        server.socket = socket.socket(fileno=int(rest[rest.index("--fd") + 1]))
    server.serve_forever()
elif command == "worker":
    time.sleep(600)
else:
    sys.exit(f"unknown command {command}")
"""
PROGRAM = """
import signal, sys
from zhizhi.ops import run
for number in (signal.SIGHUP, signal.SIGINT):  # under nohup or behind a shell they are ignored
    signal.signal(number, signal.SIG_DFL)
run.ZHIZHI = (sys.executable, sys.argv.pop(1))
run.run()
"""
SECONDS_MAX = 200


class Trial:
    """A folder in which the product is run again and again."""

    def __init__(self) -> None:
        self.outer = Path(tempfile.mkdtemp(prefix="zhizhi-test-"))
        self.outer.chmod(0o711)
        self.state = self.outer / "知止 state"
        self.commands = self.outer / "commands.py"
        self.commands.write_text(COMMANDS, encoding="utf-8")
        self.output = self.outer / "output"
        self.begun: list[subprocess.Popen[bytes]] = []

    def begin(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        with self.output.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(self.commands), *arguments],
                env={**known, "ZHIZHI_STATE": str(self.state), "COLUMNS": "100", **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.begun.append(process)
        return process

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def address(self, process: subprocess.Popen[bytes]) -> str:
        """Where it serves, once it says so in its lock."""
        deadline = time.monotonic() + SECONDS_MAX
        lock = self.state / "run.lock"
        while not (lock.exists() and lock.read_text().endswith(f"(pid {process.pid})\n")):
            assert process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)
        return lock.read_text().split(" ")[0]

    def processes(self) -> list[str]:
        """Every living process that was started for this folder, by its arguments or its environment."""
        mark = os.fsencode(self.state)
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal() and int(folder.name) != os.getpid():
                try:
                    arguments, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
                except OSError:
                    continue  # ended while we looked, or not ours to look at
                if mark in arguments or mark in environment:
                    found.append(arguments.replace(b"\0", b" ").decode())
        return found

    def wait_until_nothing_runs(self) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while self.processes():
            assert time.monotonic() < deadline, self.processes()
            time.sleep(0.02)


@pytest.fixture
def trial() -> Iterator[Trial]:
    made = Trial()
    yield made
    for process in made.begun:
        process.kill()  # after a failed test; no-op for one that has ended
        process.wait()
    made.wait_until_nothing_runs()
    shutil.rmtree(made.outer)


def starts(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM started").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_request_to_stop_ends_everything_in_order(trial: Trial, number: signal.Signals) -> None:
    process = trial.begin("--port", "18000")
    with urllib.request.urlopen(trial.address(process) + "/healthz") as answer:
        assert answer.status == 200
    assert len(trial.processes()) >= 4
    process.send_signal(number)
    assert process.wait(SECONDS_MAX) == 0, trial.said()
    assert trial.processes() == []
    assert "已停止 · stopped" in trial.said()
    assert "shutting down" in (trial.state / "postgres" / "server.log").read_text()


def test_kill_9_leaves_nothing_and_the_next_start_recovers_without_loading_twice(trial: Trial) -> None:
    first = trial.begin("--port", "18000")
    trial.address(first)
    first.kill()
    first.wait()
    second = trial.begin("--port", "18000")  # at once, while the kernel still ends the children
    trial.address(second)
    assert (trial.state / "import").read_text() == "once "
    running = attach(trial.state)
    assert running is not None
    assert starts(running.owner_url) == 2
    second.terminate()
    assert second.wait(SECONDS_MAX) == 0, trial.said()


def test_a_second_run_says_where_the_first_is(trial: Trial) -> None:
    first = trial.begin("--port", "18000")
    address = trial.address(first)
    second = trial.begin("--port", "18000")
    assert second.wait(SECONDS_MAX) == 1
    assert f"already running: {address} (pid {first.pid})" in trial.said()
    first.terminate()
    assert first.wait(SECONDS_MAX) == 0


def test_a_step_that_fails_is_named_and_everything_is_stopped(trial: Trial) -> None:
    process = trial.begin(DAY_EXIT="3")
    assert process.wait(SECONDS_MAX) == 1
    assert "exit 3" in trial.said()
    assert "zhizhi day" in trial.said()
    assert trial.processes() == []


def test_a_killed_database_is_started_again_at_the_same_address(trial: Trial) -> None:
    process = trial.begin("--port", "18000")
    trial.address(process)
    before = attach(trial.state)
    assert before is not None
    pid = int((trial.state / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS_MAX
    while (after := attach(trial.state)) is None:
        assert time.monotonic() < deadline, trial.said()
        time.sleep(0.05)
    assert after.owner_url == before.owner_url
    assert starts(after.owner_url) == 1
    process.terminate()
    assert process.wait(SECONDS_MAX) == 0, trial.said()
