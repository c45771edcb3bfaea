"""诉求 step by step. Answers are due on the fifth working day after the day on which the request came in."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.person_requests.keeping import (
    NewRequest,
    answer_person_request,
    ask_second_look,
    keep_person_request,
    look_again,
)
from zhizhi.store.person_requests.words import ANSWER_WORKING_DAYS, ANSWERS, HOWS, KINDS
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

REASON_CHARACTERS_MIN = 4


@dataclass(frozen=True, slots=True)
class RegisterRequest:
    """What a debtor asked for, and how."""

    person_id: int
    kind: str
    how: str
    text: str = field(repr=False)
    by: int


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """The answer to a request, or another person's after a second look, with its reasons."""

    person_id: int
    request_id: int
    answer: str
    reasons: str = field(repr=False)
    by: int


@dataclass(frozen=True, slots=True)
class AskSecondLook:
    """The debtor does not agree with an answer."""

    person_id: int
    request_id: int
    by: int


def register_request(command: RegisterRequest, at: datetime) -> int:
    """Keep it; answers its id. Refuses: NotAllowed, a kind or way that is none, a text too short or with a number."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    if command.kind not in KINDS:
        raise UseCaseRefused("kind", Text("请选择诉求类别", "help: choose what is asked for"), "kind")
    if command.how not in HOWS:
        raise UseCaseRefused("how", Text("请选择提出方式", "help: choose how it was said"), "how")
    text = checked_text(command.text, "text", characters_min=REASON_CHARACTERS_MIN)
    new = NewRequest(command.person_id, command.kind, command.how, text, due_on(at), command.by)
    return keep_person_request(new, at)


def answer_request(command: AnswerRequest, at: datetime) -> None:
    """Refuses: NotAllowed, an answer that is none, reasons too short or with a number, a request that is answered."""
    reasons = _checked(command)
    answer_person_request(command.person_id, command.request_id, command.answer, reasons, by=command.by, at=at)


def request_second_look(command: AskSecondLook, at: datetime) -> None:
    """Refuses: NotAllowed, a request that is not answered, or was looked at again."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    ask_second_look(command.person_id, command.request_id, due_on(at), at=at)


def give_second_look(command: AnswerRequest, at: datetime) -> None:
    """Refuses: as `answer_request`; whoever answered, and a request that nobody asked to look at again."""
    reasons = _checked(command)
    look_again(command.person_id, command.request_id, command.answer, reasons, by=command.by, at=at)


def due_on(at: datetime) -> date:
    """The last day for what came in now: the day of receipt does not count."""
    return WORKDAYS_CN.add_working_days(civil_day(at), ANSWER_WORKING_DAYS)


def _checked(command: AnswerRequest) -> str:
    require(command.by, Right.ANSWER_REQUEST, person_id=command.person_id)
    if command.answer not in ANSWERS:
        raise UseCaseRefused("answer", Text("请选择答复", "help: choose an answer"), "answer")
    return checked_text(command.reasons, "reasons", characters_min=REASON_CHARACTERS_MIN)
