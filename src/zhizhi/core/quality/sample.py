"""The draw of contacts that are looked at: anybody who has the same list and the same seeds draws the same ones.

Each contact has one rank, a hash of a seed and its name. Of every stratum the first in rank are taken up to its floor,
and of all contacts the first in rank up to a share. Nobody chooses: the seed of a day is the root of the evidence log
that was signed after the day was over, and no plan, period or reviewer enters the rank.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PERMILLE = 1000
RANDOM = "random"
"""The stratum of those that were drawn from all contacts alike: rates are estimated from these alone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact of a period. `name`: what it is called everywhere; `strata`: dimension and value, such as
    ("collector", "12")."""

    name: str
    seed: bytes
    strata: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many are drawn: `share` in thousandths of all, at least `floors` of each value of a dimension (or all that
    there are), and `blind` in thousandths of the drawn that two reviewers look at."""

    share: int
    floors: Mapping[str, int]
    blind: int


HOUSE_PLAN = Plan(
    share=30,
    floors={"collector": 3, "agency": 5, "channel": 3, "outcome": 3, "complaint": 20, "risk": 5},
    blind=100,
)
"""House rule: 3 % of all contacts (trade pages speak of 2 to 10 %), floors by stratum; every tenth is seen twice."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A contact that was drawn: for which strata, and whether two look at it without knowing of each other."""

    name: str
    because: tuple[str, ...]
    is_blind: bool


def rank(candidate: Candidate, purpose: str = "draw") -> bytes:
    """Its place in the order of the draw: SHA-256 of purpose, seed and name."""
    return hashlib.sha256(b"\0".join((purpose.encode(), candidate.seed, candidate.name.encode()))).digest()


def draw(candidates: Iterable[Candidate], plan: Plan) -> list[Drawn]:
    """The contacts that are looked at, in the order of their ranks; the order of the list does not matter."""
    ordered = sorted({one.name: one for one in candidates}.values(), key=rank)
    because: dict[str, list[str]] = defaultdict(list)
    for one in ordered[: _part(len(ordered), plan.share)]:
        because[one.name].append(RANDOM)
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for one in ordered:
        for dimension, value in one.strata:
            if taken[dimension, value] < plan.floors.get(dimension, 0):
                taken[dimension, value] += 1
                because[one.name].append(f"{dimension}:{value}")
    drawn = [one for one in ordered if one.name in because]
    blind = {one.name for one in sorted(drawn, key=lambda one: rank(one, "blind"))[: _part(len(drawn), plan.blind)]}
    return [Drawn(one.name, tuple(because[one.name]), one.name in blind) for one in drawn]


def _part(count: int, permille: int) -> int:
    """A share, rounded up: of one contact one is looked at."""
    return -(-count * permille // PERMILLE)


def reviewers_of(drawn: Drawn, seed: bytes, reviewers: Sequence[int]) -> tuple[int, ...]:
    """Who looks at it: one, or two different ones where it is blind; nobody where nobody may. `seed`: of its day."""
    if not reviewers:
        return ()
    ordered = sorted(reviewers, key=lambda one: rank(Candidate(f"{drawn.name} {one}", seed, ()), "reviewer"))
    return tuple(ordered[: 2 if drawn.is_blind else 1])
