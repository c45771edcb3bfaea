"""What the person asked not to be reached by: a refused medium or number gets nothing, whatever a rule would permit.

The packs of this release hold no rule of their own for it; until one does, the product keeps the person's word itself.
"""

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.view import View
from zhizhi.core.law.law import Law

# What a person is owed even so: an answer that was asked for, and what the law requires.
OWED = ("required_by_law", "serve", "answer_request", "opt_out_confirmation", "complaint_reply")


def is_medium_refused(case: Case, law: Law) -> bool:
    """Whether the party of the proposed contact has refused its channel or its point, and has not taken that back."""
    proposed = case.proposed
    if proposed.purpose in OWED:
        return False
    said = View(case, law.zone or case.time_zones[0]).said
    media = said.standing("refuse_medium", proposed.at, by=proposed.party)
    points = said.standing("refuse_point", proposed.at, by=proposed.party)
    return any(one.channel == proposed.channel for one in media) or any(
        one.point == proposed.point and one.channel in (None, proposed.channel) for one in points
    )
