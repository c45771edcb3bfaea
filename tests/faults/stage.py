"""A PostgreSQL of the faults' own, books that are ready to be sent, and scenes that are copied from them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from faults.books import write_book, write_book_of_day, write_campaign
from faults.launch import Launcher
from faults.limits import UNLIMITED, limit_files
from zhizhi.config.databases import database_of
from zhizhi.gateways.connected import DEMONSTRATION
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.gateways.postgres.server import RECOVERY_SECONDS_MAX, Server, start
from zhizhi.store import channels, keyring
from zhizhi.store.ids import ids

TIMEOUT_SECONDS = 2  # that a worker of these scenes waits for an answer
PLAYS = {"sms_http": "sms", "smpp": "sms", "smtp": "email"}
FAKETIME_LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
FAKETIME = {
    "LD_PRELOAD": str(FAKETIME_LIBRARY),
    "FAKETIME_NO_CACHE": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "DONT_FAKE_MONOTONIC": "1",
}
DISK_SIZE = "900m"
FILLER = "filler"
HEAL_SECONDS = 0.1
DAY = "day"  # no message waits yet: a day's run will wish for them
CAMPAIGN = "campaign"  # one runs; nobody of it was asked for yet
WIRE_OF_CAMPAIGN = "sms_http"
EMPTY = "faults_empty"
SECRET = "a-secret-of-nobody"


class CannotInject(Exception):
    """This machine, or this user, does not allow a fault of this kind; the message says what it takes."""


@dataclass
class Stage:
    """The cluster, the process that starts commands, and the folder with keys."""

    folder: Path
    server: Server
    launcher: Launcher
    empty: str = EMPTY
    wishes_of_day: Any = None
    faked: Launcher | None = None
    is_limited: bool = False
    ending: threading.Event = field(default_factory=threading.Event)
    baselines: dict[str, Any] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=lambda: [0])
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def socket_folder(self) -> Path:
        """Where the server listens."""
        return Path(str(conninfo_to_dict(self.server.owner_url)["host"]))

    @property
    def disk(self) -> Path:
        """The file system of the server's data. Refuses: one that others use too (CannotInject)."""
        if not os.path.ismount(self.folder / "postgres"):
            raise CannotInject("only root can mount a small file system for the server; the side `file` needs none")
        return self.folder / "postgres"

    def said_by_server(self) -> str:
        """The server's own log."""
        return (self.folder / "postgres" / "server.log").read_text("utf-8", "replace")

    def postmaster(self) -> int:
        """The server's process."""
        return int((self.folder / "postgres" / "data" / "postmaster.pid").read_text("utf-8").splitlines()[0])

    def crash(self) -> None:
        """PostgreSQL ends at once and cleans nothing up: the next start replays the log."""
        os.kill(self.postmaster(), signal.SIGQUIT)

    def kill(self) -> None:
        """The server's first process is killed; the others notice it one by one."""
        os.kill(self.postmaster(), signal.SIGKILL)

    def end(self) -> None:
        """Give up everything that is being played."""
        self.ending.set()
        self.launcher.kill()
        if self.faked is not None:
            self.faked.kill()

    def heal(self) -> None:
        """A server that a fault left behind dead or without room is there again for the next one."""
        (self.folder / "postgres" / FILLER).unlink(missing_ok=True)
        begun = time.monotonic()
        while not self.ending.is_set():
            self._unlimit()
            try:
                self.say("SELECT 1")
            except psycopg.OperationalError:  # it starts again by itself, or it has given up
                if not self.server.is_alive():
                    self.revive()
                assert time.monotonic() - begun < RECOVERY_SECONDS_MAX, "the server does not come back"
                self.ending.wait(HEAL_SECONDS)
            else:
                self.is_limited = False
                return

    def limit(self, octets: int) -> None:
        """No file of the server grows beyond so many octets, until it is healed."""
        self.is_limited = True
        limit_files(self.postmaster(), str(octets))

    def _unlimit(self) -> None:
        """Said until the server answers: a process that began while its first one was freed may have missed it."""
        if self.is_limited:
            with suppress(FileNotFoundError):  # it has ended: the next one has no limit
                limit_files(self.postmaster(), UNLIMITED)

    def revive(self) -> None:
        """Start PostgreSQL again on what it left behind."""
        self.server.revive(self.folder)

    def faked_launcher(self) -> Launcher:
        """Starts commands whose clock stands in the file `clock` of their state folder: Debian's faketime."""
        with self.lock:
            if self.faked is None:
                still = self.folder / "clock"
                still.write_text("+0\n", encoding="ascii")
                self.faked = Launcher(environment={"FAKETIME_TIMESTAMP_FILE": str(still), **FAKETIME})
            return self.faked

    def copy_of(self, play: str) -> str:
        """A fresh database with the book of a play; answers its name."""
        with self.lock:
            self.numbers[0] += 1
            name = f"scene_{self.numbers[0]}"
            # a copy by way of the log forgets numbers of a sequence when the server crashes; a copy of files does not
            self.say(f'CREATE DATABASE "{name}" TEMPLATE "{template_of(play)}" STRATEGY FILE_COPY')
        return name

    def drop(self, database: str) -> None:
        """A scene is over; what its fault left of the server is mended first."""
        self.heal()
        if not self.ending.is_set():
            self.say(f'DROP DATABASE "{database}" WITH (FORCE)')

    def say(self, sql: str) -> None:
        """One statement to the server, as its owner."""
        with psycopg.connect(self.server.url_of("postgres"), autocommit=True) as owner:
            owner.execute(sql.encode())

    def rows(self, database: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows as they stand in a scene, past every line that may be broken."""
        with psycopg.connect(self.server.url_of(database), autocommit=True) as owner:
            answered = owner.execute(sql.encode(), values)
            return answered.fetchall() if answered.description else []


def template_of(play: str) -> str:
    """The name of the database that scenes of a play are copied from."""
    return f"faults_{play}"


@contextmanager
def opened() -> Iterator[Stage]:
    """A stage on a cluster of its own, which faults may crash."""
    folder = Path(tempfile.mkdtemp(prefix="zhizhi-faults-"))
    try:
        with small_disk(folder / "postgres"), Launcher() as launcher, start(folder) as server:
            stage = Stage(folder, server, launcher)
            # what PostgreSQL handed to the kernel outlives its own death; only the machine's would need more
            for setting in ("fsync = off", "full_page_writes = off"):
                stage.say(f"ALTER SYSTEM SET {setting}")
            stage.say("SELECT pg_reload_conf()")
            stage.say(f'CREATE DATABASE "{EMPTY}" TEMPLATE template0')
            migrate = [sys.executable, "-m", "zhizhi", "migrate"]
            around = {**os.environ, "DATABASE_URL": server.url_of(EMPTY)}
            subprocess.run(migrate, env=around, stdout=subprocess.DEVNULL, check=True)
            with books_on(stage):
                yield stage
    finally:
        shutil.rmtree(folder)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own for the server's data, where we may mount one; else what is there."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tmpfs", str(folder)]
    folder.mkdir(mode=0o700)
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def books_on(stage: Stage, plays: Sequence[str] = (*PLAYS, DAY, CAMPAIGN)) -> Iterator[None]:
    """The book of each play, in a database that scenes are copied from; they go with the cluster."""
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "gate")}
    try:
        keyring.install(open_local_keys(stage.folder / "keys" / "local.json", datetime(2026, 1, 1, tzinfo=UTC)))
        for play in plays:
            _prepare(stage, play, PLAYS.get(play, ""))
        yield
    finally:
        if stage.faked is not None:
            stage.faked.close()
        connections.close_all()
        for alias, settings in before.items():
            connections[alias].settings_dict.update(settings)
        ids.forget()


def _prepare(stage: Stage, play: str, channel: str) -> None:
    stage.say(f'CREATE DATABASE "{template_of(play)}" TEMPLATE "{stage.empty}"')
    for alias in ("default", "gate"):
        connections[alias].close()
        user = connections[alias].settings_dict["USER"]
        connections[alias].settings_dict.update(database_of(stage.server.url_of(template_of(play)), user))
    ids.forget()
    if play == DAY:
        channels.install(DEMONSTRATION)
        write_book_of_day()
    elif play == CAMPAIGN:
        channels.install({"sms": WIRE_OF_CAMPAIGN, "voice": "manual"})
        write_campaign()
    else:
        channels.install({channel: play, "voice": "manual"})
        write_book(channel)
    connections.close_all()


def state_of_scene(stage: Stage, folder: Path, play: str, port: int) -> None:
    """The state folder of one scene: the keys of all, and channels that lead to its own provider."""
    shutil.copytree(stage.folder / "keys", folder / "keys")
    if play == DAY:
        return
    wire = WIRE_OF_CAMPAIGN if play == CAMPAIGN else play
    (folder / "secret").write_text(SECRET if wire != "smpp" else "secret", encoding="utf-8")
    waits = f"timeout_seconds = {TIMEOUT_SECONDS}"
    lines = {
        "sms_http": ["[sms]", f'base_url = "http://127.0.0.1:{port}"', 'access_key = "key"'],
        "smpp": ["[sms]", 'host = "127.0.0.1"', f"port = {port}", 'system_id = "test"', 'source = "10690000"'],
        "smtp": ["[email]", 'host = "127.0.0.1"', f"port = {port}", 'sender = "notice@lender.example"',
                 'security = "plain"'],
    }[wire]  # fmt: skip
    if wire != "smtp":
        lines.append(f'secret_file = "{folder / "secret"}"')
    body = "\n".join([lines[0], f'gateway = "{wire}"', waits, *lines[1:], "[voice]", 'gateway = "manual"', ""])
    (folder / "channels.toml").write_text(body, encoding="utf-8")


def url_through(folder: Path, database: str) -> str:
    """The owner's address of a database by way of a line whose socket lies in a folder."""
    return f"postgresql://zhizhi_owner@/{database}?host={quote(str(folder), safe='')}&port=5432"
