"""The keyed hashes of accounts: what makes a row the same, whose it is, and by what it is found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zhizhi.store.imports.account_values import AccountRow
from zhizhi.store.imports.keys import BulkSearchKeys, to_number, to_numbers
from zhizhi.store.people.rows import normal_form


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


def key_rows(rows: Sequence[AccountRow], lender_id: int, keys: BulkSearchKeys, map_digest: bytes) -> list[KeyedRow]:
    """Key the rows of one lender; a person is the same identity number within the lender, else the customer number."""
    scope = lender_id.to_bytes(8, "big")
    values = [row.values for row in rows]
    id_numbers = _where_said(keys, "id_number", [value.id_number for value in values])
    by_customer = iter(keys.of_kind("customer", [value.customer for value in values if value.id_number is None]))
    people = [(digest or next(by_customer))[:16] for digest in id_numbers]
    points = zip(
        _where_said(keys, "point", [_form_or_none(value.mobile) for value in values]),
        _where_said(keys, "point", [_form_or_none(value.mobile_2) for value in values]),
        _where_said(keys, "point", [_form_or_none(value.email) for value in values]),
        _where_said(keys, "point", [_form_or_none(value.address) for value in values]),
        strict=True,
    )
    columns = zip(
        rows,
        people,
        keys.of_kind("account", [value.account for value in values]),
        keys.octets("row", [map_digest + row.octets for row in rows]),
        to_numbers(keys.of_kind("customer", [_form(value.customer) for value in values])),
        to_numbers(keys.of_kind("name", [_form(value.name) for value in values])),
        id_numbers,
        points,
        strict=True,
    )
    return [
        KeyedRow(
            row,
            scope + person,
            scope + account[:16],
            digest[:16],
            customer_key,
            name_key,
            to_number(id_number) if id_number is not None else None,
            tuple([to_number(point) if point is not None else None for point in digests]),
        )
        for row, person, account, digest, customer_key, name_key, id_number, digests in columns
    ]


def _where_said(keys: BulkSearchKeys, kind: str, values: Iterable[str | None]) -> list[bytes | None]:
    """The digests of a column that may be empty."""
    held = list(values)
    digests = iter(keys.of_kind(kind, [value for value in held if value is not None]))
    return [next(digests) if value is not None else None for value in held]


def _form(value: str) -> str:
    """`normal_form`, with a short way for what is plain already."""
    return value.upper() if value.isascii() and " " not in value else normal_form(value)


def _form_or_none(value: str | None) -> str | None:
    return _form(value) if value is not None else None
