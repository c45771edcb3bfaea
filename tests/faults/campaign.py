"""Faults of a campaign: the whole worker is killed, or loses its line, while it decides and sends for many persons."""

import signal
import time
from collections.abc import Iterator, Sequence
from functools import partial

from faults.books import HEAD, MEMBERS
from faults.fault import Fault, Outcome, Points
from faults.line import Point, Trap
from faults.promises import Verdict, judge
from faults.scene import (
    DRAIN_SECONDS_MAX,
    EXPIRED,
    POLL_SECONDS,
    Played,
    Scene,
    close_the_books,
    patience,
    play,
    set_up,
)
from faults.stage import CAMPAIGN, Stage
from faults.whole import HOWS

HELD_SECONDS = 2.0  # a worker looks every half second whether something is due
OVER = ("finished", "cancelled")
WRITES = ("COMMIT of", "WITH", "INSERT", "UPDATE", "end of")
ELSEWHERE = ("heartbeat", "pull_cursor", "watermark", "tally", "COMMIT of reading")  # what every worker does
_CAMPAIGN = "SELECT id, state FROM campaign"
_WAITING = "SELECT count(*) FROM delivery WHERE state = 'waiting'"
_HELD = "SELECT count(*) FROM campaign_step WHERE what IN ('paused', 'resumed')"
_MEMBERS = """
SELECT t.person_id, t.state, coalesce(d.state, 'none'),
    (SELECT count(*) FROM permit m WHERE m.person_id = t.person_id AND m.state = 'used')
FROM campaign_target t LEFT JOIN delivery d ON d.person_id = t.person_id AND d.id = t.delivery_id
"""


def campaign_points(stage: Stage) -> Sequence[Point]:
    """A campaign without a fault that is held up once: its statements."""
    with set_up(stage, CAMPAIGN) as scene:
        verdict, trap = Verdict(), Trap()
        trap.struck.set()
        played = _play(scene, trap, verdict)
        _judge(scene, played, verdict)
        assert not verdict.broken, f"{verdict.broken}\n{scene.said()}"
        assert scene.stage.rows(scene.database, _HELD) == [(2,)], "the campaign was over before it could be held up"
        return [point for point in scene.trap_postgres.passed if _matters(point)]


def _matters(point: Point) -> bool:
    is_of_campaigns = point.step.startswith(WRITES) or "campaign" in point.step
    return is_of_campaigns and not any(words in point.step for words in ELSEWHERE)


def campaign_faults(points: Points) -> Iterator[Fault]:
    """At every statement that writes or looks after campaigns."""
    for point in points[CAMPAIGN][0]:
        for side in HOWS:
            yield Fault("campaign", CAMPAIGN, side, point)


def break_campaign(stage: Stage, fault: Fault) -> Outcome:
    """Another worker goes on: every member has one end, no permit is used twice, and who runs it can hold it up."""
    how, _, side = fault.side.partition("_")
    trap, verdict = Trap(fault.point, side), Verdict()
    with set_up(stage, CAMPAIGN, trap_postgres=trap) as scene:
        if how == "kill":
            trap.strike = partial(_kill, scene)
        played = _play(scene, trap, verdict)
        _judge(scene, played, verdict)
        return Outcome(fault, played, verdict, scene.said() if verdict.broken else "")


def _kill(scene: Scene) -> None:
    if scene.worker is not None:
        scene.worker.signal(signal.SIGKILL)


def _play(scene: Scene, trap: Trap, verdict: Verdict) -> Played:
    return play(scene, trap.struck, lift=partial(_hold_up, scene, verdict))


def _hold_up(scene: Scene, verdict: Verdict) -> None:
    """Paused by its head under a worker that works, nothing of it leaves; then it goes on."""
    assert scene.worker is not None
    if not scene.worker.is_alive:
        scene.worker = scene.start_worker()
    while scene.worker.is_alive and not scene.worker.catches(signal.SIGTERM):
        scene.worker.wait(POLL_SECONDS)
    ((campaign_id, _),) = scene.stage.rows(scene.database, _CAMPAIGN)
    status, said = scene.run("campaign", "pause", str(campaign_id), "--by", HEAD)
    if status:
        ((_, state),) = scene.stage.rows(scene.database, _CAMPAIGN)
        verdict.other += [] if state in OVER else [f"it cannot be paused: {said.strip()}"]
        return
    waiting = scene.stage.rows(scene.database, _WAITING)
    time.sleep(patience(HELD_SECONDS))
    if scene.stage.rows(scene.database, _WAITING) != waiting:
        verdict.unlawful.append("messages left while the campaign was paused")
    status, said = scene.run("campaign", "resume", str(campaign_id), "--by", HEAD)
    verdict.other += [f"it cannot be resumed: {said.strip()}"] if status else []


def _judge(scene: Scene, played: Played, verdict: Verdict) -> None:
    close_the_books(scene)
    # a campaign ends when a round of the worker finds nothing of it left
    status = scene.start_worker("--once", later=EXPIRED).wait(patience(DRAIN_SECONDS_MAX))
    verdict.other += [f"the last round of the worker ended with {status}"] if status else []
    found = judge(scene, drained=played.drained, permits=None)
    members = scene.stage.rows(scene.database, _MEMBERS)
    if len(members) != MEMBERS:
        verdict.lost.append(f"{len(members)} members of {MEMBERS}")
    for person, state, delivery, used in members:
        if (state, used) != ("permit", 1) or delivery not in ("delivered", "unknown"):
            verdict.lost.append(f"member {person}: {state}, its delivery {delivery}, {used} permits used")
    for name in ("unlawful", "lost", "doubles", "stuck", "other"):
        getattr(verdict, name).extend(getattr(found, name))
    verdict.stuck += [played.left] if played.left else []
    verdict.ends.update(found.ends)
    ((_, state),) = scene.stage.rows(scene.database, _CAMPAIGN)
    if state != "finished":
        verdict.stuck.append(f"the campaign is {state}")
