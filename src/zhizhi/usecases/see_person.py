"""Somebody opens the pages of a person: kept as evidence before anything is shown."""

from datetime import datetime

from zhizhi.store.lenders.rights import Right
from zhizhi.store.views.grounds import GROUND_OF_ROLE, RULE
from zhizhi.store.views.recording import record_view
from zhizhi.usecases.authority import NotAllowed


def see_person(person_id: int, by: int, role: str, at: datetime, *, ruling: bool = False) -> None:
    """Keep the view; `ruling`: on a page where something that waits is ruled on.

    Refuses: NotAllowed, for a role that has no ground to see anybody.
    """
    ground = GROUND_OF_ROLE.get(role)
    if ground is None:
        raise NotAllowed(Right.SEE_CASES)
    record_view(person_id, by, RULE if ruling else ground, at)
