"""Processes that read and seal chunks: started fresh, bounded in what they hold, answered in the order of the file."""

import gc
import importlib
import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Self

from zhizhi.usecases.import_accounts import Cells, WorkedChunk, Workplace, open_desk, work_at_desk

WORKERS = 2


class Workers:
    """A pool for one file. `start` names the function (`module:name`) that makes a fresh process ready: settings
    and keys.

    It is a name because the layer that knows settings lies above this one.
    """

    def __init__(self, workplace: Workplace, start: str, count: int = WORKERS) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=_ready, initargs=(start, workplace))
        self.ahead = count + 2

    def ask(self, cells: Cells, ids: range) -> "Future[WorkedChunk]":
        """Have a chunk worked."""
        return self._pool.submit(work_at_desk, cells, ids)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _leave_with_parent() -> None:
    """End when the importing process ends, however it ended: a killed one cannot tell."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _ready(start: str, workplace: Workplace) -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    module, _, name = start.partition(":")
    getattr(importlib.import_module(module), name)()
    open_desk(workplace)
    # A chunk makes a million small values and no cycles: looking for cycles would take a fifth of the time.
    gc.freeze()
    gc.disable()
