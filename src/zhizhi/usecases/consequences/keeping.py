"""What is true of a debt is kept by a clerk or the legal desk; nobody keeps what is still to come."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.consequence.words import Fact, Served, Source
from zhizhi.core.kernel.text import Text
from zhizhi.store.consequences.keeping import NewFact, keep_fact
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

EVIDENCE_CHARACTERS_MIN = 4


@dataclass(frozen=True, slots=True)
class KeepFact:
    """That something is, or is not, true of a debt from a day on; `how`: of a notice, how it reached the person."""

    person_id: int
    debt_id: int
    fact: Fact
    holds: bool
    on: date
    evidence: str
    by: int
    how: Served | None = None


def keep_truth(command: KeepFact, at: datetime) -> int:
    """Add the row; answers its id.

    Refuses: NotAllowed, a day to come, no word of where the proof is, a number in it, a notice without how it was
    served, and as `keep_fact`.
    """
    acting = require(command.by, Right.KEEP_TRUTHS, person_id=command.person_id)
    if command.on > civil_day(at):
        raise UseCaseRefused("day_to_come", Text("日期尚未到来", "the day is still to come"), "on")
    is_notice = command.fact is Fact.ADVERSE_NOTICE and command.holds
    if is_notice and command.how is None:
        raise UseCaseRefused("how", Text("请选择送达方式", "help: say how it was served"), "how")
    evidence = checked_text(command.evidence, "evidence", characters_min=EVIDENCE_CHARACTERS_MIN)
    new = NewFact(
        person_id=command.person_id,
        debt_id=command.debt_id,
        fact=command.fact,
        holds=command.holds,
        on=command.on,
        source=Source.LEGAL if acting.role == "legal" else Source.CLERK,
        evidence=evidence,
        by=command.by,
        how=command.how if is_notice else None,
    )
    return keep_fact(new, at)
