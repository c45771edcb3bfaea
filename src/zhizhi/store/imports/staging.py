"""Rows on their way into the tables: the binary form of COPY, and the temporary tables that one transaction fills
and empties.

COPY cannot write into a table under row-level security, so a chunk is copied into temporary tables of the gate's own
session and spread over the tables by a handful of statements: one wide row an account instead of six narrow ones.
"""

import struct
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
NO_UUID = bytes(16)
_EPOCH = date(2000, 1, 1).toordinal()
_LENGTH = struct.Struct(">i").pack
_EIGHT = struct.Struct(">iq").pack
_DAY = struct.Struct(">ii").pack

ACCOUNT_COLUMNS = (
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
    "subject",
    "identity_key",
    "account_key",
    "row_digest",
    "is_new_person",
    "is_new_debt",
    "person_sealed",
    "masked",
    "party_sealed",
    "debt_sealed",
    "product",
    "currency",
    "state",
    "data_key",
    "id_number_key",
    "last_four_key",
    "agency_id",
    "opened_on",
    "oldest_on",
    "rate",
)
POINT_COLUMNS = ("person_id", "id", "party_id", "value_key", "kind", "sealed", "last_four_key")
INSTALMENT_COLUMNS = ("person_id", "id", "debt_id", "n", "due_on", "amount", "paid", "paid_on")
PAYMENT_COLUMNS = ("person_id", "id", "debt_id", "amount", "reference_key", "paid_on")

# Fifteen numbers, three uuids, a digest and two flags stand first, so that one call packs the most of a row.
_ACCOUNT_HEAD = struct.Struct(">h" + "iq" * 15 + "i16s" * 3 + "i16s" + "i?i?")
_POINT_HEAD = struct.Struct(">h" + "iq" * 4)
_INSTALMENT = struct.Struct(">hiqiqiqiiiiiqiq")
_PAYMENT = struct.Struct(">hiqiqiqiqi16sii")

# A chunk of account rows takes twelve megabytes: with the server's default of eight, temporary rows go to disk and
# back, as do the rows that triggers look at.
TEMPORARY_TABLES = """
SET temp_buffers = '64MB';
SET LOCAL work_mem = '32MB';
CREATE TEMPORARY TABLE IF NOT EXISTS stage_account (
    person_id bigint, party_id bigint, debt_id bigint, entry_id bigint, lender_id bigint, customer_key bigint,
    name_key bigint,
    principal bigint, term_interest bigint, penalty_interest bigint, compound_interest bigint, damages bigint, costs
    bigint, fees bigint,
    balance bigint, subject uuid, identity_key uuid, account_key uuid, row_digest bytea, is_new_person boolean,
    is_new_debt boolean,
    person_sealed bytea, masked bytea, party_sealed bytea, debt_sealed bytea, product text, currency text, state
    text, data_key bytea,
    id_number_key bigint, last_four_key bigint, agency_id bigint, opened_on date, oldest_on date, rate text) ON
    COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_point (
    person_id bigint, id bigint, party_id bigint, value_key bigint, kind text, sealed bytea, last_four_key bigint)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_instalment (
    person_id bigint, id bigint, debt_id bigint, n integer, due_on date, amount bigint, paid bigint, paid_on date)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_payment (
    person_id bigint, id bigint, debt_id bigint, amount bigint, reference_key uuid, paid_on date) ON COMMIT DELETE ROWS;
"""


def octets(value: bytes | None) -> bytes:
    """A field of octets."""
    return NULL if value is None else _LENGTH(len(value)) + value


@lru_cache(maxsize=4096)
def word(value: str) -> bytes:
    """A field of text that repeats: a state, a currency, a rate."""
    return octets(value.encode())


def number(value: int | None) -> bytes:
    """A bigint field."""
    return NULL if value is None else _EIGHT(8, value)


@lru_cache(maxsize=32_768)
def day(value: date | None) -> bytes:
    """A date field."""
    return NULL if value is None else _DAY(4, value.toordinal() - _EPOCH)


def account_record(
    ids: tuple[int, int, int, int],
    keys: tuple[int, int, int],
    amounts: Sequence[int],
    uuids: tuple[bytes, bytes, bytes, bytes],
    *,
    is_new_person: bool,
    is_new_debt: bool,
) -> bytes:
    """The head of a row of `stage_account`, up to the flags; each value stands behind its length."""
    person, party, debt, entry = ids
    lender, customer, name = keys
    principal, term, penalty, compound, damages, costs, fees, balance = amounts
    subject, identity, account, digest = uuids
    # fmt: off
    return _ACCOUNT_HEAD.pack(
        len(ACCOUNT_COLUMNS), 8, person, 8, party, 8, debt, 8, entry, 8, lender, 8, customer, 8, name,
        8, principal, 8, term, 8, penalty, 8, compound, 8, damages, 8, costs, 8, fees, 8, balance,
        16, subject, 16, identity, 16, account, 16, digest, 1, is_new_person, 1, is_new_debt,
    )
    # fmt: on


def point_record(
    person_id: int, point_id: int, party_id: int, value_key: int, kind: bytes, sealed: bytes, last_four: int | None
) -> bytes:
    """One row of `stage_point`."""
    head = _POINT_HEAD.pack(len(POINT_COLUMNS), 8, person_id, 8, point_id, 8, party_id, 8, value_key)
    return head + octets(kind) + octets(sealed) + number(last_four)


def instalment_record(
    person_id: int, row_id: int, debt_id: int, n: int, due_on: date, amount: int, paid: int, paid_on: date | None
) -> bytes:
    """One row of `stage_instalment`."""
    due = due_on.toordinal() - _EPOCH
    head = _INSTALMENT.pack(
        len(INSTALMENT_COLUMNS), 8, person_id, 8, row_id, 8, debt_id, 4, n, 4, due, 8, amount, 8, paid
    )
    return head + day(paid_on)


def payment_record(
    person_id: int, row_id: int, debt_id: int, amount: int, reference_key: bytes, paid_on: date
) -> bytes:
    """One row of `stage_payment`: money that is already in the amounts of its debt."""
    paid = paid_on.toordinal() - _EPOCH
    return _PAYMENT.pack(
        len(PAYMENT_COLUMNS), 8, person_id, 8, row_id, 8, debt_id, 8, amount, 16, reference_key, 4, paid
    )
