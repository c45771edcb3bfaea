"""Which rules prevent a wish: a smallest set without which it could all be planned, and with any one of which not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

from zhizhi.core.conduct.decision import Reason, Verdict
from zhizhi.core.conduct.planning.search import Search
from zhizhi.core.conduct.planning.steps import Steps
from zhizhi.core.law.catalogue import TOPICS
from zhizhi.core.law.law import Law

ROUNDS_MAX = 40
SMALLER_SETS_MAX = 60
"""Smaller sets that are tried before an irreducible one is taken for the answer."""

StepsUnder = Callable[[Law], Steps]


@dataclass(frozen=True, slots=True)
class Preventing:
    """The rules of the set with what they said, in the law's order of precedence; empty where no rule is to blame.

    `smallest`: no set with fewer of the rules that spoke would do, not merely no part of this one. `sure`: no search
    was cut short.
    """

    rules: tuple[Reason, ...]
    smallest: bool
    sure: bool


def without(law: Law, rules: Iterable[str]) -> Law:
    """The law with some rules left out. The packs stay what they are."""
    gone = frozenset(rules)
    packs = tuple(
        replace(
            pack,
            articles=tuple(
                replace(article, rules=tuple(rule for rule in article.rules if rule.id not in gone))
                for article in pack.articles
            ),
        )
        for pack in law.packs
    )
    return replace(law, packs=packs)


def preventing(law: Law, steps_under: StepsUnder) -> Preventing:
    """The smallest set of rules between the wishes and a plan; empty where they do not fit by themselves."""
    trial = _Trial(law, steps_under)
    whole = trial.enough()
    if whole is None:
        return Preventing((), smallest=False, sure=trial.sure)
    needed = trial.reduced(whole)
    smaller = trial.smaller(whole, needed)
    topics = {rule.id: TOPICS.index(rule.topic) for pack in law.packs for rule in pack.rules}
    names = sorted(
        smaller or needed, key=lambda name: (trial.met[name].effect is not Verdict.FORBID, topics[name], name)
    )
    rules = tuple(trial.met[name] for name in names)
    return Preventing(rules, smallest=smaller is not None or trial.tried_all_below(whole, needed), sure=trial.sure)


class _Trial:
    """Searches under the law without some rules. Leaving more out never loses a plan."""

    def __init__(self, law: Law, steps_under: StepsUnder) -> None:
        self._law = law
        self._steps_under = steps_under
        self._known: dict[frozenset[str], bool] = {}
        self._removable = frozenset(rule.id for pack in law.packs for rule in pack.rules)
        self.met: dict[str, Reason] = {}
        self.sure = True

    def works(self, gone: frozenset[str]) -> bool:
        """Whether all that is wished for can be planned without these rules."""
        if gone not in self._known:
            steps = self._steps_under(without(self._law, gone))
            search = Search(steps, whole_only=True)
            found = search.run()
            self._known[gone] = len(found.placed) == search.total
            self.sure = self.sure and (found.complete or self._known[gone])
            for name, reason in steps.met.items():
                self.met.setdefault(name, reason)
        return self._known[gone]

    def enough(self) -> frozenset[str] | None:
        """Rules without which a plan exists: those that spoke, then those that speak when these are silent."""
        gone: frozenset[str] = frozenset()
        for _ in range(ROUNDS_MAX):
            if self.works(gone):
                return gone
            more = gone | (self.met.keys() & self._removable)
            if more == gone:
                return None
            gone = more
        return None

    def reduced(self, gone: frozenset[str]) -> frozenset[str]:
        """The same with every rule put back that need not be left out."""
        for name in sorted(gone):
            if self.works(gone - {name}):
                gone = gone - {name}
        return gone

    def smaller(self, whole: frozenset[str], needed: frozenset[str]) -> frozenset[str] | None:
        """A set of fewer of these rules that does it too; None where there is none, or too many would be to try."""
        forced = self._forced(whole, needed)
        for size in range(1, len(needed) - len(forced)):
            if not self._few(whole - forced, size):
                return None
            for some in combinations(sorted(whole - forced), size):
                if self.works(forced.union(some)):
                    return forced.union(some)
        return None

    def tried_all_below(self, whole: frozenset[str], needed: frozenset[str]) -> bool:
        """Whether every smaller set was tried."""
        forced = self._forced(whole, needed)
        return all(self._few(whole - forced, size) for size in range(1, len(needed) - len(forced)))

    def _forced(self, whole: frozenset[str], needed: frozenset[str]) -> frozenset[str]:
        """Rules that prevent it although all the others are left out: every set that does it holds them."""
        return frozenset(name for name in needed if not self.works(whole - {name}))

    def _few(self, rest: frozenset[str], size: int) -> bool:
        return comb(len(rest), size) <= SMALLER_SETS_MAX
