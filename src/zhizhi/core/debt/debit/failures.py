"""Why a debit failed, and what follows: tried again on which day and how often, the mandate at rest, a person looks."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhizhi.core.kernel.text import Text


class Failure(StrEnum):
    """What a channel says; a closed list. Whatever else it says is `UNKNOWN`."""

    INSUFFICIENT = "insufficient_funds"
    CLOSED = "account_closed"
    REVOKED = "mandate_revoked"
    LIMIT = "limit_exceeded"
    SUSPICIOUS = "suspicious"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Text:
        """For screens."""
        return _LABELS[self]


_LABELS = {
    Failure.INSUFFICIENT: Text("余额不足", "insufficient funds"),
    Failure.CLOSED: Text("账户已销户或冻结", "account closed or frozen"),
    Failure.REVOKED: Text("客户已撤销授权", "mandate revoked"),
    Failure.LIMIT: Text("超过银行限额", "above the bank's limit"),
    Failure.SUSPICIOUS: Text("可疑交易被拒", "refused as suspicious"),
    Failure.UNKNOWN: Text("原因不明", "unknown reason"),
}


@dataclass(frozen=True, slots=True)
class Follows:
    """What follows a failure. `again_after`: days from each failure to the next try, one a try that is left."""

    again_after: tuple[int, ...] = ()
    suspends: bool = False


FOLLOWS = {
    Failure.INSUFFICIENT: Follows(again_after=(1, 3)),
    Failure.LIMIT: Follows(again_after=(1,)),
    Failure.CLOSED: Follows(suspends=True),
    Failure.REVOKED: Follows(suspends=True),
    Failure.SUSPICIOUS: Follows(suspends=True),
    Failure.UNKNOWN: Follows(),
}
"""Where a house begins, not law. Nothing that is not tried again by itself goes on without a person."""
TRIES_MAX = 1 + max(len(follows.again_after) for follows in FOLLOWS.values())


def again_on(failure: Failure, tried: int, on: date) -> date | None:
    """The day of the next try after `tried` failures of what is due (1: the first); None where a person looks first.

    Boundary: the number of tries is counted over all reasons, so that changing answers of a bank make no more of them.
    """
    waits = FOLLOWS[failure].again_after
    return on + timedelta(days=waits[tried - 1]) if 0 < tried <= len(waits) else None
