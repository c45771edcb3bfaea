"""Runs that weigh a proposed pack against history: asked by a screen, worked by a job, read by the screen again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.law.models import ImpactRun
from zhizhi.store.locks import Lock, claim, give_back
from zhizhi.store.transact.erasing import erase_batch

PAGE = 30
KEPT_FOR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AskedRun:
    """What somebody wants weighed."""

    lender_id: int | None
    sha256: str
    since: date
    until: date
    by: int


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """A run as it stands."""

    id: int
    pack: str
    version: str
    sha256: str
    since: date
    until: date
    lender_id: int | None
    state: str
    total: int
    done: int
    asked_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None
    failure: Text | None
    attempts: int
    erased_at: datetime | None

    @property
    def is_moving(self) -> bool:
        """Whether its figures will change without anybody's doing."""
        return self.state in ("waiting", "running")


def open_run(asked: AskedRun, at: datetime) -> int:
    """A run that waits for the job; answers its id."""
    run = ImpactRun.objects.using("gate").create(
        lender_id=asked.lender_id,
        release_id=asked.sha256,
        since_on=asked.since,
        until_on=asked.until,
        asked_at=at,
        asked_by=asked.by,
    )
    return int(run.pk)


@contextmanager
def claim_run() -> Iterator[ImpactRow | None]:
    """The oldest run that waits, or that a worker left behind when it died; nobody else's within."""
    with claim(Lock.IMPACT, ImpactRun.objects.all(), done=0) as run_id:
        yield None if run_id is None else _row(ImpactRun.objects.using("gate").select_related("release").get(pk=run_id))


def give_run_back(run_id: int) -> None:
    """The try that was broken off does not count: it was not the run that ended it."""
    give_back(ImpactRun.objects.all(), run_id)


def advance_run(run_id: int, done: int, total: int) -> None:
    """How far it is."""
    ImpactRun.objects.using("gate").filter(pk=run_id).update(done=done, total=total)


def finish_run(run_id: int, summary: dict[str, Any], at: datetime) -> None:
    """Write what came out."""
    ImpactRun.objects.using("gate").filter(pk=run_id).update(state="finished", summary=summary, finished_at=at)


def fail_run(run_id: int, text: Text, at: datetime) -> None:
    """Write why nothing came out."""
    failure = {"zh": text.zh, "en": text.en}
    ImpactRun.objects.using("gate").filter(pk=run_id).update(state="failed", failure=failure, finished_at=at)


def erase_impacts(at: datetime) -> int:
    """Erase what runs counted that ended a year ago, a batch of them; that they were made stays."""
    due = ImpactRun.objects.filter(finished_at__lt=at - KEPT_FOR, erased_at=None)
    return erase_batch(due, at, summary=None, erased_at=at)


def load_runs() -> list[ImpactRow]:
    """The newest runs that the viewer may see."""
    return [_row(run) for run in ImpactRun.objects.select_related("release").order_by("-id")[:PAGE]]


def load_run(run_id: int) -> ImpactRow | None:
    """One run, where the viewer may see it."""
    run = ImpactRun.objects.select_related("release").filter(pk=run_id).first()
    return None if run is None else _row(run)


def _row(run: ImpactRun) -> ImpactRow:
    failure = run.failure
    return ImpactRow(
        id=run.pk,
        pack=run.release.pack,
        version=run.release.version,
        sha256=run.release.sha256,
        since=run.since_on,
        until=run.until_on,
        lender_id=run.lender_id,
        state=run.state,
        total=run.total,
        done=run.done,
        asked_at=run.asked_at,
        finished_at=run.finished_at,
        summary=run.summary,
        failure=None if failure is None else Text(failure["zh"], failure["en"]),
        attempts=run.attempts,
        erased_at=run.erased_at,
    )
