"""Plain SELECTs for screens: always through the web login, so that row-level security stands below each of them."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connections


def select(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one question; values are always bound, never written into the text."""
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, dict(values))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def document(column: str | None) -> dict[str, Any]:
    """A jsonb column of a raw row as a mapping; an absent one is empty."""
    opened = json.loads(column) if column else {}
    assert isinstance(opened, dict)
    return opened
