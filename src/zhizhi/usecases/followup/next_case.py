"""下一件: the call that waits for its wrap-up, then what falls due now and may be called now, then what nobody worked.

Nothing is offered that the gate would refuse at this second; it asks again at the call.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.store.followup.calls import Owed, load_owed
from zhizhi.store.followup.reads import Asked, FollowUp, Kind, load_followups, load_untouched
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.authority import require
from zhizhi.usecases.followup.callbacks import may_call
from zhizhi.usecases.zones import civil_day

AHEAD = timedelta(days=7)
TRIES_MAX = 20
"""So many cases are asked about before a desk is told that nothing may be called now."""
CALLS = frozenset({"CALL", "CALLBACK", "CHECK_PROMISE", "OFFER_PLAN"})
"""Next steps that are a call; the others are work that no law forbids."""


class Because(StrEnum):
    """Why this case is next."""

    OWED = "owed"
    DUE = "due"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Given:
    """The next case; `owed` names a call that is to be wrapped up before any other case is given."""

    number: str
    because: Because
    owed: Owed | None = None


@dataclass(frozen=True, slots=True)
class NothingNow:
    """Nothing to give: how many fall due that may not be called now, and when the next one falls due."""

    forbidden_now: int
    next_at: datetime | None

    @property
    def text(self) -> Text:
        """For a person."""
        if self.forbidden_now:
            return Text(
                f"到点的跟进现在均不可联系（{self.forbidden_now} 件）",
                f"none of what is due may be contacted now: {self.forbidden_now}",
            )
        return Text("现在没有到点的跟进，也没有未办的案件", "nothing is due now, and no case waits for its first work")


def due_order(one: FollowUp) -> tuple[bool, bool, datetime | date, str]:
    """Callbacks first, by their time; then what has a time; then what has a day."""
    at = one.at
    return one.kind is not Kind.CALLBACK, at is None, at if at is not None else one.on, one.number


def is_due(one: FollowUp, at: datetime) -> bool:
    """Whether its time has come: its instant, or its day where nobody planned the case for later."""
    if one.at is not None:
        return one.at <= at
    return one.on <= civil_day(at) and (one.planned_at is None or one.planned_at <= at)


def may_be_worked(one: FollowUp, by: int, at: datetime) -> bool:
    """Whether what it asks for may be done now; work that is no call always may."""
    return bool(one.step and one.step not in CALLS) or may_call(one.person_id, by, at)


def give_next(viewer: Viewer, by: int, at: datetime, after: str = "") -> Given | NothingNow:
    """The next case of a collector; `after`: the case that is left now, and not given again. Refuses: NotAllowed."""
    require(by, Right.CONTACT)
    with reading(viewer):
        owed = load_owed(by, at)
        if owed is not None:
            return Given(owed.number, Because.OWED, owed)
        today = civil_day(at)
        ahead = load_followups(Asked(by, today, at + AHEAD, today))
        untouched = load_untouched(by, after, TRIES_MAX)
    due = [one for one in ahead if is_due(one, at) and one.number != after]
    forbidden = 0
    for one in _once_each(sorted(due, key=due_order)):
        if may_be_worked(one, by, at):
            return Given(one.number, Because.DUE)
        forbidden += 1
        if forbidden == TRIES_MAX:
            break
    for person_id, number in untouched:
        if may_call(person_id, by, at):
            return Given(number, Because.UNTOUCHED)
    return NothingNow(forbidden, min((one.at for one in ahead if one.at is not None and one.at > at), default=None))


def _once_each(due: list[FollowUp]) -> Iterator[FollowUp]:
    seen: set[int] = set()
    for one in due:
        if one.person_id not in seen:
            seen.add(one.person_id)
            yield one
