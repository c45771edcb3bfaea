"""Say what came of a receipt that contradicts our records, once it was compared with the provider's."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.inbox.contradictions import look_at
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text

REMARK_CHARACTERS_MIN = 6


@dataclass(frozen=True, slots=True)
class LookAtContradiction:
    """Who compared it, and what they found, in words without names or numbers."""

    person_id: int
    contradiction_id: int
    remark: str
    by: int


def look_at_contradiction(command: LookAtContradiction, at: datetime) -> None:
    """Write it. The end of the delivery stays as it is written: what is wrong with it is an inquiry's affair.

    Refuses: no remark, one that holds a number, and a receipt that somebody looked at before.
    """
    require(command.by, Right.SETTLE_UNKNOWN, person_id=command.person_id)
    remark = checked_text(command.remark, "remark", characters_min=REMARK_CHARACTERS_MIN)
    look_at(command.person_id, command.contradiction_id, remark, at, command.by)
