"""Every person gets a new data key: announced to all rings first, used when nobody can hold an older ring any more."""

import os
import time
from collections.abc import Callable, Sequence

from django.db import connections

from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import DATA_KEY_BYTES, RING_KEYS_MAX, KeyUnavailable, Seal, opened_rings, service
from zhizhi.store.personal import Form
from zhizhi.store.rotation.columns import OWNER, SealedColumn, asked, columns_of, patiently, resealing
from zhizhi.store.rotation.models import KeyRotation
from zhizhi.store.rotation.runs import RotationRefused

ANNOUNCED_AT_ONCE = 200
SEALED_AT_ONCE = 20
LOOK_SECONDS = 0.5
_NEXT = """
SELECT id, data_key FROM person WHERE id > %s AND id <= %s AND data_key IS NOT NULL
ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""
_ANNOUNCE = """
UPDATE person SET data_key = n.ring FROM unnest(%s::bigint[], %s::bytea[]) AS n (id, ring) WHERE person.id = n.id
"""
_USE = """
UPDATE person SET data_key = n.ring, version = version + 1
FROM unnest(%s::bigint[], %s::bytea[]) AS n (id, ring) WHERE person.id = n.id
"""
_MOVE = """
UPDATE key_rotation SET mark = %s, done = done + %s, unopened = unopened + %s WHERE id = %s
RETURNING mark, done, unopened
"""
# Locks of relations are seen by every login, unlike the beginnings of transactions. Whoever read a person has one until
# the end of the transaction; a vacuum has one of another mode and reads no ring.
_READERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'person'::regclass AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
"""


def announce(row: KeyRotation, told: Callable[[int], None]) -> None:
    """Put a new key behind the one in use, in each ring. Refuses: a ring that is full."""
    while patiently(lambda: _announce_some(row)):
        told(row.mark)


def _announce_some(row: KeyRotation) -> bool:
    with resealing():
        persons = asked(_NEXT, [row.mark, row.until, ANNOUNCED_AT_ONCE])
        if not persons:
            return False
        rings = opened_rings([wrapped for _, wrapped in persons])
        if any(len(ring) >= RING_KEYS_MAX * DATA_KEY_BYTES for ring in rings):
            raise RotationRefused("ring_full", _FULL)
        drawn = [_with_next(ring, os.urandom(DATA_KEY_BYTES)) for ring in rings]
        _put(_ANNOUNCE, persons, drawn)
        reached = asked(_MOVE, [persons[-1][0], 0, 0, row.pk])[0]
    return _moved(row, reached)


def _with_next(ring: bytes, key: bytes) -> bytes:
    return ring[:DATA_KEY_BYTES] + key + ring[DATA_KEY_BYTES:]


def wait_for_readers(grace_seconds: float, told: Callable[[int], None]) -> None:
    """Until every transaction that could have read a ring before is over, and requests outside one had their time."""
    time.sleep(grace_seconds)
    waiting = {reader for (reader,) in asked(_READERS)}
    while waiting:
        told(len(waiting))
        time.sleep(LOOK_SECONDS)
        waiting &= {reader for (reader,) in asked(_READERS)}


def seal_anew(row: KeyRotation, told: Callable[[int], None]) -> None:
    """Make the announced key the first and seal under it, some persons a transaction, their versions moved on."""
    columns = columns_of(Form.OF_PERSON)
    while patiently(lambda: _seal_some(row, columns)):
        told(row.done)


def _seal_some(row: KeyRotation, columns: Sequence[SealedColumn]) -> bool:
    with resealing():
        persons = asked(_NEXT, [row.mark, row.until, SEALED_AT_ONCE])
        if not persons:
            return False
        rings = dict(zip((person for person, _ in persons), opened_rings([one for _, one in persons]), strict=True))
        turned = {person: _turned(ring) for person, ring in rings.items()}
        seals = {person: Seal(ring) for person, ring in turned.items()}
        unopened = sum(_seal_column(column, seals) for column in columns)
        _put(_USE, persons, [turned[person] for person, _ in persons])
        reached = asked(_MOVE, [persons[-1][0], len(persons), unopened, row.pk])[0]
    return _moved(row, reached)


def _turned(ring: bytes) -> bytes:
    """The announced key first. A person who came after the announcement has but one key, which is new."""
    return ring[DATA_KEY_BYTES : 2 * DATA_KEY_BYTES] + ring[:DATA_KEY_BYTES] + ring[2 * DATA_KEY_BYTES :]


def _seal_column(column: SealedColumn, seals: dict[int, Seal]) -> int:
    """Seal a column of these persons anew; answers how many values no key opens, which stay as they were."""
    person = "id" if column.table == "person" else "person_id"
    statement = (
        f"SELECT {person}, {column.fields} FROM {column.table}"
        f' WHERE {person} = ANY (%s) AND length("{column.column}") > 0'
    )
    changes, unopened = [], 0
    for person_id, *values in asked(statement, [list(seals)]):
        key, sealed, beside = column.row(values)
        seal, place = seals[person_id], column.place(beside)
        try:
            changes.append((key, sealed, seal.close(seal.open(sealed, place), place)))
        except KeyUnavailable:
            unopened += 1
    column.write(changes)
    return unopened


def _put(statement: str, persons: Sequence[tuple[int, bytes]], rings: Sequence[bytes]) -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(statement, [[person for person, _ in persons], service().wrap_many(rings)])


def _moved(row: KeyRotation, reached: tuple[int, int, int]) -> bool:
    """How far it came moves in the transaction of the batch, and here once that has committed."""
    row.mark, row.done, row.unopened = reached
    return True


def refuse_if_full() -> None:
    """Refuses: where somebody's ring has no place for another key, before anything is changed."""
    (full,) = service().wrap_many([os.urandom(RING_KEYS_MAX * DATA_KEY_BYTES)])
    ((longest,),) = asked("SELECT coalesce(max(length(data_key)), 0) FROM person")
    if longest > len(full) - DATA_KEY_BYTES // 2:  # versions of different digits differ by less than half a key
        raise RotationRefused("ring_full", _FULL)


_FULL = Text(
    "有客户已有 16 把数据密钥，不能再增加；请联系开发者了解合并旧密钥的办法",
    "somebody has sixteen data keys and gets no more (docs/keys.md)",
)
