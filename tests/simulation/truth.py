"""What really happened, as those know it to whom it happened: the carrier, the people, the office."""

from collections import Counter
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
class Leased:
    """A permit in the hands of a dialler."""

    order: int
    at: datetime
    person: int
    lease: int
    permit: int
    number: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A dialler asked whether it may ring now; `is_valid` is None where its process died and it never heard."""

    order: int
    at: datetime
    person: int
    lease: int
    permit: int
    is_valid: bool | None


@dataclass(frozen=True, slots=True)
class Ring:
    """A telephone that a dialler's line rang. `confirmed`: the place of the confirmation on which it rang as it should,
    in time and at the leased number; else it did what it may not."""

    order: int
    at: datetime
    ended_at: datetime
    person: int
    permit: int
    number: str
    is_answered: bool
    talk_seconds: int
    confirmed: int | None


@dataclass(frozen=True, slots=True)
class Reported:
    """What a dialler said of a lease, true or not, and whether it was surely taken."""

    order: int
    at: datetime
    person: int
    lease: int
    permit: int
    kind: str
    began_at: datetime | None
    number_differs: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class Meant:
    """A campaign as somebody made it: who had to be in it, who might, and how many lines of its list name nobody."""

    order: int
    at: datetime
    campaign: int
    must: frozenset[int]
    may: frozenset[int]
    rejected: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody started, paused, resumed, cancelled or throttled a campaign."""

    order: int
    at: datetime
    campaign: int
    what: str
    certain: bool
    per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A file of a night that was worked, and every difference that stood in it: kind, permit, row."""

    at: datetime
    source: str
    on: date
    state: str
    differences: Counter[tuple[str, int | None, int | None]]


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
class Denied:
    """Somebody who has the right, and the case where one is needed, was told that they may not."""

    order: int
    at: datetime
    person: int
    by: int
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
    denied: list[Denied] = field(default_factory=list)
    let_through: int = 0  # acts of somebody with the right and the case that were done
    rightly_refused: int = 0  # tries of what may not be, refused as promised
    uploads: list[Upload] = field(default_factory=list)
    law: list[LawFrom] = field(default_factory=list)
    leased: list[Leased] = field(default_factory=list)
    confirmed: list[Confirmed] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    meant: list[Meant] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    files: set[tuple[str, date]] = field(default_factory=set)  # source and day of which a file came
    states: dict[str, str] = field(default_factory=dict)  # provider's message -> how it ended in the provider's books
    notices: dict[str, set[str]] = field(default_factory=dict)  # provider's message -> states that were reported
    notice_keys: set[tuple[str, str]] = field(default_factory=set)
    faults: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # of wall clock, by what was done; for people who look
    _orders: "count[int]" = field(default_factory=lambda: count(1), repr=False)

    def next(self) -> int:
        """The next place in the order of everything."""
        return next(self._orders)

    def proven_quiet(self) -> set[tuple[int, int]]:
        """Person and permit of what somebody proved, truly or not, never to have left."""
        quiet = {(one.person, one.permit) for one in self.reported if one.kind == "never_rang"}
        settled = [one for one in self.told if one.kind == "settled" and not one.facts["left"]]
        return quiet | {(one.person, one.facts["permit"]) for one in settled}

    def tick(self, what: str) -> None:
        """One more of these was done."""
        self.done[what] = self.done.get(what, 0) + 1
