"""Whether the database answers the login that serves screens."""

from django.db import connections


def database_answers() -> bool:
    """One question; raises what the driver raises where nobody answers."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))
