"""A plan: the queries that decide a book, compiled once and run part by part over the persons of the book.

Each step is one Ibis expression over the steps before it and becomes a table of the engine. Compiled as one expression
the law would be a megabyte of SQL; in steps it is a few kilobytes each, and what several rules ask is computed once.
"""

from collections.abc import Mapping
from typing import Any

import ibis

from zhizhi.batch.engine import forget, keep
from zhizhi.batch.joins import in_steps
from zhizhi.batch.tables import SCHEMAS, Facts, Table

PREFIX = "zhizhi_batch_"


class Plan:
    """Steps on a connection. Two plans do not run on one connection at the same time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._steps: list[tuple[str, str]] = []

    @property
    def queries(self) -> tuple[tuple[str, str], ...]:
        """The names and queries of the steps, in order."""
        return tuple(self._steps)

    def step(self, name: str, table: Table) -> Table:
        """Adds a step; answers its table as later steps read it."""
        assert f"{PREFIX}{name}" not in dict(self._steps), "a step has a name of its own"
        with in_steps():
            query = str(self._connection.compile(table))
        self._steps.append((f"{PREFIX}{name}", query))
        return ibis.table(table.schema(), name=f"{PREFIX}{name}")

    def kept(self, name: str) -> Table:
        """The rows of a step since it ran."""
        with in_steps():
            return self._connection.table(f"{PREFIX}{name}")

    def run(self, facts: Facts) -> None:
        """Runs every step over facts."""
        self._forget()
        with in_steps():
            _mount(self._connection, facts)
            for name, query in self._steps:
                keep(self._connection, name, query)

    def drop(self) -> None:
        """Removes what the steps left behind."""
        self._forget()
        for name in SCHEMAS:
            self._connection.drop_view(_mounted(name), force=True)

    def _forget(self) -> None:
        """The last step first: each reads those before it."""
        for name, _ in reversed(self._steps):
            forget(self._connection, name)


def of_the_asked(connection: Any, part: Facts) -> Facts:
    """The facts of the persons of whom something is asked, laid down by themselves.

    Every step reads what it needs of the book again; of a campaign that asks about a tenth of the persons it would read
    the history of all. They stay until the next part is laid down, or `forget_the_asked`.
    """
    kept = part.tables()
    with in_steps():
        _mount(connection, part)  # what lies in memory has a name on the connection only from now on
        mounted = mounted_facts()
        persons = mounted.proposals.select("person").distinct()
        for name, table in mounted.tables().items():
            if "person" in table.columns:
                keep(connection, _laid(name), str(connection.compile(table.semi_join(persons, "person"))))
                kept[name] = connection.table(_laid(name))
    return Facts(**kept)


def forget_the_asked(connection: Any) -> None:
    """Removes what `of_the_asked` laid down."""
    for name in SCHEMAS:
        forget(connection, _laid(name))


def mounted_facts() -> Facts:
    """The facts as the steps of a plan read them, by name."""
    return Facts(**{name: ibis.table(ibis.schema(_nullable(name)), name=_mounted(name)) for name in SCHEMAS})


def _mount(connection: Any, facts: Facts) -> None:
    """Gives facts the names by which the steps of a plan read them."""
    for name, table in facts.tables().items():
        connection.create_view(_mounted(name), table, overwrite=True)


def _mounted(name: str) -> str:
    return f"{PREFIX}{name}"


def _laid(name: str) -> str:
    return f"{PREFIX}asked_{name}"


def _nullable(name: str) -> Mapping[str, str]:
    return {column: kind.lstrip("!") for column, kind in SCHEMAS[name].items()}
