"""A gentle limit on answers: so many in reserve, so many a second, for everybody together. It knows nobody."""

import threading
from datetime import datetime

RESERVE = 60
A_SECOND = 5.0


class Throttle:
    """A bucket that fills with time. Boundary: it counts answers of this process, not people, and keeps no address."""

    def __init__(self, reserve: int = RESERVE, a_second: float = A_SECOND) -> None:
        self._reserve, self._a_second = reserve, a_second
        self._left = float(reserve)
        self._seen: datetime | None = None
        self._lock = threading.Lock()

    def passes(self, at: datetime) -> bool:
        """Whether one more answer may be worked out now."""
        with self._lock:
            if self._seen is not None:
                passed = max(0.0, (at - self._seen).total_seconds())
                self._left = min(self._reserve, self._left + passed * self._a_second)
            self._seen = at
            if self._left < 1:
                return False
            self._left -= 1
            return True
