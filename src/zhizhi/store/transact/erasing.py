"""Erasing in batches: what rows held is emptied, that they were there stays, and each batch leaves a leaf."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

BATCH = 1000


def erase_batch(due: QuerySet[Any], at: datetime, **emptied: object) -> int:
    """Empty columns of at most `BATCH` rows that are due, with a leaf; answers how many. 0: none is due any more.

    Refuses: a clock that is not trusted (`ClockNotTrusted`), for a wrong one would erase too early.
    """
    table = due.model._meta.db_table
    with transaction.atomic(using="gate", durable=True):
        require_clock()
        locked = due.using("gate").select_for_update(skip_locked=True).order_by("pk")
        ids = list(locked.values_list("pk", flat=True)[:BATCH])
        if ids:
            due.model.objects.using("gate").filter(pk__in=ids).update(**emptied)
            told = {"table": table, "rows": len(ids), "first": ids[0], "last": ids[-1]}
            add_leaves([NewLeaf(LeafKind.ERASURE, at, subject_of(table), told)])
    return len(ids)


def subject_of(what: str) -> UUID:
    """The subject of erasures that speak of no person."""
    return uuid5(NAMESPACE_OID, f"erasure/{what}")
