"""What a run reads: the lenders, the open cases, the wishes that are still to be decided, and the figures of the
day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from zhizhi.store.lenders.models import Lender

CASES_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case as a strategy sees it."""

    person_id: int
    case_id: int
    days_past_due: int
    balance_minor: int
    product: str
    stop: str | None
    stage: str
    has_open_promise: bool
    collector_id: int | None


@dataclass(frozen=True, slots=True)
class PlannedWish:
    """A wish that waits for its decision."""

    person_id: int
    wish_id: int
    case_id: int
    channel: str
    purpose: str
    form: str
    template_code: str
    planned_at: datetime
    collector_id: int | None


def load_lenders() -> list[tuple[int, str, bool]]:
    """(id, code, synthetic) of every lender."""
    return list(Lender.objects.using("gate").order_by("id").values_list("id", "code", "is_synthetic"))


_OPEN_CASES = """
SELECT c.person_id, c.id, c.days_past_due, c.balance_minor, c.product, c.stop, c.stage,
    EXISTS (SELECT 1 FROM promise m WHERE m.person_id = c.person_id AND m.state = 'open'), c.collector_id
FROM collection_case c
WHERE c.lender_id = %s AND c.closed_on IS NULL AND c.person_id > %s
ORDER BY c.person_id LIMIT %s
"""


def open_cases(lender_id: int) -> Iterator[list[OpenCase]]:
    """Open cases of a lender in blocks, by person."""
    after = 0
    while True:
        with connections["gate"].cursor() as cursor:
            cursor.execute(_OPEN_CASES, [lender_id, after, CASES_AT_ONCE])
            block = [OpenCase(*row) for row in cursor.fetchall()]
        if not block:
            return
        yield block
        after = block[-1].person_id


_PLANNED = """
SELECT w.person_id, w.id, w.case_id, w.channel, w.purpose, w.form, w.template_code, w.planned_at, c.collector_id
FROM wish w JOIN collection_case c ON c.person_id = w.person_id AND c.id = w.case_id
WHERE w.run_id = %s AND w.result = 'planned'
ORDER BY w.planned_at, w.person_id, w.id
"""


def planned_wishes(run_id: int) -> list[PlannedWish]:
    """The wishes of a run that are not decided, in the order of their instants."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_PLANNED, [run_id])
        return [PlannedWish(*row) for row in cursor.fetchall()]


def instants_waiting(run_id: int) -> list[datetime]:
    """The instants from which deliveries of a run wait, the earliest first."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT due_at FROM delivery WHERE run_id = %s AND state = 'waiting' ORDER BY 1", [run_id]
        )
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of a run; the sums hold by construction of the rows that they count.

    `calls_not_made`: calls that were permitted and that nobody at a desk made; they are among the cancelled deliveries.
    """

    wishes: int
    skipped: int
    permitted: int
    refused: int
    held: int
    planned: int
    deliveries: dict[str, int]
    calls_not_made: int
    by_channel: dict[str, int]
    refused_by_rule: dict[str, int]
    held_by_rule: dict[str, int]


def day_figures(run_id: int) -> DayFigures:
    """Count a run."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT result, count(*) FROM wish WHERE run_id = %s GROUP BY 1", [run_id])
        results = dict(cursor.fetchall())
        cursor.execute("SELECT state, count(*) FROM delivery WHERE run_id = %s GROUP BY 1", [run_id])
        deliveries = dict(cursor.fetchall())
        cursor.execute(
            "SELECT count(*) FROM delivery WHERE run_id = %s AND channel = 'voice' AND state = 'cancelled'", [run_id]
        )
        (calls_not_made,) = cursor.fetchone() or (0,)
        cursor.execute(
            "SELECT channel, count(*) FROM delivery WHERE run_id = %s AND state = 'delivered' GROUP BY 1 ORDER BY 1",
            [run_id],
        )
        by_channel = dict(cursor.fetchall())
        cursor.execute(
            "SELECT result, reason, count(*) FROM wish WHERE run_id = %s AND result IN ('forbid', 'hold')"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 2",
            [run_id],
        )
        reasons = cursor.fetchall()
    return DayFigures(
        wishes=sum(results.values()),
        skipped=results.get("skipped", 0),
        permitted=results.get("permit", 0),
        refused=results.get("forbid", 0),
        held=results.get("hold", 0),
        planned=results.get("planned", 0),
        deliveries=deliveries,
        calls_not_made=calls_not_made,
        by_channel=by_channel,
        refused_by_rule={rule: count for result, rule, count in reasons if result == "forbid"},
        held_by_rule={rule: count for result, rule, count in reasons if result == "hold"},
    )
