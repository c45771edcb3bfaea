"""Many rows at once: one prepared statement, pipelined.

`bulk_create` sends arrays whose text it quotes piece by piece; for rows of large documents that costs nine times as
much as this (0.76 s against 0.08 s for five hundred decisions).
"""

from collections.abc import Sequence

import psycopg
from django.db import connections
from django.db.models import Model
from psycopg import sql


def insert_many(rows: Sequence[Model]) -> None:
    """Insert rows of one model through the gate's login; the caller's transaction is open."""
    if not rows:
        return
    connection = connections["gate"]
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if field.column]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(meta.db_table),
        sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
        sql.SQL(", ").join(sql.Placeholder() for _ in fields),
    )
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows]
    with connection.wrap_database_errors:
        psycopg.Cursor(connection.connection).executemany(statement, values)
