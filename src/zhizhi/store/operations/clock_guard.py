"""The one question before anything is permitted or leaves: may this process trust its clock?

The guard reads this machine's clock as an instrument, not as `now`: who decides is still handed `at`. A process whose
clock is not trusted proposes nothing and sends nothing; it goes on by itself once clocks agree. A step of a machine
that holds its database too is nobody's to judge but a person's: `zhizhi clock accept`.
"""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from django.db import connections

from zhizhi.core.kernel.clocks import DIFFERS_AT_MOST, Anchor, ClockReading, ClockState, judge
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.operations.heartbeats import Beat, beat

LOOKS_EVERY = timedelta(seconds=1)  # between two questions to the database
NOTED_EVERY = timedelta(seconds=10)  # between two notes of the same answer
SECOND = timedelta(seconds=1)
CLOCK_THREAD = "clock"

WHY = {
    ClockState.DIFFERS: Text(
        "本机时钟与数据库时钟相差 {seconds} 秒，已暂停一切联系；校准时钟后自动恢复",
        "this machine's clock differs from the database's by {seconds} s, so nobody is contacted;"
        " help: set the clocks right, it goes on by itself",
    ),
    ClockState.WENT_BACK: Text(
        "时钟倒退到了已记录的时间之前，已暂停一切联系；时钟追上后自动恢复，或由管理员核实后运行 zhizhi clock accept",
        "the clocks went back behind what is recorded, so nobody is contacted;"
        " help: set them right, or check them and run `zhizhi clock accept`",
    ),
    ClockState.STEPPED: Text(
        "本机时钟突然跳变 {seconds} 秒，已暂停一切联系；拨回后自动恢复，或由管理员核实后运行 zhizhi clock accept",
        "this machine's clock stepped by {seconds} s, so nobody is contacted;"
        " help: set it back, or check it and run `zhizhi clock accept`",
    ),
}


class ClockNotTrusted(Refused):
    """Nothing is proposed and nothing leaves; `code` is `clock_` and the state."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the latest reading said; `off` is how far the clock is away from what is trusted."""

    state: ClockState
    off: timedelta
    ahead: timedelta
    steady: timedelta

    @property
    def why(self) -> Text | None:
        """Why nothing leaves; None where the clock is trusted."""
        found = WHY.get(self.state)
        return found.fill(seconds=abs(self.off) // SECOND) if found is not None else None


def _wall() -> datetime:
    return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)


def _steady() -> timedelta:
    """Time since this machine started, sleep included: nobody sets it, and a laptop that slept did not step."""
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


class ClockGuard:
    """The guard of one process; `wall` and `steady` are this machine's two clocks."""

    def __init__(
        self, wall: Callable[[], datetime] = _wall, steady: Callable[[], timedelta] = _steady, process: str = ""
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._process = process
        self._lock = Lock()
        self._anchor: Anchor | None = None
        self._vouched = -1
        self._judged: Judged | None = None
        self._noted: tuple[ClockState, timedelta] | None = None

    @property
    def process(self) -> str:
        """This machine and process, as heartbeats name it; asked each time, for a child is another process."""
        return self._process or f"{platform.node()}/{os.getpid()}"

    def require(self) -> None:
        """Go on only with a trusted clock. Refuses: ClockNotTrusted; an absent database is the driver's error."""
        judged = self.look()
        if judged.why is not None:
            raise ClockNotTrusted(f"clock_{judged.state}", judged.why)

    def look(self) -> Judged:
        """The latest answer; the database is asked again after a second, and at once where the clock has moved."""
        with self._lock:
            if self._judged is None or not self._still_holds(self._judged):
                self._judged = self._ask()
            return self._judged

    def _still_holds(self, judged: Judged) -> bool:
        steady = self._steady()
        if judged.state is not ClockState.AGREES or self._anchor is None or steady - judged.steady >= LOOKS_EVERY:
            return False
        return abs(self._anchor.stepped_by(self._wall(), steady)) <= DIFFERS_AT_MOST

    def _ask(self) -> Judged:
        reading, latest_known, vouched = self._read()
        if vouched != self._vouched:  # a person has looked at the clocks since
            self._anchor, self._vouched = None, vouched
        state = judge(reading, self._anchor, latest_known)
        judged = Judged(state, self._off(reading, state, latest_known), reading.ahead, reading.steady)
        if state is ClockState.AGREES:
            self._anchor = Anchor(reading.after, reading.steady)
        if self._noted is None or self._noted[0] is not state or reading.steady - self._noted[1] >= NOTED_EVERY:
            self._note(reading, state)
        return judged

    def _off(self, reading: ClockReading, state: ClockState, latest_known: datetime | None) -> timedelta:
        if state is ClockState.WENT_BACK and latest_known is not None:
            return latest_known - reading.database
        if state is ClockState.STEPPED and self._anchor is not None:
            return self._anchor.stepped_by(reading.after, reading.steady)
        return abs(reading.ahead)

    def _read(self) -> tuple[ClockReading, datetime | None, int]:
        with connections["gate"].cursor() as cursor:  # an idle connection is opened before the clocks are compared
            before = self._wall()
            cursor.execute(_ASK)
            after = self._wall()
            database, latest_known, vouched, is_elsewhere = cursor.fetchone()
        return ClockReading(before, after, database, self._steady(), bool(is_elsewhere)), latest_known, vouched

    def _note(self, reading: ClockReading, state: ClockState) -> None:
        """Tell the others: what this process thinks, and the latest instant that is trusted."""
        if state is ClockState.AGREES:
            with connections["gate"].cursor() as cursor:
                cursor.execute(_TRUSTED, [reading.database, reading.database])
        beat(self.process, [Beat(CLOCK_THREAD)], state, reading.ahead)
        self._noted = (state, reading.steady)


# A database of this machine is reached by a socket, by loopback, or from its own address.
_ASK = """
SELECT clock_timestamp(), w.at, w.position,
    inet_server_addr() IS NOT NULL AND inet_server_addr() <> inet_client_addr()
    AND NOT (inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() <<= '::1')
FROM watermark w WHERE w.name = 'clock'
"""
_TRUSTED = "UPDATE watermark SET at = %s WHERE name = 'clock' AND (at IS NULL OR at < %s)"

_guard: list[ClockGuard] = [ClockGuard()]


def install(guard: ClockGuard) -> ClockGuard:
    """Use another guard from now on (a test holds its clocks); answers the one before."""
    before, _guard[:] = _guard[0], [guard]
    return before


def guard() -> ClockGuard:
    """The guard of this process."""
    return _guard[0]


def require_clock() -> None:
    """The one call before anything is permitted or leaves. Refuses: ClockNotTrusted."""
    _guard[0].require()
