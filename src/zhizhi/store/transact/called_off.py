"""Right before a claimed delivery is handed over: whether anything has beaten its permit since it was claimed
(docs/decisions/0060-money-in.md)."""

from threading import Lock
from types import TracebackType
from typing import Any

from django.db import connections

from zhizhi.store.many import DATABASE_FAULTS
from zhizhi.store.transact.claims import Claimed

_ASKED = "SELECT because FROM called_off WHERE person_id = %s AND id = %s"


class CalledOff:
    """Asks from whichever thread hands over, on one connection that it opens with the first question and ends itself.

    Threads that hand over have no connection of their own: each would hold the plans and caches of one small question.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection: Any = None

    def __enter__(self) -> "CalledOff":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._end()

    def why(self, claimed: Claimed) -> str | None:
        """What has beaten its permit since a worker took it into its hands; None where nothing has.

        Whatever committed before this instant is seen. Refuses: a database that is away.
        """
        with self._lock:
            try:
                row = self._ask(claimed)
            except DATABASE_FAULTS:
                self._end()
                raise
        return str(row[0]) if row else None

    def _ask(self, claimed: Claimed) -> Any:
        if self._connection is None:
            self._connection = connections.create_connection("gate")
            self._connection.inc_thread_sharing()  # one at a time, under the lock
        with self._connection.cursor() as cursor:
            cursor.execute(_ASKED, [claimed.person_id, claimed.delivery_id])
            return cursor.fetchone()

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
