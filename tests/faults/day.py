"""Faults of a day's run: `zhizhi day` is killed or loses its line at a statement, or finds a pack that was altered."""

import json
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from faults.fault import Fault, Outcome, Points
from faults.launch import START_SECONDS_MAX, Process
from faults.line import Point, Trap
from faults.promises import ENDS, Verdict
from faults.scene import DRAIN_SECONDS_MAX, Played, Scene, set_up
from faults.stage import DAY, Stage
from gatework import TEN
from zhizhi.store.packs import PACKS_ROOT

AGAIN_MAX = 5
LATER = timedelta(days=2)
COMMAND = ("day", "--on", f"{TEN:%Y-%m-%d}")
NEXT_DAY = ("day", "--on", f"{TEN + timedelta(days=1):%Y-%m-%d}")
PACK = "cn/statutes"
_WISHES = "SELECT result, count(*) FROM wish GROUP BY 1 ORDER BY 1"
_ENDS = """
SELECT m.person_id, m.id, m.state, coalesce(d.state, 'none'),
    (SELECT count(*) FROM contact c WHERE c.person_id = m.person_id AND c.permit_id = m.id)
FROM permit m LEFT JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id
"""


def day_points(stage: Stage) -> tuple[list[Point], Any]:
    """A day without a fault: its statements, and what became of its wishes."""
    with set_up(stage, DAY) as scene:
        _work_day(scene)
        verdict = _judge(scene, None)
        assert not verdict.broken, verdict.broken
        assert verdict.ends["delivered"], verdict.ends
        return scene.trap_postgres.passed, stage.rows(scene.database, _WISHES)


def day_faults(points: Points) -> Iterator[Fault]:
    """At every statement of a day."""
    for point in points[DAY][0]:
        for side in ("kill_before", "kill_after", "cut_before", "cut_after"):
            yield Fault("day", DAY, side, point)


def kill_day(stage: Stage, fault: Fault) -> Outcome:
    """The day dies or loses its line, and is started again, as its operator does."""
    how, _, side = fault.side.partition("_")
    trap = Trap(fault.point, side)
    with set_up(stage, DAY, trap_postgres=trap) as scene:
        if how == "kill":
            trap.strike = partial(_kill, scene)
        played = _work_day(scene)
        verdict = _judge(scene, stage.wishes_of_day)
        verdict.stuck += [] if played.drained else ["the day does not end"]
        return Outcome(fault, played, verdict, scene.said() if verdict.broken else "")


def _kill(scene: Scene) -> None:
    if scene.worker is not None:
        scene.worker.signal(signal.SIGKILL)


def _day(scene: Scene, words: Sequence[str] = COMMAND) -> Process:
    scene.workers += 1
    log = scene.folder / f"worker-{scene.workers}.log"
    return scene.stage.launcher.start(words, scene.environment(), log)


def _work_day(scene: Scene) -> Played:
    for _ in range(AGAIN_MAX):
        scene.worker = _day(scene)
        if scene.worker.wait(START_SECONDS_MAX) == 0:
            drained = any(_round(scene) for _ in range(AGAIN_MAX))  # the fault may strike in one of them
            return Played(scene.trap_postgres.struck.is_set(), drained, 0.0)
    return Played(scene.trap_postgres.struck.is_set(), False, 0.0)


def _round(scene: Scene) -> bool:
    return scene.start_worker("--once", later=LATER).wait(DRAIN_SECONDS_MAX) == 0


def _judge(scene: Scene, wishes: Any) -> Verdict:
    verdict = Verdict()
    found = scene.stage.rows(scene.database, _WISHES)
    if wishes is not None and found != wishes:
        verdict.lost.append(f"wishes ended as {found}, without a fault as {wishes}")
    arrived = arrivals_of_day(scene)
    for person, permit, state, delivery, contacts in scene.stage.rows(scene.database, _ENDS):
        verdict.ends[delivery] += 1
        copies = arrived.pop(f"{person}-{permit}", 0)
        if ENDS.get(delivery) != (state, contacts):
            verdict.lost.append(f"permit {permit} is {state} with {contacts} contacts: {delivery}")
        if copies and state != "used":
            verdict.unlawful.append(f"permit {permit} is {state}, its message arrived")
        if copies > 1:
            verdict.doubles.append(f"permit {permit}: {copies} arrivals")
    verdict.unlawful += [f"{key} has no permit" for key in arrived]
    status, said = scene.run("evidence", "fsck")
    if status:
        verdict.other.append(f"zhizhi evidence fsck: {said.strip()}")
    return verdict


def arrivals_of_day(scene: Scene) -> Counter[str]:
    """What the demonstration outbox holds of short messages."""
    kept = scene.folder / "sink" / "messages.jsonl"
    lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
    return Counter(one["out_id"] for one in map(json.loads, lines) if one["channel"] == "sms")


def _flip(folder: Path) -> None:
    """One octet of a rule file is another."""
    victim = sorted(folder.rglob("*.yaml"))[0]
    octets = bytearray(victim.read_bytes())
    octets[len(octets) // 2] ^= 1
    victim.write_bytes(bytes(octets))


def _empty(folder: Path) -> None:
    for victim in folder.rglob("*.yaml"):
        victim.write_bytes(b"")


def _no_manifest(folder: Path) -> None:
    (folder / "MANIFEST.sha256").unlink()


def _grow(folder: Path) -> None:
    """A reading more than the manifest knows."""
    (folder / "readings").mkdir(exist_ok=True)
    (folder / "readings" / "more.yaml").write_text("id: more\n", encoding="utf-8")


ALTERED: dict[str, Callable[[Path], None]] = {
    "flipped": _flip,
    "emptied": _empty,
    "no_manifest": _no_manifest,
    "grown": _grow,
    "gone": shutil.rmtree,
}


def pack_faults(points: Points) -> Iterator[Fault]:
    """Every way in which a pack can be altered, each of those that a law of this book is made of."""
    for pack in points[DAY][1]:
        for side in ALTERED:
            yield Fault("pack", DAY, side, pack)


def alter_pack(stage: Stage, fault: Fault) -> Outcome:
    """While a pack is altered nothing is permitted; once it is whole again, the next day permits."""
    with set_up(stage, DAY) as scene:
        packs = scene.folder / "packs"
        shutil.copytree(PACKS_ROOT, packs)
        ALTERED[fault.side](packs / fault.point.step.replace(".", "/"))
        scene.more = {"FAULTS_PACKS": str(packs)}
        status = _day(scene).wait(START_SECONDS_MAX)
        verdict = _judge(scene, None)
        permits = sum(verdict.ends.values())
        # without the whole pack the profile is partial: it may permit, but into the demonstration outbox alone
        if permits and fault.side != "gone":
            verdict.unlawful.append(f"{permits} permits under an altered pack")
        scene.more = {}
        again = _day(scene, NEXT_DAY).wait(START_SECONDS_MAX)
        scene.start_worker("--once", later=LATER).wait(DRAIN_SECONDS_MAX)
        after = _judge(scene, None)
        if again != 0 or sum(after.ends.values()) <= (permits if fault.side != "gone" else 0):
            verdict.stuck.append(f"with the pack whole again the next day permits nothing (it ended with {again})")
        verdict.other += after.broken
        return Outcome(fault, Played(True, status is not None, 0.0), verdict, scene.said() if verdict.broken else "")
