"""The states of a placement: a closed list, and what each is called."""

from zhizhi.core.kernel.text import Text

PROPOSED, LEFT_OUT, PLACED = "proposed", "left_out", "placed"
RETURNED, RECALLED, EXPIRED, CLOSED = "returned", "recalled", "expired", "closed"
STATES = {
    PROPOSED: Text("待批", "proposed"),
    LEFT_OUT: Text("未移交", "left out"),
    PLACED: Text("委案中", "with the agency"),
    RETURNED: Text("已退案", "returned"),
    RECALLED: Text("已撤案", "recalled"),
    EXPIRED: Text("到期收回", "over its term"),
    CLOSED: Text("结案", "case closed"),
}
BY_A_PERSON = (RETURNED, RECALLED)
"""What somebody does on a ground; the other ends come with the days."""
PLACEMENT_OVER = "placement_over"
"""Why what waited to leave was pulled back, and why a lease is refused: the case changed hands."""
HAND_MAX = 9
CASES_MAX = 10_000
"""Cases of one batch: handed over in one transaction."""
AGENCIES_MAX = 10
TERM_DAYS_MAX = 180
"""From the day of placement to the last day to which it may be extended."""
SOON_DAYS = 7
