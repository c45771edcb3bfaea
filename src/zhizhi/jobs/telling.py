"""What a worker lets the others know: how its steps get on, and that some rest while its clock is not trusted."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import Error

from zhizhi.core.kernel.errors import told
from zhizhi.jobs.steps import Beat, ThreadProgress, Work
from zhizhi.store.operations import heartbeats
from zhizhi.store.operations.clock_guard import guard, require_clock

LOG = logging.getLogger(__name__)
NOW = timedelta(0)


def with_trusted_clock(work: Work) -> Work:
    """The step, resting while the clock of this process is not trusted: what it dates, cancels or signs would be wrong.

    What came back from outside is kept and worked on all the same: a refusal must not wait for a clock.
    """

    def trusting(at: datetime, beat: Beat) -> object:
        require_clock()
        return work(at, beat)

    return trusting


def tell_heartbeats(progress: ThreadProgress) -> None:
    """Write how each step of a thread gets on."""
    judged, now = guard().look(), datetime.now(UTC)
    beats = [
        heartbeats.Beat(
            thread=step.name,
            ago=max(NOW, now - step.progress_at),
            faults=step.faults,
            fault=step.fault if step.faults_in_a_row else "",
        )
        for step in progress.steps
    ]
    heartbeats.beat(guard().process, beats, judged.state, judged.ahead)


def fall_silent() -> None:
    """A worker that ends as it should is not missed; where that cannot be written, it is missed for a day."""
    try:
        heartbeats.silence(guard().process)
    except Error as fault:
        LOG.warning("the end of this worker could not be noted: %s", told(fault))
