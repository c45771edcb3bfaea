"""The threads of the worker: each takes its steps in turn, again and again, and no exception ends one silently.

A step that meets an exception is logged by type and place, counted, and put off for a while; the steps beside it go on.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import close_old_connections

from zhizhi.core.kernel.errors import told
from zhizhi.jobs.long_job import DATABASE_AWAY
from zhizhi.store.operations.clock_guard import ClockNotTrusted

LOG = logging.getLogger(__name__)
PASSES_BY_ITSELF = (*DATABASE_AWAY, ClockNotTrusted)
PAUSE_UNTIL_IT_PASSES_SECONDS = 3.0
PAUSE_FIRST_SECONDS = 1.0  # after a first fault; doubled with each that follows it
PAUSE_SECONDS_MAX = 60.0
TELL_EVERY_SECONDS = 5.0

Beat = Callable[[], None]
Work = Callable[[datetime, Beat], object]
"""What a step does at an instant; one that takes minutes beats on its way, outside of transactions."""


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step: when it last got on, and what it met; `fault` is type and place of the latest exception."""

    name: str
    progress_at: datetime
    faults: int
    faults_in_a_row: int
    fault: str


@dataclass(frozen=True, slots=True)
class ThreadProgress:
    """One thread: when it last got on with anything, and each of its steps."""

    name: str
    progress_at: datetime
    steps: tuple[StepProgress, ...]

    @property
    def failing(self) -> tuple[StepProgress, ...]:
        """Steps whose latest try met an exception."""
        return tuple(step for step in self.steps if step.faults_in_a_row)


Tell = Callable[[ThreadProgress], None]


class _Step:
    """A step and how it gets on."""

    def __init__(self, name: str, work: Work, at: datetime) -> None:
        self.name = name
        self.work = work
        self.progress_at = at
        self.not_before = 0.0
        self.faults = 0
        self.faults_in_a_row = 0
        self.fault = ""

    def meet(self, fault: Exception, steady: float) -> float:
        """Count an exception; answers for how long the step is put off."""
        self.faults += 1
        self.faults_in_a_row += 1
        self.fault = told(fault)
        pause = min(PAUSE_SECONDS_MAX, PAUSE_FIRST_SECONDS * 2.0 ** (self.faults_in_a_row - 1))
        if isinstance(fault, PASSES_BY_ITSELF):  # looked for often: messages wait
            pause = PAUSE_UNTIL_IT_PASSES_SECONDS
        self.not_before = steady + pause
        return pause

    def is_put_off(self, steady: float) -> bool:
        """Whether it is too early for another try."""
        return steady < self.not_before


class WorkerThread:
    """Steps by name, taken in turn until stopped. `tell` hears of progress and faults every few seconds.

    `wall` dates what is done, `steady` measures pauses.
    """

    def __init__(
        self,
        name: str,
        works: Mapping[str, Work],
        wall: Callable[[], datetime],
        tell: Tell = lambda progress: None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._wall = wall
        self._tell = tell
        self._steady = steady
        self._told_at = float("-inf")
        self._steps = [_Step(step, work, wall()) for step, work in works.items()]

    def progress(self) -> ThreadProgress:
        """How the thread gets on, as any other thread may ask."""
        steps = tuple(
            StepProgress(step.name, step.progress_at, step.faults, step.faults_in_a_row, step.fault)
            for step in self._steps
        )
        return ThreadProgress(self.name, max(step.progress_at for step in steps), steps)

    def run(self, stop: threading.Event, pause_seconds: float) -> None:
        """Take every step in turn, with a pause after the last, until told to stop."""
        while not stop.is_set():
            self.take_all(stop)
            stop.wait(pause_seconds)

    def take_all(self, stop: threading.Event) -> None:
        """Take each step once, but for those that are put off."""
        for step in self._steps:
            if not stop.is_set() and not step.is_put_off(self._steady()):
                self._take(step)

    def _take(self, step: _Step) -> None:
        try:
            step.work(self._wall(), lambda: self._beat(step))
        except Exception as fault:
            pause = step.meet(fault, self._steady())
            level = logging.WARNING if isinstance(fault, PASSES_BY_ITSELF) else logging.ERROR
            LOG.log(
                level, "%s, step `%s`: %s; %d in a row, again in %.0f s",
                self.name, step.name, step.fault, step.faults_in_a_row, pause,
            )  # fmt: skip
            close_old_connections()
            self._say(at_once=step.faults_in_a_row == 1)
        else:
            step.faults_in_a_row = 0
            self._beat(step)

    def _beat(self, step: _Step) -> None:
        step.progress_at = self._wall()
        self._say(at_once=False)

    def _say(self, *, at_once: bool) -> None:
        """Tell how the thread gets on; that nobody could be told is logged, and stops no work."""
        if not at_once and self._steady() - self._told_at < TELL_EVERY_SECONDS:
            return
        self._told_at = self._steady()
        try:
            self._tell(self.progress())
        except Exception as fault:
            LOG.warning("%s: progress could not be told: %s", self.name, told(fault))
