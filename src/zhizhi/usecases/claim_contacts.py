"""Permitted contacts come into somebody's hands to be made: whatever was written about a person since the permit, the
law is asked again before it is used (docs/decisions/0051-asked-again.md).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.errors import told
from zhizhi.store.campaigns.pacing import claim_of_campaigns
from zhizhi.store.lenders.collectors import collector_of
from zhizhi.store.many import DATABASE_FAULTS
from zhizhi.store.transact.claims import CLAIM_MAX, Claimed, Found, claim
from zhizhi.store.transact.gate import Decided, Receipt, commit_decisions
from zhizhi.store.transact.standing import Waiting, holding_waiting, note_standing, pull_back_overtaken
from zhizhi.usecases.asked_again import ask_again
from zhizhi.usecases.refused import UseCaseRefused

ROUNDS_MAX = 5  # a person about whom others write all the while is left for the next claim
LOG = logging.getLogger("zhizhi.gate")


class Claiming(Protocol):
    """How deliveries come into somebody's hands."""

    def __call__(
        self, gateways: Sequence[str], at: datetime, worker: str, *, limit: int, origin: str | None
    ) -> list[Claimed]: ...


def claim_contacts(
    gateways: Sequence[str],
    at: datetime,
    worker: str,
    *,
    limit: int = CLAIM_MAX,
    only: tuple[int, int] | None = None,
    origin: str | None = None,
) -> list[Claimed]:
    """Claim what is due and of no campaign, and permitted at this second.

    `only` names one (person, delivery); `origin` keeps a declared clock and the system's away from each other.
    Refuses: ClockNotTrusted, and nothing is claimed.
    """
    return _claimed(lambda: claim(gateways, at, worker, limit=limit, only=only, origin=origin), at)


def claim_campaign_contacts(
    gateways: Sequence[str], at: datetime, worker: str, *, limit: int, origin: str | None = None
) -> list[Claimed]:
    """The same for campaigns that run, as far as their hours and throttles let them."""
    return _claimed(lambda: claim_of_campaigns(gateways, at, worker, limit=limit, origin=origin), at)


def _claimed(claiming: Callable[[], Found], at: datetime) -> list[Claimed]:
    """Nothing only where nothing is due: what the law still permits is claimed in the round after it was asked."""
    for _ in range(ROUNDS_MAX):
        claimed, overtaken = claiming()
        for person_id, delivery_id in overtaken:
            _look_again(person_id, delivery_id, at)
        if claimed or not overtaken:
            return claimed
    return []


def _look_again(person_id: int, delivery_id: int, at: datetime) -> None:
    with holding_waiting(person_id, delivery_id) as waiting:
        if waiting is None:
            return
        asked = _asked(waiting, at)
        if asked is not None and _still_permits(waiting, asked[0]):
            note_standing(waiting, asked[1].version)
            return
        if asked is not None:
            (receipt,) = commit_decisions([asked[1]])
            assert isinstance(receipt, Receipt), "nobody else commits for a person that is held"
        pull_back_overtaken(waiting, at)


def _asked(waiting: Waiting, at: datetime) -> tuple[Decision, Decided] | None:
    """What the law says now; None where it cannot be asked, and then nothing leaves either."""
    try:
        collector = collector_of(waiting.lender, waiting.staff_id)
        return ask_again(waiting.permitted, collector, at, by=waiting.by, run_id=waiting.run_id)
    except UseCaseRefused:
        return None
    except DATABASE_FAULTS:
        raise  # nothing is known, and nothing is written
    except Exception as error:
        LOG.error("a contact is pulled back, for the law could not be asked: %s", told(error))
        return None


def _still_permits(waiting: Waiting, decision: Decision) -> bool:
    """A contact that would have to end earlier than its permit says is another contact."""
    if decision.verdict != "permit":
        return False
    ends, must_end = waiting.permitted.must_end_by, decision.must_end_by
    return must_end is None or (ends is not None and ends <= must_end)
