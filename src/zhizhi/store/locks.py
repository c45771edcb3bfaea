"""Advisory locks of PostgreSQL: every number that we take, who takes it and why, and the ways to take one.

A lock of the session belongs to the connection: a process that dies gives it back, however it dies. A lock of the
transaction ends with the transaction. Other products on the same database may use advisory locks too, so that our
numbers begin with six digits that nobody else is likely to have chosen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from django.db import connections
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

CLAIMABLE = ("waiting", "running")
"""States of a run that a worker may take up: asked for, or left behind by a worker that died."""


class Lock(IntEnum):
    """First (or only) half of an advisory lock; the second half is the id that stands behind each."""

    BLOCKS_OF_IDS = 726501  # alone; sql/ids.sql: the blocks of one request follow on each other
    SEQUENCER = 726502  # alone; store/transact/sequencer.py: one numbering of leaves at a time
    AGEING = 726503  # lender; store/transact/ageing.py: one ageing of a book at a time
    UPLOAD = 726504  # imported_file; store/imports/rows.py: who imports an upload
    DAY = 726505  # run; store/transact/runs.py: who works the day of a lender
    SEARCH_RESTS = 726506  # alone; sql/search_rests.sql: who leaves the search indexes out of a first book
    IMPACT = 726509  # impact_run; store/law/impacts.py: who weighs a proposed pack
    AUDIT = 726510  # audit_run; store/audits/runs.py: who judges a contact log
    RECONCILING = 726511  # source; reconciliation/runs.py: who reconciles the files of a source
    HOUSE = 726512  # lender; sql/house_packs.sql: permits share it, whoever changes the house pack has it alone
    KEYS = 726513  # alone; store/rotation/runs.py: who rotates keys
    STAFF = 726515  # alone; store/lenders/changes.py: who is counted as the last that may approve
    ASSIGNING = 726516  # alone; store/transact/assigning.py: who assigns, or changes what decides it


def wait_for(lock: Lock, key: int | None = None, *, using: str = "gate") -> None:
    """Take a lock for the open transaction, after whoever has it."""
    _ask("pg_advisory_xact_lock", lock, key, using)


@contextmanager
def holding(lock: Lock, key: int) -> Iterator[bool]:
    """Hold a lock of this session within, or answer False at once where another session has it."""
    if not _ask("pg_try_advisory_lock", lock, key):
        yield False
        return
    try:
        yield True
    finally:
        let_go(lock, key)


def let_go(lock: Lock, key: int | None = None) -> None:
    """Give a lock of this session back."""
    _ask("pg_advisory_unlock", lock, key)


@contextmanager
def claim(lock: Lock, runs: QuerySet[Any], **begins_with: object) -> Iterator[int | None]:
    """The oldest of these runs that may be taken up, nobody else's within, set to `running`; None where there is none.

    Whoever takes it counts in its `attempts`, so that one that kills its workers is seen. `begins_with`: what a run
    that begins again is set back to.
    """
    claimable = runs.using("gate").filter(state__in=CLAIMABLE)
    for run_id in list(claimable.order_by("pk").values_list("pk", flat=True)):
        with holding(lock, run_id) as is_ours:
            # whoever had it when we looked may have ended it since
            if is_ours and claimable.filter(pk=run_id).update(
                state="running", attempts=F("attempts") + 1, **begins_with
            ):
                yield run_id
                return
    yield None


def give_back(runs: QuerySet[Any], run_id: int) -> None:
    """Take an attempt back that something else than the run broke off."""
    runs.using("gate").filter(pk=run_id).update(attempts=Greatest(F("attempts") - 1, 0))


def _ask(function: str, lock: Lock, key: int | None, using: str = "gate") -> bool:
    halves = [int(lock)] if key is None else [int(lock), key]
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join('%s' for _ in halves)})", halves)
        return bool(cursor.fetchone()[0] is True)
