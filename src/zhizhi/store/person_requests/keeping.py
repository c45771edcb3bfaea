"""A request is kept, answered, and looked at again; each step with its leaf."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.person_requests.models import PersonRequest
from zhizhi.store.person_requests.words import ANSWERED, CLOSED, OPEN, SECOND_LOOK
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, writing

_GONE = Text("没有这项诉求，或已不在此状态", "there is no such request, or it has moved on")
_SAME = Text("须由另一人复核", "somebody else has to look again")


class RequestRefused(Refused):
    """The step cannot be taken; nothing is written."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What somebody asked for."""

    person_id: int
    kind: str
    how: str
    text: str = field(repr=False)
    due_on: date
    by: int


def keep_person_request(new: NewRequest, at: datetime) -> int:
    """Keep it; answers its id. Refuses: a person that does not exist, or was erased."""
    with writing(new.person_id) as person:
        request_id = ids.take()
        row = PersonRequest.objects.using("gate").create(
            person_id=person.id,
            id=request_id,
            lender_id=person.lender_id,
            kind=new.kind,
            how=new.how,
            sealed=person.seal().close(new.text.encode(), f"person_request/{request_id}"),
            received_at=at,
            received_by=new.by,
            due_on=new.due_on,
        )
        _log(person, row, at)
        return request_id


def answer_person_request(person_id: int, request_id: int, answer: str, text: str, *, by: int, at: datetime) -> None:
    """The answer with its reasons. Refuses: one that is answered."""
    with writing(person_id) as person:
        row = _of_state(person_id, request_id, OPEN)
        row.state, row.answer, row.answered_by, row.answered_at = ANSWERED, answer, by, at
        row.answer_sealed = person.seal().close(text.encode(), f"person_request/{row.id}/answer")
        _keep(person, row, at)


def ask_second_look(person_id: int, request_id: int, due_on: date, *, at: datetime) -> None:
    """The person does not agree with the answer. Refuses: one that is not answered, or was looked at again."""
    with writing(person_id) as person:
        row = _of_state(person_id, request_id, ANSWERED)
        row.state, row.second_asked_at, row.due_on = SECOND_LOOK, at, due_on
        _keep(person, row, at)


def look_again(person_id: int, request_id: int, answer: str, text: str, *, by: int, at: datetime) -> None:
    """Another person's answer. Refuses: one that nobody asked to look at again, whoever answered it."""
    with writing(person_id) as person:
        row = _of_state(person_id, request_id, SECOND_LOOK)
        if row.answered_by == by:
            raise RequestRefused("same_person", _SAME)
        row.state, row.second_answer, row.second_by, row.second_at = CLOSED, answer, by, at
        row.second_sealed = person.seal().close(text.encode(), f"person_request/{row.id}/second")
        _keep(person, row, at)


def _of_state(person_id: int, request_id: int, state: str) -> PersonRequest:
    rows = PersonRequest.objects.using("gate").filter(person_id=person_id, id=request_id, state=state)
    row: PersonRequest | None = rows.first()
    if row is None:
        raise RequestRefused("gone", _GONE)
    return row


def _keep(person: LockedPerson, row: PersonRequest, at: datetime) -> None:
    PersonRequest.objects.using("gate").filter(person_id=person.id, id=row.id).update(
        state=row.state,
        due_on=row.due_on,
        answer=row.answer,
        answer_sealed=row.answer_sealed,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        second_asked_at=row.second_asked_at,
        second_answer=row.second_answer,
        second_sealed=row.second_sealed,
        second_by=row.second_by,
        second_at=row.second_at,
    )
    _log(person, row, at)


def _log(person: LockedPerson, row: PersonRequest, at: datetime) -> None:
    values = {
        "request": row.kind,
        "how": row.how,
        "received_by": row.received_by,
        "received_at": instant(row.received_at),
        "state": row.state,
        "due_on": row.due_on.isoformat(),
        "answer": row.answer,
        "answered_by": row.answered_by,
        "second_answer": row.second_answer,
        "second_by": row.second_by,
    }
    leaf = NewLeaf(LeafKind.STATEMENT, at, person.subject, values, person.id, row.id, source_table="person_request")
    add_leaves([leaf])
