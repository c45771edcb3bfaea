"""征信异议 step by step: registered, answered in writing, and credit reporting told, each by its day."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.consequence.objections import ObjectionAnswer, ObjectionHow, answer_due_on
from zhizhi.core.kernel.text import Text
from zhizhi.store.consequences.objecting import (
    NewObjection,
    answer_objection,
    confirm_message,
    keep_objection,
    send_message,
)
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

TEXT_CHARACTERS_MIN = 4
RECEIPT_CHARACTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class RegisterObjection:
    """What somebody objects to in the credit data of a debt, and how it came in."""

    person_id: int
    debt_id: int
    how: ObjectionHow
    text: str = field(repr=False)
    by: int


@dataclass(frozen=True, slots=True)
class AnswerObjection:
    """What the check found, with the written answer."""

    person_id: int
    objection_id: int
    answer: ObjectionAnswer
    text: str = field(repr=False)
    by: int


def register_objection(command: RegisterObjection, at: datetime) -> int:
    """Keep it; answers its id. Refuses: NotAllowed, a text too short or with a number, and as `keep_objection`."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    on = civil_day(at)
    new = NewObjection(command.person_id, command.debt_id, command.how, text, answer_due_on(on), command.by)
    return keep_objection(new, on, at)


def give_answer(command: AnswerObjection, at: datetime) -> None:
    """Refuses: NotAllowed, a text too short or with a number, an objection that was answered."""
    require(command.by, Right.ANSWER_REQUEST, person_id=command.person_id)
    text = checked_text(command.text, "text", characters_min=TEXT_CHARACTERS_MIN)
    answer_objection(
        command.person_id, command.objection_id, command.answer, text, by=command.by, on=civil_day(at), at=at
    )


def tell_sent(person_id: int, message_id: int, by: int, at: datetime) -> None:
    """A message was given to credit reporting. Refuses: NotAllowed, one that was sent."""
    require(by, Right.KEEP_TRUTHS, person_id=person_id)
    send_message(person_id, message_id, by=by, at=at)


def tell_confirmed(person_id: int, message_id: int, receipt: str, by: int, at: datetime) -> None:
    """Credit reporting confirmed it. Refuses: NotAllowed, no receipt, one that was not sent or is confirmed."""
    require(by, Right.KEEP_TRUTHS, person_id=person_id)
    number = receipt.strip()
    if not 0 < len(number) <= RECEIPT_CHARACTERS_MAX:
        raise UseCaseRefused(
            "receipt", Text("请填写征信机构回执编号", "help: give the number of the receipt"), "receipt"
        )
    confirm_message(person_id, message_id, number, by=by, at=at)
