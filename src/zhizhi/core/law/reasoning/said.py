"""Clauses as formulas: where a rule surely forbids and where it holds, over the symbols of a record.

Each formula says what `core/law/evaluate.py` computes; `tests/reference/test_reasoning_differential.py` substitutes
the values of records into them and compares.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any as AnyValue

from zhizhi.core.law.catalogue import FEATURES
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
    Number,
    Oblige,
    Require,
    Retain,
    Window,
)
from zhizhi.core.law.reasoning.smt import Term, choose, conj, disj, false, neg, true
from zhizhi.core.law.reasoning.symbols import Symbols, rowed

DAYS_OF_A_YEAR = 365
NEVER = false()


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth of three values: surely, and surely not; neither where it is unknown."""

    yes: Term
    no: Term

    @property
    def unknown(self) -> Term:
        """Neither yes nor no."""
        return conj([neg(self.yes), neg(self.no)])


@dataclass(frozen=True, slots=True)
class Said:
    """Where a rule forbids, where it holds, where it presumes a violation. Never two of them."""

    forbids: Term
    holds: Term
    presumes: Term = NEVER

    @property
    def speaks(self) -> Term:
        """Where it does not permit."""
        return disj([self.forbids, self.holds, self.presumes])


def truth(condition: Condition, symbols: Symbols) -> Truth:
    """Whether a condition holds. An exhaustive list: a kind of condition that is not here is a bug."""
    match condition:
        case Is():
            return _is(condition, symbols)
        case AtLeast():
            known, value = symbols.known(condition.feature), symbols.number(condition.feature)
            return Truth(conj([known, value >= condition.number]), conj([known, value < condition.number]))
        case Not():
            inner = truth(condition.condition, symbols)
            return Truth(inner.no, inner.yes)
        case All():
            parts = [truth(part, symbols) for part in condition.conditions]
            return Truth(conj(part.yes for part in parts), disj(part.no for part in parts))
        case Any():
            parts = [truth(part, symbols) for part in condition.conditions]
            return Truth(disj(part.yes for part in parts), conj(part.no for part in parts))
    raise AssertionError(f"no formula for a condition of kind {type(condition).__name__}")


def _is(condition: Is, symbols: Symbols) -> Truth:
    known = symbols.known(condition.feature)
    values = sorted(condition.values, key=str)
    match = disj(symbols.holds(condition.feature, value) for value in values)
    return Truth(conj([known, match]), conj([known, neg(match)]))


def said(clause: Clause, symbols: Symbols) -> Said:
    """What a rule says under one reading, its numbers filled in."""
    applies, lifted = truth(clause.when, symbols), truth(clause.unless, symbols)
    body = _body(clause.body, symbols)
    surely = conj([applies.yes, lifted.no])
    perhaps = conj([neg(applies.no), neg(lifted.yes), neg(surely)])
    held = disj([conj([surely, body.holds]), conj([perhaps, body.speaks])])
    match clause.breach:
        case "forbid":
            return Said(conj([surely, body.forbids]), held)
        case "presumed_violation":
            return Said(false(), held, conj([surely, body.forbids]))
        case "warning":
            return Said(false(), false())
    raise AssertionError(f"no formula for a breach that comes to {clause.breach}")


def _body(body: AnyValue, symbols: Symbols) -> Said:
    make = _BODIES.get(type(body))
    if make is None:
        raise AssertionError(f"no formula for a body of kind {type(body).__name__}")
    return make(body, symbols)


def _window(body: Window, symbols: Symbols) -> Said:
    return Said(neg(symbols.of("inside", body)), false())


def _avoid(body: Avoid, symbols: Symbols) -> Said:
    return Said(neg(symbols.of("spared", body)), false())


def _cap(body: Cap, symbols: Symbols) -> Said:
    certain, possible = symbols.count(body)
    limited, limit = _limit(body, symbols)
    consented, unconsented = _consent(body.consent_days, symbols)
    full = conj([limited, possible >= limit, neg(consented)])
    surely = conj([certain >= limit, unconsented])
    return Said(conj([full, surely]), conj([full, neg(surely)]))


def _consent(days: Number, symbols: Symbols) -> tuple[Term, Term]:
    """Whether the person's consent to calls surely covers the contact, and surely does not."""
    if days == 0:
        return false(), true()
    return symbols.of("consented", days), symbols.of("unconsented", days)


def _limit(body: Cap, symbols: Symbols) -> tuple[Term, Term]:
    """Whether any limit stands, and which."""
    if body.agreed is None:
        return true(), body.limit
    own, number = symbols.of("agrees", body.agreed), symbols.of("agreed_number", body.agreed)
    narrows, least = symbols.of("narrows", body.agreed), symbols.of("narrow_number", body.agreed)
    if body.limit is not None:
        least = choose(least < body.limit, least, body.limit)
    both = choose(number < least, number, least)
    agreed = choose(conj([own, narrows]), both, choose(own, number, least))
    stands = disj([own, narrows])
    if body.limit is None:
        return stands, agreed
    lower = choose(agreed < body.limit, agreed, body.limit)
    return true(), choose(stands, agreed if body.higher_counts else lower, body.limit)


def _cooldown(body: Cooldown, symbols: Symbols) -> Said:
    barred, perhaps = symbols.of("barred", body), symbols.of("perhaps_barred", body)
    consented, unconsented = _consent(body.consent_days, symbols)
    forbids = conj([barred, unconsented])
    return Said(forbids, conj([neg(consented), disj([barred, perhaps]), neg(forbids)]))


def _after(body: After, symbols: Symbols) -> Said:
    came, perhaps = symbols.of("came", body), symbols.of("perhaps_came", body)
    return Said(conj([neg(came), neg(perhaps)]), conj([neg(came), perhaps]))


def _gate(body: Gate, symbols: Symbols) -> Said:
    feature = "case.unreachable_by_contract"
    met, unmet = symbols.holds(feature, "met"), symbols.holds(feature, "not_met")
    opened, closed = symbols.of("open", rowed(body)), symbols.of("closed", rowed(body))
    if body.contract == "opens":
        opened, closed = conj([neg(unmet), disj([met, opened])]), disj([unmet, conj([neg(met), closed])])
    elif body.contract == "needed":
        opened, closed = conj([neg(unmet), opened]), disj([unmet, closed])
    return Said(closed, conj([neg(opened), neg(closed)]))


def _forbid(body: Forbid, symbols: Symbols) -> Said:
    held = truth(body.condition, symbols)
    return Said(held.yes, held.unknown)


def _require(body: Require, symbols: Symbols) -> Said:
    held = truth(body.condition, symbols)
    return Said(held.no, held.unknown)


def _hold(body: Hold, symbols: Symbols) -> Said:
    return Said(false(), neg(truth(body.condition, symbols).no))


def _fresh(body: Fresh, symbols: Symbols) -> Said:
    assert FEATURES[body.feature].type == "day", "only a day grows old"
    known, age = symbols.known(body.feature), symbols.number(body.feature)
    recent = age <= body.days
    if body.anniversary:
        over = conj([age == DAYS_OF_A_YEAR + 1, symbols.situation("leap")])
        recent = disj([age <= DAYS_OF_A_YEAR, over])
    return Said(conj([known, neg(conj([age >= 0, recent]))]), neg(known))


def _silent(_body: Oblige | Duty | Retain, _symbols: Symbols) -> Said:
    return Said(false(), false())


_BODIES: Mapping[type, Callable[[AnyValue, Symbols], Said]] = {
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
    Oblige: _silent,
    Duty: _silent,
    Retain: _silent,
}
