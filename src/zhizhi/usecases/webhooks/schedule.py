"""When a message that did not arrive is tried again.

Source: Standard Webhooks, delivery: retries over more than three days, further apart each time, with a random part.
"""

from datetime import datetime, timedelta

AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
SPREAD = 0.2
"""The random part, at most, of each pause: what failed together does not come back together."""
TRIES_MAX = len(AFTER) + 1
ASKED_PAUSE_MAX = timedelta(hours=24)


def next_try(tries: int, at: datetime, chance: float, asked: timedelta | None = None) -> datetime | None:
    """When it is tried again after `tries` failures, the latest at `at`; None where that was the last.

    `chance`: from 0 to 1. `asked`: the receiver's Retry-After, which only ever makes the pause longer, up to a day.
    """
    if tries >= TRIES_MAX:
        return None
    pause = AFTER[tries - 1] * (1 + SPREAD * chance)
    if asked is not None:
        pause = max(pause, min(asked, ASKED_PAUSE_MAX))
    return at + pause
