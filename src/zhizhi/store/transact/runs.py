"""The run of a day in rows: begun once, step by step, with every wish and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.ids import ids
from zhizhi.store.strategy.models import Run, StrategyVersion, Wish
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

STEPS = ("age", "assign", "wish", "decide", "done")


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
        used = run.strategy_version
        return RunState(
            run.pk,
            lender_id,
            run.lender.code,
            on,
            run.origin,
            run.step,
            used.body if used else None,
            used.activated_by_id if used else None,
            run.counts,
        )


def advance_run(run_id: int, step: str, counts: Mapping[str, Any], at: datetime) -> None:
    """Note that everything before `step` is done; the end leaves a leaf."""
    with transaction.atomic(using="gate", durable=True):
        run = Run.objects.using("gate").select_for_update().get(pk=run_id)
        run.step = step
        run.counts = {**run.counts, **counts}
        if step == "done" and run.finished_at is None:
            run.finished_at = at
            values = {"on": run.on.isoformat(), "lender": run.lender.code, "origin": run.origin, "counts": run.counts}
            add_leaves([NewLeaf(LeafKind.RUN, at, uuid4(), values, None, run_id)])
        run.save(using="gate")


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
            purpose=f"{wish.purpose}/{wish.form}",
            template_code=wish.template_code,
            planned_at=wish.planned_at,
            result="skipped" if wish.skipped_because else "planned",
            reason=wish.skipped_because,
        )
        for wish_id, wish in zip(ids.take_many(len(wishes)) if wishes else (), wishes, strict=True)
    ]
    with transaction.atomic(using="gate", durable=True):
        Wish.objects.using("gate").bulk_create(rows, batch_size=2000, ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class WishResult:
    """What became of a wish."""

    person_id: int
    wish_id: int
    result: str
    reason: str
    decision_id: int | None


def settle_wishes(results: Iterable[WishResult]) -> None:
    """Write what became of wishes."""
    rows = list(results)
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE wish SET result = r.result, reason = r.reason, decision_id = r.decision FROM (SELECT unnest(%s::bigint[]) AS person_id,"
            " unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS result, unnest(%s::text[]) AS reason, unnest(%s::bigint[]) AS decision) r"
            " WHERE wish.person_id = r.person_id AND wish.id = r.id",
            [
                [row.person_id for row in rows],
                [row.wish_id for row in rows],
                [row.result for row in rows],
                [row.reason for row in rows],
                [row.decision_id for row in rows],
            ],
        )
