"""A court file is opened, moves by a step, gets a firm and fees: person by person, each with its leaf."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.bars import Bar
from zhizhi.core.litigation.deadlines import Agenda, Deadline, agenda
from zhizhi.core.litigation.fees import FeeItem, FeeMove, require_fee, sum_fees
from zhizhi.core.litigation.machine import Taken
from zhizhi.core.litigation.talk import PENDING, PREPARED
from zhizhi.core.litigation.words import Lane, State, Step
from zhizhi.store.ids import ids
from zhizhi.store.litigation.facts import DebtToSue, debt_now
from zhizhi.store.litigation.models import (
    CourtBatch,
    CourtBatchLine,
    CourtDeadline,
    CourtFee,
    CourtFile,
    CourtStep,
    LawFirm,
)
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, lock_persons, writing

CALLED_OFF = "court_step"
_GONE = Text("没有这份案卷", "there is no such file")


class CourtFileRefused(Refused):
    """The step cannot be taken; nothing is written."""


@dataclass(frozen=True, slots=True)
class FileTerms:
    """What a file is opened on, besides its debt; `bars` says what stands in the way, as the debt stands then."""

    batch_id: int
    lane: Lane
    court: str
    by: int
    on: date
    claim_of: Callable[[DebtToSue], int]
    begin_by_of: Callable[[DebtToSue], date | None]
    digest_of: Callable[[DebtToSue], bytes]
    bars: Callable[[DebtToSue], Sequence[Bar]]


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step of a file on its day; `docket`: the court's number, where this step brought one."""

    file_id: int
    step: Step
    on: date
    by: int
    until_on: date | None = None
    docket: str = ""


@dataclass(frozen=True, slots=True)
class NewFee:
    """An entry of the fee ledger; `scale_minor`: what the scale asks for, where there is one."""

    person_id: int
    file_id: int
    item: FeeItem
    move: FeeMove
    amount_minor: int
    on: date
    by: int
    scale_minor: int | None = None
    approval_id: int | None = None


def open_file(debt: DebtToSue, terms: FileTerms, at: datetime) -> Bar | None:
    """Open a file for a debt as it stands now, or keep why not; the line of the batch says which."""
    with writing(debt.person_id) as person:
        now = debt_now(debt.person_id, debt.case_id, debt.debt_id, at)
        bars = terms.bars(now) if now is not None else (Bar.NOTHING_OWED,)
        file_id = None if bars or now is None else _open(person, now, terms, at)
        CourtBatchLine.objects.using("gate").create(
            person_id=person.id,
            id=ids.take(),
            batch_id=terms.batch_id,
            lender_id=person.lender_id,
            case_number=debt.case_number,
            debt_id=debt.debt_id,
            file_id=file_id,
            bar=bars[0].value if bars else None,
        )
        return bars[0] if bars else None


def _open(person: LockedPerson, debt: DebtToSue, terms: FileTerms, at: datetime) -> int:
    file_id, begin_by = ids.take(), terms.begin_by_of(debt)
    assert begin_by is not None, "an unknown limitation is a bar"
    first = Taken(Step.PREPARE, terms.on, begin_by)
    now = agenda(terms.lane, [first], WORKDAYS_CN)
    row = CourtFile(
        person_id=person.id,
        id=file_id,
        lender_id=person.lender_id,
        case_id=debt.case_id,
        case_number=debt.case_number,
        debt_id=debt.debt_id,
        lane=terms.lane.value,
        state=now.standing.state.value,
        claim_minor=terms.claim_of(debt),
        currency=debt.currency,
        court=terms.court,
        begin_by=begin_by,
        digest=terms.digest_of(debt),
        opened_on=terms.on,
        opened_by_id=terms.by,
        opened_at=at,
        batch_id=terms.batch_id,
        step_n=1,
        last_on=terms.on,
    )
    _tell_next(row, now)
    row.save(using="gate", force_insert=True)
    step = _step_row(row, first, State.PREPARED, terms.by, at)
    _keep_deadlines(row, now.deadlines)
    _log(person, [_file_leaf(person, row, at), _step_leaf(person, step, at)])
    return file_id


