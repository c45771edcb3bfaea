"""What must hold after every fault, asked of the rows, of the log, of the screen, and of what the provider holds."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from faults.books import MESSAGES
from faults.providers import Arrival
from faults.scene import Scene

PARTS_OF_SMPP = 2  # the wording of these books is that long
SENDER_DOMAIN = "lender.example"
_PERMITS = """
SELECT m.person_id, m.id, m.state, m.not_before, m.expires_at, d.state, d.failure,
    (SELECT count(*) FROM contact c WHERE c.person_id = m.person_id AND c.permit_id = m.id)
FROM permit m LEFT JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id ORDER BY 1, 2
"""
_COUNTED = """
SELECT count(*) FROM permit m WHERE m.state = 'used' AND NOT EXISTS (
    SELECT 1 FROM delivery d WHERE d.person_id = m.person_id AND d.permit_id = m.id
    AND d.state IN ('delivered', 'unknown', 'claimed'))
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """One permit at the end, and what became of its delivery."""

    person_id: int
    permit_id: int
    permit: str
    not_before: datetime
    expires_at: datetime
    delivery: str | None
    failure: str | None
    contacts: int

    def keys(self) -> set[str]:
        """Under which names its message may stand with a provider."""
        key = f"{self.person_id}-{self.permit_id}"
        return {key, f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{SENDER_DOMAIN}>"}


@dataclass
class Verdict:
    """What was found; every list is empty where all promises were kept, but `doubles` may hold what is explained."""

    unlawful: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    @property
    def broken(self) -> list[str]:
        """Every broken promise, in words."""
        return [*self.unlawful, *self.lost, *self.doubles, *self.stuck, *self.other]


def judge(scene: Scene, *, drained: bool, permits: int | None = MESSAGES) -> Verdict:
    """Hold rows, log and screen against what the provider really holds; `permits`: how many there are, where known."""
    verdict = Verdict()
    ended = [Ended(*row) for row in scene.stage.rows(scene.database, _PERMITS)]
    if not drained:
        verdict.stuck.append("the queue did not drain by itself")
    if permits is not None and len(ended) != permits:
        verdict.lost.append(f"{len(ended)} permits of {permits}")
    _judge_permits(ended, verdict)
    _judge_arrivals(scene, ended, verdict)
    _judge_log(scene, verdict)
    _judge_screen(scene, ended, verdict)
    return verdict


def _judge_permits(ended: list[Ended], verdict: Verdict) -> None:
    for one in ended:
        verdict.ends[f"{one.delivery}{f' ({one.failure})' if one.failure else ''}"] += 1
        wanted = ENDS.get(one.delivery or "")
        if wanted is None:
            verdict.stuck.append(f"permit {one.permit_id}: its delivery is {one.delivery}")
        elif (one.permit, one.contacts) != wanted:
            verdict.lost.append(f"permit {one.permit_id} is {one.permit} with {one.contacts} contacts: {one.delivery}")


# delivery -> its permit, and how many contacts stand for it
ENDS = {
    "delivered": ("used", 1),
    "unknown": ("used", 0),
    "failed": ("released", 0),
    "cancelled": ("released", 0),
}


def _judge_arrivals(scene: Scene, ended: list[Ended], verdict: Verdict) -> None:
    for one in ended:
        theirs = [arrival for arrival in scene.provider.arrivals if arrival.key in _keys(scene, one)]
        if theirs and one.permit != "used":
            verdict.unlawful.append(f"permit {one.permit_id} is {one.permit}, its message arrived: {one.failure}")
        if one.delivery == "delivered" and not theirs:
            verdict.lost.append(f"permit {one.permit_id} is written as sent, nothing arrived")
        expected = PARTS_OF_SMPP if scene.play == "smpp" else 1
        if len(theirs) > expected:
            verdict.doubles.append(f"permit {one.permit_id}: {len(theirs)} arrivals where {expected} belong")
        verdict.unlawful += [
            f"permit {one.permit_id} arrived at {arrival.at:%H:%M:%S} outside its time"
            for arrival in theirs
            if not one.not_before <= arrival.at < one.expires_at
        ]
    known = {key for one in ended for key in _keys(scene, one)}
    verdict.unlawful += [
        f"{arrival.key} has no permit" for arrival in scene.provider.arrivals if _alien(arrival, known)
    ]


def _alien(arrival: Arrival, known: set[str]) -> bool:
    return arrival.key not in known


def _keys(scene: Scene, one: Ended) -> set[str]:
    if scene.play != "smpp":
        return one.keys()
    persons = scene.stage.rows(scene.database, "SELECT id FROM person ORDER BY id")
    return {f"100{persons.index((one.person_id,)):08d}"}


def _judge_log(scene: Scene, verdict: Verdict) -> None:
    status, said = scene.run("evidence", "fsck")
    if status != 0:
        verdict.other.append(f"zhizhi evidence fsck: {said.strip()}")
    ((uncounted,),) = scene.stage.rows(scene.database, _COUNTED)
    if uncounted:
        verdict.lost.append(f"{uncounted} used permits without a delivery that counts")


def _judge_screen(scene: Scene, ended: list[Ended], verdict: Verdict) -> None:
    """Whoever may rule sees every unknown, settles one with a proof, and then sees one fewer; the log stays whole."""
    unknown = sum(one.delivery == "unknown" for one in ended)
    if not unknown:
        return
    status, said = scene.run("faults:desk", scene.now().isoformat())
    seen: dict[str, Any] = json.loads(said.strip().splitlines()[-1]) if status == 0 else {}
    if seen != {"shown": unknown, "settled": 1, "left": unknown - 1}:
        verdict.other.append(f"{unknown} unknown outcomes, the desk: {said.strip()[-400:]}")
    status, said = scene.run("evidence", "fsck")
    if status != 0:
        verdict.other.append(f"zhizhi evidence fsck after settling: {said.strip()}")
