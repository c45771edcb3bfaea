"""The rules of a law as expressions of two rule engines, translated from the same nodes, over features ready made.

Logic of three values is written out as the compiler does it: once where a condition holds, once where it fails. What is
measured on the history is counted for the engines: they compare a count with its limit and read flags.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.days import add_years
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.evaluate import Effect, evaluate
from zhizhi.core.law.law import Bound, Law, rules_on
from zhizhi.core.law.nodes import (
    All,
    AtLeast,
    Cap,
    Clause,
    Condition,
    Forbid,
    Fresh,
    Hold,
    Is,
    Not,
    Require,
)
from zhizhi.core.law.nodes import (
    Any as AnyOf,
)

FORBID, HOLD, PERMIT = 2, 1, 0
NAMES = {FORBID: "forbid", HOLD: "hold", PERMIT: "permit"}


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a language writes the connectives."""

    both: str
    either: str
    negated: Callable[[str], str]


CEL = Syntax(" && ", " || ", lambda test: f"!({test})")
ZEN = Syntax(" and ", " or ", lambda test: f"not ({test})")


def translate(law: Law, reading: str, day: date) -> tuple[Bound, ...]:
    """The rules of a day that say something about contacts."""
    return tuple(bound for bound in rules_on(law, reading, day) if _speaks(bound))


def _speaks(bound: Bound) -> bool:
    return type(bound.clause.body).__name__ not in ("Oblige", "Retain", "Duty")


def counted(case: Case, law: Law, rules: Sequence[Bound]) -> dict[str, Any]:
    """Every feature of the catalogue and every measure of the rules, as plain values."""
    record = Record(View(case, law.zone or case.time_zones[0]), case.proposed.at)
    found: dict[str, Any] = {}
    for name in FEATURES:
        value = record.value(name)
        kept = sorted(value) if isinstance(value, frozenset) else None if isinstance(value, date) else value
        found[_name(name)] = kept
    for place, bound in enumerate(rules):
        found.update(_measured(place, bound, record))
    return found


def _measured(place: int, bound: Bound, record: Record) -> dict[str, Any]:
    body = bound.clause.body
    if isinstance(body, Forbid | Require | Hold):
        return {}
    if isinstance(body, Cap):
        count = record.count(body)
        limits = [limit for limit in (body.limit, count.agreed) if isinstance(limit, int)]
        limit = count.agreed if body.higher_counts and count.agreed is not None else min(limits, default=10**6)
        if getattr(count, "consented", False) is not False:
            limit = 10**6
        return {f"certain{place}": count.certain, f"possible{place}": count.possible, f"limit{place}": limit}
    if isinstance(body, Fresh):
        on = record.value(body.feature)
        if not isinstance(on, date):
            return {f"age{place}": None, f"least{place}": 0}
        last = add_years(on, 1) if body.anniversary else on + timedelta(days=int(body.days))  # type: ignore[arg-type]  # filled in
        return {f"age{place}": (record.day - on).days, f"least{place}": (last - on).days}
    effect = evaluate(Clause(All(), AnyOf(), body), record).effect
    return {f"state{place}": {Effect.FORBID: FORBID, Effect.HOLD: HOLD, Effect.PERMIT: PERMIT}[effect]}


def as_cel(rules: Sequence[Bound]) -> str:
    """One CEL expression: the list of what each rule says."""
    return "[" + ", ".join(_rule(CEL, place, bound) for place, bound in enumerate(rules)) + "]"


def as_zen(rules: Sequence[Bound]) -> str:
    """One zen expression: the list of what each rule says."""
    return "[" + ", ".join(_rule(ZEN, place, bound) for place, bound in enumerate(rules)) + "]"


def verdict(effects: Sequence[float]) -> str:
    """The verdict of such a list."""
    return NAMES[int(max(effects, default=PERMIT))]


def _rule(syntax: Syntax, place: int, bound: Bound) -> str:
    """`0` where the rule is silent; else what it says, a hold where it is not certain that it applies."""
    clause, body = bound.clause, bound.clause.body
    silent = [_known(syntax, clause.when, wanted=False), _known(syntax, clause.unless, wanted=True)]
    surely = [_known(syntax, clause.when, wanted=True), _known(syntax, clause.unless, wanted=False)]
    says = str(FORBID)
    if isinstance(body, Forbid | Hold | Require):
        is_broken = not isinstance(body, Require)
        silent.append(_known(syntax, body.condition, wanted=not is_broken))
        surely.append(_known(syntax, body.condition, wanted=is_broken))
        says = str(HOLD if isinstance(body, Hold) else FORBID)
    elif isinstance(body, Cap):
        silent.append(f"possible{place} < limit{place}")
        surely.append(f"certain{place} >= limit{place}")
    elif isinstance(body, Fresh):
        fresh = f"age{place} >= 0{syntax.both}age{place} <= least{place}"
        silent.append(f"(age{place} != null{syntax.both}{fresh})")
        surely.append(f"age{place} != null")
    else:
        silent.append(f"state{place} == {PERMIT}")
        says = f"state{place}"
    return f"({syntax.either.join(silent)} ? {PERMIT} : ({syntax.both.join(surely)} ? {says} : {HOLD}))"


def _known(syntax: Syntax, condition: Condition, *, wanted: bool) -> str:
    if isinstance(condition, Not):
        return _known(syntax, condition.condition, wanted=not wanted)
    if isinstance(condition, All | AnyOf):
        parts = [_known(syntax, part, wanted=wanted) for part in condition.conditions]
        joins_all = isinstance(condition, All) is wanted
        return f"({(syntax.both if joins_all else syntax.either).join(parts)})" if parts else str(joins_all).lower()
    name = _name(condition.feature)
    if isinstance(condition, AtLeast):
        return f"({name} != null{syntax.both}{name} {'>=' if wanted else '<'} {condition.number})"
    return f"({name} != null{syntax.both}{_is(syntax, condition, name, wanted=wanted)})"


def _is(syntax: Syntax, condition: Is, name: str, *, wanted: bool) -> str:
    values = sorted(condition.values, key=str)
    if FEATURES[condition.feature].type == "set":
        test = "(" + syntax.either.join(f'"{value}" in {name}' for value in values) + ")"
        return test if wanted else syntax.negated(test)
    if len(values) == 1:
        return f"{name} {'==' if wanted else '!='} {_literal(values[0])}"
    test = f"{name} in [{', '.join(_literal(value) for value in values)}]"
    return test if wanted else syntax.negated(test)


def _literal(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _name(feature: str) -> str:
    return feature.replace(".", "_")
