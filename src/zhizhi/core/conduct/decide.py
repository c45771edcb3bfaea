"""decide(case, law): one proposed contact in, one decision out. Pure: the law is a value, the clock is in the case.

Forbid beats hold, hold a presumed violation, and that a permit. Nothing is permitted without a law that verifies. An
error in a rule holds the contact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decision import (
    Budget,
    Decision,
    HoldFor,
    Obligation,
    PackUsed,
    Reason,
    Verdict,
    Warned,
)
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.said import end_of
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import whole_second
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import TOPICS
from zhizhi.core.law.evaluate import Effect, Outcome, evaluate
from zhizhi.core.law.features import Doubt
from zhizhi.core.law.law import BROKEN, UNMET, Bound, Broken, Law, packs_on, rules_on
from zhizhi.core.law.nodes import Cap

__all__ = ["Decision", "Verdict", "decide"]

HORIZON = timedelta(days=400)
STEPS_MAX = 2_000
LIVE_CHANNELS = frozenset({"voice", "visit"})
_BROKEN = Text("规则包未通过校验: ", "the pack does not verify: ")
_ORDER = {topic: place for place, topic in enumerate(TOPICS)}
_STRENGTH = {effect: place for place, effect in enumerate(Effect)}


@dataclass(frozen=True, slots=True)
class _Spoke:
    """A rule and what it said at an instant."""

    bound: Bound
    outcome: Outcome


def decide(case: Case, law: Law) -> Decision:
    """Decide one proposed contact."""
    at = case.proposed.at
    view = View(case, law.zone or case.time_zones[0])
    lacking = _lacking(law, view, at)
    if lacking:
        packs = (*law.missing, *(broken.pack for broken in law.broken if broken.cites is None))
        unmet = (broken.pack for broken in law.broken if broken.cites is not None)
        unknown = (*(f"packs.{name}" for name in packs), *unmet)
        return _answer(case, law, view, Verdict.HOLD, reasons=tuple(lacking), unknown=unknown, hold_for=HoldFor.PERSON)
    record = Record(view, at)
    spoke = _ask(law, record)
    blockers = sorted((one for one in spoke if one.outcome.effect is not Effect.PERMIT), key=_rank)
    verdict = _verdict(blockers)
    permitted = verdict is Verdict.PERMIT
    holds = [one.outcome.doubt for one in blockers if one.outcome.effect is Effect.HOLD]
    return _answer(
        case,
        law,
        view,
        verdict,
        next_permitted_at=None if permitted else _next_permitted(law, view, record, blockers),
        reasons=tuple(_reason(one, view) for one in blockers),
        obligations=tuple(_obligations(spoke)) if permitted else (),
        budgets=tuple(_budgets(spoke)),
        must_end_by=_must_end_by(record, spoke) if permitted else None,
        unknown=tuple(dict.fromkeys(fact for doubt in holds for fact in doubt.facts)),
        hold_for=_hold_for(verdict, holds),
        warnings=tuple(_warned(one) for one in sorted(spoke, key=_rank) if one.outcome.warns),
    )


def _ask(law: Law, record: Record) -> list[_Spoke]:
    """What every rule says at an instant, whatever order they stand in."""
    case = record.view.case
    spoke = []
    for bound in rules_on(law, case.reading, record.day):
        try:
            outcome = evaluate(bound.clause, record)
        except Exception as broken:
            # An error in one rule must neither permit nor drop the rule: it holds the contact and names itself.
            outcome = Outcome(Effect.HOLD, doubt=Doubt((f"engine.{bound.rule.label}.{type(broken).__name__}",)))
        if outcome.effect is Effect.HOLD and _released(record, bound):
            outcome = Outcome(Effect.PERMIT)
        spoke.append(_Spoke(bound, outcome))
    return spoke


def _released(record: Record, bound: Bound) -> bool:
    """Whether a person has looked at the hold of a rule and released it, for now and for this channel."""
    view = record.view
    names = {bound.rule.id, *bound.rule.rows}
    for review in view.case.reviews:
        end = end_of(review.until, view.zone)
        assert end is not None, "a review has an end"
        covers = review.channels is None or view.proposed.channel in review.channels
        if covers and review.rule in names and review.at <= record.at < end:
            return True
    return False


def _rank(one: _Spoke) -> tuple[int, int, str]:
    return (_STRENGTH[one.outcome.effect], _ORDER[one.bound.rule.topic], one.bound.rule.id)


def _verdict(blockers: Iterable[_Spoke]) -> Verdict:
    strongest = min((one.outcome.effect for one in blockers), key=_STRENGTH.__getitem__, default=Effect.PERMIT)
    return Verdict(strongest.value)


def _hold_for(verdict: Verdict, holds: list[Doubt]) -> HoldFor | None:
    if verdict is not Verdict.HOLD:
        return None
    return HoldFor.OUTCOME if all(doubt.only_outcomes for doubt in holds) else HoldFor.PERSON


def _next_permitted(law: Law, view: View, record: Record, blockers: list[_Spoke]) -> datetime | None:
    """The first instant at which the whole contact, moved, would be permitted if nothing else happens.

    Each blocking rule surely blocks until its own release or the next change of facts, whichever is first; so nothing
    is permitted before the latest of these, and the search may jump there.
    """
    latest = view.proposed.at + HORIZON
    for _ in range(STEPS_MAX):
        at = _surely_blocked_until(record, blockers)
        if at is None or at > latest or _lacking(law, view, at):
            return None
        record = Record(view, at)
        blockers = [one for one in _ask(law, record) if one.outcome.effect is not Effect.PERMIT]
        if not blockers:
            return at
    return None


def _surely_blocked_until(record: Record, blockers: list[_Spoke]) -> datetime | None:
    change = record.next_change_at
    until = record.at + timedelta(seconds=1)
    for one in blockers:
        ends = [end for end in (one.outcome.release, change) if end is not None and end > record.at]
        if not ends:
            return None
        until = max(until, min(ends))
    return whole_second(until)


def _reason(one: _Spoke, view: View) -> Reason:
    rule, outcome = one.bound.rule, one.outcome
    spent = outcome.spent
    release = "—" if outcome.until is None else f"{outcome.until.astimezone(view.zone):%Y-%m-%d %H:%M}"
    explain = rule.explain.fill(used=spent.used if spent else "", limit=spent.limit if spent else "", release=release)
    effect = Verdict(outcome.effect.value)
    return Reason(rule.id, effect, rule.cites, tuple(sorted(rule.rows)), explain, outcome.until, outcome.facts)


def _warned(one: _Spoke) -> Warned:
    """What a rule only warns of; its id is the code."""
    rule = one.bound.rule
    return Warned(rule.id, rule.explain.fill(used="", limit="", release="—"), (rule.id.partition("/")[0],))


def _obligations(spoke: list[_Spoke]) -> Iterable[Obligation]:
    for one in spoke:
        if one.outcome.obligation is not None:
            yield Obligation(one.bound.rule.id, one.outcome.obligation)


def _budgets(spoke: list[_Spoke]) -> Iterable[Budget]:
    for one in spoke:
        spent = one.outcome.spent
        if spent is not None and isinstance(one.bound.clause.body, Cap):
            yield Budget(one.bound.rule.id, spent.limit, spent.used, spent.resets_at)


def _must_end_by(record: Record, spoke: list[_Spoke]) -> datetime | None:
    """The first instant outside the hours, for a live contact that we begin."""
    view = record.view
    if view.proposed.channel not in LIVE_CHANNELS or view.continues:
        return None
    ends = [one.outcome.must_end_by for one in spoke if one.outcome.must_end_by is not None]
    return min(ends) if ends else record.callback_ends_at


def _lacking(law: Law, view: View, at: datetime) -> list[Reason]:
    """Why there is no law to permit anything by: a broken pack, a precondition that is not met, or none in force."""
    if law.broken:
        return [_broken(law, broken) for broken in law.broken]
    if not packs_on(law, Record(view, at).day):
        names = ", ".join((*law.missing, *(pack.id for pack in law.packs)))
        text = Text(
            f"没有在该日有效的规则包({names}), 不得许可",
            f"no pack is in force on that day ({names}): nothing is permitted",
        )
        return [Reason(f"{law.profile}/no-law-in-force", Verdict.HOLD, law.profile, (), text, None, ())]
    return []


def _broken(law: Law, broken: Broken) -> Reason:
    if broken.cites is not None:
        return Reason(broken.rule, Verdict.HOLD, broken.cites, (), broken.why, None, ())
    text = Text(f"{_BROKEN.zh}{broken.why.zh}", f"{_BROKEN.en}{broken.why.en}")
    return Reason(broken.rule, Verdict.HOLD, law.profile, (), text, None, ())


def broken_then(stored: Mapping[str, Any]) -> tuple[Broken, ...]:
    """What a stored decision says could not be relied on or was not met, as the law of then had it."""
    found = []
    for reason in stored["reasons"]:
        pack, _, says = str(reason["rule"]).partition("/")  # the rule of a pack names its row between the two
        why = Text(reason["explain"]["zh"], reason["explain"]["en"])
        if f"/{says}" == UNMET:
            found.append(Broken(pack, why, reason["cites"]))
        elif f"/{says}" == BROKEN:
            text = Text(why.zh.removeprefix(_BROKEN.zh), why.en.removeprefix(_BROKEN.en))
            found.append(Broken(pack, text))
    return tuple(found)


def partial_warnings(law: Law) -> tuple[Warned, ...]:
    """The warning that each decision of a profile carries whose packs are not all there."""
    if not law.is_partial:
        return ()
    packs = (*law.missing, *law.unfinished)
    names = ", ".join(packs)
    text = Text(f"本版本尚缺或不完整的规则包: {names}", f"packs that this release lacks or holds in part: {names}")
    return (Warned("profile_partial", text, packs),)


def _answer(
    case: Case,
    law: Law,
    view: View,
    verdict: Verdict,
    *,
    reasons: tuple[Reason, ...],
    hold_for: HoldFor | None,
    next_permitted_at: datetime | None = None,
    obligations: tuple[Obligation, ...] = (),
    budgets: tuple[Budget, ...] = (),
    must_end_by: datetime | None = None,
    unknown: tuple[str, ...] = (),
    warnings: tuple[Warned, ...] = (),
) -> Decision:
    if case.profile != law.profile:
        raise ValueError("the law of another profile was passed in")
    return Decision(
        id=case.id,
        verdict=verdict,
        next_permitted_at=next_permitted_at,
        reasons=reasons,
        warnings=(*partial_warnings(law), *warnings),
        obligations=obligations,
        budgets=budgets,
        must_end_by=must_end_by,
        unknown=unknown,
        hold_for=hold_for,
        packs=tuple(PackUsed(pack.id, pack.version, pack.sha256) for pack in law.packs),
        zone=view.zone.key,
    )
