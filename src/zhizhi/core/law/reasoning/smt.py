"""The one door to the solver: its words with a type, and answers that are yes, no, or not decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import z3  # type: ignore[import-untyped]  # z3 ships no types

Term: TypeAlias = Any
"""A formula or number of the solver."""

TIMEOUT_MS = 20_000
SEED = 20261121


class NotDecided(Exception):
    """The solver gave up. Nothing may be concluded, least of all that there is no difference."""


def flag(name: str) -> Term:
    """A yes or no that the solver may choose."""
    return z3.Bool(name)


def number(name: str) -> Term:
    """A whole number that the solver may choose."""
    return z3.Int(name)


def true() -> Term:
    """The formula that always holds."""
    return z3.BoolVal(True)


def false() -> Term:
    """The formula that never holds."""
    return z3.BoolVal(False)


def conj(terms: Iterable[Term]) -> Term:
    """All of them."""
    return z3.And(list(terms))


def disj(terms: Iterable[Term]) -> Term:
    """Some of them."""
    return z3.Or(list(terms))


def neg(term: Term) -> Term:
    """Not."""
    return z3.Not(term)


def implies(first: Term, then: Term) -> Term:
    """Where the first holds, the second does."""
    return z3.Implies(first, then)


def choose(condition: Term, yes: Term, no: Term) -> Term:
    """The one where the condition holds, else the other."""
    return z3.If(condition, yes, no)


def total(terms: Iterable[Term]) -> Term:
    """The sum."""
    return z3.Sum(list(terms))


def constant(value: bool | int) -> Term:
    """A value as a term."""
    return z3.BoolVal(value) if isinstance(value, bool) else z3.IntVal(value)


def substituted(formula: Term, values: Iterable[tuple[Term, bool | int]]) -> bool | None:
    """The formula with every symbol replaced by its value; None where a symbol was left."""
    result = z3.simplify(z3.substitute(formula, *[(term, constant(value)) for term, value in values]))
    return True if z3.is_true(result) else False if z3.is_false(result) else None


@dataclass(frozen=True, slots=True)
class Found:
    """What the solver chose for the symbols."""

    model: Any

    def flag(self, term: Term) -> bool:
        """The yes or no it chose; no where it does not matter."""
        return bool(z3.is_true(self.model.eval(term, model_completion=True)))

    def number(self, term: Term) -> int:
        """The whole number it chose."""
        return int(self.model.eval(term, model_completion=True).as_long())


class Solver:
    """Formulas that hold together, and questions under further assumptions."""

    def __init__(self, always: Iterable[Term]) -> None:
        self._solver = z3.Solver()
        self._wishes: list[Term] = []
        self._solver.set("timeout", TIMEOUT_MS)
        self._solver.set("random_seed", SEED)
        for term in always:
            self._solver.add(term)

    def add(self, term: Term) -> None:
        """One more formula that holds from now on."""
        self._solver.add(term)

    def prefer(self, wishes: Sequence[Term]) -> None:
        """What `ask_preferring` fulfils as far as it can, the first the longest."""
        self._wishes = []
        for wish in wishes:
            name = z3.Bool(f"wish {len(self._wishes)}")
            self._solver.add(z3.Implies(name, wish))
            self._wishes.append(name)

    def ask_preferring(self, *assumed: Term) -> Found | None:
        """As `ask`, with as many wishes fulfilled as a few questions can tell. Refuses: NotDecided."""
        self._solver.push()
        try:
            for term in assumed:
                self._solver.add(term)
            wishes = list(self._wishes)
            while True:
                answer = self._solver.check(*wishes)
                if answer == z3.sat:
                    return Found(self._solver.model())
                if answer == z3.unknown:
                    raise NotDecided(self._solver.reason_unknown())
                core = {name.get_id() for name in self._solver.unsat_core()}
                against = [place for place, name in enumerate(wishes) if name.get_id() in core]
                if not against:
                    return None
                del wishes[against[-1]]
        finally:
            self._solver.pop()

    def ask(self, *assumed: Term) -> Found | None:
        """A choice under which all of it holds, or None where there is none. Refuses: NotDecided."""
        self._solver.push()
        try:
            for term in assumed:
                self._solver.add(term)
            answer = self._solver.check()
            if answer == z3.sat:
                return Found(self._solver.model())
            if answer == z3.unsat:
                return None
            raise NotDecided(self._solver.reason_unknown())
        finally:
            self._solver.pop()
