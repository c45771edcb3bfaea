"""The sealed columns of the register as a rotation meets them: read in bounded steps, written back where unchanged."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from string import Formatter
from typing import Any, TypeVar

from django.apps import apps
from django.db import OperationalError, connections, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from zhizhi.store.personal import Form, Held, sealed_columns

OWNER = "owner"
LOCK_WAIT = "200ms"
"""Shorter than the time after which PostgreSQL looks for deadlocks, so that it is always we who give way."""
TRIES_MAX = 1_500
AGAIN_SECONDS = 0.2
Key = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A sealed column, the columns of its table's key, and those that its place is made of."""

    table: str
    column: str
    key: tuple[str, ...]
    key_types: tuple[str, ...]
    beside: tuple[str, ...]
    held: Held

    def place(self, beside: Sequence[Any]) -> str:
        """To what the value of a row is bound; octets stand in hex."""
        told = [one.hex() if isinstance(one, bytes | memoryview) else one for one in beside]
        return self.held.place.format(**dict(zip(self.beside, told, strict=True)))

    def purpose(self, beside: Sequence[Any]) -> str:
        """Of what the key of a listed or product's value is derived."""
        if self.held.form is Form.LISTED:
            return f"list/{beside[self.beside.index('lender_id')]}"
        return f"product/{self.held.key}"

    def row(self, values: Sequence[Any]) -> tuple[Key, bytes, Key]:
        """Key, sealed value and what stands beside it, of a row that `fields` asked for."""
        size = len(self.key)
        return tuple(values[:size]), bytes(values[size]), tuple(values[size + 1 :])

    @property
    def fields(self) -> str:
        """The columns to ask for, in the order that `row` reads."""
        return ", ".join(f'"{name}"' for name in (*self.key, self.column, *self.beside))

    def write(self, changes: Sequence[tuple[Key, bytes, bytes]]) -> int:
        """Put new values in the place of those that were read, where they still are; answers how many were."""
        if not changes:
            return 0
        arrays = ", ".join(f"%s::{kind}[]" for kind in self.key_types)
        names = ", ".join(f"k{n}" for n in range(len(self.key)))
        same = " AND ".join(f't."{name}" = c.k{n}' for n, name in enumerate(self.key))
        keys = [[change[0][n] for change in changes] for n in range(len(self.key))]
        statement = (
            f'UPDATE {self.table} t SET "{self.column}" = c.closed'
            f" FROM unnest({arrays}, %s::bytea[], %s::bytea[]) AS c ({names}, was, closed)"
            f' WHERE {same} AND t."{self.column}" = c.was'
        )
        with connections[OWNER].cursor() as cursor:
            cursor.execute(statement, [*keys, [change[1] for change in changes], [change[2] for change in changes]])
            return int(cursor.rowcount)


def columns_of(*forms: Form) -> list[SealedColumn]:
    """The sealed columns of these forms."""
    return [_column(table, column, held) for form in forms for table, column, held in sealed_columns(form)]


def _column(table: str, column: str, held: Held) -> SealedColumn:
    model = next(one for one in apps.get_app_config("store").get_models() if one._meta.db_table == table)
    key = tuple(str(field.column) for field in model._meta.pk_fields)
    kinds = tuple(str(field.rel_db_type(connections[OWNER])) for field in model._meta.pk_fields)
    beside = tuple(name for _, name, _, _ in Formatter().parse(held.place) if name)
    lender = ("lender_id",) if held.form is Form.LISTED else ()
    return SealedColumn(table, column, key, kinds, (*beside, *lender), held)


@contextmanager
def resealing() -> Iterator[None]:
    """A transaction of the owner in which sealed values change, and what they say does not (sql/key_rotation.sql)."""
    with transaction.atomic(using=OWNER, durable=True):
        with connections[OWNER].cursor() as cursor:
            cursor.execute(
                "SELECT set_config('zhizhi.resealing', 'on', true), set_config('lock_timeout', %s, true)", [LOCK_WAIT]
            )
        yield


def patiently(step: Callable[[], T]) -> T:
    """A step of a rotation, again and again while others hold its rows: no request ever waits long for a rotation."""
    for _ in range(TRIES_MAX - 1):
        try:
            return step()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            time.sleep(AGAIN_SECONDS)
    return step()


def asked(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows, read as the owner."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
