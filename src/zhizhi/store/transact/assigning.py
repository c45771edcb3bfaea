"""案件分配: open cases without a collector go to those who have room, equal by number and then by balance."""

import heapq
from dataclasses import dataclass

from django.db import connections, transaction

from zhizhi.store.cases.models import Case
from zhizhi.store.lenders.models import Queue, Staff

QUEUES = (("reminder", "M0 提醒"), ("m1", "M1 早期"), ("m2", "M2 中期"), ("m3", "M3 后期"), ("m4", "M4 及以上"))
DAYS_IN_BUCKET = 30
BUCKET_MAX = 4


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many cases got a collector, and how many found none with room."""

    assigned: int
    without_room: int


def queue_code(stage: str, days_past_due: int) -> str:
    """The queue of a case: reminders of their own, then by bucket of thirty days."""
    if stage == "reminder" or days_past_due <= 0:
        return "reminder"
    return f"m{min(-(-days_past_due // DAYS_IN_BUCKET), BUCKET_MAX)}"


def assign_cases(lender_id: int) -> Assigned:
    """Put every open case into its queue, and give those that need a collector to one with room, the largest
    balances first."""
    with transaction.atomic(using="gate", durable=True):
        queues = {code: _queue(lender_id, code, name) for code, name in QUEUES}
        cases = list(
            Case.objects.using("gate")
            .filter(lender_id=lender_id, closed_on=None)
            .order_by("-balance_minor", "id")
            .only("person_id", "id", "stage", "days_past_due", "balance_minor", "collector_id", "queue_id", "agency_id")
        )
        changes = _distribute(lender_id, cases, queues)
        _write(changes.rows)
    return Assigned(changes.assigned, changes.without_room)


@dataclass(frozen=True, slots=True)
class _Changes:
    rows: list[tuple[int, int, int, int | None, str]]
    assigned: int
    without_room: int


def _distribute(lender_id: int, cases: list[Case], queues: dict[str, int]) -> _Changes:
    seats = _seats(lender_id, cases)
    rows: list[tuple[int, int, int, int | None, str]] = []
    assigned = without_room = 0
    for case in cases:
        queue = queues[queue_code(case.stage, case.days_past_due)]
        collector, because = case.collector_id, case.assigned_because
        if collector is None and case.stage != "reminder":
            seat = seats.get(case.agency_id)
            if seat and seat[0][0] < 1:
                load, count, balance, collector, capacity = heapq.heappop(seat)
                heapq.heappush(
                    seat, ((count + 1) / capacity, count + 1, balance + case.balance_minor, collector, capacity)
                )
                because = f"load {load:.3f}, {count} cases"
                assigned += 1
            else:
                without_room += 1
        if (queue, collector) != (case.queue_id, case.collector_id):
            rows.append((case.person_id, case.id, queue, collector, because))
    return _Changes(rows, assigned, without_room)


def _seats(lender_id: int, cases: list[Case]) -> dict[int | None, list[tuple[float, int, int, int, int]]]:
    """By agency (None: own staff): a heap of (share of capacity in use, cases, balance, collector, capacity)."""
    held: dict[int, tuple[int, int]] = {}
    for case in cases:
        if case.collector_id is not None:
            count, balance = held.get(case.collector_id, (0, 0))
            held[case.collector_id] = (count + 1, balance + case.balance_minor)
    staff = Staff.objects.using("gate").filter(
        is_active=True, capacity__gt=0, role__in=("collector", "agency_collector")
    )
    seats: dict[int | None, list[tuple[float, int, int, int, int]]] = {}
    for member in staff:
        if member.lender_id not in (None, lender_id):
            continue
        count, balance = held.get(member.pk, (0, 0))
        seats.setdefault(member.agency_id, []).append(
            (count / member.capacity, count, balance, member.pk, member.capacity)
        )
    for seat in seats.values():
        heapq.heapify(seat)
    return seats


def _queue(lender_id: int, code: str, name: str) -> int:
    queue, _ = Queue.objects.using("gate").get_or_create(lender_id=lender_id, code=code, defaults={"name": name})
    return int(queue.pk)


def _write(rows: list[tuple[int, int, int, int | None, str]]) -> None:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    with connections["gate"].cursor() as cursor:
        cursor.execute(
            "UPDATE collection_case c SET queue_id = w.queue, collector_id = w.collector, assigned_because = w.because"
            " FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS queue,"
            " unnest(%s::bigint[]) AS collector, unnest(%s::text[]) AS because) w WHERE c.person_id = w.person_id AND c.id = w.id",
            [list(column) for column in columns],
        )
