"""Faults at seeded places: a process killed at a commit, a connection that breaks, a disk that is full; and other
processes that come in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import OperationalError, connections, transaction

KINDS = ("killed_before_commit", "killed_after_commit", "answer_of_commit_lost", "connection_cut", "disk_full")


class Killed(BaseException):
    """The process died here; no code of the product may catch it."""


@dataclass
class Faults:
    """At most one armed fault at a time. `between` is called before a transaction begins, as if others worked too."""

    between: Callable[[], None]
    kind: str = ""
    left: int = 0
    met: dict[str, int] = field(default_factory=dict)

    def arm(self, kind: str, nth: int) -> None:
        """The n-th commit (or statement) from now on fails so."""
        self.kind, self.left = kind, nth

    def disarm(self) -> None:
        """Nothing fails any more."""
        self.kind = ""

    def _is_due(self, *kinds: str) -> bool:
        if self.kind not in kinds:
            return False
        self.left -= 1
        if self.left > 0:
            return False
        self.met[self.kind] = self.met.get(self.kind, 0) + 1
        return True

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this is open, armed faults happen."""
        gate = connections["gate"]
        enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__

        def entering(atomic: Any) -> None:
            if atomic.durable and atomic.using == "gate" and not gate.in_atomic_block:
                self.between()
            enter(atomic)

        def leaving(atomic: Any, kind: Any, value: Any, trace: Any) -> None:
            commits = atomic.durable and kind is None
            if not commits or not self._is_due("killed_before_commit", "killed_after_commit", "answer_of_commit_lost"):
                return leave(atomic, kind, value, trace)
            how, self.kind = self.kind, ""
            if how == "killed_before_commit":
                killed = Killed()
                leave(atomic, Killed, killed, None)
                raise killed
            leave(atomic, None, None, None)
            raise Killed if how == "killed_after_commit" else OperationalError("the answer of the commit was lost")

        def statement(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if self._is_due("connection_cut", "disk_full"):
                how, self.kind = self.kind, ""
                if how == "disk_full":
                    raise OperationalError("could not extend file") from psycopg.errors.DiskFull("no space left")
                gate.connection.close()
            return execute(sql, params, many, context)

        with (
            patch.object(transaction.Atomic, "__enter__", entering),
            patch.object(transaction.Atomic, "__exit__", leaving),
            gate.execute_wrapper(statement),
        ):
            yield
