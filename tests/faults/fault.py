"""What a fault is, where it can be found again, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faults.line import Point
from faults.promises import Verdict, judge
from faults.scene import Played, Scene, close_the_books


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name finds it again."""

    kind: str
    play: str
    side: str
    point: Point

    def __str__(self) -> str:
        return f"{self.kind}/{self.play}/{self.side}/{self.point}"

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """The reverse of `str`; the name of a point may hold slashes itself."""
        kind, of_play, side, point = text.split("/", 3)
        return cls(kind, of_play, side, Point.parse(point))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fault; `skipped` says why it could not be injected at all."""

    fault: Fault
    played: Played
    verdict: Verdict
    said: str = ""
    skipped: str = ""


Points = Mapping[str, tuple[Sequence[Point], Sequence[Point]]]
"""By play: the points of the line to PostgreSQL, and those of the line to the provider, in a run without a fault."""


def judged(scene: Scene, fault: Fault, played: Played) -> Outcome:
    close_the_books(scene)
    verdict = judge(scene, drained=played.drained)
    verdict.stuck += [played.left] if played.left else []
    return Outcome(fault, played, verdict, scene.said() if verdict.broken else "")
