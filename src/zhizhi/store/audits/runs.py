"""Audit runs: brought by a screen, worked by a job, read by the screen; what they found is sealed, and erased."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.audits.models import AuditRun
from zhizhi.store.keyring import product_seal
from zhizhi.store.locks import Lock, claim, give_back
from zhizhi.store.transact.erasing import erase_batch

KEPT_FOR = timedelta(days=30)
PAGE = 30
SEAL_PURPOSE = "audit"


@dataclass(frozen=True, slots=True)
class BroughtLog:
    """A log that somebody brings."""

    lender_id: int | None
    name: str
    profile: str
    reading: str
    map_body: str
    by: int


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A run as it stands, without what it found."""

    id: int
    name: str
    profile: str
    reading: str
    map_body: str
    lender_id: int | None
    state: str
    done: int
    asked_at: datetime
    finished_at: datetime | None
    erased_at: datetime | None
    summary: dict[str, Any] | None
    failure: Text | None
    attempts: int

    @property
    def is_moving(self) -> bool:
        """Whether its figures will change without anybody's doing."""
        return self.state in ("waiting", "running")


_SEALED = ("findings", "paper")
_BROKE_OFF = {"zh": "上传中断,请重新上传", "en": "the upload broke off; help: upload it again"}


def open_audit(brought: BroughtLog, at: datetime) -> int:
    """A row for a log whose bytes are still to come: until they are there nothing may pick it up."""
    run = AuditRun.objects.using("gate").create(
        lender_id=brought.lender_id,
        name=brought.name,
        profile=brought.profile,
        reading=brought.reading,
        map_body=brought.map_body,
        asked_at=at,
        asked_by=brought.by,
        failure=_BROKE_OFF,
    )
    return int(run.pk)


def queue_audit(run_id: int) -> None:
    """Every byte is there: the job may take it."""
    AuditRun.objects.using("gate").filter(pk=run_id).update(state="waiting", failure=None)


@contextmanager
def claim_audit() -> Iterator[AuditRow | None]:
    """The oldest run that waits, or that a worker left behind when it died; nobody else's within."""
    with claim(Lock.AUDIT, AuditRun.objects.all(), done=0) as run_id:
        yield None if run_id is None else _row(AuditRun.objects.using("gate").defer(*_SEALED).get(pk=run_id))


def give_audit_back(run_id: int) -> None:
    """The try that was broken off does not count: it was not the run that ended it."""
    give_back(AuditRun.objects.all(), run_id)


def advance_audit(run_id: int, done: int) -> None:
    """How far it is."""
    AuditRun.objects.using("gate").filter(pk=run_id).update(done=done)


def finish_audit(run_id: int, summary: dict[str, Any], findings: bytes, paper: bytes | None, at: datetime) -> None:
    """Write what came out, sealed: findings as CSV, the report as PDF where one could be set."""
    seal = product_seal(SEAL_PURPOSE)
    AuditRun.objects.using("gate").filter(pk=run_id).update(
        state="finished",
        summary=summary,
        findings=seal.close(gzip.compress(findings, mtime=0), f"audit/{run_id}/findings"),
        paper=None if paper is None else seal.close(paper, f"audit/{run_id}/paper"),
        finished_at=at,
    )


def fail_audit(run_id: int, text: Text, at: datetime) -> None:
    """Write why nothing came out."""
    failure = {"zh": text.zh, "en": text.en}
    AuditRun.objects.using("gate").filter(pk=run_id).update(state="failed", failure=failure, finished_at=at)


def erase_audits(at: datetime) -> int:
    """Erase what runs found that ended thirty days ago, a batch of them; that they were made stays."""
    due = AuditRun.objects.filter(finished_at__lt=at - KEPT_FOR, erased_at=None)
    return erase_batch(due, at, summary=None, findings=None, paper=None, erased_at=at)


def load_audits() -> list[AuditRow]:
    """The newest runs that the viewer may see."""
    return [_row(run) for run in AuditRun.objects.defer(*_SEALED).order_by("-id")[:PAGE]]


def load_audit(run_id: int) -> AuditRow | None:
    """One run, where the viewer may see it."""
    run = AuditRun.objects.defer(*_SEALED).filter(pk=run_id).first()
    return None if run is None else _row(run)


def load_audit_findings(run_id: int) -> bytes | None:
    """The findings as CSV, opened; None where there are none, or not for this viewer."""
    sealed = AuditRun.objects.filter(pk=run_id).values_list("findings", flat=True).first()
    if sealed is None:
        return None
    return gzip.decompress(product_seal(SEAL_PURPOSE).open(bytes(sealed), f"audit/{run_id}/findings"))


def load_audit_paper(run_id: int) -> bytes | None:
    """The report as PDF, opened."""
    sealed = AuditRun.objects.filter(pk=run_id).values_list("paper", flat=True).first()
    return None if sealed is None else product_seal(SEAL_PURPOSE).open(bytes(sealed), f"audit/{run_id}/paper")


def _row(run: AuditRun) -> AuditRow:
    failure = run.failure
    return AuditRow(
        id=run.pk,
        name=run.name,
        profile=run.profile,
        reading=run.reading,
        map_body=run.map_body,
        lender_id=run.lender_id,
        state=run.state,
        done=run.done,
        asked_at=run.asked_at,
        finished_at=run.finished_at,
        erased_at=run.erased_at,
        summary=run.summary,
        failure=None if failure is None else Text(failure["zh"], failure["en"]),
        attempts=run.attempts,
    )
