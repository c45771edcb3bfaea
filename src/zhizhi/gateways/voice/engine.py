"""One SIP engine for one call: a process that ends with its keeper, and at the limit without being told."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from zhizhi.gateways.postgres.lifeline import tied_to_parent
from zhizhi.gateways.voice.control import HOST, Control, ControlLost
from zhizhi.gateways.voice.recorder import RECORDINGS_FOLDER
from zhizhi.gateways.voice.settings import PROGRAM, VoiceSettings, accounts_of, config_of, modules_folder

START_SECONDS = 5.0
PID = "pid"
CONTROL_PORTS = range(20_000, 30_000)
PORTS_TRIED_MAX = 50
_LOOK_SECONDS = 0.02

_OWNER_ONLY = 0o700


class EngineFailed(Exception):
    """The engine did not come up: no call was placed."""


class Engine:
    """A running engine. The tie to its keeper is to the thread that starts it (gateways/postgres/lifeline.py)."""

    def __init__(self, process: subprocess.Popen[bytes], control: Control, recordings: Path) -> None:
        self._process = process
        self.control = control
        self.recordings = recordings

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def ends_soon(self, seconds: float) -> bool:
        """Whether it is gone, or goes within so long."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll() is not None

    def ended_in_order(self) -> bool:
        """Whether it took leave of its calls and went: BYE or CANCEL was sent for each."""
        return self._process.poll() == 0

    def end(self, seconds: float) -> bool:
        """Ask it to take leave of its calls and go; it is killed where it has not after so long. Answers whether it
        went in order."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        return self._process.returncode == 0


def start_engine(
    settings: VoiceSettings, folder: Path, seconds_max: int, monotonic: Callable[[], float] = time.monotonic
) -> Engine:
    """Start an engine in a new folder; it ends itself after `seconds_max`. Refuses: one that does not come up."""
    modules, folder = modules_folder(settings.media), folder.absolute()
    recordings = folder / RECORDINGS_FOLDER
    recordings.mkdir(parents=True, mode=_OWNER_ONLY)
    port, sign = _free_port(), f"keeper-{secrets.token_hex(16)}"
    _write(folder / "config", config_of(settings, modules, port))
    _write(folder / "accounts", accounts_of(settings))
    _write(folder / "contacts", f'"{sign}" <sip:{sign}@localhost.invalid>\n')
    argv = [PROGRAM, "-4", "-f", str(folder), "-t", str(seconds_max)]
    # What the engine prints holds numbers, so it goes nowhere.
    process = subprocess.Popen(  # noqa: S603 - the engine, found in the PATH of the operator
        tied_to_parent(argv, signal_name="TERM"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder,
    )
    _write(folder / PID, str(process.pid))
    try:
        return Engine(process, _connected(process, port, sign, monotonic), recordings)
    except (EngineFailed, ControlLost) as error:
        process.kill()
        process.wait()
        raise EngineFailed(str(error)) from error


def end_left_behind(folder: Path) -> None:
    """End the engine of a keeper that died, should the kernel not have; a number that another process has now is let
    be."""
    try:
        pid = int((folder / PID).read_text(encoding="utf-8"))
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):  # it never started, or is gone
        return
    if os.fsencode(folder) in arguments:
        os.kill(pid, signal.SIGKILL)


def _connected(process: subprocess.Popen[bytes], port: int, sign: str, monotonic: Callable[[], float]) -> Control:
    """The control socket of this very engine: another one may have taken the port, but it does not know our sign."""
    end = monotonic() + START_SECONDS
    while monotonic() < end:
        if process.poll() is not None:
            raise EngineFailed("the engine ended at its start")
        try:
            connection = socket.create_connection((HOST, port), timeout=START_SECONDS)
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
            continue
        control = Control(connection, monotonic)
        if sign not in str(control.ask("contacts").get("data", "")):
            control.close()
            raise EngineFailed("another program holds the control port")
        return control
    raise EngineFailed("the engine did not open its control socket")


def _free_port() -> int:
    """A port that nobody has now, outside the range from which connections of other programs get theirs."""
    for _ in range(PORTS_TRIED_MAX):
        port = secrets.choice(CONTROL_PORTS)
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise EngineFailed("no free port for the control socket")


def _write(path: Path, text: str) -> None:
    """A file that only its owner reads: it may hold a password."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
