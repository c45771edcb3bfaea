"""Everything that one scrape speaks of, read once.

Counts and queues are read from the database, so that any process of any machine answers with the same figures and
nothing is counted twice; only the clock, the packs, what it holds to be sound, and the disk are this process's own.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from django.db import Error

from zhizhi.core.law.law import Law
from zhizhi.store.law.houses import House, is_held, standing_houses
from zhizhi.store.operations.clock_guard import Judged, guard
from zhizhi.store.operations.figures import Figures, load_figures
from zhizhi.store.operations.heartbeats import HeartbeatRow
from zhizhi.store.packs import UnknownProfile, load_law

ALIVE_FOR = timedelta(minutes=2)
"""A process that has said nothing for so long is gone, or stuck as a whole."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The installation now; without a database what this process knows by itself."""

    figures: Figures | None
    clock: Judged | None
    laws: tuple[Law, ...]
    unknown_profiles: tuple[str, ...]
    houses: tuple[tuple[House, bool], ...]
    """The house packs that stand, and whether each is held."""
    disk_free: int | None
    seconds: float

    @property
    def alive(self) -> list[HeartbeatRow]:
        """Every thread of the processes that gave a sign of life of late."""
        rows = self.figures.heartbeats if self.figures is not None else ()
        living = {row.process for row in rows if row.age < ALIVE_FOR}
        return [row for row in rows if row.process in living]


def take_snapshot() -> Snapshot:
    """Read everything once. An absent database is a figure, not an error."""
    begun = perf_counter()
    figures = load_figures()
    clock = _clock() if figures is not None else None
    laws, unknown = _laws(figures.profiles if figures is not None else ())
    houses = _houses() if figures is not None else ()
    return Snapshot(figures, clock, laws, unknown, houses, _disk_free(), perf_counter() - begun)


def _clock() -> Judged | None:
    try:
        return guard().look()
    except Error:  # it went away between two questions
        return None


def _laws(profiles: Iterable[str]) -> tuple[tuple[Law, ...], tuple[str, ...]]:
    laws, unknown = [], []
    for profile in profiles:
        try:
            laws.append(load_law(profile))
        except UnknownProfile:
            unknown.append(profile)
    return tuple(laws), tuple(unknown)


def _houses() -> tuple[tuple[House, bool], ...]:
    try:
        return tuple((house, is_held(house)) for house in standing_houses())
    except Error:  # it went away between two questions
        return ()


def _disk_free() -> int | None:
    state = os.environ.get("ZHIZHI_STATE")
    try:
        return shutil.disk_usage(state).free if state else None
    except OSError:
        return None
