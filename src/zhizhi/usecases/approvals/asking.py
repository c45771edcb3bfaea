"""Ask for an act, take the request back, and use an approval for what one does oneself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Wanted, keep_request, use_approved, withdraw_request
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act
from zhizhi.usecases.authority import NotAllowed, require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

GROUND_CHARACTERS_MIN = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: `request` is plain JSON and all that will be carried out; no customer's name or number in it."""

    request: Mapping[str, Any]
    ground: str
    by: int
    lender_id: int | None = None
    about_staff_id: int | None = None


def ask(act: Act, command: Ask, at: datetime) -> int:
    """Keep the request; answers its id.

    Refuses: NotAllowed, a ground of less than four characters or with a number in it, what concerns oneself where the
    act does not allow that, the very same request waiting.
    """
    require_for(command.by, act.asks, command.lender_id)
    if command.about_staff_id == command.by and not act.may_ask_for_self:
        raise UseCaseRefused("for_oneself", Text("不能为自己申请", "nobody asks for this for themselves"))
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    wanted = Wanted(act.code, command.lender_id, command.about_staff_id, command.request)
    act.tell(command.request)  # a request that cannot be told is not kept
    return keep_request(wanted, by=command.by, ground=ground, at=at, expires_at=at + act.lasts)


def withdraw(approval_id: int, by: int, at: datetime) -> None:
    """Take the own request back. Refuses: another's, one that was ruled on or is over."""
    withdraw_request(approval_id, by, at)


def use_approval(act: Act, approval_id: int, command: Ask, at: datetime, *, using: str = "gate") -> None:
    """Use an approval up for what is done now, in the caller's open transaction on `using`.

    Refuses: NotAllowed, an approval that is not for exactly this request of this person, was used or is over.
    """
    require_for(command.by, act.asks, command.lender_id)
    wanted = Wanted(act.code, command.lender_id, command.about_staff_id, command.request)
    use_approved(approval_id, wanted, command.by, at, using=using)


def require_for(by: int, right: Right, lender_id: int | None) -> None:
    """Right and scope of whoever asks or approves. Boundary: what has no lender concerns every lender.

    Refuses: NotAllowed.
    """
    acting = require(by, right, lender_id=lender_id)
    if lender_id is None and (acting.lender_id is not None or acting.agency_id is not None):
        raise NotAllowed(right)
