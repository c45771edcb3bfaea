"""What travels between the processes of an import of accounts: values that were read, and rows that were built."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple


class AccountValues(NamedTuple):
    """The values of one row, in the order of the fields of an accounts file."""

    lender: str
    customer: str
    account: str
    name: str
    id_number: str | None
    product: str
    currency: str | None
    state: str | None
    opened_on: date | None
    oldest_unpaid_due_on: date | None
    principal: int | None
    term_interest: int | None
    penalty_interest: int | None
    compound_interest: int | None
    damages: int | None
    costs: int | None
    fees: int | None
    total: int | None
    rate: Decimal | None
    agency: str | None
    mobile: str | None
    mobile_2: str | None
    email: str | None
    address: str | None


class PastInstalment(NamedTuple):
    """One month of a wide row."""

    n: int
    due_on: date
    amount: int
    paid: int
    paid_on: date | None


class PastPayment(NamedTuple):
    """Money of a wide row, already in the amounts of the debt."""

    month: str
    amount: int
    paid_on: date


class AccountRow(NamedTuple):
    """One row that passed: where it stood, what it said, and what its months said."""

    position: int
    octets: bytes
    values: AccountValues
    instalments: tuple[PastInstalment, ...] = ()
    payments: tuple[PastPayment, ...] = ()


class Months(NamedTuple):
    """What the month columns of a row said."""

    instalments: tuple[PastInstalment, ...]
    payments: tuple[PastPayment, ...]


@dataclass(frozen=True, slots=True)
class AccountColumns:
    """Rows that passed, by column; `columns` are in the order of `AccountValues`, `months` is empty where a book has
    none."""

    positions: Sequence[int]
    octets: Sequence[bytes]
    columns: Sequence[Sequence[Any]]
    months: Sequence[Months] = ()

    def __len__(self) -> int:
        return len(self.positions)

    def of(self, name: str) -> Sequence[Any]:
        """The column of a field."""
        return self.columns[_PLACES[name]]

    def row(self, place: int) -> AccountRow:
        """One row."""
        values = AccountValues._make([column[place] for column in self.columns])
        return AccountRow(
            self.positions[place], self.octets[place], values, *(self.months[place] if self.months else ())
        )

    def having(self, name: str, values: Iterable[Any]) -> "AccountColumns":
        """The same rows with another column."""
        columns = list(self.columns)
        columns[_PLACES[name]] = list(values)
        return replace(self, columns=columns)

    def only(self, places: Sequence[int]) -> "AccountColumns":
        """The rows at these places."""
        if len(places) == len(self):
            return self
        return AccountColumns(
            picked(self.positions, places),
            picked(self.octets, places),
            [picked(column, places) for column in self.columns],
            picked(self.months, places) if self.months else (),
        )


AMOUNTS = ("principal", "term_interest", "penalty_interest", "compound_interest", "damages", "costs", "fees")
_PLACES = {name: place for place, name in enumerate(AccountValues._fields)}


def picked(column: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    """The values at these places, in ascending order; all of them are the column itself."""
    if len(places) == len(column):
        return column
    return itemgetter(*places)(column) if len(places) > 1 else [column[place] for place in places]


@dataclass(frozen=True, slots=True)
class Book:
    """What a process knows of the book while it builds rows: codes and their ids, the day of the amounts, the file."""

    lenders: dict[str, int]
    agencies: dict[str, int]
    file_id: int
    as_of: date
    map_digest: bytes


def amounts_of(values: AccountValues) -> tuple[int | None, ...]:
    """The components of a row, in the order of `AMOUNTS`."""
    return (
        values.principal,
        values.term_interest,
        values.penalty_interest,
        values.compound_interest,
        values.damages,
        values.costs,
        values.fees,
    )


def state_of(said: str | None, balance: int, oldest_unpaid_due_on: date | None, as_of: date) -> str:
    """The state of a debt: what the row says, else what its due day says."""
    if said is not None:
        return said
    is_late = balance and oldest_unpaid_due_on is not None and oldest_unpaid_due_on < as_of
    return "overdue" if is_late else "not_due"


@dataclass(slots=True)
class BuiltChunk:
    """What a chunk brings; records stand beside the positions of their rows, so that some can be left out."""

    positions: list[int] = field(default_factory=list)
    accounts: list[bytes] = field(default_factory=list)
    points: list[bytes] = field(default_factory=list)
    instalments: list[bytes] = field(default_factory=list)
    payments: list[bytes] = field(default_factory=list)
    people: list[bytes] = field(default_factory=list)
    """Of each row the key of its person, as that of its account in `debts`: eight octets of lender, sixteen of key."""
    debts: list[bytes] = field(default_factory=list)
    is_new: list[bool] = field(default_factory=list)
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    renamed: list[tuple[Any, ...]] = field(default_factory=list)
    former_points: list[tuple[int, int]] = field(default_factory=list)
    """(person, point) no longer in the row: not the number left with the lender any more."""

    def sort(self) -> None:
        """Put the rows into the order of the file, which is that of their ids."""
        order = sorted(range(len(self.positions)), key=self.positions.__getitem__)
        for name in ("positions", "accounts", "points", "instalments", "payments", "people", "debts", "is_new"):
            column = getattr(self, name)
            setattr(self, name, [column[place] for place in order] if column else [])
