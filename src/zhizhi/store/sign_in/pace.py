"""How failures slow the next attempt: pure, so that it can be tried without a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Pace:
    """So many failures are free; then waits double from `first` to `most`; at `locks_at` a person has to open.

    One failure is forgotten each `forgets`. `locks_at` None never locks.
    """

    free: int
    first: timedelta
    most: timedelta
    locks_at: int | None
    forgets: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """How long the next attempt waits after so many failures."""
        over = failures - self.free
        if over <= 0:
            return NO_WAIT
        doublings = min(over - 1, 30)  # far beyond any `most`; an endless shift is not
        return min(self.most, self.first * (1 << doublings))

    def remembered(self, failures: int, latest_at: datetime, at: datetime) -> int:
        """What is left of failures whose latest was then. A clock that went back forgets nothing."""
        return max(0, failures - max(0, (at - latest_at) // self.forgets))


PERSON = Pace(4, timedelta(seconds=15), timedelta(minutes=15), 20, timedelta(hours=2))
"""Of one login, on its own devices or elsewhere, and of a member's second factor."""
ADDRESS = Pace(40, timedelta(seconds=5), timedelta(seconds=5), None, timedelta(seconds=15))
"""Of one address: it slows and never shuts, for a whole floor may stand behind it."""
