"""Alarms get their leaf and their ruling; the rows themselves are written by triggers."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.canaries.models import CanaryAlarm
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """An alarm that waits for its ruling."""

    lender_id: int
    staff_id: int | None


@dataclass(frozen=True, slots=True)
class NewRuling:
    """What compliance says of it."""

    alarm_id: int
    ruling: str
    remark: str
    by: int
    incident_id: int | None


def load_open_alarm(alarm_id: int) -> OpenAlarm | None:
    """The alarm, for a use case that rules on it."""
    row = CanaryAlarm.objects.using("gate").filter(pk=alarm_id, ruling=None).first()
    return OpenAlarm(row.lender_id, row.staff_id) if row is not None else None


def rule_alarm(new: NewRuling, at: datetime) -> None:
    """Write the ruling with its leaf. Refuses: one that is ruled on by now."""
    with transaction.atomic(using="gate", durable=True):
        row = CanaryAlarm.objects.using("gate").select_for_update().filter(pk=new.alarm_id, ruling=None).first()
        if row is None:
            raise Refused("no_alarm", Text("该告警已核定或不存在", "this alarm was ruled on, or is not there"))
        _seal(row, at)
        row.ruling, row.ruled_by_id, row.ruled_at = new.ruling, new.by, at
        row.remark, row.incident_id = new.remark, new.incident_id
        row.save(using="gate", update_fields=["sealed_at", "ruling", "ruled_by", "ruled_at", "remark", "incident"])
        ruled = {"ruling": row.ruling, "ruled_by": new.by, "remark": new.remark, "opened": new.incident_id}
        _add(row, {**_fixed(row), **ruled}, at)


def seal_alarms(at: datetime) -> int:
    """Give alarms that have none their leaf; answers how many."""
    with transaction.atomic(using="gate", durable=True):
        waiting = CanaryAlarm.objects.using("gate").select_for_update(skip_locked=True).filter(sealed_at=None)
        rows = list(waiting.order_by("id")[:AT_ONCE])
        for row in rows:
            _seal(row, at)
            row.save(using="gate", update_fields=["sealed_at"])
    return len(rows)


def _seal(row: CanaryAlarm, at: datetime) -> None:
    if row.sealed_at is None:
        _add(row, _fixed(row), row.at)
        row.sealed_at = at


def _fixed(row: CanaryAlarm) -> dict[str, object]:
    return {"person": row.person_id, "staff": row.staff_id, "role": row.role, "how": row.how}


def _add(row: CanaryAlarm, values: dict[str, object], at: datetime) -> None:
    """Of no person in the clear: whose it is would tell every reader of leaves who is a canary."""
    add_leaves([NewLeaf(LeafKind.INCIDENT, at, row.subject, values, source_id=row.pk, source_table="canary_alarm")])
