"""How far two reviewers agree beyond chance.

Source: J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960):
kappa = (p_o - p_e) / (1 - p_e), of the observed share of equal verdicts and that of chance by both margins.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs` that both looked at, how many got equal verdicts, and kappa; None where chance alone explains all."""

    pairs: int
    equal: int
    kappa: Fraction | None


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Of the verdicts of two reviewers on the same contacts."""
    many, equal = len(pairs), sum(first == second for first, second in pairs)
    if not many:
        return Agreement(0, 0, None)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = Fraction(sum(firsts[verdict] * seconds[verdict] for verdict in firsts), many * many)
    kappa = None if chance == 1 else (Fraction(equal, many) - chance) / (1 - chance)
    return Agreement(many, equal, kappa)
