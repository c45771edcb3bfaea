"""The search for a plan: every order of the wishes and every point, each contact as early as the law permits.

Moving a contact to an earlier permitted instant never hurts a later one: what lies further back weighs less in every
cap and waiting time. So the earliest instants of every order hold a plan if there is one. Times that a wish prefers are
a second choice at each step, by the same argument. The search is cut where no better end can follow.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zhizhi.core.conduct.planning.steps import Placed, Steps, Stuck
from zhizhi.core.conduct.planning.wish import Times
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import After, features_of

STEPS_MAX = 600
"""Places of the search that are opened before it settles for the best found; what it answers then says so."""

_OPENED_BY_US = frozenset({"contact.first", "party.told_before", "debtor.spoken_with", "party.refusal_confirmed"})
"""Features by which an earlier contact of ours may open the way for a later one; so may what a rule wants before it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best end of a search. `complete`: nothing better exists, not merely nothing better was met."""

    placed: tuple[Placed, ...]
    preferred: int
    complete: bool


class Search:
    """One search. `whole_only`: preferences do not matter, and it ends with the first plan that places all."""

    def __init__(self, steps: Steps, *, whole_only: bool = False) -> None:
        self._steps = steps
        self._whole_only = whole_only
        self._best = Found((), 0, complete=True)
        self._opened = 0
        wished = tuple(wish.count for wish in steps.wishes)
        self._total = sum(wished)
        self._openable = _openable(steps.law)
        alone = [self._alone(number, preferred=False) for number in range(len(wished))]
        self._most = tuple(min(pair) for pair in zip(wished, alone, strict=True))
        self._best_times = (
            self._most if whole_only else tuple(self._alone(n, preferred=True) for n in range(len(wished)))
        )

    @property
    def total(self) -> int:
        """How many contacts are wished for."""
        return self._total

    def run(self) -> Found:
        """The most contacts that can be placed, of these the most at preferred times."""
        if self._whole_only and sum(self._most) < self._total:
            return Found((), 0, complete=not self._steps.cut)
        self._open((), self._most)
        return Found(self._best.placed, self._best.preferred, self._opened <= STEPS_MAX and not self._steps.cut)

    def _open(self, placed: tuple[Placed, ...], left: tuple[int, ...]) -> bool:
        """Look at every continuation; True where nothing better can exist any more."""
        self._opened += 1
        if self._opened > STEPS_MAX:
            return True
        self._keep(placed)
        options, dead = self._options(placed, left)
        left = tuple(0 if number in dead else count for number, count in enumerate(left))
        for step in options:
            if not self._may_improve(placed, left):
                return self._is_best()
            rest = tuple(count - (number == step.wish) for number, count in enumerate(left))
            if self._open((*placed, step), rest):
                return True
        return self._is_best()

    def _options(self, placed: tuple[Placed, ...], left: tuple[int, ...]) -> tuple[list[Placed], set[int]]:
        """What may come next, preferred times first, then the earliest; and the wishes that nothing is left of."""
        found: dict[Placed, None] = {}
        dead = set()
        for number, count in enumerate(left):
            if count:
                steps = [self._steps.first(placed, number, point) for point in self._steps.wishes[number].points]
                found.update(dict.fromkeys(self._with_preferred(placed, steps)))
                if all(isinstance(step, Stuck) and not self._may_be_opened(step) for step in steps):
                    dead.add(number)
        prefers = self._steps.preferred
        order = sorted(found, key=lambda one: (not prefers(one), one.at, one.wish, self._place_of(one)))
        return order, dead

    def _with_preferred(self, placed: tuple[Placed, ...], steps: Iterable[Placed | Stuck]) -> Iterator[Placed]:
        for step in steps:
            if isinstance(step, Stuck):
                continue
            yield step
            prefer = self._steps.wishes[step.wish].prefer
            if not self._whole_only and prefer is not None and not self._steps.preferred(step):
                later = self._steps.first(placed, step.wish, step.point, prefer)
                if isinstance(later, Placed):
                    yield later

    def _place_of(self, step: Placed) -> int:
        return self._steps.wishes[step.wish].points.index(step.point)

    def _may_be_opened(self, stuck: Stuck) -> bool:
        """Whether another contact of ours could still open the way for a wish that has none now."""
        return stuck.decision is not None and any(reason.rule in self._openable for reason in stuck.decision.reasons)

    def _alone(self, number: int, *, preferred: bool) -> int:
        """At most how many of a wish can be placed, whatever else is; of several points each by itself."""
        wish = self._steps.wishes[number]
        times = wish.prefer if preferred else None
        return min(wish.count, sum(self._chain(number, point, times) for point in wish.points))

    def _chain(self, number: int, point: str | None, times: Times | None) -> int:
        placed: tuple[Placed, ...] = ()
        while len(placed) < self._steps.wishes[number].count:
            step = self._steps.first(placed, number, point, times)
            if isinstance(step, Stuck):
                return self._steps.wishes[number].count if self._may_be_opened(step) else len(placed)
            placed = (*placed, step)
        return len(placed)

    def _value(self, placed: tuple[Placed, ...]) -> tuple[int, int]:
        at_best = 0 if self._whole_only else sum(self._steps.preferred(one) for one in placed)
        return len(placed), at_best

    def _keep(self, placed: tuple[Placed, ...]) -> None:
        value = self._value(placed)
        if value > (len(self._best.placed), self._best.preferred):
            self._best = Found(placed, value[1], complete=True)

    def _may_improve(self, placed: tuple[Placed, ...], left: tuple[int, ...]) -> bool:
        count, preferred = self._value(placed)
        done = [sum(one.wish == number and self._steps.preferred(one) for one in placed) for number in range(len(left))]
        still = sum(
            min(some, most - have) for some, most, have in zip(left, self._best_times, done, strict=True) if most > have
        )
        bound = (count + sum(left), 0 if self._whole_only else preferred + still)
        return bound > (len(self._best.placed), self._best.preferred)

    def _is_best(self) -> bool:
        return not self._may_improve((), self._most)


def _openable(law: Law) -> frozenset[str]:
    """Ids of the rules that an earlier contact of ours may satisfy under some reading."""
    return frozenset(
        rule.id
        for pack in law.packs
        for rule in pack.rules
        for clause in rule.clauses.values()
        if isinstance(clause.body, After) or not _OPENED_BY_US.isdisjoint(features_of(clause))
    )
