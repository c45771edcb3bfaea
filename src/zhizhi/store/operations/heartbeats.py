"""Signs of life: every thread that works says so, on the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections

from zhizhi.core.kernel.clocks import ClockState

SHOWN_MAX = 200
MILLISECOND = timedelta(milliseconds=1)
NOW = timedelta(0)


@dataclass(frozen=True, slots=True)
class Beat:
    """A thread, or a step of one, that got on `ago`; `fault` is type and place of what it meets now, else empty."""

    thread: str
    ago: timedelta = NOW
    faults: int = 0
    fault: str = ""


_BEAT = """
INSERT INTO heartbeat (process, thread, at, clock, clock_ahead_ms, faults, fault)
SELECT %(process)s, b.thread, clock_timestamp() - b.ago, %(clock)s, %(ahead)s, b.faults, b.fault
FROM unnest(%(threads)s::text[], %(ages)s::interval[], %(faults)s::bigint[], %(fault)s::text[])
    AS b (thread, ago, faults, fault)
ON CONFLICT (process, thread) DO UPDATE
SET at = excluded.at, clock = excluded.clock, clock_ahead_ms = excluded.clock_ahead_ms, faults = excluded.faults,
    fault = excluded.fault
"""
_FORGET = "SELECT zhizhi_forget_heartbeats(%s)"


def beat(process: str, beats: Sequence[Beat], clock: ClockState, ahead: timedelta) -> None:
    """Say how threads get on; those of processes long gone are forgotten on the way."""
    values = {
        "process": process,
        "clock": clock.value,
        "ahead": ahead // MILLISECOND,
        "threads": [one.thread for one in beats],
        "ages": [f"{one.ago // MILLISECOND} milliseconds" for one in beats],
        "faults": [one.faults for one in beats],
        "fault": [one.fault for one in beats],
    }
    with connections["gate"].cursor() as cursor:
        cursor.execute(_BEAT, values)
        cursor.execute(_FORGET, [""])


def silence(process: str) -> None:
    """A process that ends as it should takes its signs of life with it."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_FORGET, [process])


@dataclass(frozen=True, slots=True)
class HeartbeatRow:
    """One thread; `age` is on the database's clock."""

    process: str
    thread: str
    at: datetime
    age: timedelta
    clock: ClockState
    clock_ahead: timedelta
    faults: int
    fault: str


_BEATS = """
SELECT process, thread, at, clock_timestamp() - at, clock, clock_ahead_ms, faults, fault FROM heartbeat
ORDER BY at DESC, process, thread LIMIT %(limit)s
"""


def load_heartbeats() -> list[HeartbeatRow]:
    """Every thread of the last day, the latest sign of life first."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_BEATS, {"limit": SHOWN_MAX})
        return [
            HeartbeatRow(process, thread, at, age, ClockState(clock), ahead * MILLISECOND, faults, fault)
            for process, thread, at, age, clock, ahead, faults, fault in cursor.fetchall()
        ]
