"""Rows of 协商减免 that every step needs: the agreement in its state, its debt, payments and components; what a step
changes, with its leaf, and the note that it leaves on the case. The caller holds the person."""

from datetime import date, datetime, time

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.relief.trial import DueLine
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.codes import load_codes
from zhizhi.store.cases.models import Case
from zhizhi.store.debts.models import Debt
from zhizhi.store.reliefs.models import Relief, ReliefLine, ReliefPart
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.notes import NewNote, write_note
from zhizhi.store.transact.owed import components_of
from zhizhi.store.transact.person import LockedPerson, NoSuchRow

MORNING = time(9)
GONE = Text("没有这项协商减免，或已不在此状态", "there is no such agreement, or it has moved on")


def of_state(person_id: int, relief_id: int, *states: str) -> Relief:
    """An agreement in one of these states; the person is locked. Refuses: none such."""
    rows = Relief.objects.using("gate").filter(person_id=person_id, id=relief_id, state__in=states)
    relief: Relief | None = rows.first()
    if relief is None:
        raise NoSuchRow(GONE)
    return relief


def debt_for_update(person_id: int, debt_id: int) -> Debt:
    """A debt of the locked person. Refuses: none such."""
    debt: Debt | None = Debt.objects.using("gate").filter(person_id=person_id, id=debt_id).first()
    if debt is None:
        raise NoSuchRow(Text("没有这笔债权", "there is no such debt"))
    return debt


def lines_of(relief: Relief) -> list[DueLine]:
    """The payments that it asks for, in order."""
    rows = ReliefLine.objects.using("gate").filter(person_id=relief.person_id, relief_id=relief.id).order_by("n")
    return [DueLine(*row) for row in rows.values_list("n", "due_on", "amount_minor")]


def parts_of(relief: Relief) -> list[ReliefPart]:
    """Its components, in the order of law."""
    rows = ReliefPart.objects.using("gate").filter(person_id=relief.person_id, relief_id=relief.id)
    order = list(Component)
    return sorted(rows, key=lambda part: order.index(Component(part.component)))


def facts_stand(relief: Relief, debt: Debt) -> bool:
    """Whether nothing of what the trial was made of was paid since.

    Boundary: interest that ran on takes nothing from an offer; the lender is bound by it until it ends.
    """
    now = components_of(debt)
    return all(now.get(Component(part.component), 0) >= part.standing_minor for part in parts_of(relief))


def move(person: LockedPerson, relief: Relief, state: str, by: str, at: datetime) -> None:
    """Keep what changed, with its leaf; the person's transaction is open."""
    relief.state = state
    Relief.objects.using("gate").filter(person_id=person.id, id=relief.id).update(
        state=state,
        approval_id=relief.approval_id,
        received_minor=relief.received_minor,
        posted_minor=relief.posted_minor,
        ends_on=relief.ends_on,
        pool_month=relief.pool_month,
        given_by_id=relief.given_by_id,
        given_at=relief.given_at,
        given_how=relief.given_how,
        accepted_on=relief.accepted_on,
        stop_id=relief.stop_id,
        ended_on=relief.ended_on,
    )
    log(person, relief, by, at)


def log(person: LockedPerson, relief: Relief, by: str, at: datetime) -> None:
    """The leaf of a step."""
    values = {
        "relief": relief.id,
        "debt": relief.debt_id,
        "catalogue": relief.catalogue,
        "offer": relief.offer,
        "months": relief.months,
        "standing_minor": relief.standing_minor,
        "waived_minor": relief.waived_minor,
        "due_minor": relief.due_minor,
        "ground": relief.ground,
        "state": relief.state,
        "received_minor": relief.received_minor,
        "posted_minor": relief.posted_minor,
        "by": by,
    }
    if relief.state == "broken":  # by this field whoever reads leaves tells a broken plan from its other steps
        values["broken"] = True
    add_leaves([NewLeaf(LeafKind.WAIVER, at, person.subject, values, person.id, relief.id, source_table="relief")])


def note_if_open(person: LockedPerson, words: Text, next_step: str, next_on: date, at: datetime) -> None:
    """A note by the system on the open case, with its next step in the morning of a day."""
    note(person, words.zh, next_step, next_on, "system", at)


def note(person: LockedPerson, words: str, next_step: str, next_on: date, author: str, at: datetime) -> None:
    """A note on the open case, with its next step in the morning of a day; none where no case is open."""
    open_case = Case.objects.using("gate").filter(person_id=person.id, closed_on=None)
    case_id = open_case.values_list("id", flat=True).first()
    if case_id is None:
        return
    note = NewNote(
        person_id=person.id,
        case_id=case_id,
        action="NEGOTIATE",
        outcome="DONE",
        overdue_reason=None,
        codes_version=load_codes().version,
        text=words,
        next_step=next_step,
        next_step_at=max(at, datetime.combine(next_on, MORNING, BEIJING)),
        contact_id=None,
        promise=None,
        author=author,
    )
    write_note(person, note, at)
