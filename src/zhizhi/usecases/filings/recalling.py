"""A bad text is withdrawn at once by one person; who had it is listed, and what was done for them is said in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhizhi.store.filings.keeping import close_recall, give_back_recalled, withdraw_version
from zhizhi.store.filings.things import lender_of_version
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text

REASON_CHARACTERS_MIN = 6
FOLLOWED_UP_WITHIN = timedelta(hours=24)
"""House rule: by then those who had a bad text are corrected, answered, or ruled to need nothing."""


@dataclass(frozen=True, slots=True)
class WithdrawWording:
    """Somebody found a version that must not leave any more."""

    version_id: int
    reason: str
    by: int


@dataclass(frozen=True, slots=True)
class CloseRecall:
    """What was done for those who had it."""

    version_id: int
    followed_up: str
    by: int


def withdraw_wording(command: WithdrawWording, at: datetime, beat: Callable[[], None] = lambda: None) -> int:
    """Withdraw it; answers how many that waited were pulled back.

    It takes one person: it only ever forbids. Refuses: NotAllowed, too short a reason or one with a number in it, a
    version that is not in use.
    """
    require(command.by, Right.RECALL_WORDING, lender_id=lender_of_version(command.version_id))
    reason = checked_text(command.reason, "reason", characters_min=REASON_CHARACTERS_MIN)
    withdraw_version(command.version_id, reason, at + FOLLOWED_UP_WITHIN, at, command.by)
    return give_back_recalled(command.version_id, at, beat)


def close_followed_up(command: CloseRecall, at: datetime) -> None:
    """Say what was done. Refuses: NotAllowed, too short a text or one with a number in it, no recall that is open."""
    require(command.by, Right.RECALL_WORDING, lender_id=lender_of_version(command.version_id))
    said = checked_text(command.followed_up, "followed_up", characters_min=REASON_CHARACTERS_MIN)
    close_recall(command.version_id, said, at, command.by)
