"""A PostgreSQL of the operator's own, named by `DATABASE_URL`: checked before use, never started or stopped."""

import psycopg

from zhizhi.gateways.postgres.binaries import VERSION_MIN
from zhizhi.gateways.postgres.problem import Code, DatabaseProblem

CONNECT_SECONDS_MAX = 10


def check(url: str) -> int:
    """Its major version. Refuses: a server that is away, or older than the product is written for."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS_MAX) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as problem:
        # libpq's words name host, port and database, never the password
        raise DatabaseProblem(
            Code.SERVER_AWAY,
            zh=f"无法连接 DATABASE_URL 指定的数据库：{problem}".strip(),
            en="cannot connect to the database of DATABASE_URL; help: check it, or unset it to use the embedded one",
        ) from problem
    if version < VERSION_MIN:
        raise DatabaseProblem(
            Code.SERVER_TOO_OLD,
            zh=f"DATABASE_URL 指定的是 PostgreSQL {version}；本系统需要 {VERSION_MIN} 或更新版本",
            en=f"DATABASE_URL names a PostgreSQL {version}; version {VERSION_MIN} or newer is needed",
        )
    return version


def identity(url: str) -> str:
    """What names this database and no other, wherever it lies: the server's own number and the database's."""
    with psycopg.connect(url, connect_timeout=CONNECT_SECONDS_MAX) as connection:
        row = connection.execute(
            "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return f"{row[0]}/{row[1]}"
