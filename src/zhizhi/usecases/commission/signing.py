"""Both sides look at a statement: the agency disputes lines, the lender answers, and each signs for itself."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.commission.statements import (
    StatementHead,
    answer_dispute,
    dispute_item,
    head_of_statement,
    lender_of_dispute,
    sign_statement,
)
from zhizhi.store.commission.words import AGENCY, ANSWERS, LENDER
from zhizhi.store.lenders.acting import Acting
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

REASON_CHARACTERS_MIN = 4


@dataclass(frozen=True, slots=True)
class SignStatement:
    """`digest`: what was shown to whoever signs."""

    statement_id: int
    digest: str
    by: int


@dataclass(frozen=True, slots=True)
class DisputeItem:
    """`item`: the number of a line, or B and the number of a breach."""

    statement_id: int
    item: str
    reason: str
    by: int


@dataclass(frozen=True, slots=True)
class AnswerDispute:
    """`answer`: it stands, or the facts are mended and the statement is made anew."""

    dispute_id: int
    answer: str
    text: str
    by: int


def sign_for_agency(command: SignStatement, at: datetime) -> None:
    """Refuses: NotAllowed, a statement of another agency, as `sign_statement`."""
    _of_agency(command.statement_id, command.by)
    sign_statement(command.statement_id, AGENCY, command.digest, command.by, at)


def sign_for_lender(command: SignStatement, at: datetime) -> None:
    """Refuses: NotAllowed, a statement of another lender, as `sign_statement`."""
    require(command.by, Right.SETTLE_COMMISSION, lender_id=_head(command.statement_id).lender_id)
    sign_statement(command.statement_id, LENDER, command.digest, command.by, at)


def dispute(command: DisputeItem, at: datetime) -> None:
    """Refuses: NotAllowed, a reason that is too short or holds a number, as `dispute_item`."""
    _of_agency(command.statement_id, command.by)
    reason = checked_text(command.reason, "reason", characters_min=REASON_CHARACTERS_MIN)
    dispute_item(command.statement_id, command.item.strip(), reason, command.by, at)


def answer(command: AnswerDispute, at: datetime) -> None:
    """Refuses: NotAllowed, an answer that is none, a reason too short or with a number in it, as `answer_dispute`."""
    lender_id = lender_of_dispute(command.dispute_id)
    acting = require(command.by, Right.SETTLE_COMMISSION, lender_id=lender_id)
    if command.answer not in ANSWERS:
        raise UseCaseRefused("answer", Text("请选择答复", "help: choose an answer"), "answer")
    text = checked_text(command.text, "text", characters_min=REASON_CHARACTERS_MIN)
    answer_dispute(command.dispute_id, acting.lender_id, command.answer, text, command.by, at)


def _of_agency(statement_id: int, by: int) -> Acting:
    acting = require(by, Right.ANSWER_COMMISSION)
    if acting.agency_id is None or acting.agency_id != _head(statement_id).agency_id:
        raise NotAllowed(Right.ANSWER_COMMISSION)
    return acting


def _head(statement_id: int) -> StatementHead:
    head = head_of_statement(statement_id)
    if head is None:
        raise UseCaseRefused("gone", Text("没有这份对账单", "there is no such statement"))
    return head
