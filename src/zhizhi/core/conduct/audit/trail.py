"""The contacts of a person so far, in the few figures that show that a count cannot be reached."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.conduct.case import Debt, Event, State
from zhizhi.core.conduct.view import CALL_CHANNELS

_CHANNELS: Mapping[str, frozenset[str]] = {
    "calls": CALL_CHANNELS,
    "visits": frozenset({"visit"}),
    "letters": frozenset({"letter"}),
}
"""The channels of what may be counted; any other kind may be any contact, inbound ones too."""


@dataclass(slots=True)
class Trail:
    """The contacts of a person so far, by whom and how: instant and day of each."""

    count: int = 0
    is_plain: bool = True
    latest_at: datetime | None = None
    contacted: set[str] = field(default_factory=set)
    by_channel: dict[tuple[str, str], list[tuple[datetime, date]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, event: Event, day: date) -> None:
        """A contact that has happened. Boundary: one within another, or out of order, makes the trail no plain one."""
        within = event.in_session or event.on_call is not None
        self.is_plain = self.is_plain and not within and (self.latest_at is None or self.latest_at <= event.at)
        self.latest_at = event.at
        self.count += 1
        if event.direction == "out":
            self.contacted.add(event.party)
            self.by_channel[event.party, event.channel].append((event.at, day))

    def at_most(self, source: str, party: str, first: date, after: datetime | None) -> int:
        """A number that what may count to a measure of the party never exceeds."""
        channels = _CHANNELS.get(source)
        if channels is None:
            return self.count
        found = 0
        for channel in channels:
            for at, day in reversed(self.by_channel.get((party, channel), ())):
                if day < first or (after is not None and at <= after):
                    break
                found += 1
        return found


def are_timeless(states: tuple[State, ...]) -> bool:
    """Whether states hold at every instant alike."""
    return all(state.since is None and state.until is None for state in states)


def states_of(debts: tuple[Debt, ...], named: tuple[str, ...] | None) -> frozenset[frozenset[str]]:
    """The states of the debts that a contact is about."""
    about = (debt for debt in debts if named is None or debt.id in named)
    return frozenset(frozenset(state.state for state in debt.states) for debt in about)
