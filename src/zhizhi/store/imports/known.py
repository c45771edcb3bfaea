"""Who and what of a chunk the database knows already: three questions, whatever the size of the chunk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections

from zhizhi.store import keyring


@dataclass(slots=True)
class KnownPerson:
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
class KnownDebt:
    """An account that was here before the chunk; `person` is the scoped key of its person."""

    debt_id: int
    person_id: int
    row_digest: bytes
    import_id: int | None
    as_of: date
    person: bytes


@dataclass(slots=True)
class Known:
    """By scoped key: the people, the debts, and the people who were erased."""

    people: dict[bytes, KnownPerson] = field(default_factory=dict)
    debts: dict[bytes, KnownDebt] = field(default_factory=dict)
    erased: set[bytes] = field(default_factory=set)


def load_known(pairs: Mapping[int, Sequence[tuple[bytes, bytes]]]) -> Known:
    """Of each lender's pairs of scoped keys, of a person and of an account, those that are known."""
    known = Known()
    with connections["gate"].cursor() as cursor:
        for lender_id, keys in pairs.items():
            scope = lender_id.to_bytes(8, "big")
            wanted = {person[8:] for person, _ in keys}
            for found in _debts_by_key(cursor, lender_id, (account[8:] for _, account in keys)):
                account_key, debt_id, person_id, digest, import_id, as_of, identity_key = found
                wanted.add(identity_key.bytes)
                known.debts[scope + account_key.bytes] = KnownDebt(
                    debt_id, person_id, bytes(digest), import_id, as_of, scope + identity_key.bytes
                )
            for found in _people_by_key(cursor, lender_id, wanted):
                identity_key, person_id, party_id, data_key, customer_key, sealed = found
                if data_key is None:
                    known.erased.add(scope + identity_key.bytes)
                    continue
                seal = AESGCM(keyring.service().unwrap(bytes(data_key)))
                known.people[scope + identity_key.bytes] = KnownPerson(
                    person_id, party_id, seal, False, customer_key, bytes(sealed)
                )
        by_id = {person.person_id: person for person in known.people.values()}
        for person_id, point_id, value_key in _points_of(cursor, list(by_id)):
            by_id[person_id].points[value_key] = point_id
    return known


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
