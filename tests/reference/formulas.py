"""The reference evaluator against the formulas of the solver, by substitution, rule by rule from a seed.

One comparison is one rule for one contact: the values of the contact's record are put into the formula, and what comes
out is compared with what the reference says. Every axiom has to hold for the same values, and what is not marked as
depending on the reading has to be the same under both.
"""

from collections.abc import Mapping
from random import Random

from reference.closures import Compared
from reference.wide_cases import wide_case
from reference.wide_rules import wide_clauses
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.reasoning.measured import measured
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.law.evaluate import evaluate
from zhizhi.core.law.law import rules_on
from zhizhi.core.law.nodes import Clause
from zhizhi.core.law.reasoning.axioms import Axiom
from zhizhi.core.law.reasoning.said import Said, said
from zhizhi.core.law.reasoning.smt import Term, conj, flag, substituted
from zhizhi.core.law.reasoning.symbols import Symbols
from zhizhi.core.law.reasoning.verdicts import all_axioms
from zhizhi.store.packs import list_profiles, load_law

RULES, CASES = 30, 8
EFFECTS = {"forbids": "forbid", "holds": "hold", "presumes": "presumed_violation"}
READINGS = ("strict", "text")


class Formulas:
    """Rules under both readings as formulas, with a name for what each should come to."""

    def __init__(self, clauses: Mapping[str, list[Clause]]) -> None:
        self.symbols = Symbols("strict")
        views = {"strict": self.symbols, "text": self.symbols.under("text")}
        self.rules: list[tuple[str, Clause, Said]] = [
            (reading, clause, said(clause, views[reading])) for reading in READINGS for clause in clauses[reading]
        ]
        self.axioms: list[Axiom] = list(all_axioms(views.values()))
        parts = [
            getattr(one, part) == flag(f"{part} {n}") for n, (_, _, one) in enumerate(self.rules) for part in EFFECTS
        ]
        self.whole: Term = conj([*parts, *(axiom.formula for axiom in self.axioms)])

    def differences(self, records: Mapping[str, Record], found: Compared, where: str) -> None:
        """Compare every rule for one contact, and check every axiom."""
        values = [(term, measured(records[symbol.reading], symbol)) for symbol, term in self.symbols.items()]
        effects = [evaluate(clause, records[reading]).effect.value for reading, clause, _ in self.rules]
        found.comparisons += len(effects)
        found.kinds.update(effects)
        wanted = [
            (flag(f"{part} {n}"), effect == says) for n, effect in enumerate(effects) for part, says in EFFECTS.items()
        ]
        if substituted(self.whole, [*values, *wanted]) is not True:
            self._name(values, effects, found, where)
        for symbol, _ in self.symbols.items():
            if not symbol.reading and measured(records["text"], symbol) != measured(records["strict"], symbol):
                found.differences.append(f"{where}: `{symbol.name}` depends on the reading")

    def _name(self, values: list[tuple[Term, bool | int]], effects: list[str], found: Compared, where: str) -> None:
        for (reading, clause, one), effect in zip(self.rules, effects, strict=True):
            says = [name for part, name in EFFECTS.items() if substituted(getattr(one, part), values)] or ["permit"]
            if says != [effect]:
                found.differences.append(f"{where}, {reading}: {clause} is {effect}, the formula says {says}")
        for axiom in self.axioms:
            if substituted(axiom.formula, values) is not True:
                found.differences.append(f"{where}: axiom `{axiom.name}` does not hold: {axiom.why}")


def records_of(seed: int, profile: str) -> dict[str, Record]:
    """The record of a generated contact under each reading; a profile that leaves the zone to the debtor takes his."""
    zone = load_law(profile).zone
    found = {}
    for reading in READINGS:
        case = parse_case(wide_case(seed, profile, reading))
        found[reading] = Record(View(case, zone or case.time_zones[0]), case.proposed.at)
    return {**found, "": found["strict"]}


def compare(seed: int) -> Compared:
    """Every comparison of a seed: rules of a profile, or generated ones."""
    dice, found = Random(seed), Compared()
    profile = dice.choice(list_profiles())
    if seed % 2:
        generated = wide_clauses(seed, RULES)
        clauses = dict.fromkeys(READINGS, generated)
    else:
        law = load_law(profile)
        day = records_of(seed * 1_000, profile)["strict"].day
        clauses = {reading: [bound.clause for bound in rules_on(law, reading, day)] for reading in READINGS}
    formulas = Formulas(clauses)
    for number in range(CASES):
        where = f"seed {seed}, case {number}"
        formulas.differences(records_of(seed * 1_000 + number, profile), found, where)
    return found
