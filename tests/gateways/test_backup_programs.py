"""What pg_dump and pg_restore are told: where, never with which password."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from zhizhi.gateways.backups.dump import dump, find_program, restore
from zhizhi.gateways.backups.refused import BackupRefused, refused
from zhizhi.gateways.backups.sealed import Readable, SealedFile

URL = "postgresql://owner:hunter-2-hunter@db.invalid:5433/book?sslmode=require"
SAYS = """#!/bin/sh
cd "$(dirname "$0")"
printf "%s\\n" "$@" > words
printf "%s" "$PGPASSWORD" > password
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """A stand-in for PostgreSQL's program that writes down how it was called."""

    def make(then: str) -> Path:
        path = tmp_path / "pg_program"
        path.write_text(SAYS + then, encoding="ascii")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def read_all(plain: Readable) -> SealedFile:
    """In the place of sealing."""
    return SealedFile("x", len(plain.read()), "")


def test_a_password_stands_in_no_list_of_processes(program: Callable[[str], Path], tmp_path: Path) -> None:
    assert dump(URL, "0-1-1", program("printf dumped\n"), read_all).octets == len("dumped")
    words = (tmp_path / "words").read_text("utf-8")
    assert "hunter" not in words
    assert "sslmode=require" in words
    assert "--snapshot=0-1-1" in words
    assert (tmp_path / "password").read_text("utf-8") == "hunter-2-hunter"
    restore(URL, program("cat > /dev/null\n"), lambda sink: sink.write(b"x") and None)
    assert "hunter" not in (tmp_path / "words").read_text("utf-8")


def test_what_it_refuses_is_told_without_a_row(program: Callable[[str], Path]) -> None:
    fails = 'echo "error: COPY failed for table person: 10900001234" >&2; echo "error: permission denied" >&2; exit 1\n'
    with pytest.raises(BackupRefused, match="permission denied") as told:
        dump(URL, "0-1-1", program(fails), read_all)
    assert "10900001234" not in str(told.value.text)
    with pytest.raises(BackupRefused, match="did not finish"):
        restore(URL, program("exit 1\n"), lambda sink: sink.write(b"x" * 1_000_000) and None)


def test_a_dump_that_ends_early_is_no_dump(program: Callable[[str], Path]) -> None:
    with pytest.raises(BackupRefused):
        dump(URL, "0-1-1", program("printf half; exit 1\n"), read_all)


def test_a_failure_while_feeding_ends_the_program(program: Callable[[str], Path], tmp_path: Path) -> None:
    def fails(_: object) -> None:
        raise refused("x", "x", "x")

    with pytest.raises(BackupRefused):
        restore(URL, program("cat > /dev/null; touch whole\n"), fails)
    assert not (tmp_path / "whole").exists()


def test_without_programs_that_fit_the_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="postgresql-client-99"):
        find_program("pg_dump", 99, {"ZHIZHI_PGBIN": str(tmp_path)})
