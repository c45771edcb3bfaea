"""Pacing: the share of abandoned calls stays within its limit whoever answers whenever, and seats are kept busy."""

import random
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.calling.pacing import (
    LIMIT,
    NEAR,
    ONE_TO_ONE,
    RATIO_MAX,
    SAMPLE_MIN,
    Answered,
    Floor,
    lines_to_ring,
    next_ratio,
)

COUNTS = st.integers(0, 5_000)
SEEN = st.tuples(COUNTS, COUNTS).map(lambda two: Answered(max(two), min(two)))
RATIOS = st.integers(ONE_TO_ONE, RATIO_MAX)


@given(RATIOS, SEEN, st.booleans())
def test_near_the_limit_the_ratio_never_rises_and_over_it_it_is_one_to_one(
    before: int, seen: Answered, is_due: bool
) -> None:
    after = next_ratio(before, seen, is_due=is_due)
    assert ONE_TO_ONE <= after <= RATIO_MAX
    if seen.share >= NEAR:
        assert after <= before
    if seen.share > LIMIT or seen.answered < SAMPLE_MIN:
        assert after == ONE_TO_ONE


@given(st.integers(0, 300), st.integers(0, 900), RATIOS, SEEN)
def test_never_more_lines_than_free_seats_times_ratio(free: int, lines: int, ratio: int, seen: Answered) -> None:
    more = lines_to_ring(Floor(free, lines), ratio, seen)
    assert more >= 0
    if more:
        assert (lines + more) * 100 <= free * ratio
        assert lines + more - free <= seen.budget
    if free == 0:
        assert more == 0


def test_a_campaign_begins_one_to_one_and_rises_step_by_step() -> None:
    assert next_ratio(ONE_TO_ONE, Answered(0, 0), is_due=True) == ONE_TO_ONE
    assert [next_ratio(ratio, Answered(200, 0), is_due=True) for ratio in (100, 105, 298)] == [105, 110, RATIO_MAX]
    assert next_ratio(105, Answered(200, 0), is_due=False) == 105
    assert lines_to_ring(Floor(10, 0), 200, Answered(SAMPLE_MIN, 0)) == 13, "ten seats, and three of a hundred"


@dataclass
class Hall:
    """A floor on which calls are rung, answered or not, and end; whoever answers and finds no seat is abandoned."""

    seats: int
    ratio: int = ONE_TO_ONE
    ringing: int = 0
    talking: int = 0
    answered: int = 0
    abandoned: int = 0

    @property
    def seen(self) -> Answered:
        return Answered(self.answered, self.abandoned)

    def look(self, *, is_due: bool = True) -> None:
        """One look of the controller, and what it rings."""
        self.ratio = next_ratio(self.ratio, self.seen, is_due=is_due)
        self.ringing += lines_to_ring(Floor(self.seats - self.talking, self.ringing), self.ratio, self.seen)

    def answer(self) -> None:
        self.ringing -= 1
        self.answered += 1
        if self.talking < self.seats:
            self.talking += 1
        else:
            self.abandoned += 1


@given(
    st.integers(1, 40), st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120), st.integers(0, 40)), max_size=60)
)
def test_the_share_stays_within_its_limit_whoever_answers_whenever(
    seats: int, turns: list[tuple[int, int, int]]
) -> None:
    """The worst that persons can do: any number of them answers at any second, and no talk has to end."""
    hall = Hall(seats, answered=SAMPLE_MIN)
    for answers, unanswered, ends in turns:
        hall.look()
        for _ in range(min(answers, hall.ringing)):
            hall.answer()
            assert hall.seen.share <= LIMIT
        hall.ringing -= min(unanswered, hall.ringing)
        hall.talking -= min(ends, hall.talking)


@pytest.mark.parametrize("answer_rate", [0.2, 0.35, 0.6])
def test_a_day_with_honest_answer_rates(answer_rate: float) -> None:
    """Seconds of four hours with twenty seats, seeded: rings of 20 s, talks of 90 s, both geometric."""
    assert day(answer_rate, seed=7).seen.share <= LIMIT


def day(answer_rate: float, seed: int, *, seconds: int = 14_400, seats: int = 20) -> Hall:
    """A floor after so many seconds; a look every five, a step of the ratio a minute."""
    chance, hall = random.Random(seed), Hall(seats)
    for second in range(seconds):
        if second % 5 == 0:
            hall.look(is_due=second % 60 == 0)
        for _ in range(sum(chance.random() < 1 / 20 for _ in range(hall.ringing))):
            if chance.random() < answer_rate:
                hall.answer()
            else:
                hall.ringing -= 1
        hall.talking -= sum(chance.random() < 1 / 90 for _ in range(hall.talking))
    return hall


def test_the_share_of_the_seeded_days_is_one_that_could_be_seen() -> None:
    """The days above are no days of silence: calls were answered by the hundred, and some rung beyond the seats."""
    hall = day(0.35, seed=7)
    assert hall.answered > 10 * SAMPLE_MIN
    assert hall.seen.share > Fraction(0)
