"""催记: a note with its required next step, and the promise that came with it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Case, Note, Promise
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.people.models import Party, Point
from zhizhi.store.people.rows import last_four_key, normal_form, point_key, seal_note, seal_point
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing


@dataclass(frozen=True, slots=True)
class NewNote:
    """One note."""

    person_id: int
    case_id: int
    action: str
    outcome: str
    overdue_reason: str | None
    codes_version: int
    text: str = field(repr=False)
    next_step: str
    next_step_at: datetime
    contact_id: int | None
    promise: tuple[int, date] | None
    author: str


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A point of contact that somebody told while a note was written, and on which ground it is held."""

    party_id: int
    kind: str
    value: str = field(repr=False)
    source: str


def add_note(note: NewNote, at: datetime, point: NewPoint | None = None) -> int:
    """Write a note, the next step of its case, its promise, and the point that was told; answers the note's id.

    Refuses: a closed case, a party of somebody else.
    """
    with writing(note.person_id) as person:
        if point is not None:
            _write_point(person, point, note.author, at)
        return write_note(person, note, at)


def _write_point(person: LockedPerson, new: NewPoint, by: str, at: datetime) -> None:
    """The point and its leaf; one that the party has already stays as it is."""
    if not Party.objects.using("gate").filter(person_id=person.id, id=new.party_id).exists():
        raise NoSuchRow(Text("没有这位相关人", "there is no such party"))
    keys, value = SearchKeys(person.lender_id), normal_form(new.value)
    known = Point.objects.using("gate").filter(
        person_id=person.id, party_id=new.party_id, value_key=point_key(keys, value)
    )
    if known.exists():
        return
    point_id = ids.take()
    Point.objects.using("gate").create(
        person_id=person.id,
        id=point_id,
        party_id=new.party_id,
        kind=new.kind,
        sealed=seal_point(person.seal(), value, point_id),
        value_key=point_key(keys, value),
        last_four_key=last_four_key(keys, value) if new.kind in ("mobile", "landline") else None,
        is_reserved=False,
        source=new.source,
    )
    values = {"point": point_id, "party": new.party_id, "kind": new.kind, "source": new.source, "by": by}
    add_leaves([NewLeaf(LeafKind.PERSON, at, person.subject, values, person.id)])


def write_note(person: LockedPerson, note: NewNote, at: datetime) -> int:
    """The rows of a note; the person's transaction is open. Refuses: a closed case."""
    stepped = (
        Case.objects.using("gate")
        .filter(person_id=note.person_id, id=note.case_id, closed_on=None)
        .update(next_step=note.next_step, next_step_at=note.next_step_at)
    )
    if stepped != 1:
        raise NoSuchRow(Text("案件已关闭，不能再写催记", "the case is closed and takes no more notes"))
    note_id = ids.take()
    Note.objects.using("gate").create(
        person_id=note.person_id,
        id=note_id,
        case_id=note.case_id,
        at=at,
        author=note.author,
        action=note.action,
        outcome=note.outcome,
        overdue_reason=note.overdue_reason,
        codes_version=note.codes_version,
        sealed=seal_note(person.seal(), note.text, note_id),
        next_step=note.next_step,
        next_step_at=note.next_step_at,
        contact_id=note.contact_id,
    )
    if note.promise:
        _add_promise(person, note, note.promise, at)
    values = {
        "action": note.action,
        "outcome": note.outcome,
        "overdue_reason": note.overdue_reason,
        "text": note.text,
        "next_step": note.next_step,
        "by": note.author,
    }
    add_leaves([NewLeaf(LeafKind.NOTE, at, person.subject, values, note.person_id, note_id, source_table="note")])
    return note_id


def _add_promise(person: LockedPerson, note: NewNote, promise: tuple[int, date], at: datetime) -> None:
    amount_minor, due_on = promise
    Promise.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        case_id=note.case_id,
        promised_at=at,
        due_on=due_on,
        amount_minor=amount_minor,
        contact_id=note.contact_id,
    )
