"""Signs of life: every thread that works says so, on the database's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections

from zhizhi.core.kernel.clocks import ClockState

KEPT_FOR = timedelta(days=1)
SHOWN_MAX = 200
MILLISECOND = timedelta(milliseconds=1)

_BEAT = """
INSERT INTO heartbeat (process, thread, at, clock, clock_ahead_ms)
VALUES (%(process)s, %(thread)s, clock_timestamp(), %(clock)s, %(ahead)s)
ON CONFLICT (process, thread) DO UPDATE
SET at = excluded.at, clock = excluded.clock, clock_ahead_ms = excluded.clock_ahead_ms
"""
_FORGET = "DELETE FROM heartbeat WHERE at < clock_timestamp() - %(kept)s::interval"


def beat(process: str, thread: str, clock: ClockState, ahead: timedelta) -> None:
    """Say that a thread has got on; those of processes long gone are forgotten on the way."""
    values = {"process": process, "thread": thread, "clock": clock.value, "ahead": ahead // MILLISECOND}
    with connections["gate"].cursor() as cursor:
        cursor.execute(_BEAT, values)
        cursor.execute(_FORGET, {"kept": f"{KEPT_FOR // timedelta(hours=1)} hours"})


def silence(process: str) -> None:
    """A process that ends as it should takes its signs of life with it."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("DELETE FROM heartbeat WHERE process = %s", [process])


@dataclass(frozen=True, slots=True)
class HeartbeatRow:
    """One thread; `age` is on the database's clock."""

    process: str
    thread: str
    at: datetime
    age: timedelta
    clock: ClockState
    clock_ahead: timedelta


_BEATS = """
SELECT process, thread, at, clock_timestamp() - at, clock, clock_ahead_ms FROM heartbeat
ORDER BY at DESC, process, thread LIMIT %(limit)s
"""


def load_heartbeats() -> list[HeartbeatRow]:
    """Every thread of the last day, the latest sign of life first."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_BEATS, {"limit": SHOWN_MAX})
        return [
            HeartbeatRow(process, thread, at, age, ClockState(clock), ahead * MILLISECOND)
            for process, thread, at, age, clock, ahead in cursor.fetchall()
        ]
