"""Questions that a lease asks of the database each time: prepared once a connection, so that no plan is made again."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connections

Values = Sequence[Any] | Mapping[str, Any]


def ask(question: str, values: Values) -> list[tuple[Any, ...]]:
    """The rows of one question of the gate's login; Django's own cursor prepares nothing."""
    connection = connections["gate"]
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(question, values, prepare=True).fetchall()  # type: ignore[arg-type]  # constants of ours
