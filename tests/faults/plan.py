"""Every kind of fault, at which points it can strike, and how one is injected, lifted and judged."""

import random
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from faults.campaign import break_campaign, campaign_faults, campaign_points
from faults.clocks import clock_faults, step_clock
from faults.cluster import CRASHES, away, cluster_faults, crash, disk_faults, fill_disk
from faults.day import alter_pack, day_faults, day_points, kill_day, pack_faults
from faults.fault import Fault, Outcome, Points, judged
from faults.intake import INTAKE, intake_points, kill_import
from faults.line import Point, Trap
from faults.promises import Verdict, judge
from faults.providers import Told
from faults.scene import Played, Scene, close_the_books, play, set_up
from faults.screens import FORMS, kill_site, site_points
from faults.stage import CAMPAIGN, DAY, PLAYS, CannotInject, Stage
from faults.whole import whole_faults

PACKS = ("cn.cba2026", "cn.consumer_finance", "cn.gbt45251", "cn.nifa2018", "cn.statutes")  # of the day's book
NTH_MAX = 3  # of steps that come again and again, the first few


def points_of(stage: Stage) -> Points:
    """Play every book without a fault, and hold it to the same promises."""
    found: dict[str, tuple[Sequence[Point], Sequence[Point]]] = {}
    for one in PLAYS:
        told = Told()
        with set_up(stage, one, told=told) as scene:
            played = play(scene, told.struck)
            close_the_books(scene)
            broken = judge(scene, drained=played.drained).broken
            assert not broken, f"{one} without a fault: {broken}\n{scene.said()}"
            statements = [point for point in scene.trap_postgres.passed if _matters(point)]
            found[one] = (_unique(statements), _unique(scene.trap_provider.passed))
    statements, stage.wishes_of_day = day_points(stage)
    for form in FORMS:
        found[form] = (_unique(site_points(stage, form)), [])
    found[CAMPAIGN] = (_unique(campaign_points(stage)), [])
    found[INTAKE] = (_unique([point for point in intake_points(stage) if _matters(point)]), [])
    found[DAY] = (_unique([point for point in statements if _matters(point)]), [Point(pack) for pack in PACKS])
    return found


def _matters(point: Point) -> bool:
    return point.nth <= NTH_MAX and not point.step.startswith("BEGIN")


