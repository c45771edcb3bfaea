"""The finite record that rules speak about: features of one contact at one instant, and what was measured."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeAlias

from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Gate, Window

Value: TypeAlias = "bool | str | int | date | frozenset[str] | None"
"""The value of a feature; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known: the facts by their place in the case, and whether open outcomes of permits are all of it."""

    facts: tuple[str, ...] = ()
    only_outcomes: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind fall into the window: certainly, and at most. `facts`: the events counted.

    `resets_at`: at the limit, when the count falls below it; else when it next falls. `consented`: whether the contact
    is none that the cap counts, since the person agreed to it.
    """

    certain: int
    possible: int
    facts: tuple[str, ...]
    doubt: Doubt
    resets_at: datetime
    agreed: int | None = None
    consented: bool | None = False


@dataclass(frozen=True, slots=True)
class WindowState:
    """Whether the contact lies inside the hours; when it next could; when the hours end."""

    inside: bool
    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class GateState:
    """Whether third persons may be contacted (None: not known), and from when, if nothing else happens."""

    is_open: bool | None
    opens_at: datetime | None
    facts: tuple[str, ...]
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class CooldownState:
    """Until when the latest events certainly, and at most, bar the next contact."""

    certain_until: datetime | None
    possible_until: datetime | None
    facts: tuple[str, ...]
    doubt: Doubt
    consented: bool | None = False


@dataclass(frozen=True, slots=True)
class AfterState:
    """From when on what has to come first certainly, and at best, did come; None where it did not."""

    certain_from: datetime | None
    possible_from: datetime | None
    facts: tuple[str, ...]
    doubt: Doubt


def limit_of(term: Cap, agreed: int | None) -> int | None:
    """The limit that counts: the law's, the party's own where it is lower, or with `higher_counts` the party's."""
    limit = term.limit
    assert limit is None or isinstance(limit, int), "numbers are filled in before a rule is evaluated"
    if agreed is None or limit is None:
        return limit if agreed is None else agreed
    return agreed if term.higher_counts else min(limit, agreed)


class Features(Protocol):
    """What the evaluator may ask. Measures are named by the node that asks for them, its numbers filled in."""

    @property
    def at(self) -> datetime:
        """The instant at which the contact would begin."""

    @property
    def day(self) -> date:
        """Its civil day in the zone of the law."""

    @property
    def next_change_at(self) -> datetime | None:
        """The next instant at which a statement, state or release begins or ends; between these only clocks move."""

    def value(self, feature: str) -> Value:
        """A feature of the catalogue."""

    def place(self, feature: str) -> str:
        """Where in the case the fact would have to stand that a feature lacks."""

    def window(self, term: Window) -> WindowState:
        """Hours."""

    def spared(self, term: Avoid) -> WindowState:
        """Hours outside those that the party named as inconvenient."""

    def count(self, term: Cap) -> Count:
        """A count in the window of the contact."""

    def cooldown(self, term: Cooldown) -> CooldownState:
        """The latest events of a kind."""

    def after(self, term: After) -> AfterState:
        """The first event of a kind."""

    def gate(self, term: Gate) -> GateState:
        """Lost contact."""
