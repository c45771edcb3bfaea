"""What pacing makes of a day: `python benchmarks/pacing.py`. Seeded; prints the abandoned share and how busy seats are.

Twenty seats, four hours, rings of 20 s and talks of 90 s on average; beside it one line a free seat, which abandons
nobody. Nothing is asserted here: what has to hold is held by tests/property/test_pacing_laws.py.
"""

import random
from collections.abc import Callable

from zhizhi.core.calling.pacing import ONE_TO_ONE, Answered, Floor, lines_to_ring, next_ratio

SECONDS, SEATS, RING, TALK, SEED = 14_400, 20, 20, 90, 7
Pace = Callable[[int, Answered, bool], int]


def day(answer_rate: float, pace: Pace) -> tuple[Answered, int, float]:
    """Answered and abandoned calls, the last ratio, and the share of the seats' time in talks."""
    chance, seen, ratio = random.Random(SEED), Answered(0, 0), ONE_TO_ONE
    ringing = talking = busy = 0
    for second in range(SECONDS):
        if second % 5 == 0:
            ratio = pace(ratio, seen, second % 60 == 0)
            ringing += lines_to_ring(Floor(SEATS - talking, ringing), ratio, seen)
        for _ in range(sum(chance.random() < 1 / RING for _ in range(ringing))):
            ringing -= 1
            if chance.random() < answer_rate:
                is_met = talking < SEATS
                talking += is_met
                seen = Answered(seen.answered + 1, seen.abandoned + (not is_met))
        talking -= sum(chance.random() < 1 / TALK for _ in range(talking))
        busy += talking
    return seen, ratio, busy / (SECONDS * SEATS)


def main() -> None:
    """Print a line a rate of answers."""
    print("answer rate   paced: abandoned of answered, share, ratio, seats busy   1:1: answered, seats busy")
    for rate in (0.1, 0.2, 0.35, 0.6):
        seen, ratio, busy = day(rate, lambda before, seen, due: next_ratio(before, seen, is_due=due))
        flat, _, idle = day(rate, lambda before, seen, due: ONE_TO_ONE)
        share = f"{seen.abandoned} of {seen.answered}, {float(seen.share):.2%}, {ratio / 100:.2f}, {busy:.0%}"
        print(f"{rate:>11.0%}   {share:<56}   {flat.answered}, {idle:.0%}")


if __name__ == "__main__":
    main()
