"""What the rules of a law ask of the facts on the days of a run: nothing else is computed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from zhizhi.core.law.catalogue import FEATURES, TOPICS
from zhizhi.core.law.law import Bound, Law, packs_on, rules_on
from zhizhi.core.law.nodes import SILENT, All, Any, AtLeast, Condition, Fresh, Is, Not, Oblige

DAYS_MAX = 366 * 50
"""Longest run of days that one batch may reach over."""

HORIZON_DAYS = 401
"""How far ahead a next instant is looked for."""

NO_VERDICT = (*SILENT, Oblige)
"""Bodies that decide no contact."""

_Body = TypeVar("_Body")


@dataclass(frozen=True, slots=True)
class Period:
    """Rules that stand from a day on, up to the next period."""

    first: date
    bounds: tuple[Bound, ...]
    in_force: bool
    """Whether there is any law on these days: without one nothing is permitted."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """The rules of a law under a reading over a run of days, and what they ask for."""

    law: Law
    reading: str
    periods: tuple[Period, ...]
    rules: tuple[str, ...]
    """Ids of all rules, in the order in which reasons of one effect are given."""
    features: frozenset[str]
    values: frozenset[tuple[str, str]]
    """Features that are sets, with the values that some rule asks for."""
    choices: Mapping[str, tuple[str, ...]]
    """Features that are choices, with the values that some rule asks for, sorted."""
    turns: tuple[date, ...]
    """Days on which other rules or numbers begin to stand, up to the horizon of the next instant."""

    def bodies(self, kind: type[_Body]) -> tuple[_Body, ...]:
        """Every different body of a kind, its numbers filled in, in the order of first use."""
        found = (bound.clause.body for period in self.periods for bound in period.bounds)
        return tuple(dict.fromkeys(body for body in found if isinstance(body, kind)))

    def clauses_of(self, kind: type[_Body]) -> tuple[Bound, ...]:
        """Every rule of a period that says a body of a kind."""
        return tuple(bound for period in self.periods for bound in period.bounds if isinstance(bound.clause.body, kind))

    def asks(self, *features: str) -> bool:
        """Whether some rule asks for one of the features."""
        return not self.features.isdisjoint(features)


def demand_of(law: Law, reading: str, first: date, last: date) -> Demand:
    """What a law asks under a reading on the days from `first` to `last`. Refuses: more than DAYS_MAX (ValueError)."""
    if (last - first).days > DAYS_MAX:
        raise ValueError(f"the contacts reach over more than {DAYS_MAX} days; help: decide them in parts")
    periods: list[Period] = []
    before: object = None
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        standing = rules_on(law, reading, day)
        if standing is not before:
            bounds = tuple(
                bound
                for bound in standing
                if not isinstance(bound.clause.body, NO_VERDICT) and bound.clause.breach != "warning"
            )
            periods.append(Period(day, bounds, bool(packs_on(law, day))))
            before = standing
    order = {topic: place for place, topic in enumerate(TOPICS)}
    rules = {bound.rule.id: bound.rule for period in periods for bound in period.bounds}
    features: set[str] = set()
    values: set[tuple[str, str]] = set()
    choices: dict[str, set[str]] = defaultdict(set)
    for period in periods:
        for bound in period.bounds:
            clause = bound.clause
            features |= asked_by(bound)
            for test in tests_of((clause.when, clause.unless, getattr(clause.body, "condition", None))):
                if isinstance(test, Is) and FEATURES[test.feature].type == "set":
                    values.update((test.feature, str(value)) for value in test.values)
                if isinstance(test, Is) and FEATURES[test.feature].type == "choice":
                    choices[test.feature].update(map(str, test.values))
    turns, before = [], None
    for ahead in range((last - first).days + HORIZON_DAYS + 1):
        standing = rules_on(law, reading, first + timedelta(days=ahead))
        if standing is not before and before is not None:
            turns.append(first + timedelta(days=ahead))
        before = standing
    return Demand(
        turns=tuple(turns),
        law=law,
        reading=reading,
        periods=tuple(periods),
        rules=tuple(sorted(rules, key=lambda name: (order[rules[name].topic], name))),
        features=frozenset(features),
        values=frozenset(values),
        choices={feature: tuple(sorted(asked)) for feature, asked in choices.items()},
    )


def asked_by(bound: Bound) -> set[str]:
    """The features that a rule asks for."""
    clause = bound.clause
    asked = {test.feature for test in tests_of((clause.when, clause.unless, getattr(clause.body, "condition", None)))}
    return asked | ({clause.body.feature} if isinstance(clause.body, Fresh) else set())


def tests_of(condition: "Condition | tuple[Condition | None, ...] | None") -> Iterator[Is | AtLeast]:
    """The tests of features that conditions are made of."""
    if condition is None:
        return
    if isinstance(condition, tuple):
        for inner in condition:
            yield from tests_of(inner)
    elif isinstance(condition, Is | AtLeast):
        yield condition
    elif isinstance(condition, Not):
        yield from tests_of(condition.condition)
    else:
        assert isinstance(condition, All | Any), "conditions are a closed list"
        yield from tests_of(condition.conditions)
