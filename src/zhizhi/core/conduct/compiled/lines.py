"""One rule as the compiled reading keeps it: what it says where its facts are certain, made once; the rest on demand."""

from functools import lru_cache
from zoneinfo import ZoneInfo
from datetime import datetime

from zhizhi.core.conduct.decision import Budget, Obligation, Reason, Verdict
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import TOPICS
from zhizhi.core.law.evaluate import Effect, Outcome, Spent
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import All, Any, Cap, Clause, Oblige

TEXTS_KEPT = 8_192
FORBIDS, HOLDS = Outcome(Effect.FORBID), Outcome(Effect.HOLD)
_ORDER = {topic: place for place, topic in enumerate(TOPICS)}


class Line:
    """A rule under one reading with a day's numbers, and its place in the published order of precedence."""

    __slots__ = ("_reasons", "bare", "bound", "forbids", "holds", "is_cap", "names", "obligation", "place", "rank", "rows", "rule")

    def __init__(self, bound: Bound, place: int) -> None:
        rule = bound.rule
        self.bound, self.rule, self.place = bound, rule, place
        self.bare = Clause(All(), Any(), bound.clause.body)
        self.rank = (_ORDER[rule.topic], rule.id)
        self.rows = tuple(sorted(rule.rows))
        self.names = frozenset({rule.id}) | rule.rows
        self.forbids, self.holds = (self, FORBIDS), (self, HOLDS)
        body = bound.clause.body
        self.obligation = Obligation(rule.id, body.do) if isinstance(body, Oblige) else None
        self.is_cap = isinstance(body, Cap)
        self._reasons: dict[Effect, Reason] = {}

    def reason(self, outcome: Outcome, zone: ZoneInfo) -> Reason:
        """Why the rule blocks, in both languages."""
        rule, effect = self.rule, Verdict.FORBID if outcome.effect is Effect.FORBID else Verdict.HOLD
        if outcome is FORBIDS or outcome is HOLDS or (outcome.until is None and not outcome.facts and not outcome.spent):
            found = self._reasons.get(outcome.effect)
            if found is None:
                explain = rule.explain.fill(used="", limit="", release="—")
                found = self._reasons[outcome.effect] = Reason(rule.id, effect, rule.cites, self.rows, explain, None, ())
            return found
        explain = explained(rule.explain, outcome.spent, outcome.until, zone)
        return Reason(rule.id, effect, rule.cites, self.rows, explain, outcome.until, outcome.facts)


Said = tuple[Line, Outcome]
"""A rule that blocks, and what it said."""


@lru_cache(maxsize=TEXTS_KEPT)
def explained(explain: Text, spent: Spent | None, until: datetime | None, zone: ZoneInfo) -> Text:
    """The words of a rule with its figures. Persons whose limits fall on one day read the same sentence."""
    release = "—" if until is None else f"{until.astimezone(zone):%Y-%m-%d %H:%M}"
    return explain.fill(used=spent.used if spent else "", limit=spent.limit if spent else "", release=release)


def precedence(said: Said) -> tuple[bool, int, str]:
    """The published order: what forbids before what holds, then by topic, then by name."""
    line, outcome = said
    return (outcome.effect is not Effect.FORBID, *line.rank)


class Heard:
    """What the rules said at one instant."""

    __slots__ = ("blockers", "budgets", "ends", "obligations")

    def __init__(self) -> None:
        self.blockers: list[Said] = []
        self.budgets: list[Budget] = []
        self.ends: list[datetime] = []
        self.obligations: list[tuple[int, Obligation]] = []

    def note(self, line: Line, outcome: Outcome) -> None:
        """Sort one outcome in."""
        spent = outcome.spent
        if spent is not None and line.is_cap:
            self.budgets.append(Budget(line.rule.id, spent.limit, spent.used, spent.resets_at))
        if outcome.effect is not Effect.PERMIT:
            self.blockers.append((line, outcome))
        elif outcome.must_end_by is not None:
            self.ends.append(outcome.must_end_by)
