"""The core's figure of an account against ours: the same, or how they differ. The core keeps the books."""

from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.text import Text


class Differs(StrEnum):
    """How the two differ; a closed list."""

    UNKNOWN = "unknown_account"
    CLOSED = "closed_there"
    LOWER = "lower_there"
    HIGHER = "higher_there"

    @property
    def label(self) -> Text:
        """For screens."""
        return _DIFFERS[self]


_DIFFERS = {
    Differs.UNKNOWN: Text("核心系统有，账上没有", "the core has it, we do not"),
    Differs.CLOSED: Text("核心系统已结清或关闭，账上仍欠", "closed at the core, owed here"),
    Differs.LOWER: Text("核心系统余额较低", "less is owed at the core"),
    Differs.HIGHER: Text("核心系统余额较高", "more is owed at the core"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What the core says of an account on its day: what is owed, in minor units, and whether it is closed there."""

    balance_minor: int
    is_closed: bool = False


def compare(core: Figure, ours_minor: int | None) -> Differs | None:
    """How they differ, or None where they agree; `ours_minor`: of the same day, None where the account is not ours."""
    if ours_minor is None:
        return Differs.UNKNOWN
    if core.balance_minor == ours_minor:
        return None
    if core.is_closed:
        return Differs.CLOSED
    return Differs.LOWER if core.balance_minor < ours_minor else Differs.HIGHER


def holds_contacts(differs: Differs) -> bool:
    """Whether nobody is dunned until somebody looked: less may be owed than we say."""
    return differs in (Differs.CLOSED, Differs.LOWER)
