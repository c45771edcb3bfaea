"""同案同策: whether debtors with equal facts were given equal offers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from zhizhi.core.debt.relief.offers import Catalogue


@dataclass(frozen=True, slots=True, order=True)
class FactsClass:
    """Facts that open the same offers: the catalogue tells debts apart by nothing else."""

    catalogue: str
    product: str
    days_from: int
    days_until: int | None
    hardship: bool


@dataclass(frozen=True, slots=True)
class Given:
    """An offer that a debtor was given."""

    facts: FactsClass
    choice: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How the debtors of one class fared: how often which offer was given, the most frequent first."""

    facts: FactsClass
    given: tuple[tuple[str, int], ...]

    @property
    def others(self) -> int:
        """Debtors who got something else than most; 0 where all were given the same."""
        return sum(count for _, count in self.given[1:])


def class_of(catalogue: Catalogue, product: str, days_past_due: int, *, hardship: bool) -> FactsClass:
    """The class of a debt: its span of days reaches from one age at which any offer begins or ends to the next."""
    edges = {0, *(offer.days_from for offer in catalogue.offers)}
    edges |= {offer.days_until for offer in catalogue.offers if offer.days_until is not None}
    edges |= {grant.days_from for grant in catalogue.grants}
    below = max(edge for edge in edges if edge <= max(days_past_due, 0))
    above = min((edge for edge in edges if edge > days_past_due and edge > 0), default=None)
    return FactsClass(catalogue.version, product, below, above, hardship)


def spread_of(given: Iterable[Given]) -> list[Spread]:
    """One line a class, those with differences first."""
    counts: dict[FactsClass, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in given:
        counts[one.facts][one.choice] += 1
    lines = [
        Spread(facts, tuple(sorted(choices.items(), key=lambda item: (-item[1], item[0]))))
        for facts, choices in counts.items()
    ]
    return sorted(lines, key=lambda line: (-line.others, line.facts.product, line.facts.days_from, line.facts.hardship))
