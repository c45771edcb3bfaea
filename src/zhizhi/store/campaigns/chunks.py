"""A chunk of a campaign: some of its persons, held by this worker until what became of them commits, or by nobody.

Rows of targets are locked before those of persons, and only ever skipping what is locked: so nobody waits for a chunk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connections, transaction

from zhizhi.store.operations.clock_guard import require_clock
from zhizhi.store.transact.gate import under_one_law


@dataclass(frozen=True, slots=True)
class Target:
    """A person of a campaign that waits; `collector_id` works the open case."""

    person_id: int
    target_id: int
    case_id: int
    asked: int
    collector_id: int | None


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What became of a target. `waiting` with `not_before`: it is asked again from then on."""

    person_id: int
    target_id: int
    state: str
    reason: str
    decision_id: int | None = None
    delivery_id: int | None = None
    not_before: datetime | None = None


class CampaignStopped(Exception):
    """The campaign does not run any more: nothing of the chunk is committed."""


_TAKE = """
SELECT t.person_id, t.id, t.case_id, t.asked, c.collector_id
FROM campaign_target t
LEFT JOIN collection_case c ON c.person_id = t.person_id AND c.id = t.case_id
WHERE t.campaign_id = %s AND t.state = 'waiting' AND (t.not_before IS NULL OR t.not_before <= %s)
  AND (%s::bigint IS NULL OR t.person_id = %s)
ORDER BY t.not_before NULLS FIRST, t.person_id LIMIT %s
FOR UPDATE OF t SKIP LOCKED
"""


@contextmanager
def taking(campaign_id: int, at: datetime, most: int) -> Iterator[list[Target]]:
    """One durable transaction with at most so many targets that are due and that nobody else has.

    Refuses: ClockNotTrusted; a campaign that was stopped meanwhile (CampaignStopped); at its end OtherLaw.
    """
    require_clock()
    with under_one_law(), transaction.atomic(using="gate", durable=True):
        yield _take(campaign_id, at, most, None)
        stay_running(campaign_id)


def stay_running(campaign_id: int) -> None:
    """Nobody stops the campaign between here and the commit; the last word before it, so that a pause waits for none.

    Refuses: CampaignStopped.
    """
    hold_law(campaign_id)
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM campaign WHERE id = %s AND state = 'running' FOR SHARE", [campaign_id])
        if cursor.fetchone() is None:
            raise CampaignStopped


def hold_law(campaign_id: int) -> None:
    """Until this transaction ends nobody changes the house rules of the campaign's lender.

    Everybody who holds both holds the law before the campaign's row, so that no activation comes between two of them.
    """
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT zhizhi_hold_law(lender_id) FROM campaign WHERE id = %s", [campaign_id])


def take_one(campaign_id: int, person_id: int, at: datetime) -> list[Target]:
    """The target of one person, where it waits and nobody has it; the caller's transaction holds the person."""
    return _take(campaign_id, at, 1, person_id)


def _take(campaign_id: int, at: datetime, most: int, person_id: int | None) -> list[Target]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(_TAKE, [campaign_id, at, person_id, person_id, most])
        return [Target(*row) for row in cursor.fetchall()]


_WRITE = """
UPDATE campaign_target t SET state = r.state, reason = r.reason, decision_id = r.decision, delivery_id = r.delivery,
    not_before = r.not_before, asked = asked + (r.decision IS NOT NULL)::integer
FROM (SELECT unnest(%s::bigint[]) AS person_id, unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS state,
    unnest(%s::text[]) AS reason, unnest(%s::bigint[]) AS decision, unnest(%s::bigint[]) AS delivery,
    unnest(%s::timestamptz[]) AS not_before) r
WHERE t.person_id = r.person_id AND t.id = r.id AND t.state = 'waiting'
"""


def write_targets(results: Sequence[TargetResult]) -> None:
    """Write what became of targets that this transaction holds."""
    if not results:
        return
    rows = [
        (one.person_id, one.target_id, one.state, one.reason, one.decision_id, one.delivery_id, one.not_before)
        for one in results
    ]
    with connections["gate"].cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
        assert cursor.rowcount == len(results), "a target that is held waits"


_REOPEN = """
UPDATE campaign_target t SET state = 'waiting', delivery_id = NULL, decision_id = NULL, reason = ''
FROM delivery d
WHERE d.campaign_id = %s AND (d.state = 'cancelled' OR (d.state = 'failed' AND d.failure = 'not_sent'))
  AND t.person_id = d.person_id AND t.campaign_id = d.campaign_id AND t.delivery_id = d.id AND t.state = 'permit'
"""


def reopen_unsent(campaign_id: int) -> int:
    """Persons whose message never left (its permit ran out, something came between) wait again; answers how many."""
    with transaction.atomic(using="gate", durable=True):
        return put_back_unsent(campaign_id)


def put_back_unsent(campaign_id: int) -> int:
    """`reopen_unsent` in the caller's transaction."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_REOPEN, [campaign_id])
        return int(cursor.rowcount)


_LEFT = """
SELECT EXISTS (SELECT 1 FROM campaign_target t WHERE t.campaign_id = %(campaign)s AND t.state = 'waiting'),
       (SELECT count(*) FROM delivery d WHERE d.campaign_id = %(campaign)s AND d.state = 'waiting'),
       EXISTS (SELECT 1 FROM delivery d WHERE d.campaign_id = %(campaign)s AND d.state = 'claimed')
"""


@dataclass(frozen=True, slots=True)
class Left:
    """What a campaign still has to do: whether anybody waits to be asked for, how many messages wait in the outbox, and
    whether a worker has some in its hands."""

    is_asking: bool
    in_outbox: int
    is_sending: bool

    @property
    def is_nothing(self) -> bool:
        """Whether all is done."""
        return not (self.is_asking or self.in_outbox or self.is_sending)


def load_left(campaign_id: int) -> Left:
    """What is left."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_LEFT, {"campaign": campaign_id})
        row = cursor.fetchone()
    assert row is not None
    return Left(*row)
