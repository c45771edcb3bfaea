"""compile_law(law).decide(case): the decision that the reference would give, found by compiled programmes.

What a programme cannot answer (a law that lacks a pack, an error inside a rule) is referred to the reference whole, so
that there is one place where such a contact is held and named.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.compiled.clocks import closed_until
from zhizhi.core.conduct.compiled.glance import Glance
from zhizhi.core.conduct.compiled.lines import HOLD, Heard, Line, Said, precedence, verdict_of
from zhizhi.core.conduct.compiled.making import new_decision
from zhizhi.core.conduct.compiled.programme import Programme, write_programme
from zhizhi.core.conduct.compiled.ways import Shape, shape_of
from zhizhi.core.conduct.decide import HORIZON, LIVE_CHANNELS, STEPS_MAX, decide, partial_warnings
from zhizhi.core.conduct.decision import Decision, HoldFor, Obligation, PackUsed, Verdict, Warned
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.said import end_of
from zhizhi.core.kernel.instants import day_in, whole_second, zone_of
from zhizhi.core.law.compiled import NotCompiled
from zhizhi.core.law.law import Bound, Law, packs_on, rules_on

LAWS_KEPT = 64
DAYS_KEPT = 4_096
PROGRAMMES_KEPT = 4_096
_SECOND = timedelta(seconds=1)
_PERMITTED, _FOR_OUTCOME, _FOR_PERSON = Verdict.PERMIT, HoldFor.OUTCOME, HoldFor.PERSON


class NotAnswered(Exception):
    """The programmes have no answer; the reference has."""


class _Span:
    """The rules of a reading while no pack or number changes, and the programmes made of them so far."""

    def __init__(self, rules: tuple[Bound, ...]) -> None:
        self.rules = rules
        self._lines = [Line(bound, place) for place, bound in enumerate(rules)]
        self.programmes: dict[Shape, Programme] = {}

    def programme(self, shape: Shape) -> Programme:
        """The programme of a shape, written when it is first met."""
        found = self.programmes.get(shape)
        if found is None:
            if len(self.programmes) >= PROGRAMMES_KEPT:
                self.programmes.clear()
            found = self.programmes[shape] = write_programme(self._lines, shape)
        return found


class Compiled:
    """A law, compiled as contacts of new shapes and days are met. Same answers as `decide(case, law)`."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._spans: dict[tuple[str, date], _Span | None] = {}
        self._by_rules: dict[int, _Span] = {}
        self._zone = zone_of(law.zone) if law.zone is not None else None
        self._packs = tuple(PackUsed(pack.id, pack.version, pack.sha256) for pack in law.packs)
        self._warnings = partial_warnings(law)

    def decide(self, case: Case) -> Decision:
        """Decide one proposed contact. Refuses: a law with a node that the compiler does not know (NotCompiled)."""
        try:
            return self.answer(case)
        except NotCompiled:
            raise
        except Exception:
            # Whatever went wrong, the reference names the rule and holds the contact, or refuses as it always does.
            return decide(case, self.law)

    def answer(self, case: Case) -> Decision:
        """The same without the reference behind it. Refuses: NotAnswered, and whatever a broken rule raises."""
        if self.law.broken or case.profile != self.law.profile:
            raise NotAnswered("no law to decide by")
        return _Answering(self, Glance(case, self._zone or zone_of(case.time_zones[0]))).decision()

    def span(self, reading: str, day: date) -> _Span | None:
        """The rules of a day; None where no pack is in force."""
        key = (reading, day)
        if key in self._spans:
            return self._spans[key]
        if len(self._spans) >= DAYS_KEPT:
            self._spans.clear()
            self._by_rules.clear()
        found: _Span | None = None
        if packs_on(self.law, day):
            rules = rules_on(self.law, reading, day)
            found = self._by_rules.get(id(rules))
            if found is None:
                # A span keeps its rules, so that their identity is not used again.
                found = self._by_rules[id(rules)] = _Span(rules)
        self._spans[key] = found
        return found

    def texts(self, reading: str, day: date) -> list[str]:
        """The text of every programme that was written so far for a day, for people and tests."""
        span = self.span(reading, day)
        return [] if span is None else [programme.text for programme in span.programmes.values()]

    @property
    def packs(self) -> tuple[PackUsed, ...]:
        """The packs that every decision names."""
        return self._packs

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What every decision warns of."""
        return self._warnings


@lru_cache(maxsize=LAWS_KEPT)
def compile_law(law: Law) -> Compiled:
    """The compiled form of a law value, kept while laws come and go."""
    return Compiled(law)


def decide_compiled(case: Case, law: Law) -> Decision:
    """`decide(case, law)` by compiled programmes."""
    return compile_law(law).decide(case)


class _Answering:
    """One case on its way to a decision."""

    __slots__ = ("compiled", "glance", "programme", "reading", "shape", "timeless")

    def __init__(self, compiled: Compiled, glance: Glance) -> None:
        self.compiled = compiled
        self.glance = glance
        self.reading = glance.case.reading
        self.shape = shape_of(glance)
        self.programme: Programme | None = None
        self.timeless = Heard()

    def decision(self) -> Decision:
        """Ask every rule now, and where that blocks, when it would not."""
        compiled, glance = self.compiled, self.glance
        at = glance.proposed.at
        heard = self.ask(at)
        if heard is None:
            raise NotAnswered("no pack is in force")
        blockers = heard.blockers
        if len(blockers) > 1:
            blockers.sort(key=precedence)
        zone = glance.zone
        verdict, hold_for, unknown = _verdict(blockers)
        permitted = verdict is _PERMITTED
        return new_decision(
            glance.case.id,
            verdict,
            None if permitted else self.next_permitted(at, blockers),
            tuple([line.reason(outcome, zone) for line, outcome in blockers]),
            compiled.warnings + self.warnings(heard) if heard.warnings else compiled.warnings,
            self.obligations(heard) if permitted else (),
            tuple(heard.budgets),
            self.must_end_by(heard) if permitted else None,
            unknown,
            hold_for,
            compiled.packs,
            zone.key,
        )

    def ask(self, at: datetime, *, is_later: bool = False) -> Heard | None:
        """What every rule says at an instant; None where no pack is in force."""
        glance = self.glance
        day = day_in(glance.zone, at)
        span = self.compiled.span(self.reading, day)
        if span is None:
            return None
        programme = span.programme(self.shape)
        if programme is not self.programme:
            self.programme = programme
            self.timeless = Heard()
            programme.timeless(glance, self.timeless)
        heard = Heard(is_later=is_later)
        programme.timed(glance, at, day, heard)
        if self.timeless.blockers:
            heard.blockers += self.timeless.blockers
        if heard.blockers and glance.case.reviews:
            self.release(heard, at)
        return heard

    def release(self, heard: Heard, at: datetime) -> None:
        """Leave out the holds that a person released; a rule that is released has no budget either."""
        released = [said for said in heard.blockers if self.is_released(said, at)]
        if released:
            heard.blockers = [said for said in heard.blockers if said not in released]
            rules = {line.rule.id for line, _ in released}
            heard.budgets = [budget for budget in heard.budgets if budget.rule not in rules]

    def is_released(self, said: Said, at: datetime) -> bool:
        """Whether a person has looked at the hold of a rule and released it, for now and for this channel."""
        line, outcome = said
        if outcome.effect is not HOLD:
            return False
        glance = self.glance
        for review in glance.case.reviews:
            if review.rule in line.names and (review.channels is None or glance.proposed.channel in review.channels):
                end = end_of(review.until, glance.zone)
                if end is not None and review.at <= at < end:
                    return True
        return False

    def next_permitted(self, at: datetime, blockers: list[Said]) -> datetime | None:
        """The first instant at which the whole contact, moved, would be permitted if nothing else happens."""
        changes = self.glance.changes
        latest = at + HORIZON
        is_settled = not changes and not self.glance.case.statements
        for _ in range(STEPS_MAX):
            after = _surely_blocked_until(at, blockers, changes)
            if after is not None and is_settled:
                after = self.not_before(after)
            if after is None or after > latest:
                return None
            at = after
            heard = self.ask(at, is_later=True)
            if heard is None:
                return None
            blockers = heard.blockers
            if not blockers:
                return at
        return None

    def not_before(self, at: datetime) -> datetime:
        """The opening hour, where the hours bar the contact until then on the same day and nothing else can change.

        Every other rule says the same then as now, so that asking it now would lead there too.
        """
        glance = self.glance
        day = day_in(glance.zone, at)
        span = self.compiled.span(self.reading, day)
        if span is None:
            return at
        opens = closed_until(span.programme(self.shape).steady_windows, glance, at, day)
        return at if opens is None else opens

    def obligations(self, heard: Heard) -> tuple[Obligation, ...]:
        """What whoever makes the contact has to do, in the order of the rules."""
        found = self.timeless.obligations + heard.obligations
        if self.timeless.obligations and heard.obligations:
            found.sort()
        return tuple([obligation for _, obligation in found])

    def warnings(self, heard: Heard) -> tuple[Warned, ...]:
        """What rules only warn of, in the order of precedence."""
        return tuple([line.warned() for line in sorted(heard.warnings, key=lambda line: line.rank)])

    def must_end_by(self, heard: Heard) -> datetime | None:
        """The first instant outside the hours, for a live contact that we begin."""
        glance = self.glance
        if glance.proposed.channel not in LIVE_CHANNELS or glance.continues:
            return None
        if heard.ends:
            return min(heard.ends)
        if "request_callback" not in glance.kinds:
            return None
        return Record(glance, glance.proposed.at).callback_ends_at


def _surely_blocked_until(at: datetime, blockers: list[Said], changes: tuple[datetime, ...]) -> datetime | None:
    """Each rule surely blocks until its own release or the next change of facts, whichever is first."""
    change = next((one for one in changes if one > at), None) if changes else None
    until = at + _SECOND
    for _, outcome in blockers:
        ends = outcome.release
        if ends is None or ends <= at or (change is not None and change < ends):
            ends = change
        if ends is None:
            return None
        until = max(until, ends)
    return whole_second(until)


def _verdict(blockers: list[Said]) -> tuple[Verdict, HoldFor | None, tuple[str, ...]]:
    """The verdict of reasons in their order, what a hold waits for, and the facts that holds lack."""
    if not blockers:
        return _PERMITTED, None, ()
    strongest, only_outcomes = blockers[0][1].effect, True
    unknown: list[str] = []
    for _, outcome in blockers:
        if outcome.effect is HOLD:
            unknown += outcome.doubt.facts
            only_outcomes = only_outcomes and outcome.doubt.only_outcomes
    hold_for = None
    if strongest is HOLD:
        hold_for = _FOR_OUTCOME if only_outcomes else _FOR_PERSON
    return verdict_of(strongest), hold_for, tuple(dict.fromkeys(unknown)) if unknown else ()
