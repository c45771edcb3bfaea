"""Plans that are kept: for a connection that asks the same few questions all day."""

import threading

from django.db import connections

_kept = threading.local()


def keep_plans() -> None:
    """Have this thread's connection of the gate plan each statement once, and not again for its values.

    For questions by key, whose best plan is the same for all values; planning them costs as much as answering. A
    connection that was made anew since is told again.
    """
    connection = connections["gate"]
    connection.ensure_connection()
    if getattr(_kept, "connection", None) is not connection.connection:
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        _kept.connection = connection.connection
