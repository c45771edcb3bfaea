"""The reference evaluator: one rule, one record of features, one outcome. Other engines are judged by it.

Logic has three values. A rule whose condition is unknown holds; an effect is never lost because a fact is missing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any as AnyValue

from zhizhi.core.kernel.days import add_years
from zhizhi.core.law.features import Doubt, Features, WindowState, limit_of
from zhizhi.core.law.nodes import (
    After,
    All,
    Any,
    AtLeast,
    Avoid,
    Cap,
    Clause,
    Condition,
    Cooldown,
    Duty,
    Forbid,
    Fresh,
    Gate,
    Hold,
    Is,
    Not,
    Oblige,
    Require,
    Retain,
    Window,
    features_of,
)


class Effect(StrEnum):
    """What a rule says about a contact, strongest first."""

    FORBID = "forbid"
    HOLD = "hold"
    PRESUMED_VIOLATION = "presumed_violation"
    PERMIT = "permit"


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a cap is used."""

    limit: int
    used: int
    resets_at: datetime


CERTAIN = Doubt()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule says. `release`: before it, and before the next change of facts, the rule surely says the same.

    `warns`: the rule permits, and has something to say.
    """

    effect: Effect
    release: datetime | None = None
    until: datetime | None = None
    facts: tuple[str, ...] = ()
    doubt: Doubt = CERTAIN
    spent: Spent | None = None
    must_end_by: datetime | None = None
    obligation: str | None = None
    warns: bool = False


PERMITS = Outcome(Effect.PERMIT)
_WARNS = Outcome(Effect.PERMIT, warns=True)

Truth = bool | None


def truth(condition: Condition, features: Features) -> Truth:
    """Whether a condition holds: yes, no, or not known."""
    kind = type(condition)
    if kind is Is:
        return _is(condition, features)  # type: ignore[arg-type]  # told apart by its type, which is quicker than match
    if kind is All:
        return all_of(truth(inner, features) for inner in condition.conditions)  # type: ignore[union-attr]  # as above
    if kind is Any:
        return any_of(truth(inner, features) for inner in condition.conditions)  # type: ignore[union-attr]  # as above
    if isinstance(condition, Not):
        inverse = truth(condition.condition, features)
        return None if inverse is None else not inverse
    assert isinstance(condition, AtLeast), "conditions are a closed list"
    value = features.value(condition.feature)
    assert isinstance(condition.number, int), "numbers are filled in before a rule is evaluated"
    return None if value is None else bool(value >= condition.number)  # type: ignore[operator]  # an integer feature


def _is(condition: Is, features: Features) -> Truth:
    value = features.value(condition.feature)
    if value is None:
        return None
    return not condition.values.isdisjoint(value) if isinstance(value, frozenset) else value in condition.values


def all_of(truths: Iterable[Truth]) -> Truth:
    """True if all are; false if one is; else not known."""
    result: Truth = True
    for one in truths:
        if one is False:
            return False
        if one is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if one is; false if all are; else not known."""
    result: Truth = False
    for one in truths:
        if one is True:
            return True
        if one is None:
            result = None
    return result


def missing(condition: object, features: Features) -> tuple[str, ...]:
    """Places of the facts that a condition asks for and that are not known."""
    return tuple(features.place(name) for name in dict.fromkeys(features_of(condition)) if features.value(name) is None)


def evaluate(clause: Clause, features: Features) -> Outcome:
    """What a rule says under one reading.

    Boundary: where it is not known whether the rule applies, or whether an exception lifts it, a prohibition is a hold,
    and so is a presumption. A warning never holds: it is given where it may be due.
    """
    applies = truth(clause.when, features)
    if applies is False:
        return PERMITS
    lifted = truth(clause.unless, features)
    if lifted is True:
        return PERMITS
    said = _SAYS[type(clause.body)](clause.body, features)
    if clause.breach == "warning":
        return PERMITS if said.effect is Effect.PERMIT else replace(_WARNS, until=said.until, facts=said.facts)
    if clause.breach == "presumed_violation" and said.effect is Effect.FORBID:
        said = replace(said, effect=Effect.PRESUMED_VIOLATION)
    if applies is True and lifted is False:
        return said
    if said.effect is Effect.PERMIT:
        return replace(said, obligation=None)
    unknown = missing((clause.when, clause.unless), features)
    return replace(said, effect=Effect.HOLD, doubt=Doubt(tuple(dict.fromkeys((*said.doubt.facts, *unknown)))))


