"""Accounts of people who are new with them: the most of a first book. Sealed row by row, all else column by column.

What it builds is what `account_rows` builds of the same rows one by one.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring as json_text
from typing import Any

import numpy as np

from zhizhi.store import keyring
from zhizhi.store.imports import staging
from zhizhi.store.imports.account_keys import POINTS, SCOPE_BYTES, KeyedColumns
from zhizhi.store.imports.account_values import AMOUNTS, AccountColumns, Book, BuiltChunk, state_of
from zhizhi.store.imports.keys import BulkSearchKeys
from zhizhi.store.imports.sealing import FreshKeys, drawn_nonces
from zhizhi.store.people.rows import mask_name, mask_number

PARTY, DEBT, ENTRY = 1, 2, 3
"""Where the ids of a row stand behind the first of them, which is the person's."""
POINT = ENTRY + len(AMOUNTS)
IDS_A_ROW = POINT + len(POINTS)
KINDS = tuple(staging.POINT_KINDS.index(kind) for kind in ("mobile", "mobile", "email", "postal"))
MOBILES = 2  # the first of the points; only a telephone number is found by its last four digits
_SEALS = 4  # person, masked, party, debt


@dataclass(frozen=True, slots=True)
class Desk:
    """What rows of one lender are built with."""

    book: Book
    lender_id: int
    keys: BulkSearchKeys
    masks: keyring.Seal


def add_new(keyed: KeyedColumns, bases: Sequence[int], desk: Desk, built: BuiltChunk) -> None:
    """Build rows that `plain_places` picked; `bases` are the first of their ids."""
    accounts, points = build_new(keyed, bases, desk)
    built.positions += keyed.rows.positions
    built.accounts += accounts
    built.points += points
    built.people += keyed.people
    built.debts += keyed.accounts
    built.is_new += [True] * len(accounts)


def build_new(keyed: KeyedColumns, bases: Sequence[int], desk: Desk) -> tuple[list[bytes], list[bytes]]:
    """The records of accounts and those of their points; `bases` are the first ids of the rows."""
    rows = keyed.rows
    fresh = FreshKeys(len(rows))
    amounts = {name: _numbers(rows.of(name), 0) for name in AMOUNTS}
    balances = np.sum(list(amounts.values()), axis=0)
    heads = _heads(keyed, np.array(bases), fresh.subjects, amounts, balances, desk)
    tails = _tails(rows, balances.tolist(), desk.book)
    points, counts = _points(keyed, np.array(bases), desk.keys)
    nonces = iter(drawn_nonces(_SEALS * len(rows)))
    columns = zip(
        heads, tails, bases, fresh.keys, fresh.wrapped, *_secrets(rows), rows.of("account"), counts,
        nonces, nonces, nonces, nonces, strict=True,
    )  # fmt: skip
    lengths, join = staging.LENGTHS, b"".join
    algorithm, mask_head, seal_mask = keyring.algorithm(), desk.masks.head, desk.masks.cipher.encrypt
    head_of_seal = bytes((algorithm.byte,))
    around, around_mask = len(head_of_seal) + keyring.NONCE_BYTES, len(mask_head) + keyring.NONCE_BYTES
    accounts, of_points = [], []
    for head, tail, base, key, wrapped, person, mask, party, account, count, one, two, three, four in columns:
        seal = algorithm.of_key(key).encrypt
        sealed = seal(one, person, b"person/%d" % base)
        masked = seal_mask(two, mask, b"masked/%d" % base)
        of_party = seal(three, party, b"party/%d" % (base + PARTY))
        of_debt = seal(four, account.encode(), b"debt/%d" % (base + DEBT))
        accounts.append(
            join((
                head,
                lengths[len(sealed) + around], head_of_seal, one, sealed,
                lengths[len(masked) + around_mask], mask_head, two, masked,
                lengths[len(of_party) + around], head_of_seal, three, of_party,
                lengths[len(of_debt) + around], head_of_seal, four, of_debt,
                lengths[len(wrapped)], wrapped,
                tail,
            ))
        )  # fmt: skip
        parts: list[bytes] = []
        for point_head, value, place, nonce in islice(points, count):
            closed = seal(nonce, value, place)
            parts += (point_head, lengths[len(closed) + around], head_of_seal, nonce, closed)
        of_points.append(join(parts))
    return accounts, of_points


def _numbers(values: Sequence[int | None], absent: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    return np.array([absent if value is None else value for value in values], dtype=np.int64)


def _key_numbers(digests: Sequence[bytes]) -> "np.ndarray[Any, np.dtype[np.uint64]]":
    """As `keys.to_number`, of many."""
    return np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 4)[:, 0] >> np.uint64(1)