def take_step(new: NewStep, person_id: int, at: datetime) -> State:
    """Take a step of a file; answers where it led. Refuses: what the machine refuses, a file that is not there."""
    with writing(person_id) as person:
        row = _file(person_id, new.file_id)
        steps = [*_taken(row), Taken(new.step, new.on, new.until_on)]
        now = agenda(_first_lane(row), steps, WORKDAYS_CN)
        was = State(row.state)
        row.state, row.lane, row.has_title = now.standing.state.value, now.standing.lane.value, now.standing.has_title
        row.step_n, row.last_on = row.step_n + 1, new.on
        row.docket = new.docket or row.docket
        row.ended_on = new.on if now.standing.state is State.ENDED else None
        _tell_next(row, now)
        step = _step_row(row, steps[-1], now.standing.state, new.by, at)
        _keep_deadlines(row, now.deadlines)
        _keep(row)
        if _talk_of(was) != _talk_of(now.standing.state):  # what waits to leave was worded for where the file stood
            cancel_waiting(person.id, at, CALLED_OFF)
        _log(person, [_step_leaf(person, step, at), _file_leaf(person, row, at)])
        return now.standing.state


def assign_firm(person_id: int, file_id: int, firm_id: int, on: date, at: datetime) -> None:
    """Give a file to a law firm of the same lender. Refuses: an ended file, a firm that is not the lender's, or whose
    contract is over."""
    with writing(person_id) as person:
        row = _file(person_id, file_id)
        firm = LawFirm.objects.using("gate").filter(pk=firm_id, lender_id=row.lender_id).first()
        if firm is None or firm.contract_ends_on < on:
            raise CourtFileRefused("no_firm", Text("律所不存在或合同已届满", "no such firm, or its contract is over"))
        if row.state == State.ENDED.value:
            raise CourtFileRefused("ended", Text("案卷已结", "the file has ended"))
        row.firm_id, row.assigned_on = firm_id, on
        _keep(row)
        _log(person, [_file_leaf(person, row, at)])


def write_fee(new: NewFee, at: datetime) -> int:
    """An entry of the fee ledger in a transaction of its own. Refuses: as `require_fee`."""
    with writing(new.person_id) as person:
        return _fee(person, new, at)


def write_approved_fee(new: NewFee, at: datetime) -> int:
    """The same in the open transaction of its approval. Refuses: as `require_fee`."""
    return _fee(lock_persons([new.person_id])[new.person_id], new, at)


def _fee(person: LockedPerson, new: NewFee, at: datetime) -> int:
    row = _file(new.person_id, new.file_id)
    entries = CourtFee.objects.using("gate").filter(person_id=row.person_id, file_id=row.id, item=new.item.value)
    kept = sum_fees((FeeMove(move), minor) for move, minor in entries.values_list("move", "amount_minor"))
    standing = agenda(_first_lane(row), _taken(row), WORKDAYS_CN).standing
    require_fee(standing, new.item, new.move, new.amount_minor, kept)
    fee = CourtFee.objects.using("gate").create(
        person_id=row.person_id,
        id=ids.take(),
        file_id=row.id,
        lender_id=row.lender_id,
        item=new.item.value,
        move=new.move.value,
        amount_minor=new.amount_minor,
        scale_minor=new.scale_minor,
        on=new.on,
        approval_id=new.approval_id,
        by_id=new.by,
        at=at,
    )
    values = {
        "file": fee.file_id,
        "item": fee.item,
        "move": fee.move,
        "amount_minor": fee.amount_minor,
        "on": fee.on.isoformat(),
        "approval": fee.approval_id,
        "by": fee.by_id,
    }
    _log(person, [NewLeaf(LeafKind.COURT, at, person.subject, values, person.id, fee.id, source_table="court_fee")])
    return int(fee.id)


def new_batch(lender_id: int, facts: Mapping[str, Any], again_of: int | None, by: int, at: datetime) -> int:
    """The form of many files, before the first is opened."""
    batch = CourtBatch.objects.using("gate").create(
        lender_id=lender_id,
        lane=facts["lane"],
        claim=facts["claim"],
        court=facts["court"],
        facts=dict(facts),
        again_of_id=again_of,
        made_by_id=by,
        made_at=at,
    )
    return int(batch.pk)


def count_batch(batch_id: int, opened: int, refused: int) -> None:
    """What came of it."""
    CourtBatch.objects.using("gate").filter(pk=batch_id).update(opened=opened, refused=refused)


def add_firm(lender_id: int, name: str, contract_ends_on: date, by: int, at: datetime) -> int:
    """A law firm of a lender. Refuses: a name that is there already."""
    firms = LawFirm.objects.using("gate")
    if firms.filter(lender_id=lender_id, name=name).exists():
        raise CourtFileRefused("firm_known", Text("该律所已登记", "this firm is there already"))
    firm = firms.create(lender_id=lender_id, name=name, contract_ends_on=contract_ends_on, added_by_id=by, added_at=at)
    return int(firm.pk)


