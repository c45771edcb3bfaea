"""案件分配: open cases without a collector go to those who have room, equal by number and then by balance."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.db import connections
from django.db.models import Count, Sum

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


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What assignment knows of a case."""

    person_id: int
    id: int
    stage: str
    days_past_due: int
    balance_minor: int
    collector_id: int | None
    queue_id: int | None
    agency_id: int | None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a case goes: its queue and its collector, with the figures that decided."""

    person_id: int
    case_id: int
    queue_id: int
    collector_id: int | None
    because: str


@dataclass(order=True, slots=True)
class Seat:
    """A collector's desk; the one whose share of capacity, number and balance are least comes first."""

    share: Fraction
    cases: int
    balance_minor: int
    collector_id: int
    capacity: int = field(compare=False)

    @classmethod
    def of(cls, collector_id: int, capacity: int, cases: int, balance_minor: int) -> "Seat":
        """A desk as it stands."""
        return cls(Fraction(cases, capacity), cases, balance_minor, collector_id, capacity)

    def has_room(self) -> bool:
        """Whether one more case fits."""
        return self.cases < self.capacity

    def with_case(self, balance_minor: int) -> "Seat":
        """The desk after one more case."""
        return Seat.of(self.collector_id, self.capacity, self.cases + 1, self.balance_minor + balance_minor)


def queue_code(stage: str, days_past_due: int) -> str:
    """The queue of a case: reminders of their own, then by bucket of thirty days."""
    if stage == "reminder" or days_past_due <= 0:
        return "reminder"
    return f"m{min(-(-days_past_due // DAYS_IN_BUCKET), BUCKET_MAX)}"


def assign_cases(lender_id: int) -> Assigned:
    """Put every open case into its queue, and give those that need a collector to one with room, the largest
    balances first; the caller's transaction is open.

    A case keeps its collector as long as he works here and for its agency.
    """
    queues = {code: _queue(lender_id, code, name) for code, name in QUEUES}
    names = tuple(OpenCase.__slots__)
    rows = Case.objects.using("gate").filter(lender_id=lender_id, closed_on=None).order_by("-balance_minor", "id")
    cases = [OpenCase(*row) for row in rows.values_list(*names)]
    placed = distribute(cases, _seats(lender_id), queues)
    _write(placed)
    return Assigned(
        assigned=sum(one.collector_id is not None and bool(one.because) for one in placed),
        without_room=_without(cases, placed),
    )


def _without(cases: Sequence[OpenCase], placed: Sequence[Placed]) -> int:
    now = {one.case_id: one.collector_id for one in placed}
    return sum(case.stage != "reminder" and now.get(case.id, case.collector_id) is None for case in cases)


def distribute(
    cases: Sequence[OpenCase], seats: Mapping[int | None, list[Seat]], queues: Mapping[str, int]
) -> list[Placed]:
    """The cases whose queue or collector changes. Cases come with the largest balance first.

    `seats`: by agency (None: own staff), every desk that may hold its cases; reminders need no collector.
    """
    working = {agency: {seat.collector_id for seat in desks} for agency, desks in seats.items()}
    heaps = {agency: list(desks) for agency, desks in seats.items()}
    for heap in heaps.values():
        heapq.heapify(heap)
    placed: list[Placed] = []
    for case in cases:
        queue = queues[queue_code(case.stage, case.days_past_due)]
        collector = case.collector_id if case.collector_id in working.get(case.agency_id, set()) else None
        because = ""
        heap = heaps.get(case.agency_id, [])
        if collector is None and case.stage != "reminder" and heap and heap[0].has_room():
            seat = heapq.heappop(heap)
            heapq.heappush(heap, seat.with_case(case.balance_minor))
            collector, because = seat.collector_id, f"{seat.cases}/{seat.capacity} cases"
        if (queue, collector) != (case.queue_id, case.collector_id):
            placed.append(Placed(case.person_id, case.id, queue, collector, because))
    return placed


def _seats(lender_id: int) -> dict[int | None, list[Seat]]:
    """Desks by agency with everything that lies on them, of whichever lender."""
    open_cases = Case.objects.using("gate").filter(closed_on=None, collector_id__isnull=False)
    held = {
        row["collector_id"]: (int(row["cases"]), int(row["balance"]))
        for row in open_cases.values("collector_id").annotate(cases=Count("id"), balance=Sum("balance_minor"))
    }
    staff = Staff.objects.using("gate").filter(
        is_active=True, capacity__gt=0, role__in=("collector", "agency_collector")
    )
    seats: dict[int | None, list[Seat]] = {}
    for member in staff:
        if member.lender_id in (None, lender_id):
            cases, balance = held.get(member.pk, (0, 0))
            seats.setdefault(member.agency_id, []).append(Seat.of(member.pk, member.capacity, cases, balance))
    return seats


def _queue(lender_id: int, code: str, name: str) -> int:
    queue, _ = Queue.objects.using("gate").get_or_create(lender_id=lender_id, code=code, defaults={"name": name})
    return int(queue.pk)


_WRITE = """
UPDATE collection_case c
SET queue_id = w.queue, collector_id = w.collector,
    assigned_because = CASE WHEN w.because = '' AND w.collector IS NOT NULL THEN c.assigned_because ELSE w.because END
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS queue,
    unnest(%s::bigint[]) AS collector, unnest(%s::text[]) AS because) w
WHERE c.person_id = w.person_id AND c.id = w.id
"""


def _write(placed: Sequence[Placed]) -> None:
    rows = [(one.person_id, one.case_id, one.queue_id, one.collector_id, one.because) for one in placed]
    if rows:
        with connections["gate"].cursor() as cursor:
            cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
