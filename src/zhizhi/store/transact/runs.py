"""The run of a day in rows: begun once, step by step, with every wish."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.ids import ids
from zhizhi.store.locks import Lock, holding
from zhizhi.store.strategy.models import Run, StrategyVersion, Wish
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

STEPS = ("age", "wish", "decide", "done")
DAY_OVER = "day_over"


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as it stands; `step` is the step that is next.

    `responsible_id` is who activated the strategy: the collector of a message whose case nobody works yet.
    """

    run_id: int
    lender_id: int
    lender: str
    on: date
    origin: str
    step: str
    strategy_body: str | None
    responsible_id: int | None
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewWish:
    """One wish of the strategy; `skipped_because` where its channel is not connected."""

    person_id: int
    case_id: int
    step: str
    channel: str
    purpose: str
    form: str
    template_code: str
    planned_at: datetime
    skipped_because: str = ""


def begin_run(lender_id: int, on: date, origin: str, at: datetime) -> RunState:
    """The run of a lender and day: begun now, or as an earlier start left it; a day runs once."""
    with transaction.atomic(using="gate", durable=True):
        version = (
            StrategyVersion.objects.using("gate")
            .filter(strategy__lender_id=lender_id, state="active")
            .order_by("-activated_at")
            .first()
        )
        run, _ = Run.objects.using("gate").get_or_create(
            lender_id=lender_id, on=on, defaults={"origin": origin, "started_at": at, "strategy_version": version}
        )
        if run.strategy_version is None and version is not None:  # asked for before any was active: nothing was wished
            run.strategy_version = version
            run.save(using="gate", update_fields=["strategy_version"])
        return _state(run)


def _state(run: Run) -> RunState:
    used = run.strategy_version
    return RunState(
        run_id=run.pk,
        lender_id=run.lender_id,
        lender=run.lender.code,
        on=run.on,
        origin=run.origin,
        step=run.step,
        strategy_body=used.body if used else None,
        responsible_id=used.activated_by_id if used else None,
        counts=run.counts,
    )


@contextmanager
def working(run_id: int) -> Iterator[RunState | None]:
    """Hold a run for this process, with its newest state; None where another process works it now."""
    with holding(Lock.DAY, run_id) as is_ours:
        if not is_ours:
            yield None
            return
        yield _state(Run.objects.using("gate").select_related("lender", "strategy_version").get(pk=run_id))


def advance_run(run_id: int, step: str, counts: Mapping[str, Any], at: datetime) -> None:
    """Note that everything before `step` is done; the end leaves a leaf."""
    with transaction.atomic(using="gate", durable=True):
        move_run(run_id, step, counts, at)


def move_run(run_id: int, step: str, counts: Mapping[str, Any], at: datetime) -> None:
    """As `advance_run`, in the caller's transaction, so that a step and the note of it stand or fall together."""
    run = Run.objects.using("gate").select_for_update(of=("self",)).select_related("lender").get(pk=run_id)
    run.step = step
    run.counts = {**run.counts, **counts}
    if step == "done" and run.finished_at is None:
        run.finished_at = at
        values = {"on": run.on.isoformat(), "lender": run.lender.code, "origin": run.origin, "counts": run.counts}
        add_leaves([NewLeaf(LeafKind.RUN, at, uuid4(), values, None, run_id, source_table="run")])
    run.save(using="gate", update_fields=["step", "counts", "finished_at"])


def close_past_runs(lender_id: int, before: date, at: datetime) -> int:
    """Days of the system's clock that ended with wishes that nobody came back for: those are skipped, `day_over`.

    A day that a process still works is left to it. Answers how many days were closed.
    """
    unfinished = Run.objects.using("gate").filter(lender_id=lender_id, origin="system", on__lt=before)
    closed = 0
    for run_id in list(unfinished.exclude(step="done").values_list("pk", flat=True)):
        with working(run_id) as run:
            if run is None or run.step == "done":
                continue
            with transaction.atomic(using="gate", durable=True):
                planned = Wish.objects.using("gate").filter(run_id=run_id, result="planned")
                planned.update(result="skipped", reason=DAY_OVER)
                move_run(run_id, "done", {}, at)
            closed += 1
    return closed


def add_wishes(run_id: int, wishes: Sequence[NewWish]) -> None:
    """Keep the wishes of a run; those of an interrupted start are not doubled."""
    rows = [
        Wish(
            person_id=wish.person_id,
            id=wish_id,
            run_id=run_id,
            case_id=wish.case_id,
            step=wish.step,
            channel=wish.channel,
            purpose=wish.purpose,
            form=wish.form,
            template_code=wish.template_code,
            planned_at=wish.planned_at,
            result="skipped" if wish.skipped_because else "planned",
            reason=wish.skipped_because,
        )
        for wish_id, wish in zip(ids.take_many(len(wishes)) if wishes else (), wishes, strict=True)
    ]
    with transaction.atomic(using="gate", durable=True):
        Wish.objects.using("gate").bulk_create(rows, batch_size=2000, ignore_conflicts=True)
