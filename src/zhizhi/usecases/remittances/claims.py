"""Somebody looked whether a debt is paid, as its debtor says."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.debt.remittance.claims import Found
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.paid_claims import answer_claim
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text


@dataclass(frozen=True, slots=True)
class AnswerClaim:
    """What was found, and by what."""

    person_id: int
    statement_id: int
    found: Found
    ground: str
    by: int


def answer_paid_claim(command: AnswerClaim, at: datetime) -> None:
    """Answer it; its stop is lifted, and the law no longer holds collection for it.

    Refuses: NotAllowed, a ground of less than four characters or with a number in it, a claim that was answered.
    """
    require(command.by, Right.SETTLE_REMITTANCE, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    answer_claim(command.person_id, command.statement_id, command.found, ground=ground, by=f"u{command.by}", at=at)
