"""What screens read about the evidence log: how long it is, what waits for a number, the latest checkpoint."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class LogHealth:
    """The log in four figures."""

    numbered: int
    unnumbered: int
    oldest_unnumbered_at: datetime | None
    checkpoint_size: int | None
    checkpoint_root: str
    checkpoint_at: datetime | None


# The highest position is an index look-up; counting a log of millions for a screen would not be.
_HEALTH = """
SELECT u.numbered, u.waiting, u.oldest, c.size, coalesce(encode(c.root, 'hex'), ''), c.signed_at
FROM zhizhi_log_size() u
LEFT JOIN LATERAL (SELECT size, root, signed_at FROM checkpoint ORDER BY size DESC LIMIT 1) c ON true
"""


def load_log_health() -> LogHealth:
    """How the log stands now."""
    return LogHealth(*select(_HEALTH, {})[0])
