"""The clock of the leases' benchmark: the machine's, or ten hours ahead of it where the law would refuse by now."""

import os
from datetime import UTC, datetime, timedelta

from zhizhi.web.shared import clock

AHEAD = "ZHIZHI_BENCHMARK_HOURS_AHEAD"
HOURS = 10


def stand_ahead() -> None:
    """This process and those that it begins read the clock so many hours ahead."""
    os.environ[AHEAD] = str(HOURS)
    install()


def install() -> None:
    """Read the clock that the benchmark was told."""
    ahead = timedelta(hours=int(os.environ.get(AHEAD, "0")))
    clock.install(lambda: datetime.now(UTC) + ahead)
