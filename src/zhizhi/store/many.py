"""Many rows and many questions in one round trip: prepared statements, pipelined, through the gate's login.

`bulk_create` sends arrays whose text it quotes piece by piece; for rows of large documents that costs nine times as
much as this (0.76 s against 0.08 s for five hundred decisions), and a round trip a table.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, Generic, TypeVar

import psycopg
from django.db import Error, connections
from django.db.models import Field, Model
from psycopg import sql

T_co = TypeVar("T_co", covariant=True)
Rows = list[tuple[Any, ...]]
DATABASE_FAULTS = (Error, psycopg.Error)
"""What a question raises where the database did not answer it."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T_co]):
    """A statement with its values, and what its rows mean; `None` asks nothing and has no rows."""

    statement: str | None
    values: Sequence[object] = field(repr=False)
    read: Callable[[Rows], T_co] = field(repr=False)


def ask(question: Question[T_co]) -> T_co:
    """The answer to one question."""
    (rows,) = rows_of(question)
    return question.read(rows)


def rows_of(*questions: Question[object]) -> list[Rows]:
    """The rows of several questions, asked one after the other in one round trip; what answers none has none."""
    connection = connections["gate"]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # one statement alone is one round trip without a pipeline, which costs as much as another statement
        with connection.connection.pipeline() if len(questions) > 1 else nullcontext():
            cursors = [_sent(connection.connection, question) for question in questions]
        return [cursor.fetchall() if cursor and _has_rows(cursor) else [] for cursor in cursors]


def _has_rows(cursor: "psycopg.Cursor[Any]") -> bool:
    """As its `description` would tell, which makes an object of each column at each call."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


def parts_of_each(statement: str, values: Sequence[object]) -> list[list[Rows]]:
    """The rows of one statement, each cut into parts before every column `is_there`; a part of which that column is
    null is not there and has no rows."""
    connection = connections["gate"]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = _execute(connection.connection, statement, values)
        result, found = cursor.pgresult, cursor.fetchall()
    assert result is not None, "a statement that answers rows"
    places = [place for place in range(result.nfields) if result.fname(place) == _IS_THERE]
    cuts = list(pairwise((*places, result.nfields)))
    return [[[row[place + 1 : end]] if row[place] else [] for place, end in cuts] for row in found]


_IS_THERE = b"is_there"


def _sent(connection: "psycopg.Connection[Any]", question: Question[object]) -> "psycopg.Cursor[Any] | None":
    if question.statement is None:
        return None
    return _execute(connection, question.statement, question.values)


def _execute(connection: "psycopg.Connection[Any]", statement: str, values: Sequence[object]) -> "psycopg.Cursor[Any]":
    """The driver reads a long statement anew at each call, for its places: they are numbered here, once."""
    with_numbers = _with_numbers(statement)
    if with_numbers is None:
        return psycopg.Cursor(connection).execute(statement.encode(), values, prepare=True)
    return psycopg.RawCursor(connection).execute(with_numbers, values, prepare=True)


@lru_cache(maxsize=512)
def _with_numbers(statement: str) -> bytes | None:
    """The statement with `$1` for its first `%s`; None where it has other signs of the driver's."""
    parts = statement.split("%s")
    if any("%" in part for part in parts):
        return None
    return "".join(part if n == 0 else f"${n}{part}" for n, part in enumerate(parts)).encode()


def insert_many(*tables: Sequence[Model]) -> None:
    """Insert rows, table after table in one round trip; the caller's transaction is open.

    Each sequence holds rows of one model.
    """
    connection = connections["gate"]
    with connection.wrap_database_errors, connection.connection.pipeline():
        for rows in filter(None, tables):
            statement, fields = _insert_into(type(rows[0]))
            values = [
                [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows
            ]
            psycopg.Cursor(connection.connection).executemany(statement, values)


@lru_cache(maxsize=64)
def _insert_into(model: type[Model]) -> "tuple[bytes, list[Field[object, object]]]":
    meta = model._meta
    fields = [field for field in meta.concrete_fields if field.column]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(meta.db_table),
        sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
        sql.SQL(", ").join(sql.Placeholder() for _ in fields),
    )
    return statement.as_bytes(), fields
