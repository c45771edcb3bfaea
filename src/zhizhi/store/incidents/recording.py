"""An incident is opened, its facts are added, its deadlines answered: each with a leaf, in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.evidence.sources import instant
from zhizhi.store.incidents.models import Incident, IncidentDeadline, IncidentFact
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is opened."""

    lender_id: int | None
    kind: str
    is_drill: bool
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """What has to be told until when."""

    clock: str
    warn_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NewFact:
    """One entry of the log."""

    kind: str
    by: int
    text: str
    clock: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


def open_incident(new: NewIncident, facts: Iterable[NewFact], deadlines: Iterable[Deadline], at: datetime) -> int:
    """Open it with its first facts; answers its id."""
    with transaction.atomic(using="gate", durable=True):
        facts = list(facts)
        row = Incident.objects.using("gate").create(
            lender_id=new.lender_id,
            kind=new.kind,
            is_drill=new.is_drill,
            known_at=new.known_at,
            opened_at=at,
            opened_by_id=facts[0].by,
        )
        values = {
            "lender": row.lender_id,
            "incident": row.kind,
            "drill": row.is_drill,
            "known_at": instant(row.known_at),
            "opened_by": row.opened_by_id,
        }
        add_leaves([NewLeaf(LeafKind.INCIDENT, at, row.subject, values, source_id=row.pk, source_table="incident")])
        _add(row, facts, at)
        _run(row, deadlines)
        return int(row.pk)


def add_fact(incident_id: int, fact: NewFact, deadlines: Iterable[Deadline], at: datetime) -> None:
    """Add an entry, and the deadlines that it brings. Refuses: an incident that is closed or not there."""
    with transaction.atomic(using="gate", durable=True):
        row = _open(incident_id)
        _add(row, [fact], at)
        _run(row, deadlines)


def answer_deadline(incident_id: int, fact: NewFact, at: datetime) -> None:
    """Answer a deadline by a filing, or by why nothing was owed. Refuses: none of this clock is open."""
    with transaction.atomic(using="gate", durable=True):
        row = _open(incident_id)
        waiting = IncidentDeadline.objects.using("gate").filter(incident=row, clock=fact.clock, answered_at=None)
        if not waiting.update(answered_at=at):
            raise Refused("no_deadline", Text("该时限已答复或不存在", "this deadline was answered, or is not there"))
        _add(row, [fact], at)


def close_incident(incident_id: int, fact: NewFact, at: datetime) -> None:
    """Close it. Refuses: a deadline that is not answered."""
    with transaction.atomic(using="gate", durable=True):
        row = _open(incident_id)
        open_ones = IncidentDeadline.objects.using("gate").filter(incident=row, answered_at=None)
        if open_ones.exists():
            text = Text("尚有时限未答复，不能关闭", "a deadline is not answered: it cannot be closed")
            raise Refused("deadlines_open", text)
        _add(row, [fact], at)
        row.closed_at = at
        row.save(using="gate", update_fields=["closed_at"])


def _open(incident_id: int) -> Incident:
    row = Incident.objects.using("gate").select_for_update().filter(pk=incident_id, closed_at=None).first()
    if row is None:
        raise Refused("no_incident", Text("该事件已关闭或不存在", "this incident is closed, or is not there"))
    return row


def _add(row: Incident, facts: Iterable[NewFact], at: datetime) -> None:
    for new in facts:
        fact = IncidentFact.objects.using("gate").create(
            incident=row, at=at, by_id=new.by, kind=new.kind, clock=new.clock, body=dict(new.body), text=new.text
        )
        values = {
            "incident": row.pk,
            "fact": new.kind,
            "by": new.by,
            "clock": new.clock,
            "body": dict(new.body),
            "text": new.text,
        }
        leaf = NewLeaf(LeafKind.INCIDENT, at, row.subject, values, source_id=fact.pk, source_table="incident_fact")
        add_leaves([leaf])


def _run(row: Incident, deadlines: Iterable[Deadline]) -> None:
    rows = [IncidentDeadline(incident=row, clock=d.clock, warn_at=d.warn_at, due_at=d.due_at) for d in deadlines]
    IncidentDeadline.objects.using("gate").bulk_create(rows, ignore_conflicts=True)
