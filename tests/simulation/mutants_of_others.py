"""Broken products of leases, campaigns and reconciliation; see `mutants.py`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.db import connections

from simulation.place import Place
from zhizhi.core.reconcile.facts import SECOND, Limits, Matched
from zhizhi.core.reconcile.match import match
from zhizhi.store.campaigns import chunks, pacing
from zhizhi.store.campaigns.chunks import TargetResult
from zhizhi.store.campaigns.moves import move
from zhizhi.store.leases import holding
from zhizhi.store.lenders.acting import Acting
from zhizhi.store.transact.claims import give_up_lost_claims
from zhizhi.usecases import authority, lease_confirm, lease_record
from zhizhi.usecases.campaigns import asking, running
from zhizhi.usecases.reconciliation import reconcile_records
from zhizhi.usecases.reconciliation.sources import RecordSource


@contextmanager
def time_gives_back(_: Place) -> Iterator[None]:
    """Nobody reported for five minutes: it will not have rung."""

    def given_up(at: datetime) -> int:
        lost = give_up_lost_claims(at)
        with connections["gate"].cursor() as cursor:
            cursor.execute("UPDATE permit SET state = 'released', released_at = %s, released_because = 'nothing_left'"
                           " FROM delivery d WHERE d.person_id = permit.person_id AND d.permit_id = permit.id"
                           " AND d.state = 'unknown' AND d.failure = 'no_record'", [at])  # fmt: skip
            cursor.execute("UPDATE delivery SET state = 'failed' WHERE state = 'unknown' AND failure = 'no_record'")
        return lost

    with patch("simulation.office.give_up_lost_claims", given_up):
        yield


@contextmanager
def abandoned_is_nothing(_: Place) -> Iterator[None]:
    """Nobody was there to speak, so it was no contact."""
    with patch.dict(lease_record.OUTCOME_OF):
        del lease_record.OUTCOME_OF["abandoned"]
        yield


@contextmanager
def nobody_asks(_: Place) -> Iterator[None]:
    """What should not be is kept, and asked about by nobody."""
    with patch.object(lease_record, "open_inquiry", lambda *_: None):
        yield


@contextmanager
def nobody_has_a_case(_: Place) -> Iterator[None]:
    """No collector sees the persons of the own cases."""
    with patch.object(authority, "sees_person", lambda *_: False):
        yield


@contextmanager
def everybody_may(_: Place) -> Iterator[None]:
    """A screen asks, so the use case need not."""
    with (
        patch.object(Acting, "may", lambda *_: True),
        patch.object(authority, "sees_person", lambda *_: True),
    ):
        yield


@contextmanager
def once_leased_is_leased(_: Place) -> Iterator[None]:
    """Whatever came since the lease, it may ring."""
    with (
        patch.object(holding, "_HELD", holding._HELD.replace(holding._CAME_BETWEEN, "NULL::text")),
        patch.object(lease_confirm, "_asked_again", lambda *_: (None, None, {})),
    ):
        yield


@contextmanager
def a_pause_is_only_said(_: Place) -> Iterator[None]:
    """The button answers, and nothing stands still."""

    def moved(campaign: int, what: str, *rest: Any) -> None:
        if what != "paused":
            move(campaign, what, *rest)

    with patch.object(running, "move", moved):
        yield


@contextmanager
def throttles_are_full(_: Place) -> Iterator[None]:
    """No bucket is ever empty."""
    with patch.object(pacing, "filled", lambda *_: None):
        yield


@contextmanager
def refused_without_a_reason(_: Place) -> Iterator[None]:
    """Whoever was not written to, nobody knows why."""
    real = chunks.write_targets

    def written(results: Sequence[TargetResult]) -> None:
        real([one if one.state in ("permit", "waiting") else replace(one, reason="") for one in results])

    with patch.object(asking, "write_targets", written):
        yield


@contextmanager
def written_to_again(_: Place) -> Iterator[None]:
    """A message that was delivered is taken for one that never left."""
    wrong = chunks._REOPEN.replace("d.state = 'cancelled'", "d.state IN ('cancelled', 'delivered')")
    assert wrong != chunks._REOPEN
    with patch.object(chunks, "_REOPEN", wrong):
        yield


@contextmanager
def nothing_is_missed(_: Place) -> Iterator[None]:
    """A permit without a record is nobody's business."""

    def matched(*values: Any) -> Matched:
        return replace(match(*values), missing=())

    with patch.object(reconcile_records, "match", matched):
        yield


@contextmanager
def no_clock_may_differ(_: Place) -> Iterator[None]:
    """A second apart is another contact's time."""
    real = RecordSource.limits

    def limits(source: RecordSource, on: Any) -> Limits:
        return replace(real(source, on), tolerance=SECOND)

    with patch.object(RecordSource, "limits", limits):
        yield
