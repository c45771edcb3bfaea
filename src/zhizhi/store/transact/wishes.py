"""What became of wishes: written once, in the transaction of the decision where there was one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections, transaction


@dataclass(frozen=True, slots=True)
class WishResult:
    """What became of a wish: a verdict with its decision, or why nobody asked the law."""

    person_id: int
    wish_id: int
    result: str
    reason: str
    decision_id: int | None


class WishSettledBefore(Exception):
    """Another process settled one of these wishes; nothing was written."""


_WRITE = """
UPDATE wish SET result = r.result, reason = r.reason, decision_id = r.decision
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS result,
    unnest(%s::text[]) AS reason, unnest(%s::bigint[]) AS decision) r
WHERE wish.person_id = r.person_id AND wish.id = r.id AND wish.result = 'planned'
"""


def write_results(results: Sequence[WishResult]) -> None:
    """Write results; the caller's transaction is open. Refuses: WishSettledBefore, which rolls all of it back."""
    if not results:
        return
    rows = [(one.person_id, one.wish_id, one.result, one.reason, one.decision_id) for one in results]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
        if cursor.rowcount != len(results):
            raise WishSettledBefore


def settle_wishes(results: Sequence[WishResult]) -> None:
    """Write what became of wishes about which the law was not asked."""
    with transaction.atomic(using="gate", durable=True):
        write_results(results)
