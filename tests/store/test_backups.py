"""Backups: sealed for one recipient, whole or not there, and restored to what they were."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from conftest import create_database, drop_database
from zhizhi.gateways.postgres.server import Server

DAY = "2026-03-02"
SPOKEN = b"sealed sound of a call"


class House:
    """An installation on a database of its own."""

    def __init__(self, url: str, state: Path) -> None:
        self.url, self.state = url, state
        clean = {key: value for key, value in os.environ.items() if key not in ("ZHIZHI_LOGIN", "ZHIZHI_KEYS")}
        self.environment = {**clean, "DATABASE_URL": url, "ZHIZHI_STATE": str(state), "COLUMNS": "160"}

    def run(self, *words: str, **more: object) -> "subprocess.CompletedProcess[str]":
        """One command."""
        return subprocess.run(
            [sys.executable, "-m", "zhizhi", *words],
            env=self.environment, capture_output=True, text=True, timeout=280, check=False, **more,
        )  # type: ignore[call-overload,no-any-return]  # fmt: skip

    def does(self, *words: str) -> str:
        """One that has to succeed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)

    def refuses(self, *words: str, **more: object) -> str:
        """One that has to be refused; what it says."""
        done = self.run(*words, **more)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return str(done.stderr)

    def backups(self) -> list[Path]:
        """Those that lie there."""
        return sorted(one for one in (self.state / "backups").iterdir() if one.is_dir())


@pytest.fixture(scope="module")
def new_house(server: Server) -> Iterator[Callable[[str], House]]:
    """Makes installations on empty databases."""
    made: list[House] = []

    def make(name: str) -> House:
        create_database(server, name)
        made.append(House(server.url_of(name), Path(tempfile.mkdtemp(prefix="zhizhi-backup-"))))
        return made[-1]

    yield make
    for house in made:
        drop_database(server, house.url.split("/")[-1].split("?")[0])
        shutil.rmtree(house.state)


@pytest.fixture(scope="module")
def house(new_house: Callable[[str], House]) -> House:
    """One with a small book, a day's log and two objects."""
    house = new_house("backup_from")
    house.does("migrate")
    house.does("generate", "--out", str(house.state / "book"), "--accounts", "40", "--on", DAY)
    house.does("import", str(house.state / "book"))
    house.does("defaults", "--demonstration")
    house.does("day", "--on", DAY)
    for name in ("recording/ab/" + "1" * 30, "recording/cd/" + "2" * 30):
        path = house.state / "objects" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(SPOKEN + name.encode())
    return house


@pytest.fixture(scope="module")
def recipient(tmp_path_factory: pytest.TempPathFactory, house: House) -> tuple[str, Path]:
    """Of whoever restores."""
    path = tmp_path_factory.mktemp("vault") / "identity.txt"
    said = house.does("backup", "identity", str(path)).strip()
    assert path.stat().st_mode & 0o777 == 0o600
    return said, path


@pytest.fixture(scope="module")
def made(house: House, recipient: tuple[str, Path]) -> Path:
    """A backup."""
    said = house.does("backup", "make", "--to", recipient[0])
    assert "local.json · 密钥" in said, "what it does not hold is named"
    (folder,) = house.backups()
    return folder


def test_a_backup_holds_counts_in_the_clear_and_nothing_else(house: House, made: Path) -> None:
    manifest = json.loads((made / "manifest.json").read_text("utf-8"))
    with psycopg.connect(house.url) as connection:
        for table in ("person", "leaf", "permit"):
            counted = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert counted == (manifest["tables"][table],)
    assert manifest["tables"]["person"] > 0
    assert (manifest["objects"], manifest["objects_erased_meanwhile"]) == (2, [])
    names = (house.state / "book" / "accounts.csv").read_text("utf-8").splitlines()[1].split(",")[4:8]
    keys = json.loads((house.state / "keys" / "local.json").read_text("utf-8"))
    for file in made.iterdir():
        octets = file.read_bytes()
        assert not [one for one in (*names, SPOKEN.decode(), keys["root"]) if one.encode() in octets], file.name
        assert file.stat().st_mode & 0o077 == 0 or not file.name.endswith(".age")


