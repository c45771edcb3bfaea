"""What a backup says of the database: read in one snapshot, which pg_dump then sees too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

TABLES_MAX = 10_000
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1 LIMIT %s
"""
_EXPECTED = """
SELECT r.object_name FROM recording r
WHERE NOT EXISTS (SELECT 1 FROM recording_erasure e WHERE e.object_name = r.object_name AND e.gone_at IS NOT NULL)
ORDER BY 1
"""
_MIGRATION = "SELECT name FROM django_migrations WHERE app = 'store' ORDER BY name DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Seen:
    """The database at one instant; `snapshot` is what pg_dump is told while this is open."""

    snapshot: str
    server_major: int
    migration: str
    tables: dict[str, int]
    log_size: int
    objects: tuple[str, ...]


@contextmanager
def one_snapshot(url: str) -> Iterator[Seen]:
    """Count every table; the snapshot lasts as long as the block."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        yield Seen(
            snapshot=str(snapshot),
            server_major=connection.info.server_version // 10_000,
            migration=str(_one(connection, _MIGRATION)),
            tables=_counts(connection),
            log_size=int(str(_one(connection, "SELECT count(*) FROM leaf WHERE position IS NOT NULL"))),
            objects=tuple(str(name) for (name,) in connection.execute(_EXPECTED.encode()).fetchall()),
        )


def count_tables(url: str) -> dict[str, int]:
    """Rows by table; nothing where there are no tables."""
    with psycopg.connect(url) as connection:
        return _counts(connection)


def server_major(url: str) -> int:
    """The major version of a server."""
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10_000


def _counts(connection: "psycopg.Connection[tuple[object, ...]]") -> dict[str, int]:
    names = [str(name) for (name,) in connection.execute(_TABLES.encode(), [TABLES_MAX]).fetchall()]
    question = sql.SQL("SELECT count(*) FROM {}")
    return {name: int(str(_one(connection, question.format(sql.Identifier("public", name))))) for name in names}


def _one(connection: "psycopg.Connection[tuple[object, ...]]", question: "str | sql.Composed") -> object:
    row = connection.execute(question.encode() if isinstance(question, str) else question).fetchone()
    assert row is not None
    return row[0]
