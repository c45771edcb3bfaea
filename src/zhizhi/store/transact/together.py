"""Decisions of several persons in one statement, which is a transaction by itself: what proposals that come at the same
time are committed with.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.db import connections

from zhizhi.store.many import Question, ask
from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.gate import Decided, OtherLaw, Receipt, Stale, numbered, receipt_of, under_one_law, values_of


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
    ready = numbered(decided)
    values = [_as_text(values.get(name)) for values in (values_of(*one) for one in ready) for name in _TYPES]
    try:
        with under_one_law():
            rows = ask(Question(_statement(len(ready)), values, list))
    except OtherLaw:
        rows = []
    fresh = {person_id: (is_fresh, hold_id) for person_id, is_fresh, hold_id in rows}
    return [receipt_of(one, numbers, *fresh.get(one.person_id, (False, None))) for one, numbers, _ in ready]


# What `zhizhi_commit_decision` takes (sql/gate_commit.sql).
_TAKES = (
    "of_person:bigint at_version:bigint decision_id:bigint at:timestamptz verdict:text channel:text rule:text"
    " next_permitted_at:timestamptz hold_for:text facts:jsonb body:jsonb run_id:bigint by:text hold_id:bigint"
    " of_campaign:bigint leaf_id:bigint leaf_kind:text subject:uuid leaf_body:bytea salts:jsonb permit_id:bigint"
    " lender_id:bigint party_id:bigint point_id:bigint form:text purpose:text debts:jsonb collector:text"
    " template_version_id:bigint content_digest:text not_before:timestamptz expires_at:timestamptz"
    " must_end_by:timestamptz origin:text delivery_id:bigint gateway:text sealed:bytea sealed_under:bytea"
)
_TYPES = dict(name.split(":") for name in _TAKES.split())
_EACH = f"({', '.join(f'%s::{type_}' for type_ in _TYPES.values())})"


@cache
def _statement(count: int) -> str:
    """Persons are held before anything is written of them, without waiting; what is asked again is their version."""
    return f"""
SELECT v.of_person, c.is_fresh, c.hold_that_waits
FROM (
    SELECT n.* FROM (VALUES {", ".join([_EACH] * count)}) n ({", ".join(_TYPES)})
    JOIN person p ON p.id = n.of_person AND p.version = n.at_version
    ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED
) v, zhizhi_commit_decision({", ".join(f"{name} => v.{name}" for name in _TYPES)}) c
"""


def _as_text(value: object) -> str | None:
    """A value as its text, whatever it is: the statement of so many decisions is then prepared once, and not once for
    each arrangement of what is there and what is null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)
