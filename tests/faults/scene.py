"""One scene: a copy of a book, a worker between lines that may break, a provider that remembers; then the reckoning."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from faults.launch import Launcher, Process
from faults.line import PostgresLine, ProviderLine, Trap
from faults.providers import PROVIDERS, HttpProvider, Provider, Told
from faults.stage import Stage, state_of_scene, url_through
from gatework import TEN

POLL_SECONDS = 0.05
DRAIN_SECONDS_MAX = 120.0  # far above any pause of the worker: who needs longer is stuck
IN_HAND_SECONDS = 6.0  # a claim of a worker that lives is waited for so long
STRIKE_SECONDS_MAX = 30.0
LOST = timedelta(minutes=6)
EXPIRED = timedelta(minutes=30)
BEGUN = 4  # seconds that the shifted clock is behind the hour when the scene begins
_OPEN = """
SELECT (SELECT count(*) FROM delivery WHERE state = 'waiting'), (SELECT count(*) FROM delivery WHERE state = 'claimed'),
    (SELECT count(*) FROM delivery WHERE state = 'unknown'),
    (SELECT count(*) FROM leaf WHERE position IS NULL) + (SELECT count(*) FROM inbox_item WHERE state = 'waiting'
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE state IN ('claimed', 'unknown')))
        + (SELECT count(*) FROM campaign_target t JOIN campaign c ON c.id = t.campaign_id
            WHERE t.state = 'waiting' AND c.state = 'running')
"""  # the receipt of a message whose end is not known waits until it is


OTHERS_RECEIPTS = {"receipts_strange": 1}  # of messages that are nobody's here; they are put aside after their time


class Ending(Exception):
    """The whole run was told to end."""


def patience(seconds: float) -> float:
    """A limit of a machine at rest, stretched by the load of this one: to wait for a core is no fault."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass
class Scene:
    """Everything of one run; times are those of the scene's own clock."""

    stage: Stage
    play: str
    database: str
    folder: Path
    trap_postgres: Trap
    trap_provider: Trap
    told: Told
    shift: timedelta
    provider: Provider = field(init=False)
    line: ProviderLine = field(init=False)
    postgres: PostgresLine = field(init=False)
    worker: Process | None = None
    workers: int = 0
    launching: Launcher | None = None
    more: dict[str, str] = field(default_factory=dict)
    watching: psycopg.Connection[tuple[Any, ...]] | None = None

    def now(self) -> datetime:
        """What the worker's clock says."""
        return datetime.now(UTC) + self.shift

    def environment(self) -> dict[str, str]:
        """Where the commands of this scene work."""
        return {
            "DATABASE_URL": url_through(self.folder / "line", self.database),
            "ZHIZHI_STATE": str(self.folder),
            "ZHIZHI_CHANNELS": str(self.folder / "channels.toml"),
            "ZHIZHI_SECRET_KEY": "of a scene",
            **self.more,
        }

    def start_worker(self, *words: str, later: timedelta = timedelta(0)) -> Process:
        """`zhizhi worker` on the scene's clock."""
        self.workers += 1
        log = self.folder / f"worker-{self.workers}.log"
        argv = ["worker", *words]
        launching = self.launching or self.stage.launcher
        return launching.start(argv, self.environment(), log, self.shift + later)

    def run(self, *argv: str) -> tuple[int, str]:
        """Another command of the product, straight to the server; its status and what it said."""
        log = self.folder / f"{'-'.join(argv)}.log"
        around = self.environment() | {"DATABASE_URL": self.stage.server.url_of(self.database)}
        status = self.stage.launcher.run(argv, around, log, shift=self.shift)
        return status, log.read_text("utf-8")

    def open_work(self) -> tuple[int, int, int, int]:
        """How many deliveries wait, are claimed, are unknown, and how much else is to be done."""
        waiting, claimed, unknown, other = self._watched()
        return waiting, claimed, unknown, max(0, other - OTHERS_RECEIPTS.get(self.told.behaviour, 0))

    def _watched(self) -> tuple[int, int, int, int]:
        """Asked many times a second: over one line, past those that may break, until the server is away."""
        if self.watching is None or self.watching.closed:
            self.watching = psycopg.connect(self.stage.server.url_of(self.database), autocommit=True)
        found = self.watching.execute(_OPEN.encode()).fetchone()
        assert found is not None
        waiting, claimed, unknown, other = found
        return waiting, claimed, unknown, other

    def stop_watching(self) -> None:
        """Its line ends with it."""
        if self.watching is not None:
            self.watching.close()

    def wait_for_strikes(self) -> None:
        """A fault that has met its place happens now, and not while others are played."""
        for trap in (self.trap_postgres, self.trap_provider):
            if trap.is_met:
                trap.struck.wait(patience(STRIKE_SECONDS_MAX))

    def kill_worker(self) -> None:
        """Whatever runs of it ends."""
        if self.worker is not None:
            self.worker.kill()

    def said(self) -> str:
        """What the workers said."""
        return "".join(log.read_text("utf-8") for log in sorted(self.folder.glob("worker-*.log")))


