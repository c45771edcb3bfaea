"""Processes that judge chunks of a log: started fresh, each with the law of the profile, bounded in what they hold."""

import gc
import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.store.packs import load_law
from zhizhi.usecases.audit.audit_log import AuditLog, Chunk, Desk, Worked
from zhizhi.usecases.audit.facts import Facts
from zhizhi.usecases.audit.rows import LogReading

WORKERS = 2
INLINE_ROWS = 20_000
"""Up to so many rows the work is done in this process: starting others would take longer."""


@dataclass(frozen=True, slots=True)
class AuditPlace:
    """What a process is told when it starts; the law of the profile it loads itself.

    `houses`: house packs of the lender, each in force on the days on which it stood.
    """

    reading_of_log: LogReading
    profile: str
    reading: str
    facts: Facts
    key: bytes | None
    houses: tuple[Pack, ...] = field(default=(), repr=False)

    def law(self) -> Law:
        """What is judged by."""
        law = load_law(self.profile)
        return replace(law, packs=(*law.packs, *self.houses)) if self.houses else law

    def open_desk(self) -> Desk:
        """The desk of this process."""
        return Desk(AuditLog(self.reading_of_log, self.law(), self.reading, self.facts, self.key))


class AuditWorkers:
    """A pool for one log, or this process alone where the log is small."""

    def __init__(self, place: AuditPlace, rows: int, count: int = WORKERS) -> None:
        self._desk: Desk | None = None
        self._pool: ProcessPoolExecutor | None = None
        if rows <= INLINE_ROWS:
            self._desk = place.open_desk()
        else:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=_ready, initargs=(place,))
        self.ahead = 0 if self._pool is None else count + 2

    def submit(self, chunk: Chunk) -> "Future[Worked]":
        """Have a chunk judged."""
        if self._pool is not None:
            return self._pool.submit(_work, chunk)
        assert self._desk is not None, "a pool or a desk"
        done: Future[Worked] = Future()
        done.set_result(self._desk.work(chunk))
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


_DESK: list[Desk] = []


def _leave_with_parent() -> None:
    """End when the auditing process ends, however it ended: a killed one cannot tell."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _ready(place: AuditPlace) -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _DESK.append(place.open_desk())
    # A chunk makes many small values and no cycles: looking for cycles would take a fifth of the time.
    gc.freeze()
    gc.disable()


def _work(chunk: Chunk) -> Worked:
    return _DESK[0].work(chunk)
