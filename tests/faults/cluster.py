"""Faults of PostgreSQL itself: killed, restarted, out of connections, out of disk."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial

import psycopg

from faults.fault import Fault, Outcome, Points, judged
from faults.line import Trap
from faults.scene import Scene, play, set_up
from faults.stage import FILLER, PLAYS, CannotInject, Stage

AWAY_SECONDS = 4.0  # longer than the pause of a worker that met it: it is met a second time
CONNECTIONS_TRIED_MAX = 200
CRASHES = ("before", "after", "kill_before", "kill_after")
NO_ROOM = ("No space left on device", "File too large")
OCTETS_AT_ONCE = 1 << 16
PAGE = 8192
SEGMENTS_MAX = 64
WRITTEN = ("leaf", "contact", "checkpoint", "permit", "delivery", "inbox_item", "decision")


def cluster_faults(kind: str, sides: Sequence[str], points: Points) -> Iterator[Fault]:
    """At every statement of every play."""
    for of_play in PLAYS:
        statements, _ = points[of_play]
        for point in statements:
            for side in sides:
                yield Fault(kind, of_play, side, point)


def crash(stage: Stage, fault: Fault) -> Outcome:
    """The server ends at once, or its first process is killed, at a statement or behind its answer; it replays its log
    when it is started again."""
    how, _, side = fault.side.rpartition("_")
    trap = Trap(fault.point, side, stage.kill if how else stage.crash)
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
    """`table`: no room for a new row; `log`: none for the server's own log; `file`: no file may grow any more."""
    for fault in cluster_faults("disk", ("table", "log", "file"), points):
        if fault.point.step.startswith("INSERT" if fault.side == "table" else "COMMIT of"):
            yield fault


def fill_disk(stage: Stage, fault: Fault) -> Outcome:
    """The server cannot write for a while. A fault is met only where the server says so, or ends of it."""
    fill = _limit if fault.side == "file" else _fill
    if fault.side != "file":
        assert stage.disk.exists()
    trap = Trap(fault.point, "then")
    said_before, ended = _complaints(stage), [False]
    with set_up(stage, fault.play, trap_postgres=trap) as scene:
        if fault.side == "table":
            _leave_no_room_in_pages(scene)
        trap.before = partial(_prepare, fill, scene, fault.side)
        played = play(scene, trap.struck, lift=partial(_lift, stage, ended))
        if trap.problem:
            raise CannotInject(trap.problem)
        met = ended[0] or _complaints(stage) > said_before
        return judged(scene, fault, replace(played, struck=met))


def _complaints(stage: Stage) -> int:
    said = stage.said_by_server()
    return sum(said.count(words) for words in NO_ROOM)


def _leave_no_room_in_pages(scene: Scene) -> None:
    """A page of these tables takes a row or two, so that what is written needs new pages."""
    for table in WRITTEN:
        scene.stage.rows(scene.database, f"ALTER TABLE {table} SET (fillfactor = 10)")


def _prepare(fill: Callable[[Scene], None], scene: Scene, side: str) -> None:
    if side == "log":
        _use_up_segments(scene, keep=1)
    fill(scene)
    if side == "log":
        _use_up_segments(scene, keep=0)
        _switch(scene)


def _use_up_segments(scene: Scene, *, keep: int) -> None:
    """Files of the log that lie ready are used up, but for so many."""
    ready = (
        "SELECT count(*) FROM pg_ls_waldir() WHERE length(name) = 24 AND name > pg_walfile_name(pg_current_wal_lsn())"
    )
    for _ in range(SEGMENTS_MAX):
        ((left,),) = scene.stage.rows(scene.database, ready)
        if left > keep:
            _switch(scene)
        else:
            return


def _switch(scene: Scene) -> None:
    with suppress(psycopg.OperationalError):  # the disk is full, or the server has met it: that is what is wanted
        scene.stage.rows(scene.database, "SELECT pg_logical_emit_message(false, 'faults', 'x')")
        scene.stage.rows(scene.database, "SELECT pg_switch_wal()")


def _fill(scene: Scene) -> None:
    filler = scene.stage.disk / FILLER
    with filler.open("wb", buffering=0) as opened, suppress(OSError):  # until there is no room for one octet more
        while True:
            opened.write(bytes(OCTETS_AT_ONCE))


def _limit(scene: Scene) -> None:
    """No file of the server grows beyond where its log is written now."""
    question = "SELECT (pg_walfile_name_offset(pg_current_wal_flush_lsn())).file_offset"
    ((offset,),) = scene.stage.rows(scene.database, question)
    scene.stage.limit(max(PAGE, offset // PAGE * PAGE))


def _lift(stage: Stage, ended: list[bool]) -> None:
    time.sleep(AWAY_SECONDS)
    ended[0] = not stage.server.is_alive()
    stage.heal()