@contextmanager
def set_up(
    stage: Stage, play: str, trap_postgres: Trap | None = None, trap_provider: Trap | None = None,
    told: Told | None = None,
) -> Iterator[Scene]:  # fmt: skip
    """A scene that nobody plays yet; everything of it is gone afterwards."""
    shift = TEN + timedelta(seconds=BEGUN) - datetime.now(UTC)
    traps = (trap_postgres or Trap(), trap_provider or Trap())
    with ExitStack() as left:
        folder = Path(left.enter_context(tempfile.TemporaryDirectory(prefix="zhizhi-scene-")))
        stage.heal()
        database = stage.copy_of(play)
        left.callback(stage.drop, database)
        scene = Scene(stage, play, database, folder, *traps, told or Told(), shift)
        (folder / "line").mkdir()
        scene.provider = PROVIDERS.get(play, HttpProvider)(scene.now, scene.told)
        left.callback(scene.provider.close)
        scene.line = ProviderLine(scene.provider.port, scene.trap_provider)
        left.callback(scene.line.close)
        scene.postgres = PostgresLine(folder / "line", stage.socket_folder, scene.trap_postgres)
        left.callback(scene.postgres.close)
        left.callback(scene.kill_worker)
        left.callback(scene.stop_watching)
        state_of_scene(stage, folder, play, scene.line.port)
        yield scene


@dataclass(frozen=True, slots=True)
class Played:
    """How a scene went: whether the fault struck, whether the queue drained by itself, and how long it took."""

    struck: bool
    drained: bool
    seconds: float
    left: str = ""


def play(scene: Scene, struck: threading.Event, *, lift: Callable[[], None] = lambda: None) -> Played:
    """Work until everything is done; a worker that was killed is started again, as a supervisor does.

    `lift` ends the fault, where it does not end by itself; called once after it struck.
    """
    scene.worker = scene.start_worker()
    begun_with = scene.workers
    begun, struck_at, idle_since = time.monotonic(), None, None
    while time.monotonic() - begun < patience(DRAIN_SECONDS_MAX):
        time.sleep(POLL_SECONDS)
        if scene.stage.ending.is_set():
            raise Ending
        if struck.is_set() and struck_at is None:
            struck_at = time.monotonic()
            lift()
        if not scene.worker.is_alive:
            scene.worker = scene.start_worker()
        try:
            waiting, claimed, _, other = scene.open_work()
        except psycopg.OperationalError:  # the server is away, which may be the fault
            continue
        if waiting or other:
            idle_since = None
            continue
        idle_since = idle_since or time.monotonic()
        in_hand = (
            patience(IN_HAND_SECONDS) if scene.workers == begun_with else 0.0
        )  # claims of the dead nobody works on
        if claimed == 0 or time.monotonic() - idle_since > in_hand:
            done = idle_since
            status = _end(scene.worker)
            scene.wait_for_strikes()
            if status == -signal.SIGKILL or (struck.is_set() and struck_at is None):
                continue  # the fault struck on its last steps: it is lifted, and another worker comes
            return Played(struck.is_set(), status == 0, max(0.0, done - (struck_at or begun)))
    scene.worker.kill()
    waiting, claimed, _, other = scene.open_work()
    left = f"{waiting} wait, {claimed} are claimed, {other} leaves or events are left"
    return Played(struck.is_set(), False, DRAIN_SECONDS_MAX, left)


def _end(worker: Process) -> int | None:
    """As a supervisor ends it: asked, once it has begun, then waited for."""
    while worker.is_alive and not worker.catches(signal.SIGTERM):
        worker.wait(POLL_SECONDS)
    worker.signal(signal.SIGTERM)
    status = worker.wait(patience(DRAIN_SECONDS_MAX))
    if status is None:
        worker.kill()
    return status


def close_the_books(scene: Scene) -> None:
    """Later on the same clock: claims of the dead are given up, receipts say of some what became of them, then what
    nobody sent runs out."""
    for later in (LOST, EXPIRED):
        waiting, claimed, unknown, _ = scene.open_work()
        if waiting or claimed or (unknown and later == LOST):
            once = scene.start_worker("--once", later=later)
            status = once.wait(patience(DRAIN_SECONDS_MAX))
            assert status == 0, f"a round of the worker ended with {status}"
