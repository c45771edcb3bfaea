"""Work a court file: a step on its day, a fee, a law firm; the same step for many files of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.fees import FeeItem, FeeMove, needs_two, scale_of
from zhizhi.core.litigation.words import Step
from zhizhi.store.lenders.rights import Right
from zhizhi.store.litigation.keeping import NewFee, NewStep, add_firm, assign_firm, take_step, write_fee
from zhizhi.store.litigation.reads import FileHead, head_of, heads_of_batch
from zhizhi.store.litigation.words import DOCKET_CHARACTERS_MAX
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.litigation.act import COURT_FEE
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

NAME_CHARACTERS_MIN = 4
_GONE = Text("没有这份案卷", "there is no such file")


@dataclass(frozen=True, slots=True)
class WorkFile:
    """What happened to a file, on which day; `until_on`: the day that was named; `docket`: the court's number."""

    file_id: int
    step: Step
    on: date
    by: int
    until_on: date | None = None
    docket: str = ""


@dataclass(frozen=True, slots=True)
class WorkBatch:
    """The same step of every file of a batch that can take it."""

    batch_id: int
    step: Step
    on: date
    by: int
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class BatchWorked:
    """How many files took the step, and why the others did not, by file."""

    done: int
    refused: tuple[tuple[int, Text], ...]


@dataclass(frozen=True, slots=True)
class KeepFee:
    """Money for a file; `ground` where it takes two persons."""

    file_id: int
    item: FeeItem
    move: FeeMove
    amount_minor: int
    on: date
    by: int
    ground: str = ""


def work_file(command: WorkFile, at: datetime) -> None:
    """Take the step. Refuses: NotAllowed, no such file, a day in the future, what the machine refuses."""
    head = _head(command.file_id)
    require(command.by, Right.WORK_SUIT, lender_id=head.lender_id)
    _take(head, command, at)


def work_batch(command: WorkBatch, at: datetime) -> BatchWorked:
    """Take the step with every open file of a batch, each by itself. Refuses: NotAllowed, no such batch."""
    heads = heads_of_batch(command.batch_id)
    if not heads:
        raise UseCaseRefused("no_batch", Text("该批没有未结案卷", "no open file is of this batch"))
    require(command.by, Right.WORK_SUIT, lender_id=heads[0].lender_id)
    refused = []
    for head in heads:
        try:
            _take(head, WorkFile(head.id, command.step, command.on, command.by, command.until_on), at)
        except Refused as why:
            refused.append((head.id, why.text))
    return BatchWorked(len(heads) - len(refused), tuple(refused))


def _take(head: FileHead, command: WorkFile, at: datetime) -> None:
    if command.on > civil_day(at):
        text = Text(
            "步骤日期不能晚于今天；将来的日子写在「所定日期」", "a step has happened; what is to come is the named day"
        )
        raise UseCaseRefused("in_the_future", text, "on")
    if command.step is Step.PREPARE:
        raise UseCaseRefused("no_such_step", Text("案卷已建", "the file is opened already"), "step")
    docket = command.docket.strip()
    if len(docket) > DOCKET_CHARACTERS_MAX:
        raise UseCaseRefused("too_long", Text("案号过长", "the docket number is too long"), "docket")
    take_step(NewStep(head.id, command.step, command.on, command.by, command.until_on, docket), head.person_id, at)


def keep_fee(command: KeepFee, at: datetime) -> int | None:
    """Write the entry, or ask a second person where it takes two; answers the request then.

    Refuses: NotAllowed, no such file, a day in the future, what does not add up, no ground where one is asked for.
    """
    head = _head(command.file_id)
    require(command.by, Right.KEEP_COURT_FEE, lender_id=head.lender_id)
    if command.on > civil_day(at):
        raise UseCaseRefused("in_the_future", Text("日期不能晚于今天", "the day cannot lie in the future"), "on")
    scale = scale_of(command.item, head.lane, head.claim_minor, command.on)
    if needs_two(command.move, command.item, command.amount_minor, scale):
        request = {
            "person": head.person_id,
            "file": head.id,
            "item": command.item.value,
            "move": command.move.value,
            "amount_minor": command.amount_minor,
            "currency": head.currency,
            "scale_minor": scale,
            "on": command.on.isoformat(),
        }
        return ask(COURT_FEE, Ask(request, command.ground, command.by, head.lender_id), at)
    new = NewFee(
        person_id=head.person_id,
        file_id=head.id,
        item=command.item,
        move=command.move,
        amount_minor=command.amount_minor,
        on=command.on,
        by=command.by,
        scale_minor=scale,
    )
    write_fee(new, at)
    return None


def give_to_firm(file_ids: Sequence[int], firm_id: int, by: int, at: datetime) -> None:
    """Give files to a law firm. Refuses: NotAllowed, no such file, an ended one, a firm without a contract."""
    for file_id in file_ids:
        head = _head(file_id)
        require(by, Right.WORK_SUIT, lender_id=head.lender_id)
        assign_firm(head.person_id, head.id, firm_id, civil_day(at), at)


def register_firm(lender_id: int, name: str, contract_ends_on: date, by: int, at: datetime) -> int:
    """Keep a law firm. Refuses: NotAllowed, a name too short or with a number, a contract that is over."""
    require(by, Right.KEEP_LAW_FIRM, lender_id=lender_id)
    written = checked_text(name, "name", characters_min=NAME_CHARACTERS_MIN)
    if contract_ends_on < civil_day(at):
        raise UseCaseRefused("contract_over", Text("合同已届满", "the contract is over"), "contract_ends_on")
    return add_firm(lender_id, written, contract_ends_on, by, at)


def _head(file_id: int) -> FileHead:
    head = head_of(file_id)
    if head is None:
        raise UseCaseRefused("gone", _GONE)
    return head
