"""Rows of an accounts file become sealed rows: who is known already, what is new, what changed; runs in any process.

A chunk needs three questions to the database whatever its size. Nothing is written here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring as json_text
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections

from zhizhi.store import keyring
from zhizhi.store.imports import staging
from zhizhi.store.imports.keys import BulkSearchKeys
from zhizhi.store.imports.sealing import FreshKeys, Nonces, SealOf
from zhizhi.store.people.rows import Masked, PersonSecrets, mask_name, mask_number, normal_form

ENTRY_IDS = 7  # an opening or adjusting entry a component
POINTS = ("mobile", "mobile_2", "email", "address")
KIND_OF_POINT = {"mobile": b"mobile", "mobile_2": b"mobile", "email": b"email", "address": b"postal"}
IDS_A_ROW = 3 + ENTRY_IDS + len(POINTS)


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


@dataclass(frozen=True, slots=True)
class AccountRow:
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
    keys: list[tuple[bytes, bytes]] = field(default_factory=list)
    is_new: list[bool] = field(default_factory=list)
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    renamed: list[tuple[Any, ...]] = field(default_factory=list)
    former_points: list[tuple[int, int]] = field(default_factory=list)
    """(person, point) no longer in the row: not the number left with the lender any more."""


@dataclass(slots=True)
class _Known:
    """A person of the chunk: known to the database, or new with an earlier row of the chunk."""

    person_id: int
    party_id: int
    seal: AESGCM
    is_new: bool
    customer_key: int = 0
    sealed: bytes = b""
    points: dict[int, int] = field(default_factory=dict)
    next_points: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _KnownDebt:
    debt_id: int
    person_id: int
    row_digest: bytes
    import_id: int | None
    as_of: date
    identity_key: bytes


class AccountBuilder:
    """Builds the rows of chunks; one a process."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._keys = {code: BulkSearchKeys(lender_id) for code, lender_id in book.lenders.items()}
        self._erased: set[bytes] = set()
        self._lists = {code: keyring.list_seal(lender_id) for code, lender_id in book.lenders.items()}

    def build(self, rows: Sequence[AccountRow], ids: range, months: int = 0) -> BuiltChunk:
        """Seal and key a chunk; `ids` are `ids_needed` fresh ids, so many a row from its own first one on."""
        built = BuiltChunk()
        passed = [row for row in rows if self._passes(row, built)]
        keyed = [(row, *self._identify(row.values)) for row in passed]
        people, debts = self._known(keyed)
        nonces = Nonces(len(passed) * 8)
        self._fresh = FreshKeys(len({pair[1] for pair in keyed}) - len(people))
        self._width = IDS_A_ROW + 2 * months
        seen: set[bytes] = set()
        for base, (row, identity_key, account_key) in zip(ids[:: self._width], keyed, strict=False):
            scoped = self._book.lenders[row.values.lender].to_bytes(8, "big")
            if scoped + account_key in seen:
                built.refused.append((row.position, "account", "duplicate_in_file"))
                continue
            seen.add(scoped + account_key)
            self._one(row, scoped + identity_key, scoped + account_key, people, debts, base, nonces, built)
        return built

    def _passes(self, row: AccountRow, built: BuiltChunk) -> bool:
        values = row.values
        if values.lender not in self._book.lenders:
            built.refused.append((row.position, "lender", "unknown_lender"))
        elif values.agency is not None and values.agency not in self._book.agencies:
            built.refused.append((row.position, "agency", "unknown_agency"))
        else:
            return True
        return False

    def _identify(self, values: AccountValues) -> tuple[bytes, bytes]:
        """The keys of the person and of the account: the same identity number within a lender, else the customer
        number."""
        keys = self._keys[values.lender]
        if values.id_number is not None:
            identity = keys.identity_octets("id_number", values.id_number)
        else:
            identity = keys.identity_octets("customer", values.customer)
        return identity, keys.identity_octets("account", values.account)

    def _known(
        self, keyed: list[tuple[AccountRow, bytes, bytes]]
    ) -> tuple[dict[bytes, _Known], dict[bytes, _KnownDebt]]:
        people: dict[bytes, _Known] = {}
        debts: dict[bytes, _KnownDebt] = {}
        by_lender: dict[int, list[tuple[bytes, bytes]]] = {}
        erased = self._erased = set()
        for row, identity_key, account_key in keyed:
            by_lender.setdefault(self._book.lenders[row.values.lender], []).append((identity_key, account_key))
        with connections["gate"].cursor() as cursor:
            for lender_id, pairs in by_lender.items():
                scope = lender_id.to_bytes(8, "big")
                for found in _debts_by_key(cursor, lender_id, (account for _, account in pairs)):
                    account_key, debt_id, person_id, digest, import_id, as_of, identity_key = found
                    debts[scope + account_key.bytes] = _KnownDebt(
                        debt_id, person_id, bytes(digest), import_id, as_of, scope + identity_key.bytes
                    )
                wanted = {identity for identity, _ in pairs}
                wanted |= {debt.identity_key[8:] for key, debt in debts.items() if key[:8] == scope}
                for found in _people_by_key(cursor, lender_id, wanted):
                    identity_key, person_id, party_id, data_key, customer_key, sealed = found
                    if data_key is None:
                        erased.add(scope + identity_key.bytes)
                        continue
                    seal = AESGCM(keyring.service().unwrap(bytes(data_key)))
                    people[scope + identity_key.bytes] = _Known(
                        person_id, party_id, seal, False, customer_key, bytes(sealed)
                    )
            by_id = {known.person_id: known for known in people.values()}
            for person_id, point_id, value_key in _points_of(cursor, list(by_id)):
                by_id[person_id].points[value_key] = point_id
        return people, debts

    def _one(
        self,
        row: AccountRow,
        identity_key: bytes,
        account_key: bytes,
        people: dict[bytes, _Known],
        debts: dict[bytes, _KnownDebt],
        base: int,
        nonces: "Nonces",
        built: BuiltChunk,
    ) -> None:
        values = row.values
        keys = self._keys[values.lender]
        digest = keys.octets(b"row:" + self._book.map_digest + row.octets)[:16]
        debt = debts.get(account_key)
        customer_key = keys.number("customer", _form(values.customer))
        if debt is not None:
            wrong = self._wrong_debt(debt, identity_key, customer_key, people)
            if wrong is not None:
                built.refused.append((row.position, *wrong))
                return
            if debt.row_digest == digest:
                built.unchanged += 1
                return
            identity_key = debt.identity_key
        known = people.get(identity_key)
        if identity_key in self._erased:
            built.refused.append((row.position, "account", "erased_person"))
            return
        subject, data_key = b"\0" * 16, None
        if known is None:
            key, data_key, subject = self._fresh.take()
            known = people[identity_key] = _Known(base, base + 1, AESGCM(key), True, customer_key)
        is_new_person = data_key is not None
        sealed = self._sealed(values, known, is_new_person, nonces, built, customer_key)
        debt_id, entry_id = (debt.debt_id if debt is not None else base + 2), base + 3
        components = tuple(amount or 0 for amount in values[10:17])
        balance = sum(components)
        numbers = (
            known.person_id,
            known.party_id,
            debt_id,
            entry_id,
            self._book.lenders[values.lender],
            customer_key,
            keys.number("name", _form(values.name)),
            *components,
            balance,
        )
        built.positions.append(row.position)
        built.keys.append((identity_key, account_key))
        built.is_new.append(debt is None)
        built.accounts.append(
            staging.account_record(
                numbers,
                subject,
                identity_key[8:],
                account_key[8:],
                digest,
                is_new_person=is_new_person,
                is_new_debt=debt is None,
                rest=(*sealed, *self._rest(values, known, nonces, data_key, debt_id, balance)),
            )
        )
        built.points.append(self._points(values, known, keys, base + 3 + ENTRY_IDS, nonces))
        if debt is not None:
            gone = set(known.points) - known.next_points
            built.former_points += [(known.person_id, known.points[value_key]) for value_key in sorted(gone)]
        self._months(row, known, debt_id, keys, base + IDS_A_ROW, built)

    def _rest(
        self,
        values: AccountValues,
        known: _Known,
        nonces: Nonces,
        data_key: bytes | None,
        debt_id: int,
        balance: int,
    ) -> tuple[bytes, ...]:
        """The fields of a staging row behind the sealed forms of its person."""
        keys = self._keys[values.lender]
        return (
            staging.octets(nonces.seal(known.seal, values.account.encode(), f"debt/{debt_id}")),
            staging.octets(values.product.encode()),
            staging.octets((values.currency or "CNY").encode()),
            staging.octets(_state_of(values, balance, self._book.as_of).encode()),
            staging.octets(data_key),
            *_identity_keys(keys, values.id_number),
            staging.number(self._book.agencies[values.agency] if values.agency is not None else None),
            staging.day(values.opened_on),
            staging.day(values.oldest_unpaid_due_on),
            staging.octets(str(values.rate).encode() if values.rate is not None else None),
        )

    def _wrong_debt(
        self, debt: _KnownDebt, identity_key: bytes, customer_key: int, people: dict[bytes, _Known]
    ) -> tuple[str, str] | None:
        if debt.import_id == self._book.file_id:
            return "account", "duplicate_in_file"
        if debt.as_of > self._book.as_of:
            return "account", "older_than_known"
        if debt.identity_key in self._erased:
            return "account", "erased_person"
        owner = people[debt.identity_key]
        if debt.identity_key != identity_key and owner.customer_key != customer_key:
            return "account", "account_of_another"
        return None

    def _sealed(
        self,
        values: AccountValues,
        known: _Known,
        is_new: bool,
        nonces: "Nonces",
        built: BuiltChunk,
        customer_key: int,
    ) -> tuple[bytes, bytes, bytes]:
        """The sealed forms of a new person; of a known one, only what a changed name makes necessary."""
        if not is_new:
            if not known.is_new and known.sealed:
                self._rename(values, known, built, customer_key)
            return (staging.octets(b""),) * 3
        name = json_text(values.name)
        id_number = f'"{values.id_number}"' if values.id_number is not None else "null"
        secrets = f'{{"name":{name},"id_number":{id_number},"customer_number":{json_text(values.customer)}}}'
        masked = f"[{json_text(mask_name(values.name))},{json_text(mask_number(values.mobile or ''))}]"
        person_id, party_id = known.person_id, known.party_id
        list_seal = self._lists[values.lender]
        return (
            staging.octets(nonces.seal(known.seal, secrets.encode(), f"person/{person_id}")),
            staging.octets(list_seal.close(masked.encode(), f"masked/{person_id}")),
            staging.octets(nonces.seal(known.seal, f'{{"name":{name},"relation":""}}'.encode(), f"party/{party_id}")),
        )

    def _rename(self, values: AccountValues, known: _Known, built: BuiltChunk, customer_key: int) -> None:
        seal = SealOf(known.seal)
        was = PersonSecrets.open(seal, known.sealed, known.person_id)
        now = PersonSecrets(values.name, values.id_number or was.id_number, values.customer)
        same_customer = customer_key == known.customer_key
        if was.name == now.name and was.id_number == now.id_number:
            return
        keys = self._keys[values.lender]
        sealed = PersonSecrets(now.name, now.id_number, now.customer_number if same_customer else was.customer_number)
        masked = Masked(mask_name(values.name), mask_number(values.mobile or ""))
        id_number = now.id_number
        built.renamed.append(
            (
                known.person_id,
                known.party_id,
                sealed.seal(seal, known.person_id),
                masked.seal(self._lists[values.lender], known.person_id),
                seal.close_json({"name": values.name, "relation": ""}, f"party/{known.party_id}"),
                keys.number("name", _form(values.name)),
                keys.number("id_number", id_number) if id_number else None,
                keys.number("last_four", id_number[-4:]) if id_number else None,
            )
        )
        known.sealed = b""

    def _points(
        self, values: AccountValues, known: _Known, keys: BulkSearchKeys, first_id: int, nonces: "Nonces"
    ) -> bytes:
        records = []
        for point_id, (kind, value) in enumerate(zip(POINTS, values[20:24], strict=True), first_id):
            if value is None:
                continue
            value_key = keys.number("point", _form(value))
            known.next_points.add(value_key)
            if value_key in known.points:
                continue
            known.points[value_key] = point_id
            records.append(
                staging.point_record(
                    known.person_id,
                    point_id,
                    known.party_id,
                    value_key,
                    KIND_OF_POINT[kind],
                    nonces.seal(known.seal, value.encode(), f"point/{point_id}"),
                    keys.number("last_four", value[-4:]) if kind in ("mobile", "mobile_2") else None,
                )
            )
        return b"".join(records)

    def _months(
        self, row: AccountRow, known: _Known, debt_id: int, keys: BulkSearchKeys, first_id: int, built: BuiltChunk
    ) -> None:
        if not row.instalments and not row.payments:
            built.instalments.append(b"")
            built.payments.append(b"")
            return
        person_id, payment_id = known.person_id, first_id + len(row.instalments)
        instalments = [
            staging.instalment_record(person_id, row_id, debt_id, *one)
            for row_id, one in enumerate(row.instalments, first_id)
        ]
        payments = []
        for row_id, payment in enumerate(row.payments, payment_id):
            reference = keys.identity_octets("payment", f"{row.values.account}/{payment.month}")
            payments.append(
                staging.payment_record(person_id, row_id, debt_id, payment.amount, reference, payment.paid_on)
            )
        built.instalments.append(b"".join(instalments))
        built.payments.append(b"".join(payments))


