"""The runs of a source and day: which there were, who works one now, and what the days beside it left open."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.locks import Lock, holding
from zhizhi.store.reconciliation.models import BreachInquiry, ReconciledEdge, ReconciliationRun, RejectedRecord

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DayState:
    """How a source's day stands: the stamp of the file that was looked at last, whether it is known to be late, and
    whether a file of it was matched."""

    stamp: str
    is_late: bool
    is_matched: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the runs of the day before and after say of permits near midnight."""

    before_matched: bool
    after_matched: bool
    claimed: frozenset[int]


@contextmanager
def working_source(source: str) -> Iterator[bool]:
    """Hold a source for this process; False where another works it."""
    with holding(Lock.RECONCILING, zlib.crc32(source.encode()) - 2**31) as is_ours:
        yield is_ours


def lender_of(code: str) -> int | None:
    """The lender of a source."""
    found = Lender.objects.using("gate").filter(code=code).values_list("id", flat=True).first()
    return None if found is None else int(found)


def is_collector(code: str) -> bool:
    """Whether a lender or an agency has this code."""
    lenders, agencies = Lender.objects.using("gate"), Agency.objects.using("gate")
    return lenders.filter(code=code).exists() or agencies.filter(code=code).exists()


def load_days(source: str, since: date, until: date) -> dict[date, DayState]:
    """How the days of a source stand, both ends included; a day without a run is absent."""
    runs = ReconciliationRun.objects.using("gate").filter(source=source, on__gte=since, on__lte=until).order_by("n")
    found: dict[date, DayState] = {}
    for on, state, stamp in runs.values_list("on", "state", "file_stamp"):
        before = found.get(on, DayState("", is_late=False, is_matched=False))
        found[on] = DayState(
            stamp or before.stamp, before.is_late or state == "late", before.is_matched or state == "matched"
        )
    return found


def load_neighbours(source: str, on: date) -> Neighbours:
    """The matched runs beside a day, and the permits near midnight whose records stood in their files."""
    beside = {on - timedelta(days=1), on + timedelta(days=1)}
    runs = ReconciliationRun.objects.using("gate").filter(
        source=source, on__in=beside, state="matched", is_current=True
    )
    by_day = dict(runs.values_list("on", "id"))
    edges = ReconciledEdge.objects.using("gate").filter(run_id__in=by_day.values())
    return Neighbours(
        before_matched=min(beside) in by_day,
        after_matched=max(beside) in by_day,
        claimed=frozenset(edges.values_list("permit_id", flat=True)),
    )


def load_missed(source: str, on: date) -> dict[int, int]:
    """Permits whose record is still missed, of a day and the days beside it: permit, inquiry."""
    open_ones = BreachInquiry.objects.using("gate").filter(
        source=source,
        kind=Kind.PERMIT_WITHOUT_RECORD.value,
        state__in=("open", "answered"),
        on__gte=on - timedelta(days=1),
        on__lte=on + timedelta(days=1),
    )
    return {permit: inquiry for permit, inquiry in open_ones.values_list("permit_id", "id") if permit is not None}


def erase_rejected(at: datetime) -> int:
    """Erase rejected rows thirty days after their run; that they were rejected, and why, stays."""
    old = RejectedRecord.objects.using("gate").filter(run__worked_at__lt=at - KEPT_FOR, sealed__isnull=False)
    return old.update(sealed=None)
