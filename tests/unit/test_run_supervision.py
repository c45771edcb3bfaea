"""Supervision with real processes: what crashes comes back, what stops stops, and nothing outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zhizhi.core.kernel.text import Text
from zhizhi.ops import supervise
from zhizhi.ops.supervise import Backoff, Child, StopRequest, Supervisor

FOREVER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
)
# a parent that supervises a child which has a child of its own, and says both their numbers
FAMILY = """
import pathlib, sys, time, os
from zhizhi.ops.supervise import *
supervisor = Supervisor(pathlib.Path(sys.argv[1]), os.environ, StopRequest(), lambda text: None)
child = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
supervisor.bring_up([Child("one", (sys.executable, "-c", child))])
supervisor.watch()
"""


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@pytest.fixture
def said() -> list[Text]:
    return []


@pytest.fixture
def stop() -> StopRequest:
    return StopRequest()


@pytest.fixture
def supervisor(tmp_path: Path, said: list[Text], stop: StopRequest) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "log", os.environ, stop, said.append)
    made.backoff = Backoff(first_seconds=0.01, seconds_max=0.05)
    yield made
    made.stop()


def test_each_child_writes_to_its_own_log(supervisor: Supervisor) -> None:
    supervisor.bring_up([Child("a", FOREVER), Child("b", FOREVER)])
    until(lambda: supervisor.tail("a") == "up" and supervisor.tail("b") == "up")
    assert supervisor.dead() == []


def test_a_crashed_child_is_restarted_and_the_reason_is_said(
    supervisor: Supervisor, said: list[Text], stop: StopRequest
) -> None:
    supervisor.bring_up([Child("worker", (sys.executable, "-c", "print('again', flush=True); raise SystemExit(7)"))])

    def enough() -> None:
        stop.count = int(supervisor.tail("worker").count("again") >= 3)

    supervisor.watch(enough)
    assert "7" in said[0].zh
    assert "exit 7" in said[0].en
    assert "worker.log" in said[0].en


def test_the_pause_doubles_up_to_its_limit() -> None:
    backoff = Backoff(first_seconds=0.5, seconds_max=4)
    assert [backoff.after(crashes) for crashes in (1, 2, 3, 4, 5)] == [0.5, 1, 2, 4, 4]


def test_stop_ends_every_child(supervisor: Supervisor) -> None:
    supervisor.bring_up([Child("a", FOREVER), Child("b", FOREVER)])
    processes = [running.process for running in supervisor._running]
    supervisor.stop()
    assert all(process is not None and process.returncode == -signal.SIGTERM for process in processes)


def test_a_child_that_ignores_the_request_is_ended_by_force_when_time_is_up(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "STOP_SECONDS_MAX", 0.2)
    supervisor.bring_up([Child("deaf", DEAF)])
    until(lambda: supervisor.tail("deaf") == "up")
    process = supervisor._running[0].process
    supervisor.stop()
    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_a_step_hands_back_its_exit_code(supervisor: Supervisor) -> None:
    assert supervisor.run_step([sys.executable, "-c", "raise SystemExit(4)"]) == 4
    assert supervisor.run_step([sys.executable, "-c", ""]) == 0


def test_a_stop_during_a_step_ends_the_step(
    supervisor: Supervisor, stop: StopRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "STOP_SECONDS_MAX", 3600.0)  # by the request, then, and not by force
    stop.count = 1
    with pytest.raises(supervise.StoppedError):
        supervisor.run_step(FOREVER)


def test_health_waits_for_an_answer_and_fails_when_a_child_ends(supervisor: Supervisor, tmp_path: Path) -> None:
    page = tmp_path / "healthz"
    page.write_text("ok")
    serve = "import http.server, functools, sys; h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1]); s = http.server.HTTPServer(('127.0.0.1', 0), h); open(sys.argv[2], 'w').write(str(s.server_port)); s.serve_forever()"  # noqa: E501 - one program
    port = tmp_path / "port"
    probe = subprocess.Popen([sys.executable, "-c", serve, str(tmp_path), str(port)], stderr=subprocess.DEVNULL)
    try:
        until(lambda: port.exists() and port.read_text() != "")
        address = f"http://127.0.0.1:{port.read_text()}"
        broken = Child("broken", (sys.executable, "-c", "print('no such table'); raise SystemExit(1)"))
        web, after = Child("web", FOREVER, health_url=f"{address}/healthz"), Child("after", FOREVER)
        assert supervisor.bring_up([web, after]) is None
        assert supervisor.bring_up([broken, Child("absent", FOREVER, health_url=f"{address}/absent")]) == "broken"
        assert supervisor.tail("broken") == "no such table"
    finally:
        probe.kill()
        probe.wait()


def test_kill_9_of_the_parent_leaves_no_child(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", FAMILY, str(tmp_path)])
    log = tmp_path / "one.log"
    until(lambda: log.exists() and log.read_text().strip().isdecimal())
    child = int(log.read_text())
    assert Path(f"/proc/{child}").exists()
    parent.kill()
    parent.wait()
    until(lambda: not Path(f"/proc/{child}").exists())


def test_a_child_whose_parent_is_already_gone_does_not_start() -> None:
    argv = supervise.tied_to_parent(["/bin/echo", "started"], signal_name="TERM")
    number = argv.index(str(os.getpid()))
    argv[number] = "1"  # as if somebody else had been the parent when it was asked for
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_signals_are_remembered_and_an_ignored_one_stays_ignored(stop: StopRequest) -> None:
    before = {number: signal.getsignal(number) for number in supervise.STOP_SIGNALS}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        stop.install()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        os.kill(os.getpid(), signal.SIGTERM)
        until(lambda: stop.count == 1)
        with pytest.raises(supervise.StoppedError):
            stop.check()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
