"""What the page of assessments reads."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.assessments.words import ACTIVITIES
from zhizhi.store.select import select

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One that was approved."""

    id: int
    lender: str
    activity: str
    from_at: datetime
    until_at: datetime
    approval_id: int
    asked_by: str
    ruled_by: str

    def stands(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        return self.from_at <= at < self.until_at


@dataclass(frozen=True, slots=True)
class Standing:
    """What a lender has of an activity at an instant: until when one stands; None where none does."""

    lender: str
    activity: str
    until_at: datetime | None


_STANDING = """
SELECT l.name, v.activity, max(a.until_at) FROM lender l
CROSS JOIN unnest(%(activities)s::text[]) WITH ORDINALITY v (activity, place)
LEFT JOIN assessment a ON a.lender_id = l.id AND a.activity = v.activity AND a.from_at <= %(at)s AND %(at)s < a.until_at
GROUP BY l.id, l.name, v.activity, v.place ORDER BY l.name, l.id, v.place LIMIT %(limit)s
"""
_ROWS = """
SELECT a.id, l.name, a.activity, a.from_at, a.until_at, a.approval_id, b.name, r.name
FROM assessment a JOIN lender l ON l.id = a.lender_id JOIN approval p ON p.id = a.approval_id
JOIN staff b ON b.id = p.asked_by_id JOIN staff r ON r.id = p.ruled_by_id
ORDER BY a.until_at DESC, a.id DESC LIMIT %(limit)s
"""


def load_standing_assessments(at: datetime) -> list[Standing]:
    """Each activity of each of the viewer's lenders."""
    values = {"activities": list(ACTIVITIES), "at": at, "limit": SHOWN_MAX}
    return [Standing(*row) for row in select(_STANDING, values)]


def load_assessments() -> list[AssessmentRow]:
    """Those of the viewer's lenders, the one that lasts longest first."""
    return [AssessmentRow(*row) for row in select(_ROWS, {"limit": SHOWN_MAX})]
