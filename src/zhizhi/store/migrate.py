"""Bring a database to the newest schema: logins first, then migrations, always as the owner."""

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from zhizhi.core.kernel.text import Text

SERVER_VERSION_MIN = 150000


class DatabaseRefused(Exception):
    """The database cannot be used; `text` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def migrate() -> None:
    """Create or update logins and tables; doing it twice changes nothing. Refuses: a server older than 15."""
    ensure_logins()
    call_command("migrate", database="owner", verbosity=0, interactive=False)


def ensure_logins() -> None:
    """The two logins of the product, before anything is granted to them. Refuses: a server older than 15."""
    owner = connections["owner"]
    owner.ensure_connection()
    version = owner.connection.info.server_version
    if version < SERVER_VERSION_MIN:
        raise DatabaseRefused(
            Text(
                f"数据库服务器版本 {version // 10000} 过旧；请使用 PostgreSQL 15 或更新版本",
                f"the database server is version {version // 10000}; help: use PostgreSQL 15 or newer",
            )
        )
    for alias in ("default", "gate"):
        settings = connections[alias].settings_dict
        _ensure_login(owner.connection, str(settings["USER"]), str(settings["PASSWORD"]))


def _ensure_login(connection: "psycopg.Connection[tuple[object, ...]]", login: str, password: str) -> None:
    """A login that owns nothing and may do nothing but what the migrations grant."""
    attributes = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}").format(
        sql.Literal(password or None)
    )
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    verb = "ALTER" if exists else "CREATE"
    connection.execute(sql.SQL("{} ROLE {} ").format(sql.SQL(verb), sql.Identifier(login)) + attributes)
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(login)))
