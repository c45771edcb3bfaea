"""Tell the debtor, and write down that the debtor agreed.

An offer is told in a conversation, or goes out as a text through the gate like every other contact; here is noted that
it was told.
"""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reliefs.words import WAYS
from zhizhi.store.transact.reliefs import accept_relief, give_relief
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

HOW = {"call": Text("通话中告知", "told in a call"), "counter": Text("当面告知", "told at the counter")}


@dataclass(frozen=True, slots=True)
class GiveOffer:
    """The debtor was told of the offer."""

    person_id: int
    relief_id: int
    how: str
    by: int


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """The debtor agreed to it."""

    person_id: int
    relief_id: int
    by: int


def give_offer(command: GiveOffer, at: datetime) -> None:
    """Write it down; what it waives is taken from the month's pool.

    Refuses: NotAllowed, a way that is none, an offer that is not approved or is over, a pool that does not hold it.
    """
    require(command.by, Right.PROPOSE_RELIEF, person_id=command.person_id)
    if command.how not in WAYS:
        raise UseCaseRefused("unknown_way", Text("请选择告知方式", "help: choose how it was told"), "how")
    give_relief(
        command.person_id,
        command.relief_id,
        how=command.how,
        words=f"协商减免方案已告知（{HOW[command.how].zh}）",
        by=command.by,
        on=civil_day(at),
        at=at,
    )


def accept_offer(command: AcceptOffer, at: datetime) -> None:
    """The agreement is in force, and collection of its debt stops.

    Refuses: NotAllowed, an offer that was not given, is over, or of which something was paid since.
    """
    require(command.by, Right.PROPOSE_RELIEF, person_id=command.person_id)
    accept_relief(
        command.person_id,
        command.relief_id,
        words="客户同意协商减免方案",
        by=command.by,
        on=civil_day(at),
        at=at,
    )