def _unique(points: Sequence[Point]) -> list[Point]:
    return [point for point in dict.fromkeys(points) if point.nth <= NTH_MAX]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its faults from the points of a run, how one is played, and whether others may be played beside it."""

    name: str
    faults: Callable[[Points], Iterator[Fault]]
    inject: Callable[[Stage, Fault], Outcome]
    alone: bool = False


def run(stage: Stage, fault: Fault) -> Outcome:
    """Inject one fault; a test that breaks itself counts as stuck. Refuses: a run that was told to end (Ending)."""
    try:
        return KINDS[fault.kind].inject(stage, fault)
    except CannotInject as reason:
        return Outcome(fault, Played(False, False, 0.0), Verdict(), skipped=str(reason))
    except Exception:
        if stage.ending.is_set():
            raise
        return Outcome(fault, Played(False, False, 0.0), Verdict(stuck=[traceback.format_exc()]))


def _played(points: Points) -> list[tuple[str, tuple[Sequence[Point], Sequence[Point]]]]:
    return [(of_play, points[of_play]) for of_play in PLAYS]


def _at_postgres(kind: str, points: Points) -> Iterator[Fault]:
    for of_play, (statements, _) in _played(points):
        for point in statements:
            for side in ("before", "after"):
                yield Fault(kind, of_play, side, point)


def _kill(stage: Stage, fault: Fault) -> Outcome:
    trap = Trap(fault.point, fault.side)
    with set_up(stage, fault.play, trap_postgres=trap) as scene:
        trap.strike = partial(_kill_worker, scene)
        return judged(scene, fault, play(scene, trap.struck))


def _kill_worker(scene: Scene) -> None:
    if scene.worker is not None:
        scene.worker.signal(signal.SIGKILL)


def _cut(stage: Stage, fault: Fault) -> Outcome:
    trap = Trap(fault.point, fault.side)
    with set_up(stage, fault.play, trap_postgres=trap) as scene:
        return judged(scene, fault, play(scene, trap.struck))


def _at_provider(kind: str, sides: Sequence[str], points: Points) -> Iterator[Fault]:
    for of_play, (_, pieces) in _played(points):
        for point in pieces:
            for side in sides:
                if point.step == "connected" and side != "cut":
                    continue
                if side in LINE_LIES and not point.step.startswith("< "):
                    continue  # what a provider says may be a lie; what goes to it is ours
                yield Fault(kind, of_play, side, point)


def _spoil(stage: Stage, fault: Fault) -> Outcome:
    trap = Trap(fault.point, fault.side)
    with set_up(stage, fault.play, trap_provider=trap) as scene:
        return judged(scene, fault, play(scene, trap.struck))


def _kill_at_provider(stage: Stage, fault: Fault) -> Outcome:
    trap = Trap(fault.point, "gone" if fault.side == "after" else "cut")
    with set_up(stage, fault.play, trap_provider=trap) as scene:
        trap.strike = partial(_kill_worker, scene)
        return judged(scene, fault, play(scene, trap.struck))


ANSWERS = {
    "sms_http": ("500", "502_after", "busy", "limited", "nonsense", "empty", "other_type", "other_message",
                 "receipts_repeated", "receipts_strange"),
    "smtp": ("busy", "500", "closing", "nonsense"),
    "smpp": ("busy", "500", "nack", "no_id", "receipts_repeated"),
}  # fmt: skip


def _answers(points: Points) -> Iterator[Fault]:
    for of_play in PLAYS:
        for behaviour in ANSWERS[of_play]:
            for nth in (1,) if behaviour.startswith("receipts") else (1, 2, 3):
                yield Fault("answer", of_play, behaviour, Point("message", nth))


def _answer(stage: Stage, fault: Fault) -> Outcome:
    told = Told(fault.side, fault.point.nth)
    with set_up(stage, fault.play, told=told) as scene:
        return judged(scene, fault, play(scene, told.struck))


LINE_ENDS, LINE_LIES = ("cut", "half", "gone"), ("twice", "nonsense")
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("kill", partial(_at_postgres, "kill"), _kill),
        Kind("cut", partial(_at_postgres, "cut"), _cut),
        Kind("net", partial(_at_provider, "net", LINE_ENDS), _spoil),
        Kind("lie", partial(_at_provider, "lie", LINE_LIES), _spoil),
        Kind("never", partial(_at_provider, "never", ("never", "late")), _spoil),
        Kind("sending", partial(_at_provider, "sending", ("before", "after")), _kill_at_provider),
        Kind("answer", _answers, _answer),
        Kind("crash", partial(cluster_faults, "crash", CRASHES), crash, alone=True),
        Kind("away", partial(cluster_faults, "away", ("restarted", "no_connections")), away, alone=True),
        Kind("disk", disk_faults, fill_disk, alone=True),
        Kind("clock", clock_faults, step_clock),
        Kind("day", day_faults, kill_day),
        Kind("pack", pack_faults, alter_pack),
        Kind("web", partial(whole_faults, "web", FORMS), kill_site),
        Kind("campaign", campaign_faults, break_campaign),
        Kind("import", partial(whole_faults, "import", (INTAKE,)), kill_import),
    )
}


def choose(points: Points, kinds: Sequence[str], count: int, seed: int) -> list[Fault]:
    """As many faults as asked for, evenly over the kinds, drawn by the seed."""
    draw = random.Random(seed)
    left = {kind: list(KINDS[kind].faults(points)) for kind in kinds}
    for faults in left.values():
        draw.shuffle(faults)
    chosen: list[Fault] = []
    while len(chosen) < count and any(left.values()):
        for kind in kinds:
            if left[kind] and len(chosen) < count:
                chosen.append(left[kind].pop())
    return chosen
