"""What lies in the object store without a row: sealed before a commit that never came, or brought back by a backup."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from zhizhi.core.evidence.fsck import Lying
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.store import objects
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.recordings.keeping import KIND
from zhizhi.store.recordings.models import Recording, RecordingErasure
from zhizhi.store.transact.erasing import subject_of
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

STRAY_KEPT_FOR = timedelta(days=30)
"""Long enough for whoever restores a database to find its recordings where it left them."""
LOOKED_UP_AT_ONCE = 500


def stray_objects() -> Iterator[tuple[Lying, bool]]:
    """Recordings that no row speaks of, and those that were erased and are there again (True)."""
    lying = (one for one in objects.objects().lying() if one.name.startswith(f"{KIND}/"))
    while block := list(islice(lying, LOOKED_UP_AT_ONCE)):
        names = [one.name for one in block]
        known = _named(Recording.objects.all(), names)
        erased = _named(RecordingErasure.objects.filter(gone_at__isnull=False), names)
        for one in block:
            if one.name not in known or one.name in erased:
                yield one, one.name in erased


def _named(rows: QuerySet[Any], names: list[str]) -> set[str]:
    return set(rows.using("gate").filter(object_name__in=names).values_list("object_name", flat=True))


def erase_strays(at: datetime, limit: int) -> int:
    """Remove strays whose deadline is over, and at once what was erased before; answers how many.

    Refuses: a clock that is not trusted.
    """
    erased = 0
    for stray, was_erased in stray_objects():
        if erased == limit:
            break
        if was_erased or stray.since < at - STRAY_KEPT_FOR:
            _erase(stray, at)
            erased += 1
    return erased


def _erase(stray: Lying, at: datetime) -> None:
    with transaction.atomic(using="gate", durable=True):
        require_clock()
        told = {"object": stray.name, "since": stray.since.isoformat(timespec="seconds")}
        add_leaves([NewLeaf(LeafKind.ERASURE, at, subject_of("objects"), told)])
    objects.objects().remove(stray.name)
