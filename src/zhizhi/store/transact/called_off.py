"""Right before a claimed delivery is handed over: whether anything has beaten its permit since it was claimed
(docs/decisions/0060-money-in.md)."""

from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Any

from django.db import connections

from zhizhi.core.kernel.carriers import CARRIERS, carrier_of
from zhizhi.store.many import DATABASE_FAULTS
from zhizhi.store.transact.claims import Claimed

_ASKED = """
SELECT coalesce((SELECT because FROM called_off WHERE person_id = %(person)s AND id = %(delivery)s),
    zhizhi_text_falls(%(person)s, %(permit)s, %(gateway)s, %(carrier)s, %(carriers)s, %(at)s),
    CASE WHEN zhizhi_bulk_stop_of(%(person)s, %(channel)s, %(purpose)s, %(at)s) IS NOT NULL THEN 'bulk_stop' END)
"""


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

    def why(self, claimed: Claimed, at: datetime) -> str | None:
        """What has beaten its permit since a worker took it into its hands; None where nothing has.

        A text whose wording was withdrawn or whose filing does not stand with the number's carrier is beaten, too
        (docs/decisions/0065-filings-and-recall.md), and so is what a bulk stop means (0068). Whatever committed before
        this instant is seen.

        Refuses: a database that is away.
        """
        with self._lock:
            try:
                because = self._ask(claimed, at)
            except DATABASE_FAULTS:
                self._end()
                raise
        return None if because is None else str(because)

    def _ask(self, claimed: Claimed, at: datetime) -> Any:
        if self._connection is None:
            self._connection = connections.create_connection("gate")
            self._connection.inc_thread_sharing()  # one at a time, under the lock
        with self._connection.cursor() as cursor:
            asked = {
                "person": claimed.person_id,
                "delivery": claimed.delivery_id,
                "permit": claimed.permit_id,
                "gateway": claimed.gateway,
                "carrier": carrier_of(claimed.address),
                "carriers": list(CARRIERS),
                "channel": claimed.channel,
                "purpose": claimed.purpose,
                "at": at,
            }
            cursor.execute(_ASKED, asked)
            return cursor.fetchone()[0]

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
