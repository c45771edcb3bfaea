"""The indexes that only a search asks: left out while the first book of a house comes in, made when its rows are there.

A killed import leaves them out; whoever imports next, or looks for uploads, makes them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from zhizhi.store.locks import Lock, let_go


@contextmanager
def search_rests() -> Iterator[None]:
    """Write a large book within: where the house has nobody yet, the indexes are made at the end, however it ends."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT zhizhi_rest_search()")
        is_ours = cursor.fetchone() == (True,)
    if not is_ours:
        yield
        return
    try:
        yield
    finally:
        wake_search()
        let_go(Lock.SEARCH_RESTS)


def wake_search() -> bool:
    """Make search indexes that are missing, unless a running import leaves them out; answers whether all are there."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT zhizhi_wake_search()")
        return bool(cursor.fetchone() == (True,))
