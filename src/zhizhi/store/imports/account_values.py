"""What travels between the processes of an import of accounts: values that were read, and rows that were built."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
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


@dataclass(frozen=True, slots=True)
class Book:
    """What a process knows of the book while it builds rows: codes and their ids, the day of the amounts, the file."""

    lenders: dict[str, int]
    agencies: dict[str, int]
    file_id: int
    as_of: date
    map_digest: bytes


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