def ids_needed(rows: int, months: int) -> int:
    """How many fresh ids a chunk may use."""
    return rows * (IDS_A_ROW + 2 * months)


def _form(value: str) -> str:
    """`normal_form`, with a short way for what is plain already."""
    return value.upper() if value.isascii() and " " not in value else normal_form(value)


def _state_of(values: AccountValues, balance: int, as_of: date) -> str:
    if values.state is not None:
        return values.state
    due = values.oldest_unpaid_due_on
    return "overdue" if balance and due is not None and due < as_of else "not_due"


def _identity_keys(keys: BulkSearchKeys, id_number: str | None) -> tuple[bytes, bytes]:
    if id_number is None:
        return staging.NULL, staging.NULL
    return (
        staging.number(keys.number("id_number", id_number)),
        staging.number(keys.number("last_four", id_number[-4:])),
    )


def _debts_by_key(cursor: Any, lender_id: int, account_keys: Iterable[bytes]) -> list[tuple[Any, ...]]:
    cursor.execute(
        "SELECT d.account_key, d.id, d.person_id, d.row_digest, d.import_id, d.as_of_on, p.identity_key"
        " FROM debt d JOIN person p ON p.id = d.person_id WHERE d.lender_id = %s AND d.account_key = ANY (%s::uuid[])",
        [lender_id, _array(account_keys)],
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _people_by_key(cursor: Any, lender_id: int, identity_keys: Iterable[bytes]) -> list[tuple[Any, ...]]:
    cursor.execute(
        "SELECT p.identity_key, p.id, t.id, p.data_key, p.customer_key, p.sealed FROM person p"
        " JOIN party t ON t.person_id = p.id AND t.role = 'debtor'"
        " WHERE p.lender_id = %s AND p.identity_key = ANY (%s::uuid[]) ORDER BY p.id, t.id DESC",
        [lender_id, _array(identity_keys)],
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _points_of(cursor: Any, person_ids: list[int]) -> list[tuple[int, int, int]]:
    if not person_ids:
        return []
    cursor.execute(
        "SELECT o.person_id, o.id, o.value_key FROM point o JOIN party t ON t.person_id = o.person_id AND t.id ="
        " o.party_id"
        " WHERE o.person_id = ANY (%s) AND t.role = 'debtor' AND o.is_reserved",
        [person_ids],
    )
    rows: list[tuple[int, int, int]] = cursor.fetchall()
    return rows


def _array(keys: Iterable[bytes]) -> str:
    return "{" + ",".join(key.hex() for key in keys) + "}"
