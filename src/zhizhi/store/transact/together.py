"""Decisions of several persons in one statement, which is a transaction by itself: what proposals that come at the same
time are committed with.
"""

from collections.abc import Sequence

from django.db import connections

from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.gate import Decided, OtherLaw, Receipt, Stale, under_one_law, write_decisions


class WithinTransaction(RuntimeError):
    """What is answered is committed: not with a transaction of somebody else, who may still roll it back."""


def commit_together(decided: Sequence[Decided]) -> list[Receipt | Stale]:
    """Commit decisions of different persons, answers in the order of the input; nobody waits: a person whom somebody
    else holds just now is stale, as one that has changed.

    None of them answers a wish or pulls anything back. Boundary: as `commit_decisions`. Refuses: WithinTransaction;
    ClockNotTrusted, and nothing is written.
    """
    if connections["gate"].in_atomic_block:
        raise WithinTransaction
    if not decided:
        return []
    assert len({one.person_id for one in decided}) == len(decided), "a person stands in a batch at most once"
    assert not any(one.supersedes or one.wish_id for one in decided), "more than a decision is to be written"
    require_clock()
    try:
        with under_one_law():
            return write_decisions(decided, waits=False)
    except OtherLaw:
        return [Stale(one.person_id) for one in decided]
