"""What takes minutes and somebody waits for: an import, a pack to weigh, a log to audit; one shape for all three.

Whoever waits is told what came of it, also where the cause is a fault of ours; a database that is away is nobody's
fault, and the run is taken up again when it is back.
"""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from django.db import InterfaceError, OperationalError

from zhizhi.core.kernel.errors import Refused, told
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.table import Table, TableError, TableOptions

LOG = logging.getLogger(__name__)
DATABASE_AWAY = (OperationalError, InterfaceError)
BROKE = Text(
    "程序出错，未能完成；请把编号 {id} 告知系统管理员，原因已记入后台任务日志",
    "a fault of the program ended it; help: tell whoever runs this installation the number {id}, the worker's log says"
    " why",
)
ATTEMPTS_MAX = 3
GAVE_UP = Text(
    "后台任务处理它时已连续 {times} 次被终止（多半是内存不足），不再重试；请把编号 {id} 告知系统管理员，"
    "或拆小后重新提交",
    "its worker was killed {times} times in a row, most likely for memory, and it is not tried again; help: tell"
    " whoever runs this installation the number {id}, or bring it in smaller parts",
)
UPLOAD_GONE = Text(
    "上传的文件已不在或无法读取；请重新上传", "the uploaded file is gone or cannot be read; help: upload it again"
)


class Numbered(Protocol):
    """A run that has an id, and counts the workers that took it up since it last got on, this one included."""

    @property
    def id(self) -> int: ...

    @property
    def attempts(self) -> int: ...


RunT = TypeVar("RunT", bound=Numbered)


@dataclass(frozen=True, slots=True)
class LongJob(Generic[RunT]):
    """How one kind of run is claimed, worked, and noted as failed; how a try is given back that was not its fault."""

    name: str
    claim: Callable[[], AbstractContextManager[RunT | None]]
    work: Callable[[RunT, datetime], None]
    fail: Callable[[RunT, str, Text, datetime], None]
    give_back: Callable[[int], None]


class _UnderWay:
    """What this process works now, and tries that it has to give back once the database answers again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: dict[tuple[str, int], Callable[[int], None]] = {}
        self._owed: dict[tuple[str, int], Callable[[int], None]] = {}

    def begin(self, name: str, run_id: int, give_back: Callable[[int], None]) -> None:
        with self._lock:
            self._now[name, run_id] = give_back

    def end(self, name: str, run_id: int) -> None:
        with self._lock:
            self._now.pop((name, run_id), None)

    def owe(self, name: str, run_id: int) -> None:
        """The database went away: what it was working does not count as killed."""
        with self._lock:
            self._owed[name, run_id] = self._now[name, run_id]

    def settle(self) -> None:
        """Give back what is owed."""
        while True:
            with self._lock:
                if not self._owed:
                    return
                key, give_back = next(iter(self._owed.items()))
            give_back(key[1])
            with self._lock:
                self._owed.pop(key, None)

    def leave(self) -> None:
        """This process ends as it should: what it is working is taken up by the next, uncounted."""
        with self._lock:
            self._owed |= self._now
            self._now = {}
        self.settle()


_UNDER_WAY = _UnderWay()


def leave_long_work() -> None:
    """Called by a worker that was told to stop: the run that it leaves behind did not kill it."""
    try:
        _UNDER_WAY.leave()
    except DATABASE_AWAY as fault:
        LOG.warning("a run that is left behind counts a try too many: %s", told(fault))


def work_oldest(job: LongJob[RunT], at: datetime) -> bool:
    """Work the oldest run of this kind that waits; answers whether there was one. A failure is kept with the run.

    Boundary: one that was taken up `ATTEMPTS_MAX` times without getting on, and whose workers died, is failed.
    Refuses: nothing but a database that is away (`DATABASE_AWAY`), which leaves the run to the next try.
    """
    _UNDER_WAY.settle()
    with job.claim() as run:
        if run is None:
            return False
        if run.attempts > ATTEMPTS_MAX:
            LOG.error("%s %d killed %d workers", job.name, run.id, ATTEMPTS_MAX)
            job.fail(run, "gave_up", GAVE_UP.fill(times=ATTEMPTS_MAX, id=run.id), at)
            return True
        _UNDER_WAY.begin(job.name, run.id, job.give_back)
        try:
            job.work(run, at)
        except DATABASE_AWAY:
            _UNDER_WAY.owe(job.name, run.id)
            raise
        except (Refused, TableError) as refused:
            job.fail(run, refused.code, refused.text, at)
        except Exception as fault:
            LOG.error("%s %d broke: %s", job.name, run.id, told(fault))
            job.fail(run, "broke", BROKE.fill(id=run.id), at)
        else:
            LOG.info("%s %d was worked", job.name, run.id)
        finally:
            _UNDER_WAY.end(job.name, run.id)
    return True


class UploadGone(Refused):
    """The file of an upload is not where it was put, or this login may not read it."""


def open_upload(
    open_file: Callable[[Path, TableOptions | None], Table], path: Path, options: TableOptions | None = None
) -> Table:
    """Open the file of an upload as a table. Refuses: one that is gone (UploadGone), what is no table (TableError)."""
    if not os.access(path, os.R_OK):
        raise UploadGone("unreadable", UPLOAD_GONE)
    return open_file(path, options)
