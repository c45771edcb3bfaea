"""Steps of outbound numbers are written, each with its leaf; what a step changes is
changed with it (sql/outbound.sql)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import connections, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.store.outbound.models import OutboundNumber, OutboundStep
from zhizhi.store.outbound.words import (
    ADDED,
    COMPLAINED,
    COMPLAINT_LOOKS_BACK,
    REST_OF_COMPLAINT,
)
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

COMPLAINED_BECAUSE = "客户投诉：此前一周曾由本号码呼叫"


@dataclass(frozen=True, slots=True)
class NewNumber:
    """A line that calls may go out from, once its filing stands; `agency_id` None: of the lender's own desks."""

    lender_id: int
    agency_id: int | None
    number: str
    carrier: str
    holder: str
    daily_max: int


@dataclass(frozen=True, slots=True)
class NumberStep:
    """One step of a number; what is empty it does not change."""

    kind: str
    on_day: date
    filed_until: date | None = None
    filing_number: str = ""
    rests_until: datetime | None = None
    mark: str = ""
    daily_max: int | None = None
    carrier: str = ""
    holder: str = ""
    reason: str = ""
    evidence: str = ""


def add_number(new: NewNumber, on_day: date, at: datetime, by: int) -> int:
    """Put a number into the register; answers its id. Refuses: one that the lender has already."""
    with transaction.atomic(using="gate", durable=True):
        rows = OutboundNumber.objects.using("gate")
        if rows.filter(lender_id=new.lender_id, number=new.number).exists():
            text = Text("号码库已有此号码", "the register has this number already")
            raise Refused("number_there", text)
        row = rows.create(
            lender_id=new.lender_id,
            agency_id=new.agency_id,
            number=new.number,
            carrier=new.carrier,
            holder=new.holder,
            daily_max=new.daily_max,
        )
        first = NumberStep(ADDED, on_day, daily_max=new.daily_max, carrier=new.carrier, holder=new.holder)
        write_step(row.pk, first, at, by)
        return int(row.pk)


def add_step(number_id: int, step: NumberStep, at: datetime, by: int) -> None:
    """Write one step in a transaction of its own. Refuses: as `write_step`."""
    with transaction.atomic(using="gate", durable=True):
        write_step(number_id, step, at, by)


def write_step(number_id: int, step: NumberStep, at: datetime, by: int | None, approval: int | None = None) -> None:
    """Write one step; the caller's transaction on `gate` is open. Refuses: a number that is retired."""
    state = _held(number_id)
    if state == "retired":
        raise Refused("number_retired", Text("号码已注销，不再变更", "the number is retired for good"))
    row = OutboundStep.objects.using("gate").create(
        number_id=number_id,
        kind=step.kind,
        on_day=step.on_day,
        filed_until=step.filed_until,
        filing_number=step.filing_number,
        rests_until=step.rests_until,
        mark=step.mark,
        daily_max=step.daily_max,
        carrier=step.carrier,
        holder=step.holder,
        reason=step.reason,
        evidence=step.evidence,
        approval_id=approval,
        by_id=by,
        at=at,
    )
    values = {
        "number": number_id,
        "step": step.kind,
        "on": step.on_day.isoformat(),
        "filed_until": step.filed_until and step.filed_until.isoformat(),
        "filing_number": step.filing_number,
        "mark": step.mark,
        "daily_max": step.daily_max,
        "carrier": step.carrier,
        "holder": step.holder,
        "reason": step.reason,
        "evidence": step.evidence,
        "approval": approval,
        "by": by,
    }
    leaf = NewLeaf(LeafKind.SETTING, at, uuid4(), values, source_id=row.pk, source_table="outbound_step")
    add_leaves([leaf])


def _held(number_id: int) -> str:
    """The state of a number that nobody else steps on until the transaction ends."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT state FROM outbound_number WHERE id = %s FOR NO KEY UPDATE", [number_id])
        return str(cursor.fetchone()[0])


_CALLED_FROM = """
SELECT DISTINCT c.number_id FROM outbound_call c JOIN outbound_number n ON n.id = c.number_id
WHERE c.person_id = %s AND c.at >= %s AND n.state <> 'retired' ORDER BY c.number_id
"""


def rest_after_complaint(person_id: int, at: datetime) -> int:
    """The numbers that called somebody in the week before a complaint rest; answers how many.

    In the transaction of the complaint, which holds the person: persons are held before numbers, everywhere.
    """
    with connections["gate"].cursor() as cursor:
        cursor.execute(_CALLED_FROM, [person_id, at - COMPLAINT_LOOKS_BACK])
        numbers = [row[0] for row in cursor.fetchall()]
    step = resting(COMPLAINED, REST_OF_COMPLAINT, at)
    for number_id in numbers:
        write_step(number_id, replace(step, reason=COMPLAINED_BECAUSE), at, None)
    return len(numbers)


def resting(kind: str, how_long: timedelta, at: datetime) -> NumberStep:
    """A step from which on the number rests for so long."""
    return NumberStep(kind, at.astimezone(BEIJING).date(), rests_until=at + how_long)
