"""What an assignment is made of: cases, the desks that could work them, and what is told of each move.

Days are civil days of the lender's zone, money is minor units of one currency.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhizhi.core.kernel.text import Text


@dataclass(frozen=True, slots=True)
class CaseToAssign:
    """An open case.

    `holder_id`: whose it is, `held_since` when that began. `home_id`: who has it back when no longer away.
    `is_reserved`: somebody is in the middle of a negotiation. `barred_ids`: relatives of the debtor, and whoever the
    debtor complained of.
    """

    id: int
    balance_minor: int
    queue: str
    language: str
    agency_id: int | None = None
    holder_id: int | None = None
    held_since: date | None = None
    home_id: int | None = None
    is_reserved: bool = False
    barred_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody is away, both included."""

    from_on: date
    to_on: date

    def days(self) -> int:
        """How many they are."""
        return (self.to_on - self.from_on).days + 1


@dataclass(frozen=True, slots=True)
class Desk:
    """A collector who works here.

    `capacity`: open cases at most. `queues`: what this collector was schooled for; empty is every queue. `cases` and
    `balance_minor`: what lies here already and is not among the cases that are asked about. GB/T 45251-2025 5.2 asks
    for training before the first case and once a year.
    """

    id: int
    capacity: int
    agency_id: int | None = None
    queues: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"zh"})
    trained_on: date | None = None
    certified_until: date | None = None
    absences: tuple[Absence, ...] = ()
    leaves_on: date | None = None
    cases: int = 0
    balance_minor: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """`sticky_days`: a case stays that long with whoever got it, unless it has to move. `brief_days`: who is away for
    no longer keeps his cases. `reshuffles`: what has stayed long enough is dealt anew."""

    on: date
    sticky_days: int = 30
    brief_days: int = 2
    reshuffles: bool = False


class Why(StrEnum):
    """Why a case moved, or why it has nobody."""

    NEW = "new"
    HOLDER_LEFT = "holder_left"
    HOLDER_AWAY = "holder_away"
    HOLDER_BARRED = "holder_barred"
    HOLDER_UNFIT = "holder_unfit"
    BACK_HOME = "back_home"
    RESHUFFLED = "reshuffled"
    UNDONE = "undone"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _LABELS[self]


class Unplaced(StrEnum):
    """Why nobody has a case."""

    NOBODY_FITS = "nobody_fits"
    NO_ROOM = "no_room"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _UNPLACED[self]


_LABELS = {
    Why.NEW: Text("新案，尚无催收员", "new, without a collector"),
    Why.HOLDER_LEFT: Text("原催收员已离职", "its collector left"),
    Why.HOLDER_AWAY: Text("原催收员休假", "its collector is away"),
    Why.HOLDER_BARRED: Text("原催收员须回避", "its collector may not have it"),
    Why.HOLDER_UNFIT: Text("原催收员不再具备条件", "its collector is not fit for it any more"),
    Why.BACK_HOME: Text("原催收员已返岗", "its collector is back"),
    Why.RESHUFFLED: Text("月末重新分配", "dealt anew"),
    Why.UNDONE: Text("撤销分配，恢复原状", "an assignment was undone"),
}
_UNPLACED = {
    Unplaced.NOBODY_FITS: Text("没有合适的催收员", "nobody fits"),
    Unplaced.NO_ROOM: Text("合适的催收员均已满额", "whoever fits has no room"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """A case that gets another collector, or has nobody.

    `held`: how many of `capacity` cases the desk had just then; `among`: how many desks fitted the case.
    """

    case_id: int
    from_id: int | None
    to_id: int | None
    why: Why
    home_id: int | None = None
    held: int = 0
    capacity: int = 0
    among: int = 0
    unplaced: Unplaced | None = None


@dataclass(frozen=True, slots=True)
class DeskAfter:
    """How a desk stands after: what it holds, and what it got and gave."""

    id: int
    agency_id: int | None
    capacity: int
    cases: int
    balance_minor: int
    got: int
    gave: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who moves, and how every desk stands after."""

    moves: tuple[Move, ...]
    desks: tuple[DeskAfter, ...]
