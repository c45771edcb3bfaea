"""Say, with proof, how a contact ended whose fate the system does not know: a worker died, an answer never came."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.transact.deliveries import settle_by_hand
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import CALL_OUTCOMES

GROUND_CHARACTERS_MIN = 6
MESSAGE_OUTCOMES = ("sent", "delivered", "undelivered")


@dataclass(frozen=True, slots=True)
class SettleUnknown:
    """What somebody found out. `left` false: proof that nothing left, and the permit is given back.

    `outcome`: what came of it where it left, in the words of contract/conduct-case.md; None where nobody knows, and it
    counts as "perhaps".
    """

    person_id: int
    delivery_id: int
    left: bool
    outcome: str | None
    ground: str
    by: int


def settle_unknown(command: SettleUnknown, at: datetime) -> None:
    """Write it. Refuses: no ground, an outcome of something that did not leave, a delivery whose end is known."""
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if command.outcome is not None and (not command.left or command.outcome not in (*MESSAGE_OUTCOMES, *CALL_OUTCOMES)):
        raise UseCaseRefused(
            "unknown_outcome", Text("请选择触达结果", "help: choose an outcome of the contact"), "outcome"
        )
    settle_by_hand(
        command.person_id,
        command.delivery_id,
        left=command.left,
        outcome=command.outcome,
        ground=ground,
        at=at,
        by=command.by,
    )