def _heads(
    keyed: KeyedColumns, bases: Any, subjects: bytes, amounts: dict[str, Any], balances: Any, desk: Desk
) -> list[bytes]:
    rows = keyed.rows
    id_numbers = rows.of("id_number")
    last_four = desk.keys.last_four
    return staging.ACCOUNT_HEAD.many(
        len(rows),
        person_id=bases,
        party_id=bases + PARTY,
        debt_id=bases + DEBT,
        entry_id=bases + ENTRY,
        lender_id=desk.lender_id,
        customer_key=_key_numbers(keyed.customers),
        name_key=_key_numbers(keyed.names),
        **amounts,
        balance=balances,
        id_number_key=_sparse_key_numbers(keyed.id_numbers),
        last_four_key=[staging.NO_NUMBER if number is None else last_four(number) for number in id_numbers],
        agency_id=[staging.NO_NUMBER if code is None else desk.book.agencies[code] for code in rows.of("agency")],
        subject=np.frombuffer(subjects, dtype="V16"),
        identity_key=_uuids(keyed.people),
        account_key=_uuids(keyed.accounts),
        row_digest=np.frombuffer(b"".join(keyed.digests), dtype="V32").astype("V16"),
        opened_on=staging.days(rows.of("opened_on")),
        oldest_on=staging.days(rows.of("oldest_unpaid_due_on")),
        is_new_person=True,
        is_new_debt=True,
    )


def _uuids(scoped: Sequence[bytes]) -> Any:
    return np.frombuffer(b"".join(scoped), dtype=[("scope", f"V{SCOPE_BYTES}"), ("key", "V16")])["key"]


def _sparse_key_numbers(digests: Sequence[bytes | None]) -> Any:
    """The numbers of a column that may be empty."""
    if None not in digests:
        return _key_numbers(digests)  # type: ignore[arg-type]  # none is missing
    numbers = np.full(len(digests), staging.NO_NUMBER, dtype=np.int64)
    said = [digest for digest in digests if digest is not None]
    if said:
        numbers[[digest is not None for digest in digests]] = _key_numbers(said)
    return numbers


def _secrets(rows: AccountColumns) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """What is sealed of each new person, as `store/people/rows.py` opens it: the secrets, the mask, the party."""
    names = list(map(json_text, rows.of("name")))
    customers = map(json_text, rows.of("customer"))
    id_numbers = ["null" if number is None else f'"{number}"' for number in rows.of("id_number")]
    masked = map(json_text, map(mask_name, rows.of("name")))
    mobiles = [json_text(mask_number(mobile or "")) for mobile in rows.of("mobile")]
    return (
        [
            f'{{"name":{name},"id_number":{id_number},"customer_number":{customer}}}'.encode()
            for name, id_number, customer in zip(names, id_numbers, customers, strict=True)
        ],
        [f"[{name},{mobile}]".encode() for name, mobile in zip(masked, mobiles, strict=True)],
        [f'{{"name":{name},"relation":""}}'.encode() for name in names],
    )


def _tails(rows: AccountColumns, balances: Sequence[int], book: Book) -> Any:
    """The words at the end of each record."""
    states = rows.of("state")
    if None in states:
        dues = rows.of("oldest_unpaid_due_on")
        said = zip(states, balances, dues, strict=True)
        states = [state_of(state, balance, due, book.as_of) for state, balance, due in said]
    currencies = [currency or "CNY" for currency in rows.of("currency")]
    return map(staging.words, rows.of("product"), currencies, states, rows.of("rate"))


def _points(keyed: KeyedColumns, bases: Any, keys: BulkSearchKeys) -> tuple[Any, list[int]]:
    """Of all points, in the order of their rows: head, value, place of its seal and nonce; and how many a row has."""
    columns = [keyed.rows.of(name) for name in POINTS]
    told = np.array([[value is not None for value in column] for column in columns]).T  # a line a row
    lines, places = np.nonzero(told)
    values = [value for row in zip(*columns, strict=True) for value in row if value is not None]
    digests = [digest for row in zip(*keyed.points, strict=True) for digest in row if digest is not None]
    ids = bases[lines] + POINT + places
    last_fours = [
        keys.last_four(value) if place < MOBILES else staging.NO_NUMBER
        for value, place in zip(values, places.tolist(), strict=True)
    ]
    heads = staging.POINT_HEAD.many(
        len(values),
        person_id=bases[lines],
        id=ids,
        party_id=bases[lines] + PARTY,
        value_key=_key_numbers(digests),
        last_four_key=last_fours,
        kind=np.array(KINDS)[places],
    )
    seals = [b"point/%d" % point_id for point_id in ids.tolist()]
    points = zip(heads, map(str.encode, values), seals, drawn_nonces(len(values)), strict=True)
    return points, told.sum(axis=1).tolist()


def plain_places(keyed: KeyedColumns, known: Set[bytes]) -> list[int]:
    """Where rows stand whose account and person are new and alone in the chunk, and that name no point twice."""
    alone = _once(keyed.people) - known
    once = _once(keyed.accounts) - known
    points = list(zip(*keyed.points, strict=True))
    digests = [digest for row in points for digest in row if digest is not None]
    shared = set(digests) - _once(digests)
    return [
        place
        for place, (person, account, row) in enumerate(zip(keyed.people, keyed.accounts, points, strict=True))
        if person in alone and account in once and (shared.isdisjoint(row) or _are_different(row))
    ]


def _once(keys: Sequence[bytes]) -> set[bytes]:
    """Those keys that stand only once."""
    distinct = set(keys)
    if len(distinct) == len(keys):
        return distinct
    once: set[bytes] = set()
    again: set[bytes] = set()
    for key in keys:
        (again if key in once else once).add(key)
    return once - again


def _are_different(digests: Sequence[bytes | None]) -> bool:
    said = [digest for digest in digests if digest is not None]
    return len(set(said)) == len(said)
