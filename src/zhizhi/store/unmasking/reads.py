"""What screens read about looks at clear values: how many there were, the limits, and what the person is told."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.select import select


def count_looks(person_id: int, since: datetime) -> int:
    """How often clear values of a person were looked at since an instant, for who sees the person."""
    asked = "SELECT count(*) FROM unmasking WHERE person_id = %(person)s AND at >= %(since)s"
    return int(select(asked, {"person": person_id, "since": since})[0][0])


@dataclass(frozen=True, slots=True)
class LimitRow:
    """So many looks by a member of staff, or at a person, within so many hours."""

    per: str
    hours: int
    most: int


def load_limits(lender_id: int) -> list[LimitRow]:
    """The limits that hold for a lender."""
    rows = select("SELECT per, hours, most FROM zhizhi_unmask_limits(%(lender)s)", {"lender": lender_id})
    return [LimitRow(*row) for row in rows]


LOOKS_TOLD_MAX = 200  # of zhizhi_looks_at_me; a test compares


@dataclass(frozen=True, slots=True)
class LookAtMe:
    """What the portal tells: no name of staff is in it."""

    at: datetime
    what: str
    role: str
    ground: str


def load_looks_at_me() -> list[LookAtMe]:
    """The looks at values of whoever the portal's transaction is sealed for, the newest first; of nobody else."""
    return [LookAtMe(*row) for row in select("SELECT at, what, role, ground FROM zhizhi_looks_at_me()", {})]
