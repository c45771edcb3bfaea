"""What really happened, as those know it to whom it happened: the carrier, the people, the office."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any


@dataclass(frozen=True, slots=True)
class Departure:
    """A message that left. `order` is its place among everything that happened."""

    order: int
    at: datetime
    key: str
    person: int
    party: int
    channel: str
    address: str
    content: Mapping[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Dial:
    """A telephone that rang: from whom, for how long they spoke, and what the desk wrote of it."""

    order: int
    at: datetime
    ended_at: datetime
    person: int
    permit: int
    number: str
    is_answered: bool
    talk_seconds: int
    recorded: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the product was told and took. `certain`: it said so itself; else its process died on the way."""

    order: int
    at: datetime
    person: int
    kind: str
    certain: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker took a permit; from here on the message may be leaving."""

    order: int
    at: datetime
    person: int
    permit: int


@dataclass(frozen=True, slots=True)
class Wrongly:
    """Something was accepted that has to be refused."""

    order: int
    at: datetime
    person: int
    what: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in: how many rows it has, and its import, where one was told of."""

    order: int
    name: str
    rows: int
    file: int | None


@dataclass(frozen=True, slots=True)
class LawFrom:
    """From this instant on the house works under another number of calls a day."""

    at: datetime
    calls_a_day: int


@dataclass(slots=True)
class Truth:
    """Everything, in the order in which it happened."""

    begins_on: date
    ended_at: datetime
    departures: list[Departure] = field(default_factory=list)
    dials: list[Dial] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    wrongly: list[Wrongly] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    law: list[LawFrom] = field(default_factory=list)
    notices: dict[str, set[str]] = field(default_factory=dict)  # provider's message -> states that were reported
    notice_keys: set[tuple[str, str]] = field(default_factory=set)
    faults: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # of wall clock, by what was done; for people who look
    _orders: "count[int]" = field(default_factory=lambda: count(1), repr=False)

    def next(self) -> int:
        """The next place in the order of everything."""
        return next(self._orders)

    def tick(self, what: str) -> None:
        """One more of these was done."""
        self.done[what] = self.done.get(what, 0) + 1
