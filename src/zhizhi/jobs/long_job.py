"""What takes minutes and somebody waits for: an import, a pack to weigh, a log to audit; one shape for all three.

Whoever waits is told what came of it, also where the cause is a fault of ours; a database that is away is nobody's
fault, and the run is taken up again when it is back.
"""

import logging
import os
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
UPLOAD_GONE = Text(
    "上传的文件已不在或无法读取；请重新上传", "the uploaded file is gone or cannot be read; help: upload it again"
)


class Numbered(Protocol):
    """A run that has an id."""

    @property
    def id(self) -> int: ...


RunT = TypeVar("RunT", bound=Numbered)


@dataclass(frozen=True, slots=True)
class LongJob(Generic[RunT]):
    """How one kind of run is claimed, worked, and noted as failed."""

    name: str
    claim: Callable[[], AbstractContextManager[RunT | None]]
    work: Callable[[RunT, datetime], None]
    fail: Callable[[RunT, str, Text, datetime], None]


def work_oldest(job: LongJob[RunT], at: datetime) -> bool:
    """Work the oldest run of this kind that waits; answers whether there was one. A failure is kept with the run.

    Refuses: nothing but a database that is away (`DATABASE_AWAY`), which leaves the run to the next try.
    """
    with job.claim() as run:
        if run is None:
            return False
        try:
            job.work(run, at)
        except DATABASE_AWAY:
            raise
        except (Refused, TableError) as refused:
            job.fail(run, refused.code, refused.text, at)
        except Exception as fault:
            LOG.error("%s %d broke: %s", job.name, run.id, told(fault))
            job.fail(run, "broke", BROKE.fill(id=run.id), at)
        else:
            LOG.info("%s %d was worked", job.name, run.id)
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
