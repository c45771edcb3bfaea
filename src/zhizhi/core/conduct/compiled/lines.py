"""One rule as the compiled reading keeps it: what it says where its facts are certain, made once; the rest later."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.compiled.making import new_budget, new_reason
from zhizhi.core.conduct.decision import Budget, Obligation, Reason, Verdict, Warned
from zhizhi.core.kernel.instants import wall
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import TOPICS
from zhizhi.core.law.evaluate import Effect, Outcome
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import All, Any, Cap, Clause, Oblige

TEXTS_KEPT = 1_024
_DAY = timedelta(days=1)
FORBID, HOLD, PERMIT = Effect.FORBID, Effect.HOLD, Effect.PERMIT
"""The members by name of their own: looking one up in its class, or hashing it, costs as much as a rule."""
FORBIDS, HOLDS = Outcome(FORBID), Outcome(HOLD)
_FORBIDDEN, _HELD = Verdict.FORBID, Verdict.HOLD
_STRENGTH = {effect: place for place, effect in enumerate(Effect)}
assert _STRENGTH[FORBID] == 0, "nothing is stronger than a prohibition"
_ORDER = {topic: place for place, topic in enumerate(TOPICS)}


class Line:
    """A rule under one reading with a day's numbers, and its place in the published order of precedence."""

    __slots__ = (
        "_reasons",
        "_texts",
        "bare",
        "bound",
        "forbids",
        "holds",
        "is_cap",
        "names",
        "obligation",
        "place",
        "rank",
        "rows",
        "rule",
    )

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
        self._reasons: dict[str, Reason] = {}
        self._texts: dict[tuple[int | None, int | None, datetime | None, str], Text] = {}

    def reason(self, outcome: Outcome, zone: ZoneInfo) -> Reason:
        """Why the rule blocks, in both languages."""
        until, spent = outcome.until, outcome.spent
        if until is None and spent is None and not outcome.facts:
            name = outcome.effect._value_
            found = self._reasons.get(name)
            if found is None:
                found = self._reasons[name] = self._reason(outcome, self._explained(None, None, None, zone))
            return found
        if spent is None:
            return self._reason(outcome, self._explained(None, None, until, zone))
        return self._reason(outcome, self._explained(spent.used, spent.limit, until, zone))

    def warned(self) -> Warned:
        """What the rule only warns of; its id is the code."""
        rule = self.rule
        return Warned(rule.id, rule.explain.fill(used="", limit="", release="—"), (rule.id.partition("/")[0],))

    def _reason(self, outcome: Outcome, explain: Text) -> Reason:
        rule = self.rule
        effect = verdict_of(outcome.effect)
        return new_reason(rule.id, effect, rule.cites, self.rows, explain, outcome.until, outcome.facts)

    def _explained(self, used: int | None, limit: int | None, until: datetime | None, zone: ZoneInfo) -> Text:
        """The words of the rule with its figures. Persons whose limits fall on one day read the same sentence."""
        key = (used, limit, until, zone.key)
        found = self._texts.get(key)
        if found is None:
            if len(self._texts) >= TEXTS_KEPT:
                self._texts.clear()
            release = "—" if until is None else f"{until.astimezone(zone):%Y-%m-%d %H:%M}"
            figures = {"used": "" if used is None else used, "limit": "" if limit is None else limit}
            found = self._texts[key] = self.rule.explain.fill(release=release, **figures)
        return found


Said = tuple[Line, Outcome]
"""A rule that blocks, and what it said."""


def precedence(said: Said) -> tuple[int, int, str]:
    """The published order: the strongest effect first, then by topic, then by name."""
    line, outcome = said
    return (0 if outcome.effect is FORBID else _STRENGTH[outcome.effect], *line.rank)


def verdict_of(effect: Effect) -> Verdict:
    """The verdict that a strongest effect comes to."""
    return _FORBIDDEN if effect is FORBID else _HELD if effect is HOLD else Verdict(effect.value)


class Heard:
    """What the rules said at one instant. `is_later`: one that is only tried, of which nobody reads the budgets."""

    __slots__ = ("_resets_at", "blockers", "budgets", "ends", "is_later", "obligations", "warnings")

    def __init__(self, *, is_later: bool = False) -> None:
        self.is_later = is_later
        self._resets_at: datetime | None = None
        self.blockers: list[Said] = []
        self.budgets: list[Budget] = []
        self.ends: list[datetime] = []
        self.obligations: list[tuple[int, Obligation]] = []
        self.warnings: list[Line] = []

    def resets_at(self, zone: ZoneInfo, day: date) -> datetime:
        """Midnight at the end of the day, looked up once."""
        found = self._resets_at
        if found is None:
            found = self._resets_at = wall(zone, day + _DAY, 0)
        return found

    def note(self, line: Line, outcome: Outcome) -> None:
        """Sort one outcome in."""
        spent = outcome.spent
        if spent is not None and line.is_cap:
            self.budgets.append(new_budget(line.rule.id, spent.limit, spent.used, spent.resets_at))
        if outcome.effect is not PERMIT:
            self.blockers.append((line, outcome))
            return
        if outcome.must_end_by is not None:
            self.ends.append(outcome.must_end_by)
        if outcome.obligation is not None and line.obligation is not None:
            self.obligations.append((line.place, line.obligation))
        if outcome.warns:
            self.warnings.append(line)
