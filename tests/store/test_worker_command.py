"""`zhizhi worker` as a process: one round that succeeds, one in which a step breaks."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg


def one_round(store: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zhizhi", "worker", "--once"],
        env={**os.environ, "DATABASE_URL": store, "ZHIZHI_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_step_that_breaks_is_named_and_the_steps_behind_it_were_taken(store: str, tmp_path: Path) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        done = one_round(store, tmp_path)
        assert done.returncode == 0, done.stderr
        assert owner.execute("SELECT count(*) FROM checkpoint").fetchone() == (1,)
        owner.execute("TRUNCATE checkpoint")
        owner.execute("ALTER TABLE inbox_item RENAME COLUMN state TO moved")
        broken = one_round(store, tmp_path)
        assert owner.execute("SELECT count(*) FROM checkpoint").fetchone() == (1,)
    assert broken.returncode == 1
    assert "inbox: ProgrammingError from UndefinedColumn at zhizhi." in broken.stderr
    assert "Traceback" not in broken.stderr
