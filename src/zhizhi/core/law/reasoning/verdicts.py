"""Laws as formulas: what each rule of a side says on a day, and what the rules say together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from zhizhi.core.law.law import Bound, Law, packs_on, rules_on
from zhizhi.core.law.reasoning.axioms import Axiom, feature_axioms
from zhizhi.core.law.reasoning.measures import measure_axioms, reading_axioms
from zhizhi.core.law.reasoning.said import Said, said
from zhizhi.core.law.reasoning.smt import Term, disj, false, neg, true
from zhizhi.core.law.reasoning.symbols import Symbols

NO_LAW = "no-law-in-force"


@dataclass(frozen=True, slots=True)
class Side:
    """A law under a reading: one of the two that are compared."""

    law: Law
    reading: str

    def rules_on(self, day: date) -> tuple[Bound, ...]:
        """The rules about contacts on a day."""
        return rules_on(self.law, self.reading, day)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What each rule of a side says on a day, by its id. Without a pack in force everything is held.

    `blocks`: where some rule forbids or holds; what is left between these and `permits` is presumed to violate.
    """

    rules: dict[str, Bound]
    said: dict[str, Said]
    forbids: Term
    blocks: Term
    permits: Term

    def silent(self, besides: str) -> Term:
        """Where every rule but one permits."""
        return neg(disj(one.speaks for name, one in self.said.items() if name != besides))

    def forbids_nothing(self, besides: str) -> Term:
        """Where no rule but one forbids."""
        return neg(disj(one.forbids for name, one in self.said.items() if name != besides))


def spoken(side: Side, day: date, symbols: Symbols) -> Spoken:
    """What a side says on a day."""
    rules = {bound.rule.id: bound for bound in side.rules_on(day)}
    found = {name: said(bound.clause, symbols) for name, bound in rules.items()}
    if not packs_on(side.law, day):
        found[f"{side.law.profile}/{NO_LAW}"] = Said(false(), true())
    parts = found.values()
    return Spoken(
        rules,
        found,
        disj(one.forbids for one in parts),
        disj(term for one in parts for term in (one.forbids, one.holds)),
        neg(disj(one.speaks for one in parts)),
    )


def all_axioms(views: Iterable[Symbols]) -> Iterator[Axiom]:
    """Every axiom about the symbols asked for so far, under each of the readings that are compared."""
    seen = {view.reading: view for view in views}
    for view in seen.values():
        yield from feature_axioms(view)
        yield from measure_axioms(view)
    if {"strict", "text"} <= seen.keys():
        yield from reading_axioms(seen["strict"], seen["text"])
