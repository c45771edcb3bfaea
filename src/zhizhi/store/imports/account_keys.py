"""The keyed hashes of accounts: what makes a row the same, whose it is, and by what it is found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import normalize

from zhizhi.store.imports.account_values import AccountColumns, AccountRow, picked
from zhizhi.store.imports.keys import BulkSearchKeys, to_number
from zhizhi.store.people.rows import normal_form

POINTS = ("mobile", "mobile_2", "email", "address")
SCOPE_BYTES = 8


class KeyedRow(NamedTuple):
    """A row with its hashes; `person` and `account` are scoped by lender: eight octets of its id, sixteen of key."""

    row: AccountRow
    person: bytes
    account: bytes
    digest: bytes
    customer_key: int
    name_key: int
    id_number_key: int | None
    point_keys: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class KeyedColumns:
    """The rows of one lender with their hashes, by column; hashes are whole digests but for the two scoped keys."""

    rows: AccountColumns
    people: Sequence[bytes]
    accounts: Sequence[bytes]
    digests: Sequence[bytes]
    customers: Sequence[bytes]
    names: Sequence[bytes]
    id_numbers: Sequence[bytes | None]
    points: tuple[Sequence[bytes | None], ...]

    def only(self, places: Sequence[int]) -> "KeyedColumns":
        """The rows at these places."""
        if len(places) == len(self.rows):
            return self
        return KeyedColumns(
            self.rows.only(places),
            picked(self.people, places),
            picked(self.accounts, places),
            picked(self.digests, places),
            picked(self.customers, places),
            picked(self.names, places),
            picked(self.id_numbers, places),
            tuple(picked(column, places) for column in self.points),
        )

    def row(self, place: int) -> KeyedRow:
        """One row."""
        id_number = self.id_numbers[place]
        points = [column[place] for column in self.points]
        return KeyedRow(
            self.rows.row(place),
            self.people[place],
            self.accounts[place],
            self.digests[place][:16],
            to_number(self.customers[place]),
            to_number(self.names[place]),
            to_number(id_number) if id_number is not None else None,
            tuple([to_number(point) if point is not None else None for point in points]),
        )


def key_columns(rows: AccountColumns, lender_id: int, keys: BulkSearchKeys, map_digest: bytes) -> KeyedColumns:
    """Key the rows of one lender; a person is the same identity number within the lender, else the customer number."""
    scope = lender_id.to_bytes(SCOPE_BYTES, "big")
    id_numbers = _where_said(keys, "id_number", rows.of("id_number"))
    customers = rows.of("customer")
    people: Sequence[bytes] = id_numbers  # type: ignore[assignment]  # where one is missing, the next lines replace it
    if None in id_numbers:
        without = [customer for customer, digest in zip(customers, id_numbers, strict=True) if digest is None]
        by_customer = iter(keys.of_kind("customer", without))
        people = [digest or next(by_customer) for digest in id_numbers]
    accounts = keys.of_kind("account", rows.of("account"))
    return KeyedColumns(
        rows,
        [scope + person[:16] for person in people],
        [scope + account[:16] for account in accounts],
        keys.octets("row", [map_digest + octets for octets in rows.octets]),
        keys.of_kind("customer", _forms(customers)),
        keys.of_kind("name", _forms(rows.of("name"))),
        id_numbers,
        tuple(_where_said(keys, "point", rows.of(name), has_forms=True) for name in POINTS),
    )


def _where_said(
    keys: BulkSearchKeys, kind: str, values: Sequence[str | None], *, has_forms: bool = False
) -> Sequence[bytes | None]:
    """The digests of a column that may be empty."""
    said = [value for value in values if value is not None]
    digests = keys.of_kind(kind, _forms(said) if has_forms else said)
    if len(said) == len(values):
        return digests
    left = iter(digests)
    return [next(left) if value is not None else None for value in values]


def _forms(values: Sequence[str]) -> Iterable[str]:
    """`normal_form` of each; the whole column at once where no value has a space inside."""
    text = normalize("NFKC", "\n".join(values))  # a line break composes with nothing
    words = text.upper().split()
    if len(words) == len(values) and sum(map(len, text.split())) + len(values) - 1 == len(text):
        return words
    return map(normal_form, values)
