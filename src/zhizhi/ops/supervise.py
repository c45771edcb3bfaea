"""Children that run for ever: started, restarted after a crash, stopped together, and never outliving their parent."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.postgres.lifeline import tied_to_parent

STOP_SECONDS_MAX = 20
HEALTH_SECONDS_MAX = 90
HEALTH_REQUEST_SECONDS_MAX = 5
POLL_SECONDS = 0.1
LOG_BYTES_MAX = 8 * 1024 * 1024
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[Text], None]


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long a crashed child waits: doubled each time, forgotten once it ran well for a while."""

    first_seconds: float = 0.5
    seconds_max: float = 30.0
    forgotten_after_seconds: float = 60.0

    def after(self, crashes: int) -> float:
        """The pause before the next start, after so many crashes in a row."""
        return float(min(self.seconds_max, self.first_seconds * 2 ** (crashes - 1)))


@dataclass(frozen=True, slots=True)
class Child:
    """A program that should always run. With a `health_url` it counts as up once that answers 200."""

    name: str
    argv: tuple[str, ...]
    health_url: str | None = None
    pass_fds: tuple[int, ...] = ()


class StoppedError(Exception):
    """A stop was asked for while something was under way."""


class StopRequest:
    """Ctrl-C, a polite kill or a closed terminal, remembered until the loop looks. A second one means: at once."""

    def __init__(self) -> None:
        self.count = 0

    def install(self) -> None:
        """Listen. A signal that the caller ignores (nohup) stays ignored."""
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def check(self) -> None:
        """Refuses: `StoppedError` once a stop was asked for."""
        if self.count:
            raise StoppedError


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    next_start: float = 0.0


class Supervisor:
    """Owns the children. Call it from the main thread: the kernel's tie is to the thread that starts a child."""

    def __init__(self, logs: Path, environment: Mapping[str, str], stop: StopRequest, say: Say) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._stop = stop
        self._say = say
        self._running: list[_Running] = []
        self.backoff = Backoff()

    def run_step(self, argv: Sequence[str]) -> int:
        """Run one program to its end in the open terminal; a stop ends it first. Returns its exit code."""
        process = subprocess.Popen(  # noqa: S603 - our own commands
            tied_to_parent(argv, signal_name="TERM"),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                self._stop.check()
                time.sleep(POLL_SECONDS / 5)
        finally:
            self._end([process])
        return process.returncode

    def bring_up(self, children: Sequence[Child]) -> str | None:
        """Launch one after the other, each once those before it answer. Returns the name of the one that did not."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for child in children:
            running = _Running(child)
            self._running.append(running)
            self._launch(running)
            if not self._answers(child):
                return next(iter(self.dead()), child.name)
        return None

    def _answers(self, child: Child) -> bool:
        """True once it answers, or has no address to ask; False when time is up or any child has ended."""
        deadline = time.monotonic() + HEALTH_SECONDS_MAX
        while not self.dead() and time.monotonic() < deadline:
            self._stop.check()
            if child.health_url is None or _is_healthy(child.health_url):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def watch(self, also: Callable[[], None] = lambda: None) -> None:
        """Restart what crashes until a stop is asked for; `also` is called on every round."""
        while not self._stop.count:
            for running in self._running:
                self._tend(running)
            also()
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End every child: politely, all at once, and by force when time is up or a second stop is asked for."""
        self._end([running.process for running in self._running if running.process is not None])
        self._running.clear()

    def tail(self, name: str, lines: int = 15) -> str:
        """The last words of a child, for the person who has to find out why."""
        path = self.log_of(name)
        if not path.exists():
            return ""
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def log_of(self, name: str) -> Path:
        """Where a child writes."""
        return self._logs / f"{name}.log"

    def dead(self) -> list[str]:
        """Names of the children that do not run now."""
        return [running.child.name for running in self._running if not _is_alive(running)]

    def _launch(self, running: _Running) -> None:
        path = self.log_of(running.child.name)
        if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            running.process = subprocess.Popen(  # noqa: S603 - our own commands
                tied_to_parent(running.child.argv, signal_name="TERM"),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=running.child.pass_fds,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
            )
        running.started = time.monotonic()

    def _tend(self, running: _Running) -> None:
        """One look at one child: note a crash and when to try again, or try again."""
        now = time.monotonic()
        if running.process is None:
            if now >= running.next_start:
                self._launch(running)
            return
        code = running.process.poll()
        if code is None:
            return
        running.process = None
        lasted = now - running.started
        running.crashes = 1 if lasted > self.backoff.forgotten_after_seconds else running.crashes + 1
        pause = self.backoff.after(running.crashes)
        running.next_start = now + pause
        said = {
            "name": running.child.name,
            "code": code,
            "pause": f"{pause:.1f}",
            "log": self.log_of(running.child.name),
        }
        self._say(
            Text(
                zh="{name} 意外结束（退出码 {code}），{pause} 秒后重启；日志：{log}",
                en="{name} ended unexpectedly (exit {code}), restarting in {pause} s; log: {log}",
            ).fill(**said)
        )

    def _end(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        already_asked = self._stop.count
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while any(process.poll() is None for process in processes):
            if time.monotonic() > deadline or self._stop.count > max(already_asked, 1):
                _kill_sessions(processes)
            time.sleep(POLL_SECONDS / 5)


def _kill_sessions(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """By force, with everything a child has started in its session."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _is_alive(running: _Running) -> bool:
    return running.process is not None and running.process.poll() is None


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=HEALTH_REQUEST_SECONDS_MAX) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
