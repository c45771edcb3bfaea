"""How many persons a campaign may ring at once, so that hardly anybody who answers meets silence.

Whoever answers and finds no free seat is an abandoned call; at most 3 % of answered calls may be (house figure: no row
of the reviewed law names one). Two things hold it. A ratio of lines to free seats, which moves slowly up and falls at
once. And a budget: every line beyond the free seats can become one abandoned call at most, so lines are rung beyond
them only as far as the share would stay within the limit if all of them were answered at the same second.
Ratios are in hundredths of a line a seat, shares are exact fractions.
"""

from dataclasses import dataclass
from fractions import Fraction

LIMIT = Fraction(3, 100)
NEAR = Fraction(2, 100)
"""From here on the ratio never rises."""
ONE_TO_ONE = 100
RATIO_MAX = 300
STEP = 5
SAMPLE_MIN = 100
"""So many calls are answered before more than one line a seat is rung: of fewer a share says nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Calls that persons answered within the window, those among them that met nobody included."""

    answered: int
    abandoned: int

    def __post_init__(self) -> None:
        assert 0 <= self.abandoned <= self.answered, "whoever was abandoned had answered"

    @property
    def share(self) -> Fraction:
        """Of answered calls, how many were abandoned; nought of none."""
        return Fraction(self.abandoned, self.answered) if self.answered else Fraction(0)

    @property
    def budget(self) -> int:
        """How many more may be abandoned, even if nobody else answers, before the share is over the limit."""
        return max(0, int(LIMIT * self.answered) - self.abandoned)


@dataclass(frozen=True, slots=True)
class Floor:
    """What there is at an instant: seats without a call, and lines that ring or may ring and have no end yet."""

    seats_free: int
    lines_open: int

    def __post_init__(self) -> None:
        assert self.seats_free >= 0 <= self.lines_open, "counts"


def next_ratio(before: int, seen: Answered, *, is_due: bool) -> int:
    """The ratio after another look: 1:1 at once over the limit, and before enough was seen; where a step is due, down
    near the limit and up below it."""
    if seen.answered < SAMPLE_MIN or seen.share > LIMIT:
        return ONE_TO_ONE
    now = min(max(before, ONE_TO_ONE), RATIO_MAX)
    if not is_due:
        return now
    return max(ONE_TO_ONE, now - STEP) if seen.share >= NEAR else min(now + STEP, RATIO_MAX)


def lines_to_ring(floor: Floor, ratio: int, seen: Answered) -> int:
    """How many more persons may be rung now: at most ratio times the free seats are open together, and beyond the free
    seats no more than the budget bears."""
    beyond = floor.seats_free * max(ratio, ONE_TO_ONE) // 100 - floor.seats_free
    return max(0, floor.seats_free + min(beyond, seen.budget) - floor.lines_open)
