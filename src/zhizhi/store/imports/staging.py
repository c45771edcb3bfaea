"""Rows on their way into the tables: the binary form of COPY, and the temporary tables that one transaction fills
and empties.

COPY cannot write into a table under row-level security, so a chunk is copied into temporary tables of the gate's own
session and spread over the tables by a handful of statements: one wide row an account instead of six narrow ones.
"""

import struct
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
NO_UUID = bytes(16)
NO_NUMBER = -1
"""Stands for NULL in the fixed part of a row; ids, keys and amounts are never negative."""
NO_DAY = -(2**31)
"""Stands for NULL among days; the server reads it as `-infinity`."""
POINT_KINDS = ("mobile", "email", "postal")
_EPOCH = date(2000, 1, 1).toordinal()
_LENGTH = struct.Struct(">i").pack
_DAY = struct.Struct(">ii").pack

_NUMBERS = (
    "person_id",
    "party_id",
    "debt_id",
    "entry_id",
    "lender_id",
    "customer_key",
    "name_key",
    "principal",
    "term_interest",
    "penalty_interest",
    "compound_interest",
    "damages",
    "costs",
    "fees",
    "balance",
    "id_number_key",
    "last_four_key",
    "agency_id",
)
_UUIDS = ("subject", "identity_key", "account_key", "row_digest")
_DAYS = ("opened_on", "oldest_on")
_FLAGS = ("is_new_person", "is_new_debt")
_SEALED = ("person_sealed", "masked", "party_sealed", "debt_sealed", "data_key")
_WORDS = ("product", "currency", "state", "rate")
_POINT_NUMBERS = ("person_id", "id", "party_id", "value_key", "last_four_key")


class Head:
    """The fixed part of a row: how many columns it has, then each value behind its length."""

    def __init__(self, columns: int, *named: tuple[tuple[str, ...], str, str]) -> None:
        self._columns = columns
        fields = [("columns", ">i2")]
        form = ">h"
        for names, kind, letters in named:
            form += f"i{letters}" * len(names)
            for name in names:
                fields += [(f"{name}_octets", ">i4"), (name, kind)]
        self._form = np.dtype(fields)
        self._sizes = {name: self._form[name].itemsize for names, _, _ in named for name in names}
        self._pack = struct.Struct(form).pack
        self._lengths = tuple(self._sizes.values())

    def one(self, *values: int | bytes) -> bytes:
        """The head of one row, from its values in their order."""
        return self._pack(self._columns, *chain.from_iterable(zip(self._lengths, values, strict=True)))

    def many(self, rows: int, **values: Any) -> list[bytes]:
        """The heads of so many rows: of each column one value for all of them, or one a row."""
        filled = np.empty(rows, dtype=self._form)
        filled["columns"] = self._columns
        for name, size in self._sizes.items():
            filled[f"{name}_octets"] = size
            filled[name] = values[name]
        octets, size = filled.tobytes(), self._form.itemsize
        return [octets[start : start + size] for start in range(0, rows * size, size)]


# What has a fixed size stands first, so that the heads of many rows are made at once; what varies is joined behind it.
ACCOUNT_HEAD = Head(
    len(_NUMBERS + _UUIDS + _DAYS + _FLAGS + _SEALED + _WORDS),
    (_NUMBERS, ">i8", "q"),
    (_UUIDS, "V16", "16s"),
    (_DAYS, ">i4", "i"),
    (_FLAGS, "?", "?"),
)
POINT_HEAD = Head(len(_POINT_NUMBERS) + 2, (_POINT_NUMBERS, ">i8", "q"), (("kind",), ">i2", "h"))
_INSTALMENT = struct.Struct(">hiqiqiqiiiiiqiq")
_PAYMENT = struct.Struct(">hiqiqiqiqi16sii")
_INSTALMENT_COLUMNS, _PAYMENT_COLUMNS = 8, 6

# A chunk of account rows takes twelve megabytes: with the server's default of eight, temporary rows go to disk and
# back, as do the rows that triggers look at.
TEMPORARY_TABLES = f"""
SET temp_buffers = '64MB';
SET LOCAL work_mem = '32MB';
CREATE TEMPORARY TABLE IF NOT EXISTS stage_account (
    {" bigint, ".join(_NUMBERS)} bigint, subject uuid, identity_key uuid, account_key uuid, row_digest bytea,
    {" date, ".join(_DAYS)} date, {" boolean, ".join(_FLAGS)} boolean, {" bytea, ".join(_SEALED)} bytea,
    {" text, ".join(_WORDS)} text) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_point (
    {" bigint, ".join(_POINT_NUMBERS)} bigint, kind smallint, sealed bytea) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_instalment (
    person_id bigint, id bigint, debt_id bigint, n integer, due_on date, amount bigint, paid bigint, paid_on date)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_payment (
    person_id bigint, id bigint, debt_id bigint, amount bigint, reference_key uuid, paid_on date) ON COMMIT DELETE ROWS;
"""


def octets(value: bytes | None) -> bytes:
    """A field of octets."""
    return NULL if value is None else LENGTHS[len(value)] + value


class _Lengths(dict[int, bytes]):
    """The length of a field as COPY writes it; each is made once."""

    def __missing__(self, length: int) -> bytes:
        made = self[length] = _LENGTH(length)
        return made


LENGTHS = _Lengths()


@lru_cache(maxsize=4096)
def word(value: str) -> bytes:
    """A field of text that repeats: a state, a currency, a rate."""
    return octets(value.encode())


@lru_cache(maxsize=4096)
def words(product: str, currency: str, state: str, rate: Decimal | None) -> bytes:
    """The four words at the end of an account."""
    return word(product) + word(currency) + word(state) + (NULL if rate is None else word(str(rate)))


def days(values: Sequence[date | None]) -> list[int]:
    """Days as the server counts them."""
    known = {value: NO_DAY if value is None else value.toordinal() - _EPOCH for value in set(values)}
    return list(map(known.__getitem__, values))


@lru_cache(maxsize=32_768)
def day(value: date | None) -> bytes:
    """A date field."""
    return NULL if value is None else _DAY(4, value.toordinal() - _EPOCH)


def instalment_record(
    person_id: int, row_id: int, debt_id: int, n: int, due_on: date, amount: int, paid: int, paid_on: date | None
) -> bytes:
    """One row of `stage_instalment`."""
    due = due_on.toordinal() - _EPOCH
    head = _INSTALMENT.pack(_INSTALMENT_COLUMNS, 8, person_id, 8, row_id, 8, debt_id, 4, n, 4, due, 8, amount, 8, paid)
    return head + day(paid_on)


def payment_record(
    person_id: int, row_id: int, debt_id: int, amount: int, reference_key: bytes, paid_on: date
) -> bytes:
    """One row of `stage_payment`: money that is already in the amounts of its debt."""
    paid = paid_on.toordinal() - _EPOCH
    return _PAYMENT.pack(_PAYMENT_COLUMNS, 8, person_id, 8, row_id, 8, debt_id, 8, amount, 16, reference_key, 4, paid)
