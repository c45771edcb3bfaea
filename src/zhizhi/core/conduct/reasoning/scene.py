"""Two laws side by side on one day: questions to the solver, and cases for its answers that the reference confirms."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from zhizhi.core.conduct.case import CaseError, parse_case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision, Verdict
from zhizhi.core.conduct.reasoning.build import NotBuilt, realise
from zhizhi.core.conduct.reasoning.chosen import to_wanted, wishes
from zhizhi.core.conduct.reasoning.histories import Document
from zhizhi.core.conduct.reasoning.possible import Possible, Setting
from zhizhi.core.law.reasoning.smt import Found, Solver, Term, conj, neg
from zhizhi.core.law.reasoning.symbols import Symbol, Symbols
from zhizhi.core.law.reasoning.verdicts import Side, all_axioms, spoken

TRIES_MAX = 6
ZONE_WITHOUT_LAW = "America/New_York"
"""Where the debtor of a witness lives if the law leaves the zone to him."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A case and what the reference decides about it under the old law and under the new one."""

    document: Document
    old: Decision
    new: Decision

    @property
    def is_milder(self) -> bool:
        """Whether the new verdict is weaker than the old one."""
        return rank(self.new) < rank(self.old)


_RANKS = {Verdict.PERMIT: 0, Verdict.PRESUMED_VIOLATION: 1, Verdict.HOLD: 2, Verdict.FORBID: 3}


def rank(decision: Decision) -> int:
    """How strong a verdict is."""
    return _RANKS[decision.verdict]


Confirms = Callable[[Confirmed], bool]


class Scene:
    """Both sides as formulas on a day. `refined`: how many answers of the solver the reference did not confirm."""

    def __init__(self, old: Side, new: Side, day: date) -> None:
        assert old.law.profile == new.law.profile, "two laws of one profile"
        self.old, self.new, self.day = old, new, day
        symbols = Symbols(old.reading)
        views = [symbols] if old.reading == new.reading else [symbols, symbols.under(new.reading)]
        self.before, self.after = spoken(old, day, views[0]), spoken(new, day, views[-1])
        self.symbols, self._views = symbols, views
        self._sound = Solver(axiom.formula for axiom in all_axioms(views))
        self.refined = 0

    @cached_property
    def possible(self) -> Possible:
        """Contacts that can be written down; made when a witness is first looked for."""
        bodies = {bound.clause.body for side in (self.before, self.after) for bound in side.rules.values()}
        zone = self.old.law.zone or ZONE_WITHOUT_LAW
        setting = Setting(self.old.law.profile, self.old.reading, zone, self.day)
        return Possible(self._views, setting, sorted(bodies, key=str))

    @cached_property
    def _writable(self) -> Solver:
        writable = list(self.possible.formulas())
        solver = Solver([*(axiom.formula for axiom in all_axioms(self._views)), *writable])
        solver.prefer(list(wishes(self.possible)))
        return solver

    def never(self, asked: Term) -> bool:
        """Whether no contact at all, that axioms allow, is like this: a proof. Refuses: NotDecided."""
        return self._sound.ask(asked) is None

    def witness(self, asked: Term, confirms: Confirms, tries: int = TRIES_MAX) -> Confirmed | None:
        """A case like this that the reference confirms; None where none was built, which proves nothing."""
        barred: list[Term] = []
        for _ in range(tries):
            found = self._writable.ask_preferring(asked, *barred)
            if found is None:
                return None
            confirmed = self._confirmed(found)
            if confirmed is not None and confirms(confirmed):
                return confirmed
            self.refined += 1
            barred.append(neg(conj(self._choice(found))))
        return None

    def _confirmed(self, found: Found) -> Confirmed | None:
        wanted = to_wanted(found, self.possible)
        silence = next(one for one in self.possible.silences if one.name == wanted.situation)
        try:
            document = realise(wanted, self.possible.kinds, silence)
            return self.decided(document)
        except (NotBuilt, CaseError):
            return None

    def decided(self, document: Document) -> Confirmed:
        """The case under both laws, each with its reading. Refuses: CaseError."""
        old, new = deepcopy(document), deepcopy(document)
        old["reading"], new["reading"] = self.old.reading, self.new.reading
        return Confirmed(document, decide(parse_case(old), self.old.law), decide(parse_case(new), self.new.law))

    def _choice(self, found: Found) -> Iterator[Term]:
        """The features and measures that the solver chose, clocks left away: what is not to be tried again."""
        for symbol, term in self.symbols.items():
            if _is_tried(symbol):
                yield term == (found.number(term) if symbol.is_number else found.flag(term))


def _is_tried(symbol: Symbol) -> bool:
    return symbol.kind in ("known", "holds", "certain", "possible", "inside", "spared", "open", "closed")
