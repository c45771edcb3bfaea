"""Start the embedded server, wait until it answers, stop it; or find the one that runs already.

The server is a child of the process that started it and ends with it. A data folder has one starter at a time: it holds
the lock `<state>/postgres.lock`, which the kernel gives back even after kill -9; everybody else attaches.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from zhizhi.gateways.postgres.account import Account, server_account
from zhizhi.gateways.postgres.binaries import Binaries, choose, within_reach
from zhizhi.gateways.postgres.lifeline import tied_to_parent
from zhizhi.gateways.postgres.place import prepare_home, prepare_socket_folder
from zhizhi.gateways.postgres.problem import Code, DatabaseProblem

OWNER = "zhizhi_owner"
DATABASE = "zhizhi"
PORT = 5432
RECOVERY_SECONDS_MAX = 600  # a server that replays its log after a crash is waited for
RESTART_SECONDS_MAX = 20  # children of a killed server hold its shared memory for about two seconds
STOP_SECONDS_MAX = 30
ATTACH_SECONDS_MAX = 60
LOG_BYTES_MAX = 8 * 1024 * 1024
LOG_TAIL_BYTES = 2_000
POLL_SECONDS = 0.05
# What PostgreSQL says while the remains of its predecessor are still going away.
PREDECESSOR_SIGNS = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")


class Durability(StrEnum):
    """`NONE` is for tests only: a crash of the machine may lose or break the data."""

    FULL = "full"
    NONE = "none"


SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "port": str(PORT),
    "max_connections": "200",
    # A book of a million accounts is written to keyed indexes of 0.5 GB at random places: what does not fit is read and
    # written again and again, and each checkpoint in between logs whole pages. Memory and disk are used when needed.
    "shared_buffers": "512MB",
    "wal_buffers": "32MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # A refused statement quotes the row that it would have written. The product hears of it; the log says nothing of
    # statements, their values or why they were refused, only of the server itself (decision 0050).
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
SETTINGS_WITHOUT_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(slots=True)
class Server:
    """A server that answers. Leaving it as a context stops it, if it is ours."""

    owner_url: str
    _process: subprocess.Popen[bytes] | None = None
    _lock: IO[bytes] | None = field(default=None, repr=False)
    _socket_folder: Path | None = None

    @property
    def is_ours(self) -> bool:
        """False when another process started it; then `stop` leaves it alone."""
        return self._process is not None

    def is_alive(self) -> bool:
        """False once our server has ended; another's is asked by connecting."""
        if self._process is not None:
            return self._process.poll() is None
        return _answers(self.owner_url)

    def url_of(self, database: str) -> str:
        """The owner's address of another database of this server."""
        return self.owner_url.replace(f"/{DATABASE}?", f"/{quote(database)}?")

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk. Twice is once."""
        process, self._process = self._process, None
        if process is not None:
            _stop_process(process)
        if self._socket_folder is not None:
            with contextlib.suppress(OSError):  # already gone, or not empty: the next start looks at it again
                self._socket_folder.rmdir()
        if self._lock is not None:
            self._lock.close()

    def revive(self, state_dir: Path) -> None:
        """After its end: the same data at the same address again, under a new process of ours or of another starter."""
        self.stop()
        fresh = attach_or_start(state_dir)
        self.owner_url, self._process = fresh.owner_url, fresh._process
        self._lock, self._socket_folder = fresh._lock, fresh._socket_folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _stop_process(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)  # immediate: the next start replays the log
        process.wait()


def start(state_dir: Path, *, durability: Durability = Durability.FULL) -> Server:
    """Start the server of this state folder and make its database. Call from the main thread (see lifeline).

    Refuses: another starter (`ALREADY_RUNNING`), unusable folders, missing programs, data of another version.
    """
    account = server_account()
    home = prepare_home(state_dir, account)
    lock = _take_lock(state_dir)
    try:
        binaries = within_reach(choose(home / "data", os.environ), account, home)
        _initialise(binaries, account, home, durability)
        folder = prepare_socket_folder(state_dir, account, os.environ)
        process = _launch_patiently(binaries, account, home, folder, durability)
    except BaseException:
        lock.close()
        raise
    server = Server(_url(folder), process, lock, folder)
    try:
        _make_database(server)
    except BaseException:
        server.stop()
        raise
    return server


def attach(state_dir: Path) -> Server | None:
    """The server that another process runs for this state folder; None where there is none."""
    data = state_dir / "postgres" / "data"
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, PermissionError):
        return None
    # the fifth line is the socket folder; a server that is just starting has not written it yet
    if len(lines) < 5 or not lines[4] or not _is_server_of(data, lines[0]):
        return None
    url = _url(Path(lines[4]))
    return Server(url) if _answers(url) else None


def attach_or_start(state_dir: Path) -> Server:
    """The running server, else one started for this process. Two that begin at once share one."""
    deadline = time.monotonic() + ATTACH_SECONDS_MAX
    while True:
        running = attach(state_dir)
        if running is not None:
            return running
        try:
            return start(state_dir)
        except DatabaseProblem as problem:
            if problem.code is not Code.ALREADY_RUNNING or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def _take_lock(state_dir: Path) -> IO[bytes]:
    lock = (state_dir / "postgres.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise DatabaseProblem(
            Code.ALREADY_RUNNING,
            zh=f"另一进程正在运行 `{state_dir}` 的数据库",
            en=f"another process runs the database of `{state_dir}`",
        ) from None
    return lock


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _initialise(binaries: Binaries, account: Account, home: Path, durability: Durability) -> None:
    """Make the data folder under another name first, so that an interrupted start leaves nothing half made."""
    if (home / "data" / "PG_VERSION").exists():
        return
    fresh = home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    argv = [str(binaries.folder / "initdb"), "-D", str(fresh), "-U", OWNER, "--auth=trust", "-E", "UTF8"]
    argv += ["--locale=C.UTF-8", "--no-instructions"]
    argv += ["--no-sync"] if durability is Durability.NONE else []
    made = subprocess.run(  # noqa: S603 - the program chosen above
        argv, check=False, capture_output=True, text=True, cwd="/", env=_environment(), **account.popen()
    )
    if made.returncode != 0:
        raise _start_failed(made.stderr)
    fresh.rename(home / "data")


def _launch_patiently(
    binaries: Binaries, account: Account, home: Path, folder: Path, durability: Durability
) -> subprocess.Popen[bytes]:
    """Launch until the remains of a killed predecessor are gone."""
    deadline = time.monotonic() + RESTART_SECONDS_MAX
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(home / "server.log.1")
    while True:
        _remove_stale_pid_file(home / "data")
        begun = log.stat().st_size if log.exists() else 0
        process = _launch(binaries, account, home, folder, durability)
        if _wait_until_it_answers(process, _url(folder, "postgres")):
            return process
        said = _read_from(log, begun)
        if time.monotonic() > deadline or not any(sign in said for sign in PREDECESSOR_SIGNS):
            raise _start_failed(said)
        time.sleep(POLL_SECONDS * 5)


def _launch(
    binaries: Binaries, account: Account, home: Path, folder: Path, durability: Durability
) -> subprocess.Popen[bytes]:
    settings = SETTINGS | (SETTINGS_WITHOUT_DURABILITY if durability is Durability.NONE else {})
    argv = [str(binaries.folder / "postgres"), "-D", str(home / "data"), "-k", str(folder)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    with (home / "server.log").open("ab") as log:
        account.own(home / "server.log")
        try:
            return subprocess.Popen(  # noqa: S603 - the program chosen above
                tied_to_parent(argv, signal_name="INT"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor, which stops the server last
                **account.popen(),
            )
        except PermissionError as problem:
            raise _start_failed(str(problem)) from problem


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """True when it answers, False when it ended first."""
    deadline = time.monotonic() + RECOVERY_SECONDS_MAX
    while process.poll() is None:
        if _answers(url):
            return True
        if time.monotonic() > deadline:
            _stop_process(process)
            return False
        time.sleep(POLL_SECONDS)
    return False


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _remove_stale_pid_file(data: Path) -> None:
    """PostgreSQL believes in a pid file whose number now belongs to any process of the same user; look who it is."""
    path = data / "postmaster.pid"
    try:
        number = path.read_text(encoding="utf-8").split("\n", 1)[0]
    except FileNotFoundError:
        return
    if not _is_server_of(data, number):
        path.unlink(missing_ok=True)


def _is_server_of(data: Path, number: str) -> bool:
    """True when that process lives and works in this data folder, as a server does."""
    if not number.isdecimal():
        return False
    try:
        return Path(f"/proc/{number}/cwd").readlink() == data.resolve()
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return False


def _make_database(server: Server) -> None:
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}" TEMPLATE template0')


def _url(folder: Path, database: str = DATABASE) -> str:
    # the port is only a part of the socket's name; said, so that a PGPORT in the environment changes nothing
    return f"postgresql://{OWNER}@/{database}?host={quote(str(folder), safe='')}&port={PORT}"


def _read_from(log: Path, offset: int) -> str:
    with log.open("rb") as opened:
        opened.seek(offset)
        return opened.read()[-LOG_TAIL_BYTES:].decode("utf-8", "replace")


def _start_failed(said: str) -> DatabaseProblem:
    return DatabaseProblem(
        Code.START_FAILED,
        zh=f"内置数据库未能启动；它的最后输出：\n{said.strip()}",
        en="the embedded database did not start; its last words stand above",
    )
