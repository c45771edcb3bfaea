"""The processes that decide behind the lane of leases: each sets Django up once, and ends with the lane."""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Sequence

from zhizhi.config.wiring import start
from zhizhi.web.api.lane import Answered, Came

PR_SET_PDEATHSIG = 1  # prctl(2)


def begin(parent: int) -> None:
    """Before the first request of a process."""
    _end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the lane's, which lets a group come to its end
    start()
    from zhizhi.web.api import lane_work  # noqa: F401 - Django must be set up first

    # What is loaded once stays: looking through it again stops every request of the process for as long.
    gc.collect()
    gc.freeze()


def _end_with(parent: int) -> None:
    """The kernel kills this process when its parent dies, kill -9 among it: nobody would take its answers."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(1)  # it died in between


def ready() -> Answered:
    """`lane_work.away`, once this process stands."""
    from zhizhi.web.api.lane_work import away

    return away()


def together(group: Sequence[Came]) -> list[Answered | None]:
    """`lane_work.answer_together`."""
    from zhizhi.web.api.lane_work import answer_together

    return answer_together(group)


def alone(came: Came) -> Answered:
    """`lane_work.answer_alone`."""
    from zhizhi.web.api.lane_work import answer_alone

    return answer_alone(came)
