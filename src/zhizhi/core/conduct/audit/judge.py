"""Judging contacts that have happened: rules once for each distinct record of facts, measures for each contact.

A log of a million contacts holds a few hundred distinct records. What a rule says of conditions alone is worked out
once for each of them; hours, counts, intervals and lost contact are asked for every contact, by the code of the single
decision.
"""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.audit.knowledge import Assumption, Knowledge, assumptions_of
from zhizhi.core.conduct.audit.quick import KEYED, Proof, Proofs, always, fresh, is_plain, key_of
from zhizhi.core.conduct.audit.severity import Severity, severity_of
from zhizhi.core.conduct.audit.story import Contact, SoFar, Story, moments
from zhizhi.core.conduct.audit.told import ToldRecord
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import day_in
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.evaluate import PERMITS, Effect, Outcome, evaluate, truth
from zhizhi.core.law.features import Value
from zhizhi.core.law.law import Bound, Law, packs_on, rules_on
from zhizhi.core.law.nodes import (
    After,
    All,
    Any,
    Avoid,
    Cap,
    Clause,
    Duty,
    Forbid,
    Fresh,
    Gate,
    Hold,
    Oblige,
    Require,
    Retain,
    Rule,
    Window,
    features_of,
)

NOT_REVIEWED = "reviews"
"""The fact that a rule which asks for a person's look lacks: whether somebody looked."""
NO_LAW = "packs"
_CONDITIONS = (Forbid, Require, Hold)
_SILENT = (Oblige, Retain, Duty)
_ALWAYS, _NEVER = All(), Any()
_INCONVENIENT = "statements.inconvenient_time"
_AGREED_HOURS, _AGREED_NUMBER = "statements.agree_hours", "statements.agree_frequency"
_COMPLETE = "log.complete"

