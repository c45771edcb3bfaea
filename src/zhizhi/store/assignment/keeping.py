"""What decides assignments, set and ended: absences, schooling, bars, reserved negotiations; each with its leaf."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.assignment.facts import COLLECTING, Around
from zhizhi.store.assignment.models import BarredCollector, ReservedNegotiation, StaffAbsence, StaffSkill
from zhizhi.store.cases.models import Case
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.lenders.models import Staff
from zhizhi.store.transact.assigning import assigning, reflow
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, lock_persons


@dataclass(frozen=True, slots=True)
class Seat:
    """A collector who works here."""

    staff_id: int
    lender_id: int | None
    agency_id: int | None


def load_seat(staff_id: int) -> Seat | None:
    """Who it is; None where nobody collects here by that id."""
    staff = Staff.objects.using("gate").filter(pk=staff_id, is_active=True, role__in=COLLECTING)
    row = staff.values_list("id", "lender_id", "agency_id").first()
    return Seat(*row) if row is not None else None


@contextmanager
def _deciding() -> Iterator[None]:
    """One durable transaction in which nobody assigns."""
    with transaction.atomic(using="gate", durable=True):
        assigning()
        yield


def add_absence(staff_id: int, from_on: date, to_on: date, today: date, by: int, at: datetime) -> int:
    """Keep days of absence, and move the cases at once where they have begun; answers the row."""
    with _deciding():
        row = StaffAbsence.objects.using("gate").create(
            staff_id=staff_id, from_on=from_on, to_on=to_on, set_by_id=by, set_at=at
        )
        _absence_leaf(row, at)
        if from_on <= today <= to_on:
            reflow(today, at, by, Around(staff_id=staff_id))
        return row.pk


def end_absence(row_id: int, today: date, by: int, at: datetime, check: Callable[[int], object]) -> bool:
    """Take it back and let the cases go home; False where none stands. `check` may refuse its member."""
    with _deciding():
        row = StaffAbsence.objects.using("gate").filter(pk=row_id, ended_at=None).first()
        if row is None:
            return False
        check(row.staff_id)
        row.ended_at, row.ended_by_id = at, by
        row.save(using="gate", update_fields=["ended_at", "ended_by"])
        _absence_leaf(row, at)
        reflow(today, at, by, Around(staff_id=row.staff_id))
        return True


def add_skill(staff_id: int, kind: str, value: str, by: int, at: datetime) -> int | None:
    """Keep what somebody was schooled for; None where it stands already."""
    with _deciding():
        standing = StaffSkill.objects.using("gate").filter(staff_id=staff_id, kind=kind, value=value, ended_at=None)
        if standing.exists():
            return None
        row = StaffSkill.objects.using("gate").create(
            staff_id=staff_id, kind=kind, value=value, set_by_id=by, set_at=at
        )
        _skill_leaf(row, at)
        return row.pk


def end_skill(row_id: int, by: int, at: datetime, check: Callable[[int], object]) -> bool:
    """Take it back; False where none stands. `check` may refuse its member."""
    with _deciding():
        row = StaffSkill.objects.using("gate").filter(pk=row_id, ended_at=None).first()
        if row is None:
            return False
        check(row.staff_id)
        row.ended_at, row.ended_by_id = at, by
        row.save(using="gate", update_fields=["ended_at", "ended_by"])
        _skill_leaf(row, at)
        return True


def add_bar(person_id: int, staff_id: int, ground: str, remark: str, today: date, by: int, at: datetime) -> int | None:
    """Bar a collector, and move the case at once where he has it; None where he is barred for that already."""
    with _deciding():
        person = lock_persons([person_id])[person_id]
        standing = BarredCollector.objects.using("gate").filter(person_id=person_id, staff_id=staff_id, ended_at=None)
        if standing.filter(ground=ground).exists():
            return None
        row = BarredCollector(
            person_id=person_id,
            id=ids.take(),
            staff_id=staff_id,
            ground=ground,
            remark=remark,
            set_by_id=by,
            set_at=at,
        )
        row.save(using="gate", force_insert=True)
        _bar_leaf(person, row, at)
        reflow(today, at, by, Around(person_id=person_id))
        return row.id


def end_bar(person_id: int, row_id: int, ground: str, by: int, at: datetime) -> bool:
    """End a bar; False where none stands."""
    with _deciding():
        person = lock_persons([person_id])[person_id]
        row = BarredCollector.objects.using("gate").filter(person_id=person_id, id=row_id, ended_at=None).first()
        if row is None:
            return False
        row.ended_at, row.ended_by_id, row.ended_ground = at, by, ground
        row.save(using="gate", update_fields=["ended_at", "ended_by_id", "ended_ground"])
        _bar_leaf(person, row, at)
        return True


def set_language(person_id: int, language: str | None, by: int, at: datetime) -> bool:
    """Keep what a debtor speaks on the open case, with its leaf; False where none is open, or it stands already."""
    with _deciding():
        person = lock_persons([person_id])[person_id]
        cases = Case.objects.using("gate").filter(person_id=person_id, closed_on=None)
        before = cases.values_list("id", "language").first()
        if before is None or before[1] == language:
            return False
        cases.update(language=language)
        values = {"case": before[0], "language": language, "before": before[1], "by": by}
        add_leaves([NewLeaf(LeafKind.CASE, at, person.subject, values, person_id)])
        return True


def add_reserve(person_id: int, until_on: date, ground: str, today: date, by: int, at: datetime) -> int | None:
    """Reserve the open case of a person; None where nobody has it or it is reserved already."""
    with _deciding():
        person = lock_persons([person_id])[person_id]
        held = Case.objects.using("gate").filter(person_id=person_id, closed_on=None, collector_id__isnull=False)
        case_id = held.values_list("id", flat=True).first()
        if case_id is None:
            return None
        standing = ReservedNegotiation.objects.using("gate").filter(case_id=case_id, ended_at=None)
        if standing.filter(until_on__gte=today).exists():
            return None
        for row in standing:  # its day is over: it makes room
            _end_reserve(person, row, "", by, at)
        row = ReservedNegotiation(
            person_id=person_id,
            id=ids.take(),
            case_id=case_id,
            until_on=until_on,
            ground=ground,
            set_by_id=by,
            set_at=at,
        )
        row.save(using="gate", force_insert=True)
        _reserve_leaf(person, row, at)
        return row.id


def end_reserve(person_id: int, row_id: int, ground: str, by: int, at: datetime) -> bool:
    """End a reserved negotiation; False where none stands."""
    with _deciding():
        person = lock_persons([person_id])[person_id]
        rows = ReservedNegotiation.objects.using("gate").filter(person_id=person_id, id=row_id, ended_at=None)
        row = rows.first()
        if row is None:
            return False
        _end_reserve(person, row, ground, by, at)
        return True


def _end_reserve(person: LockedPerson, row: ReservedNegotiation, ground: str, by: int, at: datetime) -> None:
    row.ended_at, row.ended_by_id, row.ended_ground = at, by, ground
    row.save(using="gate", update_fields=["ended_at", "ended_by_id", "ended_ground"])
    _reserve_leaf(person, row, at)


def _absence_leaf(row: StaffAbsence, at: datetime) -> None:
    values = {
        "staff": row.staff_id,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "by": row.set_by_id,
        "ended": instant(row.ended_at),
        "ended_by": row.ended_by_id,
    }
    add_leaves([NewLeaf(LeafKind.SETTING, at, uuid4(), values, source_id=row.pk, source_table="staff_absence")])


def _skill_leaf(row: StaffSkill, at: datetime) -> None:
    values = {
        "staff": row.staff_id,
        "skill": row.kind,
        "value": row.value,
        "by": row.set_by_id,
        "ended": instant(row.ended_at),
        "ended_by": row.ended_by_id,
    }
    add_leaves([NewLeaf(LeafKind.SETTING, at, uuid4(), values, source_id=row.pk, source_table="staff_skill")])


def _bar_leaf(person: LockedPerson, row: BarredCollector, at: datetime) -> None:
    values = {
        "staff": row.staff_id,
        "ground": row.ground,
        "remark": row.remark,
        "by": row.set_by_id,
        "ended": instant(row.ended_at),
        "ended_by": row.ended_by_id,
        "ended_ground": row.ended_ground,
    }
    leaf = NewLeaf(LeafKind.CASE, at, person.subject, values, person.id, row.id, source_table="barred_collector")
    add_leaves([leaf])


def _reserve_leaf(person: LockedPerson, row: ReservedNegotiation, at: datetime) -> None:
    values = {
        "case": row.case_id,
        "until": row.until_on.isoformat(),
        "ground": row.ground,
        "by": row.set_by_id,
        "ended": instant(row.ended_at),
        "ended_by": row.ended_by_id,
        "ended_ground": row.ended_ground,
    }
    leaf = NewLeaf(LeafKind.CASE, at, person.subject, values, person.id, row.id, source_table="reserved_negotiation")
    add_leaves([leaf])
