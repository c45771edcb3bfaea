"""Numbers for new rows: handed out in blocks, so that a million rows need a thousand questions and no row a round
trip."""

import threading

from django.db import connections

BLOCK = 1000  # the increment of the sequence, see sql/ids.sql


class IdSource:
    """Hands out ids that nobody else gets; unused ids of a block are lost, which is harmless."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0
        self._end = 0

    def take(self) -> int:
        """One id."""
        return self.take_many(1)[0]

    def take_many(self, count: int) -> range:
        """`count` ids in a row."""
        with self._lock:
            if self._end - self._next < count:
                self._reserve(count)
            first = self._next
            self._next += count
            return range(first, first + count)

    def forget(self) -> None:
        """Drop the block in hand: after a fork, or when the database was replaced."""
        with self._lock:
            self._next = self._end = 0

    def _reserve(self, count: int) -> None:
        blocks = -(-count // BLOCK)
        with connections["gate"].cursor() as cursor:
            cursor.execute("SELECT zhizhi_take_blocks(%s)", [blocks])
            row = cursor.fetchone()
        assert row is not None
        self._next, self._end = row[0], row[0] + blocks * BLOCK


ids = IdSource()
