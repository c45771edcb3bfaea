"""A look at a clear value: counted, written and logged first, and then handed out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.keyring import person_seal
from zhizhi.store.many import Question, ask
from zhizhi.store.people.models import Person
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.unmasking.grounds import SHOWN_SECONDS, Ground
from zhizhi.store.unmasking.models import Unmasking, UnmaskLimit
from zhizhi.store.unmasking.targets import Target

OVER_LIMIT = "ZU001"  # raised by the trigger of the table
_OVER = {
    "staff": Text(
        "您在 {hours} 小时内已查看 {most} 次明文，已达上限；确有需要，请主管申请提高",
        "you looked at {most} clear values within {hours} h, the limit; help: a supervisor asks for a higher one",
    ),
    "person": Text(
        "该客户 {hours} 小时内已被查看 {most} 次明文，已达上限；请稍后再试",
        "clear values of this person were looked at {most} times within {hours} h, which is the limit; help: try later",
    ),
}


class LimitReached(Refused):
    """No further look now: by this member of staff, or at this person."""


@dataclass(frozen=True, slots=True)
class NewUnmasking:
    """Who wants to see what of a person, about which case, on which ground."""

    person_id: int
    case_id: int
    target: Target
    ground: Ground
    staff_id: int
    role: str


def show_clear(new: NewUnmasking, at: datetime) -> tuple[str, datetime]:
    """Write the look and its leaf, then answer the value and until when it is shown.

    The value is opened before the commit and leaves after it: what does not open leaves no trace, what is seen always
    has one. Refuses: LimitReached, KeyUnavailable (no key service, an erased person).
    """
    until = at + timedelta(seconds=SHOWN_SECONDS)
    try:
        with transaction.atomic(using="gate", durable=True):
            of_person = Person.objects.using("gate").values_list("lender_id", "subject", "data_key")
            lender_id, subject, data_key = of_person.get(id=new.person_id)
            value = new.target.open(person_seal(data_key), new.person_id)
            _write(new, lender_id, subject, at, until)
    except DatabaseError as broken:
        violated = broken.__cause__
        if getattr(violated, "sqlstate", None) != OVER_LIMIT:
            raise
        per, hours, most = violated.diag.message_detail.split()  # type: ignore[union-attr]  # psycopg's, by its sqlstate
        raise LimitReached("over_limit", _OVER[per].fill(hours=hours, most=most)) from None
    return value, until


def _write(new: NewUnmasking, lender_id: int, subject: UUID, at: datetime, until: datetime) -> None:
    row = Unmasking.objects.using("gate").create(
        person_id=new.person_id,
        id=ids.take(),
        lender_id=lender_id,
        case_id=new.case_id,
        party_id=new.target.party_id,
        what=new.target.what,
        target_id=new.target.id,
        ground=new.ground.value,
        staff_id=new.staff_id,
        role=new.role,
        at=at,
        until=until,
    )
    values = {
        "what": row.what,
        "target": row.target_id,
        "party": row.party_id,
        "case": row.case_id,
        "ground": row.ground,
        "by": row.staff_id,
        "role": row.role,
        "until": instant(until),
    }
    add_leaves([NewLeaf(LeafKind.VIEW, at, subject, values, new.person_id, row.id, source_table="unmasking")])


@dataclass(frozen=True, slots=True)
class NewLimit:
    """So many looks within so many hours, and the approval that says so."""

    lender_id: int
    per: str
    hours: int
    most: int
    approval_id: int


def set_limit(limit: NewLimit, at: datetime) -> None:
    """Write a limit that two people agreed on; the caller's transaction on `gate` is open."""
    UnmaskLimit.objects.using("gate").create(
        lender_id=limit.lender_id,
        per=limit.per,
        hours=limit.hours,
        most=limit.most,
        from_at=at,
        approval_id=limit.approval_id,
    )


def limit_of(lender_id: int, per: str, hours: int) -> int | None:
    """The limit that holds for a lender; None where that span has none."""
    asked = "SELECT l.most FROM zhizhi_unmask_limits(%s) l WHERE l.per = %s AND l.hours = %s"
    rows = ask(Question(asked, [lender_id, per, hours], list[tuple[int]]))
    return rows[0][0] if rows else None
