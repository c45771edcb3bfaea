"""An objection to credit data is kept and answered, and credit reporting is told: each step with its leaf."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.consequence.objections import Message, ObjectionAnswer, ObjectionHow, message_due_on
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.consequences.models import CreditMessage, CreditObjection
from zhizhi.store.debts.models import Debt
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, writing

CALLED_OFF = "credit_objection"
NO_DEBT = Text("该客户没有这笔债权", "this person has no such debt")
OPEN_ALREADY = Text("这笔债权已有未答复的征信异议", "an objection about this debt waits for its answer already")
GONE = Text("没有这项异议，或已答复", "there is no such objection, or it was answered")
NO_MESSAGE = Text("没有这条报送指令，或不在此状态", "there is no such message, or it has moved on")


class ObjectionRefused(Refused):
    """The step cannot be taken; nothing is written."""


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What is objected to, of which debt."""

    person_id: int
    debt_id: int
    how: ObjectionHow
    text: str = field(repr=False)
    due_on: date
    by: int


def keep_objection(new: NewObjection, on: date, at: datetime) -> int:
    """Keep it, and tell credit reporting to mark the item the same day; what waits of the person is pulled back, for no
    wording may claim what is disputed. Answers its id.

    Refuses: a debt that is not this person's, one with an objection that waits, an erased person.
    """
    with writing(new.person_id) as person:
        if not Debt.objects.using("gate").filter(person_id=person.id, id=new.debt_id).exists():
            raise ObjectionRefused("no_debt", NO_DEBT)
        objections = CreditObjection.objects.using("gate")
        if objections.filter(person_id=person.id, debt_id=new.debt_id, answer=None).exists():
            raise ObjectionRefused("open_already", OPEN_ALREADY)
        row_id = ids.take()
        row = objections.create(
            person_id=person.id,
            id=row_id,
            lender_id=person.lender_id,
            debt_id=new.debt_id,
            how=new.how.value,
            sealed=person.seal().close(new.text.encode(), f"credit_objection/{row_id}"),
            received_at=at,
            received_by_id=new.by,
            due_on=new.due_on,
        )
        cancel_waiting(person.id, at, CALLED_OFF)
        _log(person, row, at)
        _tell(person, row, Message.MARK, on, at)
        return row_id


def answer_objection(
    person_id: int, objection_id: int, answer: ObjectionAnswer, text: str, *, by: int, on: date, at: datetime
) -> None:
    """The written answer, and what it asks of credit reporting by the next day. Refuses: one that was answered."""
    with writing(person_id) as person:
        rows = CreditObjection.objects.using("gate").filter(person_id=person_id, id=objection_id, answer=None)
        row = rows.first()
        if row is None:
            raise ObjectionRefused("gone", GONE)
        row.answer, row.answered_by_id, row.answered_at = answer.value, by, at
        row.answer_sealed = person.seal().close(text.encode(), f"credit_objection/{row.id}/answer")
        rows.update(answer=row.answer, answer_sealed=row.answer_sealed, answered_by_id=by, answered_at=at)
        _log(person, row, at)
        _tell(person, row, answer.message, on, at)


def send_message(person_id: int, message_id: int, *, by: int, at: datetime) -> None:
    """It was given to credit reporting. Refuses: one that was sent."""
    with writing(person_id) as person:
        row = _message(person_id, message_id, is_sent=False)
        row.sent_at, row.sent_by_id = at, by
        _keep(person, row, at)


def confirm_message(person_id: int, message_id: int, receipt: str, *, by: int, at: datetime) -> None:
    """Credit reporting confirmed it by a receipt. Refuses: one that was not sent, or is confirmed."""
    with writing(person_id) as person:
        row = _message(person_id, message_id, is_sent=True)
        row.confirmed_at, row.confirmed_by_id, row.receipt = at, by, receipt
        _keep(person, row, at)


def _message(person_id: int, message_id: int, *, is_sent: bool) -> CreditMessage:
    rows = CreditMessage.objects.using("gate").filter(
        person_id=person_id, id=message_id, sent_at__isnull=not is_sent, confirmed_at=None
    )
    row: CreditMessage | None = rows.first()
    if row is None:
        raise ObjectionRefused("no_message", NO_MESSAGE)
    return row


def _tell(person: LockedPerson, objection: CreditObjection, message: Message, on: date, at: datetime) -> None:
    row = CreditMessage.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        lender_id=person.lender_id,
        objection_id=objection.id,
        debt_id=objection.debt_id,
        message=message.value,
        due_on=message_due_on(message, on),
        made_at=at,
    )
    _log_message(person, row, at)


def _keep(person: LockedPerson, row: CreditMessage, at: datetime) -> None:
    CreditMessage.objects.using("gate").filter(person_id=person.id, id=row.id).update(
        sent_at=row.sent_at,
        sent_by_id=row.sent_by_id,
        confirmed_at=row.confirmed_at,
        confirmed_by_id=row.confirmed_by_id,
        receipt=row.receipt,
    )
    _log_message(person, row, at)


def _log(person: LockedPerson, row: CreditObjection, at: datetime) -> None:
    values = {
        "debt": row.debt_id,
        "how": row.how,
        "received_by": row.received_by_id,
        "received_at": instant(row.received_at),
        "due_on": row.due_on.isoformat(),
        "answer": row.answer,
        "answered_by": row.answered_by_id,
    }
    _leaf(person, values, int(row.id), "credit_objection", at)


def _log_message(person: LockedPerson, row: CreditMessage, at: datetime) -> None:
    values = {
        "objection": row.objection_id,
        "debt": row.debt_id,
        "message": row.message,
        "due_on": row.due_on.isoformat(),
        "sent_by": row.sent_by_id,
        "confirmed_by": row.confirmed_by_id,
        "receipt": row.receipt,
    }
    _leaf(person, values, int(row.id), "credit_message", at)


def _leaf(person: LockedPerson, values: dict[str, object], row_id: int, table: str, at: datetime) -> None:
    add_leaves([NewLeaf(LeafKind.CONSEQUENCE, at, person.subject, values, person.id, row_id, source_table=table)])
