"""Messages are told once more, one or a range: the same body under the same id, in a new round of tries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.webhooks.endpoints import NoSuchEndpoint, leave_replay
from zhizhi.store.webhooks.words import NOT_TOLD

REPLAY_MAX = 10_000
IS_OFF = Text("该地址已停用，请先启用再重发", "this endpoint is off; help: turn it on, then replay")


@dataclass(frozen=True, slots=True)
class Replay:
    """What is to be told again: one message, or all of an endpoint that were not told in a span."""

    endpoint_id: int
    by: int
    delivery_id: int | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


_ENDPOINT = """
SELECT off_at IS NOT NULL FROM webhook_endpoint
WHERE id = %(endpoint)s AND deleted_at IS NULL FOR NO KEY UPDATE
"""
_AGAIN = """
UPDATE webhook_delivery w SET state = 'waiting', tries = 0, next_at = %(at)s, ended_at = NULL
FROM (
    SELECT id FROM webhook_delivery
    WHERE endpoint_id = %(endpoint)s AND state <> 'waiting' AND (%(one)s::bigint IS NULL OR id = %(one)s)
      AND (%(one)s::bigint IS NOT NULL OR state = ANY (%(states)s))
      AND (%(from)s::timestamptz IS NULL OR created_at >= %(from)s)
      AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
    ORDER BY id LIMIT %(limit)s FOR UPDATE
) chosen WHERE w.id = chosen.id
"""


def replay(asked: Replay, at: datetime) -> int:
    """Have them sent again; answers how many, REPLAY_MAX at most. Refuses: NoSuchEndpoint, one that is off."""
    values: dict[str, Any] = {
        "endpoint": asked.endpoint_id, "at": at, "one": asked.delivery_id, "states": list(NOT_TOLD),
        "from": asked.from_at, "until": asked.until_at, "limit": REPLAY_MAX,
    }  # fmt: skip
    with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
        cursor.execute(_ENDPOINT, values)
        row = cursor.fetchone()
        if row is None:
            raise NoSuchEndpoint
        if row[0]:
            raise Refused("endpoint_off", IS_OFF)
        cursor.execute(_AGAIN, values)
        count = int(cursor.rowcount)
        if count:
            leave_replay(asked.endpoint_id, asked.by, count, at)
        return count
