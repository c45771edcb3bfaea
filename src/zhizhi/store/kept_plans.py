"""Connections of a thread that asks the same few questions all day: its plans are kept, and it closes them itself."""

import threading

from django.db import close_old_connections, connections

_kept = threading.local()
# A plan that was made while a table was empty reads all of it, and is kept until the server's upkeep comes by: on a new
# installation that is a minute in which every question reads every permit.
_BY_KEY = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"


def keep_plans() -> None:
    """Have this thread's connection of the gate plan each statement once, by index, and not again for its values.

    For questions by key, whose best plan is the same for all values; planning them costs as much as answering. A
    connection that was made anew since is told again.
    """
    connection = connections["gate"]
    connection.ensure_connection()
    if getattr(_kept, "connection", None) is not connection.connection:
        with connection.cursor() as cursor:
            cursor.execute(_BY_KEY)
        _kept.connection = connection.connection


def renew_connections() -> None:
    """After a failure: what broke is made anew when this thread asks again."""
    close_old_connections()


def end_connections() -> None:
    """At the end of this thread."""
    connections.close_all()
