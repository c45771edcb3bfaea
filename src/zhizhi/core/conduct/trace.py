"""trace(case, law): the decision of a contact and every rule that was asked for it, with what each of them looked at.

Built on the reference evaluator, so that what is shown is what decides. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Decision
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.law.evaluate import Effect, Outcome, evaluate, truth
from zhizhi.core.law.features import Value
from zhizhi.core.law.law import Bound, Law, rules_on
from zhizhi.core.law.nodes import Any, Clause, Condition, Rule, features_of

__all__ = ["Asked", "Seen", "Trace", "trace"]

Truth = bool | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A feature that a rule asked for: its value, and where the case would state it; None where it does not."""

    feature: str
    value: Value
    place: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule and what came of asking it. `clause`: as it stood that day, numbers filled in.

    `applies`, `lifted`: yes, no, or not known. `lifting`: the exceptions that lift it, or may. `released`: a person has
    looked at its hold. `failed`: the error that made it hold.
    """

    rule: Rule
    clause: Clause
    applies: Truth
    lifted: Truth
    lifting: tuple[Condition, ...]
    seen: tuple[Seen, ...]
    outcome: Outcome
    released: bool = False
    failed: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the rule stands in the way of the contact."""
        return self.outcome.effect is not Effect.PERMIT and not self.released


@dataclass(frozen=True, slots=True)
class Trace:
    """A decision and the rules behind it, in the order of packs and articles; none where there is no law to ask."""

    decision: Decision
    at: datetime
    asked: tuple[Asked, ...]


def trace(case: Case, law: Law, decide: Callable[[Case, Law], Decision] = decide) -> Trace:
    """Decide a contact and say of every rule whether it applied, what lifted it, and what it saw and said."""
    decision = decide(case, law)
    record = Record(View(case, law.zone or case.time_zones[0]), case.proposed.at)
    spoke = {reason.rule for reason in decision.reasons}
    ids = {rule.id for pack in law.packs for rule in pack.rules}
    if spoke and spoke.isdisjoint(ids):
        return Trace(decision, case.proposed.at, ())
    asked = tuple(_asked(bound, record, spoke) for bound in rules_on(law, case.reading, record.day))
    return Trace(decision, case.proposed.at, asked)


def _asked(bound: Bound, record: Record, spoke: set[str]) -> Asked:
    clause = bound.clause
    try:
        outcome, failed = evaluate(clause, record), None
        applies, lifted = truth(clause.when, record), truth(clause.unless, record)
        seen = tuple(Seen(name, record.value(name), record.place(name)) for name in dict.fromkeys(features_of(clause)))
    except Exception as broken:
        # decide() holds the contact for the same error; here it is shown.
        outcome, failed = Outcome(Effect.HOLD), type(broken).__name__
        applies, lifted, seen = None, None, ()
    released = outcome.effect is Effect.HOLD and bound.rule.id not in spoke
    lifting = _lifting(clause.unless, record) if failed is None and lifted is not False else ()
    return Asked(bound.rule, clause, applies, lifted, lifting, seen, outcome, released, failed)


def _lifting(unless: Condition, record: Record) -> tuple[Condition, ...]:
    exceptions = unless.conditions if isinstance(unless, Any) else (unless,)
    told = [(one, truth(one, record)) for one in exceptions]
    surely = tuple(one for one, holds in told if holds)
    return surely or tuple(one for one, holds in told if holds is None)