Vector: TypeAlias = "tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a contact broke when it happened: forbidden, or presumed a violation. `facts`: the rows counted."""

    rule: Rule
    severity: Severity
    explain: Text
    effect: Effect = Effect.FORBID
    facts: tuple[str, ...] = ()
    rests_on: frozenset[Assumption] = frozenset()


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A rule that cannot be judged, and the facts that are missing."""

    rule: Rule | None
    missing: tuple[str, ...]

    @property
    def missing_kinds(self) -> tuple[str, ...]:
        """The missing facts without the row that lacks them: `events.r17.outcome` is `events.outcome`."""
        return tuple(dict.fromkeys(_kind(fact) for fact in self.missing))


@dataclass(frozen=True, slots=True)
class Judged:
    """One contact and what the law said of it: `in_row` could not be judged for lack of a fact of this very row."""

    contact: Contact
    breaches: tuple[Breach, ...]
    in_row: tuple[Unjudged, ...]
    in_log: tuple[Unjudged, ...]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is the same for all contacts of one record of facts."""

    breaches: tuple[Breach, ...]
    unjudged: tuple[Unjudged, ...]
    asked: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is the same for all contacts of one key: `clear` is said of one whose every proof holds.

    `proofs` is None where some measure has none; then measures are asked for each contact.
    """

    prepared: _Prepared
    proofs: tuple[Proof, ...] | None
    clear: Judged


@dataclass(frozen=True, slots=True)
class _Plan:
    """The rules of a span of days, the features that tell records apart, and the days whose age is asked.

    `beside`: those features that do not follow from the key of a contact.
    """

    bounds: tuple[Bound, ...]
    features: tuple[str, ...]
    days: tuple[str, ...]
    beside: tuple[str, ...]
    known: dict[Vector, _Prepared]
    ready: dict[Hashable, _Ready]


class Judge:
    """The law of a profile under one reading, ready to judge the contacts of a log."""

    def __init__(self, law: Law, reading: str, knowledge: Knowledge) -> None:
        self.law, self.reading, self.knowledge = law, reading, knowledge
        self._plans: dict[tuple[Bound, ...], _Plan] = {}
        self._of_day: dict[date, _Plan | None] = {}
        self._proofs: dict[tuple[ZoneInfo, tuple[str, ...]], Proofs] = {}

    def judge(self, story: Story) -> Iterator[Judged]:
        """Every outbound contact of a person. Inbound ones are history and break no rule."""
        for contact, so_far in moments(story, self.law, self.reading, self.knowledge):
            judged = self._judged_by_key(contact, so_far) if so_far.is_quiet and is_plain(contact) else None
            yield judged or self.judge_at_length(contact, so_far.view(contact))

    def judge_at_length(self, contact: Contact, view: View) -> Judged:
        """One contact with every feature read and every measure asked. `judge` says the same, sooner."""
        record = self._record(contact, view)
        plan = self._plan(record.day)
        if plan is None:
            return Judged(contact, (), (), (Unjudged(None, (NO_LAW,)),))
        return self._measured(self._prepared(plan, record), record, contact)

    def _judged_by_key(self, contact: Contact, so_far: SoFar) -> Judged | None:
        """A contact whose key is known; None where it says nothing."""
        day = day_in(so_far.zone, contact.proposed.at)
        plan = self._plan(day)
        if plan is None:
            return None
        record: ToldRecord | None = None
        key: tuple[object, ...] = (key_of(contact, day), so_far.key(contact))
        if plan.beside:
            record = self._record(contact, so_far.view(contact))
            key = (*key, *(record.value(name) for name in plan.beside))
        ready = plan.ready.get(key)
        if ready is None:
            record = record or self._record(contact, so_far.view(contact))
            ready = plan.ready[key] = self._ready(self._prepared(plan, record), record, contact, so_far)
        if ready.proofs is not None and all(proof(contact, day, so_far.trail) for proof in ready.proofs):
            clear = ready.clear
            return Judged(contact, clear.breaches, clear.in_row, clear.in_log)
        record = record or self._record(contact, so_far.view(contact))
        return self._measured(ready.prepared, record, contact)

    def _record(self, contact: Contact, view: View) -> ToldRecord:
        return ToldRecord(view, contact.proposed.at, self.knowledge, contact.told)

    def _ready(self, prepared: _Prepared, record: ToldRecord, contact: Contact, so_far: SoFar) -> _Ready:
        clocks = (so_far.zone, record.view.case.time_zones)
        of_clocks = self._proofs.setdefault(clocks, Proofs(*clocks))
        found, unjudged = [], list(prepared.unjudged)
        for bound in prepared.asked:
            body = bound.clause.body
            found.append(fresh(body, record.value(body.feature)) if isinstance(body, Fresh) else of_clocks.of(body))
            self._say(bound, PERMITS, record, [], unjudged)
        proofs = tuple(dict.fromkeys(proof for proof in found if proof is not None and proof is not always))
        clear = self._sorted(contact, list(prepared.breaches), unjudged)
        return _Ready(prepared, None if None in found else proofs, clear)

    def _prepared(self, plan: _Plan, record: ToldRecord) -> _Prepared:
        vector = tuple(record.value(name) for name in plan.features)
        vector += tuple(record.value(name) is None for name in plan.days)
        prepared = plan.known.get(vector)
        if prepared is None:
            prepared = plan.known[vector] = self._prepare(plan, record)
        return prepared

    def _measured(self, prepared: _Prepared, record: ToldRecord, contact: Contact) -> Judged:
        breaches, unjudged = list(prepared.breaches), list(prepared.unjudged)
        for bound in prepared.asked:
            self._say(bound, evaluate(bound.clause, record), record, breaches, unjudged)
        return self._sorted(contact, breaches, unjudged)

    def _sorted(self, contact: Contact, breaches: list[Breach], unjudged: list[Unjudged]) -> Judged:
        in_row = tuple(one for one in unjudged if self._is_of_row(one))
        in_log = tuple(one for one in unjudged if not self._is_of_row(one)) if in_row else tuple(unjudged)
        return Judged(contact, tuple(_rested(breach, contact) for breach in breaches), in_row, in_log)

    def _plan(self, day: date) -> _Plan | None:
        if day not in self._of_day:
            usable = not self.law.broken and bool(packs_on(self.law, day))
            bounds = rules_on(self.law, self.reading, day) if usable else ()
            self._of_day[day] = self._plans.setdefault(bounds, _plan_of(bounds)) if bounds else None
        return self._of_day[day]

    def _prepare(self, plan: _Plan, record: ToldRecord) -> _Prepared:
        breaches: list[Breach] = []
        unjudged: list[Unjudged] = []
        asked = []
        for bound in plan.bounds:
            clause = bound.clause
            if isinstance(clause.body, _SILENT):
                continue
            if truth(clause.when, record) is False or truth(clause.unless, record) is True:
                continue
            is_age = isinstance(clause.body, Fresh) and record.value(clause.body.feature) is None
            if isinstance(clause.body, _CONDITIONS) or is_age:
                self._say(bound, evaluate(clause, record), record, breaches, unjudged)
            elif truth(clause.when, record) is True and truth(clause.unless, record) is False:
                asked.append(Bound(bound.rule, Clause(_ALWAYS, _NEVER, clause.body)))
            else:
                asked.append(bound)
        return _Prepared(tuple(breaches), tuple(unjudged), tuple(asked))

    def _say(
        self, bound: Bound, said: Outcome, record: ToldRecord, breaches: list[Breach], unjudged: list[Unjudged]
    ) -> None:
        """Sort what a rule said: broken, not to be judged for lack of facts, or kept as far as the log tells."""
        rule, lacking = bound.rule, self._lacking(bound.clause, said, record)
        if said.effect is Effect.PERMIT:
            if lacking:
                unjudged.append(Unjudged(rule, lacking))
        elif said.effect is Effect.HOLD:
            unjudged.append(Unjudged(rule, said.doubt.facts or (NOT_REVIEWED,)))
        elif lacking:
            unjudged.append(Unjudged(rule, lacking))
        else:
            breaches.append(_breach(bound, said, record))

    def _lacking(self, clause: Clause, said: Outcome, record: ToldRecord) -> tuple[str, ...]:
        """Facts that only statements or a whole log hold, where a rule's answer could be another with them.

        Boundary: dials that another log holds could have opened the gate to third persons; to a count they only add.
        """
        body, knows = clause.body, self.knowledge
        permits = said.effect is Effect.PERMIT
        if isinstance(body, Avoid):
            return (_INCONVENIENT,) if permits and not knows.statements else ()
        if permits:
            return ()
        if isinstance(body, Gate | After):
            return () if knows.assumes(Assumption.COMPLETE) else (_COMPLETE,)
        if knows.statements or knows.assumes(Assumption.NO_AGREEMENT):
            return ()
        if isinstance(body, Window) and record.view.party.role == "debtor":
            return (_AGREED_HOURS,)
        return (_AGREED_NUMBER,) if isinstance(body, Cap) and body.higher_counts else ()

    def _is_of_row(self, one: Unjudged) -> bool:
        """Whether a missing fact is one that the log has for other rows, or that an earlier row lacks."""
        return any(
            fact == NOT_REVIEWED or fact in self.knowledge.spoken or fact.startswith("events.") for fact in one.missing
        )


_OF_THE_LOG = frozenset({Assumption.NO_AGREEMENT, Assumption.COMPLETE, Assumption.RESERVED, Assumption.ZONE})
"""Assumptions that are made for a whole log; the others are made row by row."""


def _rested(breach: Breach, contact: Contact) -> Breach:
    """The breach with only those assumptions that were made for this contact."""
    rests_on = breach.rests_on & (contact.assumed | _OF_THE_LOG)
    return breach if rests_on == breach.rests_on else replace(breach, rests_on=rests_on)


def _kind(fact: str) -> str:
    parts = fact.split(".")
    return f"events.{'.'.join(parts[2:])}" if parts[0] == "events" and len(parts) > 2 else fact


def _plan_of(bounds: tuple[Bound, ...]) -> _Plan:
    named: dict[str, None] = {}
    days: dict[str, None] = {}
    for bound in bounds:
        clause = bound.clause
        named |= dict.fromkeys((*features_of(clause.when), *features_of(clause.unless)))
        asked = dict.fromkeys(features_of(clause.body))
        if isinstance(clause.body, Fresh):
            days |= asked
        else:
            named |= asked
    beside = tuple(name for name in (*named, *days) if name not in KEYED)
    return _Plan(bounds, tuple(named), tuple(days), beside, {}, {})


def _of_the_past(explain: Text) -> Text:
    """What a rule says of a contact that has happened: not from when it would have been possible."""
    return Text(_without_release(explain.zh), _without_release(explain.en))


def _without_release(sentence: str) -> str:
    parts = re.split(r"(?<=[;；,，])\s*", sentence)
    kept = " ".join(part for part in parts if "{release}" not in part).rstrip(";；,， ")
    return kept or sentence.replace("{release}", "—")


def _breach(bound: Bound, said: Outcome, record: ToldRecord) -> Breach:
    rule, clause, spent = bound.rule, bound.clause, said.spent
    explain = _of_the_past(rule.explain).fill(used=spent.used if spent else "", limit=spent.limit if spent else "")
    rests_on = set(assumptions_of(frozenset(features_of(clause))))
    knows = record.knowledge
    if not knows.statements and isinstance(clause.body, Window) and record.view.party.role == "debtor":
        rests_on.add(Assumption.NO_AGREEMENT)
    if not knows.statements and isinstance(clause.body, Cap) and clause.body.higher_counts:
        rests_on.add(Assumption.NO_AGREEMENT)
    if isinstance(clause.body, After):
        rests_on.add(Assumption.COMPLETE)
    if isinstance(clause.body, Gate):
        rests_on |= {Assumption.COMPLETE, Assumption.RESERVED}
    if knows.statements:
        rests_on.discard(Assumption.NO_AGREEMENT)
    return Breach(rule, severity_of(rule), explain, said.effect, said.facts, frozenset(rests_on) & knows.assumed)
