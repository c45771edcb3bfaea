"""Who and what of a chunk the database knows already: three questions, whatever the size of the chunk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connections, transaction

from zhizhi.store import keyring
from zhizhi.store.imports.account_keys import SCOPE_BYTES


@dataclass(slots=True)
class KnownPerson:
    """A person of the chunk: known to the database, or new with an earlier row of the chunk.

    The ring of data keys stands here and no cipher: ten thousand ciphers kept are slower than one made for each row.
    """

    person_id: int
    party_id: int
    ring: bytes = field(repr=False)
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


def load_known(lender_id: int, people: Iterable[bytes], accounts: Iterable[bytes]) -> Known:
    """Of a lender's scoped keys of persons and of accounts, those that are known."""
    known = Known()
    scope = lender_id.to_bytes(SCOPE_BYTES, "big")
    wanted = {person[SCOPE_BYTES:] for person in people}
    with transaction.atomic(using="gate"), connections["gate"].cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(_DEBTS, [lender_id, _array(account[SCOPE_BYTES:] for account in accounts)])
        for account_key, debt_id, person_id, digest, import_id, as_of, identity_key in cursor.fetchall():
            wanted.add(identity_key.bytes)
            known.debts[scope + account_key.bytes] = KnownDebt(
                debt_id, person_id, bytes(digest), import_id, as_of, scope + identity_key.bytes
            )
        cursor.execute(_PEOPLE, [lender_id, _array(wanted)])
        found = cursor.fetchall()
        known.erased = {scope + key.bytes for key, _, _, data_key, *_ in found if data_key is None}
        living = [row for row in found if row[3] is not None]
        rings = keyring.opened_rings([row[3] for row in living])
        for (identity_key, person_id, party_id, _, customer_key, sealed), ring in zip(living, rings, strict=True):
            known.people[scope + identity_key.bytes] = KnownPerson(
                person_id, party_id, ring, False, customer_key, bytes(sealed)
            )
        if known.people:
            by_id = {person.person_id: person for person in known.people.values()}
            cursor.execute(_POINTS, [list(by_id), [person.party_id for person in by_id.values()]])
            for person_id, point_id, value_key in cursor.fetchall():
                by_id[person_id].points[value_key] = point_id
    return known


# Left to itself, the planner of a table that has grown since it was last analysed reads all rows of the lender for
# every chunk, and a book takes time by the square of its size. A sub-select, because the planner weighs each of ten
# thousand constants by itself.
_BY_INDEX = "SET LOCAL enable_seqscan = off"
_DEBTS = """
SELECT d.account_key, d.id, d.person_id, d.row_digest, d.import_id, d.as_of_on, p.identity_key
FROM debt d CROSS JOIN LATERAL (SELECT identity_key FROM person WHERE id = d.person_id LIMIT 1) p
WHERE d.lender_id = %s AND d.account_key = ANY (ARRAY (SELECT unnest(%s::uuid[])))
"""
_PEOPLE = """
SELECT p.identity_key, p.id, t.id, p.data_key, p.customer_key, p.sealed
FROM person p
CROSS JOIN LATERAL (SELECT id FROM party WHERE person_id = p.id AND role = 'debtor' ORDER BY id LIMIT 1) t
WHERE p.lender_id = %s AND p.identity_key = ANY (ARRAY (SELECT unnest(%s::uuid[])))
"""
_POINTS = """
SELECT o.person_id, o.id, o.value_key
FROM unnest(%s::bigint[], %s::bigint[]) AS k (person_id, party_id)
CROSS JOIN LATERAL (
    SELECT * FROM point WHERE person_id = k.person_id AND party_id = k.party_id AND is_reserved OFFSET 0
) o
"""


def _array(keys: Iterable[bytes]) -> str:
    return "{" + ",".join([key.hex() for key in keys]) + "}"
