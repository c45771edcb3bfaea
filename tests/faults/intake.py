"""Faults of an import: it is killed or loses its line at any statement, and is started again."""

import signal
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from faults.fault import Fault, Outcome
from faults.line import Point, Trap
from faults.promises import Verdict
from faults.scene import Played, Scene, patience, set_up
from faults.stage import Stage
from faults.whole import Whole, difference, whole_of
from gatework import TEN

INTAKE = "import"
BOOK = "sms_http"  # into which it is imported
AGAIN_MAX = 5
IMPORT_SECONDS_MAX = 120.0
ROWS = 40
MAP = """[file]
kind = "accounts"
lender = "FAULT"
[columns]
customer = "c"
account = "a"
name = "n"
product = { constant = "instalment_loan" }
oldest_unpaid_due_on = "d"
principal = "p"
mobile = "m"
"""
REFUSED = 7  # the row whose number is none


def _command(folder: Path) -> tuple[str, ...]:
    lines = ["c,a,n,d,p,m"]
    for n in range(ROWS):
        number = "none" if n == REFUSED else f"1090{n:07d}"
        lines.append(f"K{n},B{n},测某某,2026-02-01,{100 + n},{number}")
    (folder / "book.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    return ("import", str(folder / "book.csv"), "--map", str(folder / "map.toml"), "--on", f"{TEN:%Y-%m-%d}")


def intake_points(stage: Stage) -> Sequence[Point]:
    """The statements of an import without a fault; what it wrote is kept as the measure."""
    with set_up(stage, BOOK) as scene:
        before = whole_of(scene)
        played = _import(scene)
        assert played.drained, scene.said()
        written = difference(before, whole_of(scene))
        assert written.get("debt") == ROWS - 1, (written, scene.said())
        stage.baselines[INTAKE] = written
        return scene.trap_postgres.passed


def _import(scene: Scene) -> Played:
    """Start it until it says that it is done, as whoever imports does."""
    command, struck_at = _command(scene.folder), None
    for _ in range(AGAIN_MAX):
        scene.workers += 1
        log = scene.folder / f"worker-{scene.workers}.log"
        scene.worker = scene.stage.launcher.start(command, scene.environment(), log)
        status = scene.worker.wait(patience(IMPORT_SECONDS_MAX))
        struck = scene.trap_postgres.struck.is_set()
        if status == 0:
            return Played(struck, True, time.monotonic() - struck_at if struck_at else 0.0)
        struck_at = struck_at or time.monotonic()
    return Played(scene.trap_postgres.struck.is_set(), False, 0.0)


def kill_import(stage: Stage, fault: Fault) -> Outcome:
    """In the end the book is the one of an import that ran through."""
    if INTAKE not in stage.baselines:
        intake_points(stage)
    how, _, side = fault.side.partition("_")
    trap = Trap(fault.point, side)
    with set_up(stage, BOOK, trap_postgres=trap) as scene:
        if how == "kill":
            trap.strike = partial(_kill, scene)
        before, written = whole_of(scene), stage.baselines[INTAKE]
        played = _import(scene)
        verdict = _judged(scene, before, written)
        if not played.drained:
            verdict.stuck.append("the import does not end")
        return Outcome(fault, played, verdict, scene.said() if verdict.broken else "")


def _kill(scene: Scene) -> None:
    if scene.worker is not None:
        scene.worker.signal(signal.SIGKILL)


def _judged(scene: Scene, before: Whole, written: Whole) -> Verdict:
    verdict = Verdict()
    stands = difference(before, whole_of(scene))
    for name in sorted({*stands, *written}):
        found, wanted = stands.get(name, 0), written.get(name, 0)
        if found < wanted:
            verdict.lost.append(f"{name}: {found} instead of {wanted}")
        if found > wanted:
            verdict.doubles.append(f"{name}: {found} instead of {wanted}")
    verdict.ends["book imported once"] += 1
    for command in (("worker", "--once"), ("evidence", "fsck")):
        status, said = scene.run(*command)
        if status:
            verdict.other.append(f"zhizhi {' '.join(command)}: {said.strip()}")
    return verdict
