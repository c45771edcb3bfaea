"""称已还款: somebody says that a debt is paid. It is checked within a day, and ends by the money or by a person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhizhi.core.kernel.text import Text

CHECK_WITHIN = timedelta(hours=24)
"""House clock: by then somebody has looked. The contact stays held after it too, until it is answered."""
DAYS_BETWEEN = 3  # between the day that somebody names and the day of the bank
DAYS_BEFORE = 31  # how far back money may lie of which no day was named


class Found(StrEnum):
    """What somebody found who looked."""

    POSTED = "posted"
    NOTHING = "nothing"

    @property
    def label(self) -> Text:
        """For screens."""
        return _FOUND[self]


_FOUND = {
    Found.POSTED: Text("查到，已入账", "found, and posted"),
    Found.NOTHING: Text("未查到入账", "no such money came"),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What was said: on which day, of which debt (None: of all), how much and paid when, where that was said."""

    said_on: date
    debt_id: int | None = None
    amount_minor: int | None = None
    paid_on: date | None = None


def due_at(said_at: datetime) -> datetime:
    """When somebody has to have looked."""
    return said_at + CHECK_WITHIN


def is_met(claim: Claim, debt_id: int, amount_minor: int, paid_on: date) -> bool:
    """Whether money that arrived is what was spoken of.

    Boundary: less than was claimed is not; a day that was named is met within three days, none from a month before to
    three days after it was said.
    """
    if claim.debt_id not in (None, debt_id) or amount_minor < (claim.amount_minor or 0):
        return False
    if claim.paid_on is not None:
        return abs((paid_on - claim.paid_on).days) <= DAYS_BETWEEN
    return -DAYS_BEFORE <= (paid_on - claim.said_on).days <= DAYS_BETWEEN
