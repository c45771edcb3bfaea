"""`zhizhi run`: which steps in which order, one at a time, and where it is to be found."""

import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from zhizhi.ops import environment, run, web_server
from zhizhi.ops.run import DoneSteps, Options, RunFailed


def options(**changes: object) -> Options:
    said: dict[str, object] = {"book": None, "map": None, "port": 8000, "has_demonstration": True, "day": "2026-03-02"}
    return Options(**{**said, **changes})  # type: ignore[arg-type] # the test names the fields


def names(chosen: Options, tmp_path: Path) -> list[str]:
    return [step.name for step in run.steps_of(chosen, tmp_path)]


def test_the_first_step_migrates_and_the_last_works_a_day(tmp_path: Path) -> None:
    for chosen in (options(), options(has_demonstration=False), options(book=Path("a b.csv"), map=Path("m.toml"))):
        steps = names(chosen, tmp_path)
        assert (steps[0], steps[-1]) == ("migrate", "day")


def test_a_named_book_takes_the_place_of_the_demonstration(tmp_path: Path) -> None:
    chosen = options(book=Path("my book.csv"), map=Path("m.toml"))
    steps = {step.name: step for step in run.steps_of(chosen, tmp_path)}
    assert "demonstration" not in steps
    assert steps["import"].argv[-4:] == ("import", "my book.csv", "--map", "m.toml")
    assert not steps["import"].once


def test_only_the_demonstration_is_loaded_once(tmp_path: Path) -> None:
    once = {step.name for step in run.steps_of(options(), tmp_path) if step.once}
    assert {"migrate", "day"}.isdisjoint(once)
    assert "demonstration" in once


def test_first_start_steps_are_remembered_by_database_not_by_folder(tmp_path: Path) -> None:
    DoneSteps(tmp_path, "1/2").add("demonstration")
    assert DoneSteps(tmp_path, "1/2").includes("demonstration")
    assert not DoneSteps(tmp_path, "1/3").includes("demonstration")


def test_a_second_run_is_refused_with_the_address_of_the_first(tmp_path: Path) -> None:
    with run.only_one(tmp_path) as lock:
        run.note_address(lock, "http://127.0.0.1:8000")
        with pytest.raises(RunFailed, match=rf"127\.0\.0\.1:8000 \(pid {os.getpid()}\)"), run.only_one(tmp_path):
            pass
    with run.only_one(tmp_path) as lock:
        lock.seek(0)
        assert lock.read() == ""


def test_a_busy_port_gives_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        with run.open_port(taken) as other:
            assert other.getsockname()[0] == "127.0.0.1"
            assert taken < other.getsockname()[1] <= taken + run.PORTS_TRIED_MAX


def test_a_map_without_a_book_is_refused(tmp_path: Path) -> None:
    mapped = tmp_path / "m.toml"
    mapped.write_text("")
    result = CliRunner().invoke(run.run, ["--map", str(mapped)])
    assert result.exit_code == 2
    assert "--book" in result.output


def test_the_session_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = environment.secret_key(tmp_path)
    assert len(first) >= environment.SECRET_KEY_BYTES
    assert environment.secret_key(tmp_path) == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_the_web_server_serves_the_application_with_threads() -> None:
    told = web_server.arguments("fd://7", 2, 8)
    assert told[-1] == "zhizhi.config.wsgi:application"
    assert "--bind=fd://7" in told
    assert "--worker-class=gthread" in told
