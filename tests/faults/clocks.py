"""Faults of the clock: Debian's faketime steps the clock of the worker, at a statement, and sets it back later."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from faults.fault import Fault, Outcome, Points, judged
from faults.line import Trap
from faults.scene import Scene, play, set_up
from faults.stage import FAKETIME_LIBRARY, PLAYS, Stage
from gatework import TEN

FILE = "clock"
STEPPED_SECONDS = 5.0
BEFORE_CLAIM = (
    "SELECT clock_timestamp()",
    "UPDATE delivery SET state = , failure",
    "COMMIT of UPDATE delivery",
    "SELECT DISTINCT d.person_id",
)
CHANGING = "America/New_York"  # the machine's zone where it steps into or out of summer time
# side -> what the clock is stepped by; a scene begins at ten in the morning
CLOCKS = {
    "hour": timedelta(hours=1),
    "hour_back": -timedelta(hours=1),
    "day": timedelta(days=1),
    "day_back": -timedelta(days=1),
    "past_midnight": timedelta(hours=14, minutes=1),
    "before_midnight": -timedelta(hours=10, minutes=1),
    "six_seconds": timedelta(seconds=6),
    "summer_time": datetime(2026, 3, 8, 7, 30, tzinfo=UTC) - TEN,
    "winter_time": datetime(2025, 11, 2, 5, 30, tzinfo=UTC) - TEN,
}


def is_at_hand() -> bool:
    """Whether Debian's faketime is installed."""
    return FAKETIME_LIBRARY.exists()


def clock_faults(points: Points) -> Iterator[Fault]:
    """At every statement of the thread that delivers, up to the claim: from there on what is in hand leaves."""
    for of_play in PLAYS:
        statements, _ = points[of_play]
        for point in statements:
            if point.nth > 1 or not point.step.startswith(BEFORE_CLAIM):
                continue
            for side in CLOCKS:
                yield Fault("clock", of_play, side, point)


def step_clock(stage: Stage, fault: Fault) -> Outcome:
    """The worker's clock steps, stands wrong for a while, and is set right: in between nothing may leave."""
    assert is_at_hand(), "faketime is not installed"
    trap = Trap(fault.point, "then")
    with set_up(stage, fault.play, trap_postgres=trap) as scene:
        _set(scene, timedelta(0))
        scene.launching = stage.faked_launcher()
        scene.more = {"FAKETIME_TIMESTAMP_FILE": str(scene.folder / FILE)}
        if fault.side.endswith("_time"):
            scene.more["TZ"] = CHANGING
        left: list[str] = []
        trap.before = partial(_set, scene, CLOCKS[fault.side])
        played = play(scene, trap.struck, lift=partial(_set_right, scene, left))
        outcome = judged(scene, fault, played)
    outcome.verdict.unlawful += left
    return outcome


def _set(scene: Scene, stepped: timedelta) -> None:
    fresh = scene.folder / "clock.new"
    fresh.write_text(f"{stepped.total_seconds():+.0f}\n", encoding="ascii")
    fresh.replace(scene.folder / FILE)


def _set_right(scene: Scene, left: list[str]) -> None:
    before = len(scene.provider.arrivals)
    time.sleep(STEPPED_SECONDS)
    late = len(scene.provider.arrivals) - before
    if late:
        left.append(f"{late} messages left while the clock was wrong")
    _set(scene, timedelta(0))
