"""The nightly reconciliation: every source and day whose file has come, or should have, is worked once."""

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind
from zhizhi.gateways.contact_log.opening import open_log
from zhizhi.gateways.contact_log.spool import DiskSpool
from zhizhi.gateways.files.small_text import read_small_text
from zhizhi.gateways.files.table import TableError, TableOptions
from zhizhi.store.reconciliation.permits import Keys
from zhizhi.store.reconciliation.runs import DayState, is_collector, lender_of, load_days, working_source
from zhizhi.store.transact.reconciling import Counts, NewRun, record_failed_run
from zhizhi.usecases.audit.log_map import read_log_map
from zhizhi.usecases.intake.limits import MAP_BYTES_MAX
from zhizhi.usecases.reconciliation.findings import FoundMaker
from zhizhi.usecases.reconciliation.reconcile_records import ReconcileRecords, reconcile_records
from zhizhi.usecases.reconciliation.sources import RecordSource, SourcesRefused, read_sources

LOG = logging.getLogger(__name__)
LOOK_BACK_DAYS = 31
"""Days that are looked at by themselves; an older one is worked by the command."""
STILL_FOR = timedelta(seconds=60)
"""A file that was written to more recently may still be growing."""
SETTINGS_BYTES_MAX = 1 << 20
_HASHED_AT_ONCE = 1 << 20
_NEVER = DayState("", is_late=False, is_matched=False)


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a source's day: `matched`, `late`, `unreadable`, or `refused` where our own settings are wrong."""

    source: str
    on: date
    state: str
    counts: Counts | None = None
    text: Text | None = None


def settings_file(state: Path) -> Path:
    """Where the sources of this installation are named."""
    return Path(os.environ.get("ZHIZHI_RECORDS") or state / "records.toml")


def load_sources(settings: Path) -> list[RecordSource]:
    """The sources that `records.toml` names; none without the file. Refuses: settings that cannot be used."""
    if not settings.exists():
        return []
    return read_sources(read_small_text(settings, SETTINGS_BYTES_MAX, SourcesRefused), settings.name)


def complete(source: RecordSource, settings: Path) -> tuple[RecordSource, int]:
    """The source with its map, and its lender. Refuses: a map that cannot be used, an unknown lender or agency."""
    lender_id = lender_of(source.lender)
    for code, is_known in ((source.lender, lender_id is not None), (source.collector, is_collector(source.collector))):
        if code and not is_known:
            text = Text(f"{source.code}: 没有机构 `{code}`", f"{source.code}: there is no lender or agency `{code}`")
            raise SourcesRefused("no_lender", text)
    assert lender_id is not None, "checked above"
    path = settings.parent / source.map_name
    log_map = read_log_map(read_small_text(path, MAP_BYTES_MAX, SourcesRefused), path.name)
    return replace(source, log_map=log_map), lender_id


def work_due(settings: Path, at: datetime, beat: Callable[[], None] = lambda: None) -> list[Worked]:
    """Work whatever is due now, of every source; a source that another process works is left to it."""
    done: list[Worked] = []
    for source in load_sources(settings):
        with working_source(source.code) as is_ours:
            if not is_ours:
                continue
            try:
                for worked in _work_source(*complete(source, settings), at):
                    done.append(worked)
                    beat()
            except Refused as refused:  # our own settings: the sources beside it go on
                LOG.warning("source %s cannot be reconciled: %s", source.code, refused.code)
                done.append(Worked(source.code, source.yesterday(at), "refused", text=refused.text))
    return done


def _work_source(source: RecordSource, lender_id: int, at: datetime) -> Iterator[Worked]:
    yesterday = source.yesterday(at)
    first = max(source.since, yesterday - timedelta(days=LOOK_BACK_DAYS))
    days = load_days(source.code, first, yesterday)
    for n in range((yesterday - first).days + 1):
        on = first + timedelta(days=n)
        if at >= source.ready_at(on):
            yield from _work_day(source, lender_id, on, days.get(on, _NEVER), at)


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it lies there; `stamp` changes with it."""

    path: Path
    stamp: str
    arrived_at: datetime


def look_at(path: Path) -> SeenFile | None:
    """The file, where there is one; a folder that is away holds none."""
    try:
        seen = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return SeenFile(path, f"{seen.st_size}-{seen.st_mtime_ns}", datetime.fromtimestamp(seen.st_mtime, UTC))


def _work_day(source: RecordSource, lender_id: int, on: date, state: DayState, at: datetime) -> Iterator[Worked]:
    seen = look_at(Path(source.folder) / source.file_of(on))
    is_first = not (state.is_late or state.is_matched or state.stamp)
    if seen is None:
        if is_first and at > source.due_at(on):
            yield _late(source, lender_id, on, None, at)
        return
    if seen.stamp == state.stamp or timedelta(0) <= at - seen.arrived_at < STILL_FOR:
        return
    if is_first and seen.arrived_at > source.due_at(on):
        yield _late(source, lender_id, on, seen.arrived_at, at)
    yield reconcile_file(source, lender_id, on, seen, at)


def reconcile_file(source: RecordSource, lender_id: int, on: date, seen: SeenFile, at: datetime) -> Worked:
    """Reconcile one file; one that cannot be read leaves nothing but its inquiry."""
    path = seen.path
    new = _new_run(source, lender_id, on, at, file_name=path.name, file_stamp=seen.stamp, arrived_at=seen.arrived_at)
    log_map = source.log_map
    assert log_map is not None, "the source is complete"
    try:
        new = replace(new, file_sha256=_digest(path))
        options = TableOptions(encoding=log_map.encoding, delimiter=log_map.delimiter, sheet=log_map.sheet)
        with open_log(path, options) as table, DiskSpool() as spool:
            counts = reconcile_records(ReconcileRecords(source, on, lender_id, new), table, spool, at)
        return Worked(source.code, on, "matched", counts)
    except (TableError, Refused) as refused:
        text = refused.text
    except OSError:
        text = Text("文件无法打开", "the file cannot be opened")
    found = FoundMaker(Keys(lender_id), on, path.name).of_file(Kind.FILE_UNREADABLE, {}, text)
    record_failed_run(new, "unreadable", found, text, at)
    return Worked(source.code, on, "unreadable", text=text)


def _late(source: RecordSource, lender_id: int, on: date, arrived_at: datetime | None, at: datetime) -> Worked:
    name = source.file_of(on)
    new = _new_run(source, lender_id, on, at, file_name=name, arrived_at=arrived_at)
    facts = {"due_at": source.due_at(on).isoformat(), "arrived_at": arrived_at and arrived_at.isoformat()}
    record_failed_run(new, "late", FoundMaker(Keys(lender_id), on, name).of_file(Kind.FILE_LATE, facts), None, at)
    return Worked(source.code, on, "late")


def _new_run(
    source: RecordSource,
    lender_id: int,
    on: date,
    at: datetime,
    *,
    file_name: str,
    file_stamp: str = "",
    arrived_at: datetime | None,
) -> NewRun:
    return NewRun(
        lender_id=lender_id,
        source=source.code,
        source_name=source.name,
        source_kind=source.kind,
        on=on,
        zone=source.zone.key,
        due_at=source.due_at(on),
        answer_due_at=at + timedelta(days=source.answer_days),
        file_name=file_name,
        file_stamp=file_stamp,
        arrived_at=arrived_at,
    )


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as opened:
        while octets := opened.read(_HASHED_AT_ONCE):
            found.update(octets)
    return found.hexdigest()
