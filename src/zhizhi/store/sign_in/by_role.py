"""What each role's sign-in has to be: a second factor or none, and how long a session lasts.

Every role of staff stands here, and a test holds that; one that does not has the strictest of everything.
"""

from dataclasses import dataclass
from datetime import timedelta

WITHOUT_SECOND_FACTOR: frozenset[str] = frozenset()
"""Roles that see no personal data and may sign in by password alone: none."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a session is honoured without a request, and at the most."""

    idle: timedelta
    whole: timedelta


STRICTEST = Lasting(timedelta(minutes=15), timedelta(hours=4))
SHIFT = Lasting(timedelta(minutes=30), timedelta(hours=9))
OUTSIDE = Lasting(timedelta(minutes=15), timedelta(hours=9))
"""On the road, where a device is put down among strangers."""
DEMONSTRATION = Lasting(timedelta(hours=8), timedelta(hours=8))
LASTING = {
    "administrator": STRICTEST,
    "auditor": STRICTEST,
    "field_officer": OUTSIDE,
    "head": SHIFT,
    "compliance": SHIFT,
    "supervisor": SHIFT,
    "team_leader": SHIFT,
    "quality": SHIFT,
    "assignment": SHIFT,
    "settlement_approver": SHIFT,
    "settlement_clerk": SHIFT,
    "complaint_handler": SHIFT,
    "legal": SHIFT,
    "collector": SHIFT,
    "agency_manager": SHIFT,
    "agency_collector": SHIFT,
}


def needs_second_factor(role: str) -> bool:
    """Whether a member in this role is signed in only with a second factor."""
    return role not in WITHOUT_SECOND_FACTOR


def lasting_of(role: str, proof: str) -> Lasting:
    """How long a session of this role lasts; synthetic members stay for a day of the demonstration."""
    return DEMONSTRATION if proof == "demonstration" else LASTING.get(role, STRICTEST)
