"""What may be kept no longer is erased by the worker, in batches, while its clock is trusted.

Which table is erased by which of these steps, and which is not: `store/retention.py`, shown in docs/retention.md.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from zhizhi.jobs.steps import Beat, Work
from zhizhi.jobs.telling import with_trusted_clock
from zhizhi.store.audits.runs import erase_audits
from zhizhi.store.campaigns.erasing import erase_targets
from zhizhi.store.imports.left_uploads import erase_uploads
from zhizhi.store.imports.rows import erase_refused
from zhizhi.store.law.impacts import erase_impacts
from zhizhi.store.leases.answers import forget_answers
from zhizhi.store.portal.requests import erase_requests
from zhizhi.store.reconciliation.runs import erase_rejected
from zhizhi.store.recordings.strays import erase_strays
from zhizhi.store.sign_in.browser_sessions import erase_browser_sessions
from zhizhi.store.sign_in.mails import erase_mails
from zhizhi.store.webhooks.erasing import erase_deliveries
from zhizhi.usecases.erase_arrivals import erase_old_arrivals
from zhizhi.usecases.erase_recordings import erase_recordings

LOOKS_EVERY = timedelta(hours=1)
"""Times of keeping are counted in days; an hour later is the same day for whoever is concerned."""
FILES_AT_ONCE = 500


def steps_of_erasures(uploads: Path) -> dict[str, Work]:
    """The steps by name; each looks once an hour, and goes on while it finds something."""
    erasers: dict[str, Callable[[datetime, Beat], int]] = {
        "erasing refused rows": _batches(erase_refused),
        "erasing audits": _batches(erase_audits),
        "erasing impacts": _batches(erase_impacts),
        "erasing rejected records": lambda at, _beat: erase_rejected(at),
        "erasing arrivals": _batches(erase_old_arrivals),
        "erasing uploads": _batches(lambda at: erase_uploads(uploads, at, FILES_AT_ONCE)),
        "erasing recordings": erase_recordings,
        "erasing kept answers": lambda at, _beat: forget_answers(at),
        "erasing campaign targets": _batches(erase_targets),
        "erasing webhooks": _batches(erase_deliveries),
        "erasing portal requests": _batches(erase_requests),
        "erasing browser sessions": _batches(erase_browser_sessions),
        "erasing invitation mails": _batches(erase_mails),
        "erasing stray objects": _batches(lambda at: erase_strays(at, FILES_AT_ONCE)),
    }
    return {name: with_trusted_clock(_hourly(erase)) for name, erase in erasers.items()}


def _batches(erase_some: Callable[[datetime], int]) -> Callable[[datetime, Beat], int]:
    """Batch after batch until nothing is due."""

    def erase(at: datetime, beat: Beat) -> int:
        erased = 0
        while some := erase_some(at):
            erased += some
            beat()
        return erased

    return erase


def _hourly(erase: Callable[[datetime, Beat], int]) -> Work:
    """The eraser, asked at most once an hour; one that met an exception is asked again when its step is."""
    looked_at: list[datetime] = []

    def work(at: datetime, beat: Beat) -> int:
        if looked_at and timedelta(0) <= at - looked_at[0] < LOOKS_EVERY:
            return 0
        erased = erase(at, beat)
        looked_at[:] = [at]
        return erased

    return work
