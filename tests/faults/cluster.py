"""Faults of PostgreSQL itself: killed, restarted, out of connections, out of disk."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg

from faults.fault import Fault, Outcome, Points, judged
from faults.line import Trap
from faults.scene import Scene, play, set_up
from faults.stage import PLAYS, Stage

AWAY_SECONDS = 4.0  # longer than the pause of a worker that met it: it is met a second time
CONNECTIONS_TRIED_MAX = 200
NO_SPACE = "No space left on device"
OCTETS_AT_ONCE = 1 << 16


def cluster_faults(kind: str, sides: Sequence[str], points: Points) -> Iterator[Fault]:
    """At every statement of every play."""
    for of_play in PLAYS:
        statements, _ = points[of_play]
        for point in statements:
            for side in sides:
                yield Fault(kind, of_play, side, point)


def crash(stage: Stage, fault: Fault) -> Outcome:
    """The server ends at once, at a statement or behind its answer, and replays its log when it is started again."""
    trap = Trap(fault.point, fault.side, stage.crash)
    with set_up(stage, fault.play, trap_postgres=trap) as scene:
        return judged(scene, fault, play(scene, trap.struck, lift=stage.revive))


def away(stage: Stage, fault: Fault) -> Outcome:
    """The server is restarted, or takes no more connections for a while."""
    trap = Trap(fault.point, "before")
    with set_up(stage, fault.play, trap_postgres=trap) as scene, ExitStack() as held:
        if fault.side == "restarted":
            trap.strike = partial(os.kill, stage.postmaster(), signal.SIGINT)
            return judged(scene, fault, play(scene, trap.struck, lift=stage.revive))
        trap.strike = partial(_take_all_connections, scene, held)
        return judged(scene, fault, play(scene, trap.struck, lift=partial(_give_back, held)))


def _take_all_connections(scene: Scene, held: ExitStack) -> None:
    """Everything that an ordinary login may have; the worker's own are ended."""
    url = scene.stage.server.url_of(scene.database).replace("zhizhi_owner@", "zhizhi_gate@")
    scene.stage.rows(
        scene.database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        scene.database,
    )
    for _ in range(CONNECTIONS_TRIED_MAX):
        try:
            held.enter_context(psycopg.connect(url))
        except psycopg.OperationalError:
            return
    raise AssertionError("the server takes connections without end")


def _give_back(held: ExitStack) -> None:
    time.sleep(AWAY_SECONDS)
    held.close()


def disk_faults(points: Points) -> Iterator[Fault]:
    """At every statement that writes something new, and at every commit."""
    for fault in cluster_faults("disk", ("full",), points):
        if fault.point.step.startswith(("COMMIT", "INSERT")):
            yield fault


def fill_disk(stage: Stage, fault: Fault) -> Outcome:
    """The file system of the server is full for a while. A fault is met only where the server says so."""
    trap = Trap(fault.point, "then")
    filler = stage.disk / "filler"
    said_before = stage.said_by_server().count(NO_SPACE)
    with set_up(stage, fault.play, trap_postgres=trap) as scene:
        trap.before = partial(_fill, filler)
        played = play(scene, trap.struck, lift=partial(_empty, stage, filler))
        met = stage.said_by_server().count(NO_SPACE) > said_before
        return judged(scene, fault, replace(played, struck=met))


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as opened, suppress(OSError):  # until there is no room for one octet more
        while True:
            opened.write(bytes(OCTETS_AT_ONCE))


def _empty(stage: Stage, filler: Path) -> None:
    time.sleep(AWAY_SECONDS)
    filler.unlink()
    if not stage.server.is_alive():  # it could not even write its log
        stage.revive()
