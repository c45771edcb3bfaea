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
    with transaction.atomic(using="default"):
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT set_config('transaction_read_only', 'on', true), set_config('zhizhi.scope', %s, true),"
                " set_config('zhizhi.staff', %s, true), set_config('zhizhi.lender', %s, true), set_config('zhizhi.agency', %s, true)",
                [viewer.scope, str(viewer.staff_id), str(viewer.lender_id or ""), str(viewer.agency_id or "")],
            )
        yield