def test_whoever_made_it_can_check_it_and_only_the_identity_opens_it(
    house: House, made: Path, recipient: tuple[str, Path], tmp_path: Path
) -> None:
    assert "未解开" in house.does("backup", "verify", str(made))
    assert "已全部解开" in house.does("backup", "verify", str(made), "--identity", str(recipient[1]))
    house.does("backup", "identity", str(tmp_path / "another"))
    assert "打不开" in house.refuses("backup", "verify", str(made), "--identity", str(tmp_path / "another"))
    assert "已存在" in house.refuses("backup", "identity", str(tmp_path / "another"))
    assert "age1" in house.refuses("backup", "make", "--to", "age1nobody")


@pytest.mark.parametrize("name", ["database.age", "objects.age", "manifest.json", "manifest.sig"])
@pytest.mark.parametrize("how", ["altered", "cut short", "missing"])
def test_one_that_was_changed_is_told(house: House, made: Path, tmp_path: Path, name: str, how: str) -> None:
    copy = tmp_path / made.name
    shutil.copytree(made, copy)
    octets = bytearray((copy / name).read_bytes())
    octets[len(octets) // 2] ^= 1
    if how == "missing":
        (copy / name).unlink()
    else:
        (copy / name).write_bytes(octets if how == "altered" else octets[: len(octets) // 2])
    assert house.run("backup", "verify", str(copy)).returncode == 1


def test_it_is_restored_whole_where_there_is_nothing_and_proves_it(
    house: House, made: Path, recipient: tuple[str, Path], new_house: Callable[[str], House], tmp_path: Path
) -> None:
    to, identity = recipient
    house.does("backup", "keys", "--to", to, "-o", str(tmp_path / "keys.age"))
    fresh = new_house("backup_to")
    fresh.does("backup", "restore-keys", str(tmp_path / "keys.age"), "--identity", str(identity))
    assert "不覆盖" in fresh.refuses("backup", "restore-keys", str(tmp_path / "keys.age"), "--identity", str(identity))
    said = fresh.does("backup", "restore", str(made), "--identity", str(identity))
    assert "已恢复并证明" in said
    objects = {one.name: one.read_bytes() for one in (fresh.state / "objects").rglob("*") if one.is_file()}
    assert sorted(objects.values()) == sorted(
        one.read_bytes() for one in (house.state / "objects").rglob("*") if one.is_file()
    )
    assert "v1" in fresh.does("keys", "status")
    for role, may in (("zhizhi_web", False), ("zhizhi_gate", True)):
        with psycopg.connect(fresh.url) as connection:
            told = connection.execute("SELECT has_table_privilege(%s, 'permit', 'INSERT')", [role]).fetchone()
            assert told == (may,), "grants came with it"
    assert "不是空的" in fresh.refuses("backup", "restore", str(made), "--identity", str(identity))


def test_with_other_keys_nothing_is_touched(
    made: Path, recipient: tuple[str, Path], new_house: Callable[[str], House]
) -> None:
    fresh = new_house("backup_other_keys")
    assert "日志密钥" in fresh.refuses("backup", "restore", str(made), "--identity", str(recipient[1]))
    with psycopg.connect(fresh.url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@contextmanager
def no_dump_ends(house: House) -> Iterator[None]:
    """Meanwhile pg_dump waits for a table, in a schema that nothing else of a backup looks at."""
    with psycopg.connect(house.url) as holder:
        holder.execute("CREATE SCHEMA aside")
        holder.execute("CREATE TABLE aside.held ()")
        holder.commit()
        holder.execute("LOCK TABLE aside.held IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            holder.execute("DROP SCHEMA aside CASCADE")


def test_a_killed_one_is_never_taken_for_a_backup_and_goes_with_the_next(
    house: House, made: Path, recipient: tuple[str, Path]
) -> None:
    place = house.state / "backups"
    with no_dump_ends(house):
        running = subprocess.Popen(
            [sys.executable, "-m", "zhizhi", "backup", "make", "--to", recipient[0]], env=house.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 240
        while not any(place.glob("*.partial/database.age")):
            assert running.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    (left,) = place.glob("*.partial")
    assert not (left / "manifest.sig").exists()
    assert house.run("backup", "verify", str(left)).returncode == 1
    assert made in house.backups()
    house.does("backup", "make", "--to", recipient[0])
    assert not list(place.glob("*.partial"))


def test_a_disk_that_takes_no_more_is_said_and_leaves_nothing(house: House, recipient: tuple[str, Path]) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    before = house.backups()
    said = house.refuses("backup", "make", "--to", recipient[0], preexec_fn=small)
    assert "写不下去" in said
    assert house.backups() == before
