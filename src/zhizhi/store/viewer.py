"""Whose eyes read: opens the only read transactions of the product and tells row-level security who looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, transaction


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who reads; `scope` is `lender`, `agency` or `self` (store/lenders/models.py)."""

    staff_id: int
    scope: str
    lender_id: int | None
    agency_id: int | None


@contextmanager
def reading(viewer: Viewer) -> Iterator[None]:
    """A read-only transaction in which the database shows only what this viewer may see.

    The settings are local to the transaction: a pooled connection never carries one viewer's eyes to the next.
    """
    every_lender = "*" if viewer.scope == "lender" and viewer.lender_id is None else ""
    settings = {
        "transaction_read_only": "on",
        "zhizhi.scope": viewer.scope,
        "zhizhi.staff": str(viewer.staff_id),
        "zhizhi.lender": str(viewer.lender_id or every_lender),
        "zhizhi.agency": str(viewer.agency_id or ""),
    }
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with transaction.atomic(using="default"):
        with connections["default"].cursor() as cursor:
            cursor.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])
        yield
