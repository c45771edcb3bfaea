"""Processes of the product that start at once: one process has imported everything and forks for each command.

What runs in the fork is the command itself, `zhizhi worker` or any other, under the environment that it is given; it
can be killed, and it dies with the process that forked it. Its clock can be set apart from the machine's by a shift,
so that a night of the machine is a morning of the law.
"""

import ctypes
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.01
START_SECONDS_MAX = 300.0
DESK = "faults:desk"  # no command of the product: a visit to its screens
SITE = "faults:site"  # its web server, with somebody signed in
# for those who fork from here: commands and what they import when they are used
WARM = (
    *("faults.desk", "faults.site", "httpcore", "zhizhi.jobs.day", "zhizhi.jobs.worker", "zhizhi.ops.environment"),
    *("zhizhi.ops.evidence", "zhizhi.ops.import_book", "zhizhi.store.evidence.log", "zhizhi.web.console.urls"),
)
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Process:
    """One command that runs, or has run: `status` is as `os.waitstatus_to_exitcode` says it."""

    pid: int
    log: Path
    status: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_alive(self) -> bool:
        return not self.ended.is_set()

    def catches(self, number: int) -> bool:
        """Whether it has begun so far that a signal is one that it handles."""
        try:
            said = Path(f"/proc/{self.pid}/status").read_text("ascii")
        except (FileNotFoundError, ProcessLookupError):
            return False
        (caught,) = (line.split()[1] for line in said.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught, 16) >> (number - 1) & 1)

    def children(self) -> list[int]:
        """The processes that it started."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("ascii").split()]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def signal(self, number: int) -> None:
        """Send a signal; one that has ended already gets none."""
        if self.is_alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:  # between its end and the word of it
                return

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self.ended.wait()

    def wait(self, seconds: float) -> int | None:
        """Its status, or None where it still runs."""
        self.ended.wait(seconds)
        return self.status


class Launcher:
    """Starts commands of the product. `prefix` runs before Python, `environment` changes its surroundings."""

    def __init__(self, prefix: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> None:
        search = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        around = {**os.environ, "PYTHONPATH": search, **(environment or {})}
        around.pop("DATABASE_URL", None)
        self._server = subprocess.Popen(
            [*prefix, sys.executable, "-m", "faults.launch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=around, text=True,
        )  # fmt: skip
        self._lock = threading.Lock()
        self._begun = threading.Condition()
        self._processes: dict[int, Process] = {}
        self._answers: dict[int, int] = {}
        self._orders = 0
        self._gone = False
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str], log: Path, shift: timedelta = timedelta(0)
    ) -> Process:
        """Start one command; what it says goes into the file."""
        assert self._server.stdin is not None
        with self._lock:
            self._orders += 1
            order = self._orders
            line = {"order": order, "argv": list(argv), "environment": dict(environment), "log": str(log),
                    "shift": shift.total_seconds()}  # fmt: skip
            self._server.stdin.write(json.dumps(line) + "\n")
            self._server.stdin.flush()
        with self._begun:
            assert self._begun.wait_for(lambda: order in self._answers or self._gone, START_SECONDS_MAX)
            assert not self._gone, "the process that starts commands has ended"
            process = self._processes[self._answers.pop(order)]
            process.log = log
            return process

    def run(self, argv: Sequence[str], environment: Mapping[str, str], log: Path, **more: Any) -> int:
        """Start one command and wait for its end."""
        process = self.start(argv, environment, log, **more)
        status = process.wait(START_SECONDS_MAX)
        assert status is not None, f"{argv} does not end"
        return status

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            said = json.loads(line)
            with self._begun:
                if "order" in said:
                    self._processes[said["pid"]] = Process(said["pid"], Path(os.devnull))
                    self._answers[said["order"]] = said["pid"]
                else:
                    ended = self._processes.pop(said["ended"])
                    ended.status = said["status"]
                    ended.ended.set()
                self._begun.notify_all()
        with self._begun:
            self._gone = True
            for process in self._processes.values():  # they died with it
                process.status = -signal.SIGKILL
                process.ended.set()
            self._begun.notify_all()

    def kill(self) -> None:
        """End everything at once; whoever waits for a command is told that it was killed."""
        self._server.kill()

    def close(self) -> None:
        """End the process that forks; what it started dies with it."""
        with self._server:
            assert self._server.stdin is not None
            with suppress(BrokenPipeError):  # killed before
                self._server.stdin.close()
            self._listening.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _serve() -> None:
    """Take orders from the standard input until it ends; tell what began and what ended."""
    _import_everything()
    pending = b""
    while True:
        readable, _, _ = select.select([0], [], [], LOOK_SECONDS)
        if readable:
            octets = os.read(0, 1 << 16)
            if not octets:
                gc.unfreeze()  # libraries complain of what is left at the end
                return
            *lines, pending = (pending + octets).split(b"\n")
            for line in lines:
                _begin(json.loads(line))
        _tell_ended()


def _import_everything() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhizhi.config.settings")
    import django

    django.setup()
    for name in WARM:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is never collected is never copied either


def _begin(order: Mapping[str, Any]) -> None:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(order, parent)
    _say({"order": order["order"], "pid": pid})


def _tell_ended() -> None:
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})
    except ChildProcessError:  # nothing runs
        return


def _say(line: Mapping[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


def _become(order: Mapping[str, Any], parent: int) -> None:
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended between fork and prctl
            os._exit(1)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, target in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
            os.dup2(number, target)
        sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
        status = _work(order)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _work(order: Mapping[str, Any]) -> int:
    from django.db import connections

    from zhizhi.__main__ import main
    from zhizhi.config.databases import database_of
    from zhizhi.jobs import worker
    from zhizhi.ops import campaign
    from zhizhi.store import packs

    os.environ.update(order["environment"])
    time.tzset()
    for alias in ("default", "gate"):
        user = connections[alias].settings_dict["USER"]
        connections[alias].settings_dict.update(database_of(os.environ["DATABASE_URL"], user))
    if order["shift"]:
        shift = timedelta(seconds=order["shift"])
        worker._now = campaign._now = lambda: datetime.now(UTC) + shift
    if "FAULTS_PACKS" in os.environ:  # the release lies elsewhere, as it does in another installation
        packs.PACKS_ROOT = Path(os.environ["FAULTS_PACKS"])
        packs.forget_laws()
    if order["argv"][0] in (DESK, SITE):
        from faults import desk, site
        from zhizhi.config.wiring import start

        start()
        status: int = (desk if order["argv"][0] == DESK else site).main(*order["argv"][1:])
        return status
    try:
        main(list(order["argv"]), standalone_mode=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


if __name__ == "__main__":
    _serve()
