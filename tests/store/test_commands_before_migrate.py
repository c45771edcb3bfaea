"""A command that needs tables, on a database that has none: one sentence with the remedy, and no traceback."""

import os
import subprocess
import sys

from conftest import create_database, drop_database
from zhizhi.gateways.postgres.server import Server


def test_a_database_that_was_never_migrated_is_said_plainly(server: Server) -> None:
    create_database(server, "never_migrated")
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "zhizhi", "day", "--on", "2026-03-02"],
            env={**os.environ, "DATABASE_URL": server.url_of("never_migrated")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        drop_database(server, "never_migrated")
    assert ran.returncode == 1
    assert "请先运行 zhizhi migrate" in ran.stderr
    assert "Traceback" not in ran.stderr
