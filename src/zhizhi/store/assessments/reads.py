"""What the page of assessments reads."""

from dataclasses import dataclass
from datetime import datetime

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


_ROWS = """
SELECT a.id, l.name, a.activity, a.from_at, a.until_at, a.approval_id, b.name, r.name
FROM assessment a JOIN lender l ON l.id = a.lender_id JOIN approval p ON p.id = a.approval_id
JOIN staff b ON b.id = p.asked_by_id JOIN staff r ON r.id = p.ruled_by_id
ORDER BY a.until_at DESC, a.id DESC LIMIT %(limit)s
"""


def load_assessments() -> list[AssessmentRow]:
    """Those of the viewer's lenders, the one that lasts longest first."""
    return [AssessmentRow(*row) for row in select(_ROWS, {"limit": SHOWN_MAX})]
