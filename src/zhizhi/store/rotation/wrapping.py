"""Rings of data keys come under the newest wrapping key: what the keys are stays, so nothing is sealed anew."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connections

from zhizhi.store.keyring import service
from zhizhi.store.rotation.columns import OWNER, asked, patiently, resealing

BATCH = 500
PASSES_MAX = 20
_OLD = """
SELECT id, data_key FROM person
WHERE id > %s AND data_key IS NOT NULL AND substring(data_key FROM 1 FOR %s) <> %s
ORDER BY id LIMIT %s
"""
_REWRAP = """
UPDATE person SET data_key = c.wrapped
FROM (SELECT p.id, n.wrapped FROM person p
      JOIN unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS n (id, was, wrapped) ON p.id = n.id AND p.data_key = n.was
      ORDER BY p.id FOR NO KEY UPDATE OF p) c
WHERE person.id = c.id
"""
_COUNT = """
SELECT count(*) FILTER (WHERE substring(data_key FROM 1 FOR %s) = %s), count(*) FROM person WHERE data_key IS NOT NULL
"""


def rewrap(told: Callable[[int], None]) -> int:
    """Wrap every ring that is not under the newest version; `told` hears of each batch. Answers how many it wrapped.

    Rings are read and wrapped outside a transaction and written back where they are still the same: a person whose
    ring has changed meanwhile, or who came while it ran, is met by the next pass; the last pass finds nobody.
    """
    done = 0
    for _ in range(PASSES_MAX):
        wrapped = _pass(told)
        done += wrapped
        if not wrapped:
            break
    return done


def _pass(told: Callable[[int], None]) -> int:
    mark, last, done = service().mark(service().newest()), 0, 0
    while rows := asked(_OLD, [last, len(mark), mark, BATCH]):
        last = rows[-1][0]
        was = [bytes(wrapped) for _, wrapped in rows]
        change = [[row[0] for row in rows], was, service().rewrap_many(was)]
        done += patiently(partial(_put, change))
        told(done)
    return done


def _put(change: Sequence[Any]) -> int:
    with resealing(), connections[OWNER].cursor() as cursor:
        cursor.execute(_REWRAP, change)
        return int(cursor.rowcount)


def wrapped_counts() -> tuple[int, int]:
    """How many persons have their ring under the newest wrapping key, of how many that have one."""
    mark = service().mark(service().newest())
    ((newest, all_of_them),) = asked(_COUNT, [len(mark), mark])
    return newest, all_of_them