def _file(person_id: int, file_id: int) -> CourtFile:
    row: CourtFile | None = CourtFile.objects.using("gate").filter(person_id=person_id, id=file_id).first()
    if row is None:
        raise CourtFileRefused("gone", _GONE)
    return row


def _taken(row: CourtFile) -> list[Taken]:
    rows = CourtStep.objects.using("gate").filter(person_id=row.person_id, file_id=row.id).order_by("n")
    return [Taken(Step(step), on, until_on) for step, on, until_on in rows.values_list("step", "on", "until_on")]


def _first_lane(row: CourtFile) -> Lane:
    """The lane that the file was opened for: the batch keeps it, a payment order may have become a suit since."""
    lane = CourtBatch.objects.using("gate").values_list("lane", flat=True).get(pk=row.batch_id)
    return Lane(lane)


def _step_row(row: CourtFile, taken: Taken, state: State, by: int, at: datetime) -> CourtStep:
    step: CourtStep = CourtStep.objects.using("gate").create(
        person_id=row.person_id,
        id=ids.take(),
        file_id=row.id,
        lender_id=row.lender_id,
        n=row.step_n,
        step=taken.step.value,
        on=taken.on,
        until_on=taken.until_on,
        state=state.value,
        by_id=by,
        at=at,
    )
    return step


def _keep_deadlines(row: CourtFile, deadlines: Iterable[Deadline]) -> None:
    """Add what began, end what ended; what stood before is left as it was."""
    rows = CourtDeadline.objects.using("gate").filter(person_id=row.person_id, file_id=row.id)
    known = {(one.step_n, one.due): one for one in rows}
    for one in deadlines:
        kept = known.get((one.step_n, one.term.due.value))
        if kept is None:
            CourtDeadline.objects.using("gate").create(
                person_id=row.person_id,
                id=ids.take(),
                file_id=row.id,
                lender_id=row.lender_id,
                step_n=one.step_n,
                due=one.term.due.value,
                acts=one.term.acts.value,
                source=one.term.source,
                is_confirmed=one.term.is_confirmed,
                begun_on=one.begun_on,
                due_on=one.due_on,
                met_on=one.met_on,
                dropped_on=one.dropped_on,
            )
        elif not one.is_open and kept.met_on is None and kept.dropped_on is None:
            ended = CourtDeadline.objects.using("gate").filter(person_id=row.person_id, id=kept.id)
            ended.update(met_on=one.met_on, dropped_on=one.dropped_on)


def _tell_next(row: CourtFile, now: Agenda) -> None:
    coming = now.next if now.standing.state is not State.ENDED else None
    row.next_due_on = coming.due_on if coming else None
    row.next_due = coming.term.due.value if coming else None
    row.next_acts = coming.term.acts.value if coming else None


def _keep(row: CourtFile) -> None:
    CourtFile.objects.using("gate").filter(person_id=row.person_id, id=row.id).update(
        lane=row.lane,
        state=row.state,
        has_title=row.has_title,
        docket=row.docket,
        firm_id=row.firm_id,
        assigned_on=row.assigned_on,
        step_n=row.step_n,
        last_on=row.last_on,
        next_due_on=row.next_due_on,
        next_due=row.next_due,
        next_acts=row.next_acts,
        ended_on=row.ended_on,
    )


def _talk_of(state: State) -> tuple[bool, ...]:
    return state in PREPARED, state in PENDING


def _file_leaf(person: LockedPerson, row: CourtFile, at: datetime) -> NewLeaf:
    values = {
        "debt": row.debt_id,
        "claim_minor": row.claim_minor,
        "digest": bytes(row.digest).hex(),
        "batch": row.batch_id,
        "lane": row.lane,
        "firm": row.firm_id,
        "assigned_on": row.assigned_on.isoformat() if row.assigned_on else None,
        "docket": row.docket,
    }
    return NewLeaf(LeafKind.COURT, at, person.subject, values, person.id, row.id, source_table="court_file")


def _step_leaf(person: LockedPerson, step: CourtStep, at: datetime) -> NewLeaf:
    values = {
        "file": step.file_id,
        "n": step.n,
        "step": step.step,
        "on": step.on.isoformat(),
        "until": step.until_on.isoformat() if step.until_on else None,
        "state": step.state,
        "by": step.by_id,
    }
    return NewLeaf(LeafKind.COURT, at, person.subject, values, person.id, step.id, source_table="court_step")


def _log(person: LockedPerson, leaves: Sequence[NewLeaf]) -> None:
    assert all(leaf.person_id == person.id for leaf in leaves), "a leaf is of the person that is held"
    add_leaves(leaves)
