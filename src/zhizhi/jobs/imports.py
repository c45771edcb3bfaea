"""Uploaded files of the console, one after another.

A screen leaves the file and a waiting row, this job does what the command does.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import TableOptions
from zhizhi.jobs.long_job import LongJob, open_upload, work_oldest
from zhizhi.store.imports.rows import WaitingFile, claim_waiting, fail_waiting, give_waiting_back
from zhizhi.usecases.import_accounts import Workplace
from zhizhi.usecases.import_file import ImportFile, ImportReport, import_file
from zhizhi.usecases.import_workers import Workers
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.zones import civil_day

START = "zhizhi.config.wiring:start"


def work_waiting_import(
    uploads: Path,
    at: datetime,
    beat: Callable[[], None] = lambda: None,
    *,
    open_workers: Callable[[Workplace], Workers] | None = None,
) -> bool:
    """Import the oldest waiting upload.

    Answers whether there was one. A failure is kept with the row, in both languages.

    The file of an upload is `uploads/<id of its row>`; it is deleted when its rows are in, since refused rows are
    kept sealed, and otherwise by the erasure of uploads (jobs/erasures.py).
    """

    def work(waiting: WaitingFile, at: datetime) -> None:
        path = uploads / str(waiting.id)
        _import(waiting, path, at, open_workers or _workers, beat)
        path.unlink(missing_ok=True)

    return work_oldest(LongJob("import", claim_waiting, work, _fail, give_waiting_back), at)


def _fail(waiting: WaitingFile, code: str, text: Text, _at: datetime) -> None:
    fail_waiting(waiting.id, text, code)


def _import(
    waiting: WaitingFile,
    path: Path,
    at: datetime,
    open_workers: Callable[[Workplace], Workers],
    beat: Callable[[], None],
) -> ImportReport:
    book_map = read_map(waiting.map_body)
    options = TableOptions(encoding=book_map.encoding, delimiter=book_map.delimiter, sheet=book_map.sheet)
    command = ImportFile(
        name=waiting.name,
        book_map=book_map,
        on=civil_day(at),
        resends_id=waiting.resends_id,
        uploaded_by=waiting.uploaded_by,
        waiting_id=waiting.id,
    )
    with open_upload(open_table, path, options) as table:
        return import_file(command, table, at=at, open_workers=open_workers, progress=lambda _counts: beat())


def _workers(workplace: Workplace) -> Workers:
    return Workers(workplace, START)
