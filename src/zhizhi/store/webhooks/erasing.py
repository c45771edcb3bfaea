"""Messages and their tries are kept thirty days."""

from datetime import datetime, timedelta

from django.db import connections

KEPT_FOR = timedelta(days=30)
ERASED_AT_ONCE = 2000

_ERASE = """
WITH gone AS (
    SELECT id FROM webhook_delivery WHERE created_at < %s ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
), tries AS (
    DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM gone)
)
DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM gone)
"""


def erase_deliveries(at: datetime) -> int:
    """Erase some that are older; answers how many."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_ERASE, [at - KEPT_FOR, ERASED_AT_ONCE])
        return int(cursor.rowcount)
