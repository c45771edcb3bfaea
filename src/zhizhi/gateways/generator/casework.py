"""The state of one person's year on the floor, and the rows that it leaves."""

from dataclasses import dataclass, field

from zhizhi.gateways.generator.identity import Person
from zhizhi.gateways.generator.organisation import Row
from zhizhi.gateways.generator.seasons import iso
from zhizhi.gateways.generator.servicing import Account
from zhizhi.gateways.generator.streams import Dice
from zhizhi.gateways.generator.truths import Truth

OPENS, CLOSES = 8 * 60 + 30, 20 * 60 + 59  # the floor's own hours, well inside those of the law
FOR_EVER = 1 << 30
# When the floor dials: hour and weight.
_WEIGHTS = (
    (9, 10),
    (10, 12),
    (11, 8),
    (12, 4),
    (13, 4),
    (14, 8),
    (15, 9),
    (16, 9),
    (17, 11),
    (18, 14),
    (19, 14),
    (20, 9),
)
_HOURS = tuple(hour for hour, weight in _WEIGHTS for _ in range(weight))
Rows = dict[str, list[Row]]


@dataclass(slots=True)
class Casework:
    """What the floor knows of a person while the year goes by."""

    person: Person
    lender_code: str
    accounts: tuple[Account, ...]
    account: Account  # the one whose arrears lead today
    truth: Truth
    dice: Dice
    start: int
    on: int
    contact_parties: tuple[str, ...]
    rows: Rows = field(default_factory=dict)
    planted: set[str] = field(default_factory=set)
    stops: list[tuple[int, int]] = field(default_factory=list)
    window: tuple[int, int] = (OPENS, CLOSES)
    bad_span: tuple[int, int] = (0, 0)
    refused: set[str] = field(default_factory=set)  # channels, `calls`, and contact persons who refused
    talks: list[int] = field(default_factory=list)  # days on which somebody was talked to
    failed_sessions: int = 0
    empty_dials: int = 0
    strangers: int = 0
    locate_on: int = 0
    located_on: int = 0
    spoken: bool = False
    complained_on: int = 0
    wishes: frozenset[str] = frozenset()

    @property
    def account_number(self) -> str:
        """The number of the account that leads today."""
        return account_number(self.account.number)

    def add(self, table: str, mark: str, row: Row) -> str:
        """Keep a row under the next id of its file; the person's key and the account of the day stand in every row."""
        kept = self.rows.setdefault(table, [])
        key = f"{account_number(self.accounts[0].number)}-{mark}{len(kept) + 1:04d}"
        kept.append(
            {
                _ID[table]: key,
                "lender_code": self.lender_code,
                "customer_number": self.person.customer_number,
                "account_number": self.account_number,
                **row,
            }
        )
        return key

    def stop(self, kind: str, day: int, until: int, ground: str) -> None:
        """Stop the work from a day to the last day `until`. Boundary: nothing from the as-of day on."""
        if day >= self.on:
            return
        self.stops.append((day, until))
        last = "" if until == FOR_EVER else iso(until)
        self.add(
            "stops",
            "S",
            {
                "kind": kind,
                "reported_at": instant(day, 9 * 60),
                "from_on": iso(day),
                "until_on": last,
                "ground": ground,
            },
        )

    def stopped(self, day: int) -> bool:
        """Whether any stop holds on a day."""
        return any(first <= day <= last for first, last in self.stops)

    def minute(self) -> int:
        """A minute of the day at which the floor may begin, in the person's own hours where there are any."""
        low, high = self.window
        chosen = _HOURS[self.dice.below(len(_HOURS))] * 60 + self.dice.below(60)
        if not low <= chosen <= high:
            chosen = low + self.dice.below(high - low + 1)
        return chosen if self.is_open(chosen) else (low if self.is_open(low) else high)

    def is_open(self, minute: int) -> bool:
        """Whether a minute lies in the hours of the floor and of the person."""
        low, high = self.window
        bad_from, bad_to = self.bad_span
        return low <= minute <= high and not bad_from <= minute < bad_to

    def reassigned_by(self, day: int) -> bool:
        """Whether the mobile belonged to somebody else on a day."""
        return 0 <= self.truth.reassigned <= day - self.start

    def dead_by(self, day: int) -> bool:
        """Whether the person had died by a day."""
        return 0 <= self.truth.deceased <= day - self.start


_ID = {
    "contacts": "contact_id",
    "statements": "statement_id",
    "promises": "promise_id",
    "plans": "plan_id",
    "stops": "stop_id",
    "notes": "note_id",
    "carrier_records": "record_id",
}


def account_number(index: int) -> str:
    """The number of an account."""
    return f"A{index:09d}"


def instant(day: int, minute: int, second: int = 0) -> str:
    """An instant in Shanghai."""
    return f"{iso(day)}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}+08:00"