def _window(body: Window, features: Features) -> Outcome:
    return _hours(features.window(body))


def _avoid(body: Avoid, features: Features) -> Outcome:
    return _hours(features.spared(body))


def _hours(state: WindowState) -> Outcome:
    if state.inside:
        return Outcome(Effect.PERMIT, must_end_by=state.closes_at)
    return Outcome(Effect.FORBID, release=state.opens_at, until=state.opens_at)


def _cap(body: Cap, features: Features) -> Outcome:
    count = features.count(body)
    limit = limit_of(body, count.agreed)
    if limit is None:
        return PERMITS
    spent = Spent(limit, count.certain, count.resets_at)
    if count.possible < limit or count.consented is True:
        return Outcome(Effect.PERMIT, spent=spent)
    effect = Effect.FORBID if count.certain >= limit and count.consented is False else Effect.HOLD
    doubt = count.doubt if effect is Effect.HOLD else Doubt()
    return Outcome(effect, count.resets_at, count.resets_at, count.facts, doubt, spent)


def _cooldown(body: Cooldown, features: Features) -> Outcome:
    state = features.cooldown(body)
    if state.consented is True:
        return PERMITS
    if state.certain_until is not None and features.at < state.certain_until:
        if state.consented is None:
            return Outcome(Effect.HOLD, state.certain_until, state.certain_until, state.facts, state.doubt)
        return Outcome(Effect.FORBID, state.certain_until, state.certain_until, state.facts)
    if state.possible_until is not None and features.at < state.possible_until:
        return Outcome(Effect.HOLD, state.possible_until, state.possible_until, state.facts, state.doubt)
    return PERMITS


def _after(body: After, features: Features) -> Outcome:
    state = features.after(body)
    if state.certain_from is not None and state.certain_from <= features.at:
        return PERMITS
    if state.possible_from is not None and state.possible_from <= features.at:
        return Outcome(Effect.HOLD, state.certain_from, state.certain_from, state.facts, state.doubt)
    starts = [start for start in (state.certain_from, state.possible_from) if start is not None]
    return Outcome(Effect.FORBID, min(starts, default=None), min(starts, default=None), state.facts)


def _gate(body: Gate, features: Features) -> Outcome:
    state = features.gate(body)
    if state.is_open is True:
        return PERMITS
    effect = Effect.FORBID if state.is_open is False else Effect.HOLD
    return Outcome(effect, state.opens_at, state.opens_at, state.facts, state.doubt)


def _forbid(body: Forbid, features: Features) -> Outcome:
    return _stated(truth(body.condition, features), Effect.FORBID, body.condition, features)


def _require(body: Require, features: Features) -> Outcome:
    return _stated(truth(Not(body.condition), features), Effect.FORBID, body.condition, features)


def _hold(body: Hold, features: Features) -> Outcome:
    return _stated(truth(body.condition, features), Effect.HOLD, body.condition, features)


def _stated(broken: Truth, effect: Effect, condition: Condition, features: Features) -> Outcome:
    if broken is False:
        return PERMITS
    if broken is True:
        return Outcome(effect)
    return Outcome(Effect.HOLD, doubt=Doubt(missing(condition, features)))


def _fresh(body: Fresh, features: Features) -> Outcome:
    day = features.value(body.feature)
    if day is None:
        return Outcome(Effect.HOLD, doubt=Doubt((features.place(body.feature),)))
    assert isinstance(day, date), "a feature of type day"
    assert isinstance(body.days, int), "numbers are filled in before a rule is evaluated"
    last = add_years(day, 1) if body.anniversary else day + timedelta(days=body.days)
    return PERMITS if day <= features.day <= last else Outcome(Effect.FORBID)


def _oblige(body: Oblige, _features: Features) -> Outcome:
    return Outcome(Effect.PERMIT, obligation=body.do)


def _silent(_body: Duty | Retain, _features: Features) -> Outcome:
    return PERMITS


_SAYS: Mapping[type, Callable[[AnyValue, Features], Outcome]] = {
    Window: _window,
    Avoid: _avoid,
    Cap: _cap,
    Cooldown: _cooldown,
    After: _after,
    Gate: _gate,
    Forbid: _forbid,
    Require: _require,
    Hold: _hold,
    Fresh: _fresh,
    Oblige: _oblige,
    Duty: _silent,
    Retain: _silent,
}
