"""What screens read about calling campaigns; row-level security decides which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.calling.pacing import Answered
from zhizhi.store.calling.words import ANSWERED, WINDOW
from zhizhi.store.select import select

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class CallingRow:
    """A calling campaign; `counts`: its persons by state."""

    id: int
    lender_id: int
    lender: str
    name: str
    script: str
    from_on: date
    until_on: date
    opens: int
    closes: int
    state: str
    ratio: int
    seats: int
    lines: tuple[str, ...]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Its persons."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Persons of whom nothing is to come."""
        open_ones = ("waiting", "reserved", "leased", "talking")
        return self.total - sum(self.counts.get(state, 0) for state in open_ones)


_ROWS = """
SELECT c.id, c.lender_id, l.name, c.name, c.script, c.from_on, c.until_on, c.opens_minute, c.closes_minute, c.state,
    c.ratio,
    (SELECT count(*) FROM calling_seat s WHERE s.campaign_id = c.id),
    ARRAY(SELECT n.number FROM calling_line i JOIN outbound_number n ON n.id = i.number_id
          WHERE i.campaign_id = c.id ORDER BY n.number)
FROM calling_campaign c JOIN lender l ON l.id = c.lender_id
WHERE %(id)s::bigint IS NULL OR c.id = %(id)s ORDER BY c.state = 'ended', c.id DESC LIMIT %(limit)s
"""
_COUNTS = """
SELECT t.campaign_id, t.state, count(*) FROM calling_target t WHERE t.campaign_id = ANY (%(ids)s) GROUP BY 1, 2
"""


def load_calling(campaign_id: int | None = None) -> list[CallingRow]:
    """The viewer's calling campaigns, or one of them; those that ended last."""
    rows = select(_ROWS, {"id": campaign_id, "limit": SHOWN_MAX})
    counts: dict[int, dict[str, int]] = {row[0]: {} for row in rows}
    for of, state, number in select(_COUNTS, {"ids": list(counts)}):
        counts[of][state] = number
    return [CallingRow(*(*row[:-1], tuple(row[-1]), counts[row[0]])) for row in rows]


_SEEN = """
SELECT count(*), count(*) FILTER (WHERE t.state = 'abandoned') FROM calling_target t
WHERE t.campaign_id = %(id)s AND t.state = ANY (%(answered)s) AND t.at > %(since)s
"""


def load_answered(campaign_id: int, at: datetime) -> Answered:
    """Calls of the rolling window that were answered, and abandoned."""
    ((answered, abandoned),) = select(_SEEN, {"id": campaign_id, "answered": list(ANSWERED), "since": at - WINDOW})
    return Answered(answered, abandoned)


_HELD = """
SELECT t.state, t.why, count(*), min(t.next_at) FROM calling_target t
WHERE t.campaign_id = %(id)s AND t.why <> '' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why persons are not rung: `state` waiting, until `next_at` at the earliest, or withheld."""

    state: str
    why: str
    persons: int
    next_at: datetime | None


def load_held(campaign_id: int) -> list[HeldBack]:
    """What the law and the register held back, the most frequent first."""
    return [HeldBack(*row) for row in select(_HELD, {"id": campaign_id, "limit": SHOWN_MAX})]


@dataclass(frozen=True, slots=True)
class CallingStepRow:
    """Who did what to it."""

    what: str
    by: str
    at: datetime


def load_calling_steps(campaign_id: int) -> list[CallingStepRow]:
    """The latest first."""
    asked = (
        "SELECT s.what, f.name, s.at FROM calling_step s JOIN staff f ON f.id = s.by_id WHERE s.campaign_id = %(id)s"
        " ORDER BY s.id DESC LIMIT %(limit)s"
    )
    return [CallingStepRow(*row) for row in select(asked, {"id": campaign_id, "limit": SHOWN_MAX})]
