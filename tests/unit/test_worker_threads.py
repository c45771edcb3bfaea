"""A thread of the worker outlives what its steps meet, says what it met, and shows whether it gets on."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError

from zhizhi.jobs.steps import Beat, ThreadProgress, WorkerThread

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SECRET = "王小伟 10900000001"
STOP = threading.Event()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def steady(self) -> float:
        return self.seconds


class Script:
    """A step that meets the next of these exceptions at each try; None is success."""

    def __init__(self, *met: Exception | None) -> None:
        self.met = list(met)
        self.tries = 0

    def __call__(self, _at: datetime, _beat: Beat) -> None:
        self.tries += 1
        fault = self.met.pop(0) if self.met else None
        if fault is not None:
            raise fault


@pytest.fixture
def clock() -> Clock:
    return Clock()


def thread_of(clock: Clock, told: list[ThreadProgress] | None = None, **steps: Script) -> WorkerThread:
    heard: list[ThreadProgress] = [] if told is None else told
    return WorkerThread("deliveries", steps, clock.wall, heard.append, clock.steady)


def rounds(thread: WorkerThread, clock: Clock, count: int, seconds: float = 0.5) -> None:
    for _ in range(count):
        thread.take_all(STOP)
        clock.seconds += seconds


def test_a_step_that_breaks_is_logged_without_its_message_and_the_others_go_on(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = Script(ValueError(SECRET)), Script()
    thread = thread_of(clock, inbox=broken, sequencer=other)
    with caplog.at_level(logging.WARNING):
        rounds(thread, clock, 1)
    assert other.tries == 1
    assert "step `inbox`: ValueError at " in caplog.text
    assert SECRET not in caplog.text
    (step,) = thread.progress().failing
    assert (step.name, step.faults, step.faults_in_a_row) == ("inbox", 1, 1)
    assert SECRET not in step.fault


def test_pauses_double_up_to_a_minute_and_are_forgotten_after_a_success(clock: Clock) -> None:
    broken = Script(*[RuntimeError("x")] * 9)
    thread = thread_of(clock, inbox=broken)
    tried: list[float] = []
    while broken.met:
        before = broken.tries
        thread.take_all(STOP)
        if broken.tries > before:
            tried.append(clock.seconds)
        clock.seconds += 1.0
    assert [later - sooner for sooner, later in pairwise(tried)] == [1, 2, 4, 8, 16, 32, 60, 60]
    clock.seconds += 60
    rounds(thread, clock, 1)
    assert thread.progress().failing == ()
    assert thread.progress().steps[0].faults == 9


def test_a_database_that_is_away_is_looked_for_every_three_seconds(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    away = Script(*[OperationalError("connection refused")] * 4)
    with caplog.at_level(logging.WARNING):
        rounds(thread_of(clock, outbox=away), clock, 10, seconds=1.0)
    assert away.tries == 4  # at 0, 3, 6 and 9 seconds
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_progress_of_a_thread_stands_still_while_nothing_succeeds(clock: Clock) -> None:
    thread = thread_of(clock, inbox=Script(), outbox=Script(*[RuntimeError("x")] * 100))
    rounds(thread, clock, 20, seconds=1.0)
    inbox, outbox = thread.progress().steps
    assert inbox.progress_at == thread.progress().progress_at == START + timedelta(seconds=19)
    assert outbox.progress_at == START
    stuck = thread_of(clock, outbox=Script(*[RuntimeError("x")] * 100))
    begun = stuck.progress().progress_at
    rounds(stuck, clock, 20, seconds=1.0)
    assert stuck.progress().progress_at == begun


def test_what_takes_minutes_shows_progress_on_its_way(clock: Clock) -> None:
    seen = []

    def long(_at: datetime, beat: Beat) -> None:
        for _ in range(3):
            clock.seconds += 60
            beat()
            seen.append(thread.progress().progress_at)

    thread = WorkerThread("long work", {"imports": long}, clock.wall, steady=clock.steady)
    thread.take_all(STOP)
    assert seen == [START + timedelta(minutes=minute) for minute in (1, 2, 3)]


def test_who_listens_is_told_at_the_first_fault_and_else_every_five_seconds(clock: Clock) -> None:
    told: list[ThreadProgress] = []
    thread = thread_of(clock, told, inbox=Script(None, None, RuntimeError("x")))
    rounds(thread, clock, 20)  # ten seconds
    assert [len(progress.failing) for progress in told] == [0, 1, 0]


def test_nobody_to_tell_stops_no_work(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def tell(_progress: ThreadProgress) -> None:
        raise OperationalError(SECRET)

    step = Script()
    thread = WorkerThread("deliveries", {"outbox": step}, clock.wall, tell, clock.steady)
    with caplog.at_level(logging.WARNING):
        rounds(thread, clock, 2)
    assert step.tries == 2
    assert "progress could not be told: OperationalError at " in caplog.text
    assert SECRET not in caplog.text


def test_a_thread_ends_when_it_is_told_to_and_takes_no_further_step(clock: Clock) -> None:
    stop = threading.Event()
    last = Script()
    steps = {"outbox": lambda _at, _beat: stop.set(), "sequencer": last}
    thread = WorkerThread("deliveries", steps, clock.wall, steady=clock.steady)
    running = threading.Thread(target=thread.run, args=(stop, 60.0))
    running.start()
    running.join(120)
    assert not running.is_alive()
    assert last.tries == 0
