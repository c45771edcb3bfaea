"""The difference between two laws: what the new one permits and forbids that the old one did not, with witnesses.

Every printed witness was decided by the reference under both laws. That there is no difference is said only where the
solver proved it over the record of features; where it found one that no case could be written for, that is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhizhi.core.conduct.decision import Decision, Verdict
from zhizhi.core.conduct.reasoning.histories import Document
from zhizhi.core.conduct.reasoning.scene import TRIES_MAX, Confirmed, Scene, rank
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Fresh, Gate, Window
from zhizhi.core.law.reasoning.said import Said
from zhizhi.core.law.reasoning.smt import NotDecided, Term, conj, disj, neg
from zhizhi.core.law.reasoning.spans import Stretch, stretches
from zhizhi.core.law.reasoning.verdicts import Side, Spoken

TIMED = (Window, Avoid, Cap, Cooldown, After, Gate)
"""Bodies that say from when on they permit again."""
MOVED_TRIES = 2
"""Next instants are compared on few cases: the solver knows of blocking, not of when it ends."""


class Change(StrEnum):
    """What becomes different for a contact, the gravest first."""

    PERMITTED = "new_permission"
    FORBIDDEN = "new_prohibition"
    SOFTENED = "softened"
    HARDENED = "hardened"
    MOVED = "next_instant"


class Standing(StrEnum):
    """What is known of a rule that was changed: a witness, a proof, or neither."""

    WITNESS = "witness"
    PROVEN = "proven_none"
    NOT_BUILT = "no_witness_built"
    NOT_DECIDED = "not_decided"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a changed rule does to contacts of one class, from a day on."""

    rule: str
    change: Change
    standing: Standing
    stretch: Stretch
    case: Confirmed | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One stretch of time: what was found, and what the solver proved of all contacts together."""

    stretch: Stretch
    day: date
    findings: tuple[Finding, ...]
    no_permission: bool
    no_prohibition: bool
    refined: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Two laws compared over time, the latest stretch first. Stretches in which both say the same are left away."""

    old: Side
    new: Side
    compared: tuple[Compared, ...]
    same: tuple[Stretch, ...]

    @property
    def findings(self) -> Iterator[Finding]:
        """All of them."""
        return (finding for one in self.compared for finding in one.findings)


class Known:
    """Witnesses found so far, by rule and change: they are tried first wherever the same rules differ again."""

    def __init__(self) -> None:
        self._cases: dict[tuple[object, ...], list[Document]] = {}

    def of(self, key: tuple[object, ...]) -> list[Document]:
        """Cases that may show it."""
        return self._cases.get(key, [])

    def note(self, key: tuple[object, ...], document: Document) -> None:
        """Keep one."""
        self._cases.setdefault(key, []).append(document)


def difference(old: Side, new: Side, today: date, known: Known | None = None) -> Difference:
    """Compare two laws. `today` chooses the day of a stretch that a witness is set on."""
    compared, same = [], []
    known = known or Known()
    told: set[tuple[object, ...]] = set()
    for stretch in contact_stretches(old, new, today):
        day = stretch.day(today)
        pairs = changed(old.rules_on(day), new.rules_on(day))
        if not pairs:
            same.append(stretch)
        else:
            compared.append(_Comparing(old, new, stretch, day, known).of(pairs, told))
    return Difference(old, new, tuple(compared), tuple(same))


def contact_stretches(old: Side, new: Side, today: date) -> list[Stretch]:
    """Stretches in which no rule about contacts changes: that of today first, then the later, then the earlier ones."""
    found: list[Stretch] = []
    before = None
    for stretch in reversed(stretches([old.law, new.law])):
        says = tuple((bound.rule.id, bound.clause) for side in (old, new) for bound in side.rules_on(stretch.first))
        if before == says:
            found[-1] = Stretch(found[-1].first, stretch.until)
        else:
            found.append(stretch)
        before = says
    return sorted(found, key=lambda one: (one.day(today) != today, -one.first.toordinal()))


@dataclass(frozen=True, slots=True)
class Pair:
    """A rule as each side has it; None where a side lacks it."""

    rule: str
    old: Bound | None
    new: Bound | None

    @property
    def key(self) -> tuple[object, ...]:
        """What is different, apart from when."""
        return (self.rule, self.old and self.old.clause, self.new and self.new.clause)


def changed(old: tuple[Bound, ...], new: tuple[Bound, ...]) -> list[Pair]:
    """Rules that do not say the same on both sides, in the order of the old side, then of the new one."""
    before, after = ({bound.rule.id: bound for bound in rules} for rules in (old, new))
    pairs = [Pair(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    return [pair for pair in pairs if pair.old is None or pair.new is None or pair.old.clause != pair.new.clause]


class _Comparing:
    """One stretch under way: its scene on the day of today, and, where asked for, on a day after a leap day."""

    def __init__(self, old: Side, new: Side, stretch: Stretch, day: date, known: Known) -> None:
        self.old, self.new, self.stretch, self.day, self.known = old, new, stretch, day, known
        self.scene = Scene(old, new, day)
        self._leap: Scene | None = None

    def of(self, pairs: list[Pair], told: set[tuple[object, ...]]) -> Compared:
        """What the changed rules do, those already told left away; and what is proven of all contacts."""
        findings: list[Finding] = []
        for pair in pairs:
            if pair.key not in told:
                findings += self._of_rule(pair)
                told.add(pair.key)
        before, after = self.scene.before, self.scene.after
        return Compared(
            self.stretch, self.day, tuple(findings),
            no_permission=self._proven(conj([neg(before.permits), after.permits])),
            no_prohibition=self._proven(conj([before.permits, neg(after.permits)])),
            refined=self.scene.refined + (self._leap.refined if self._leap else 0),
        )  # fmt: skip

    def _proven(self, asked: Term) -> bool:
        try:
            return self.scene.never(asked)
        except NotDecided:
            return False

    def _of_rule(self, pair: Pair) -> Iterator[Finding]:
        for change in Change:
            if _applies(change, pair):
                standing, case = self._answer(change, pair)
                if case is not None:
                    self.known.note((change, *pair.key), case.document)
                yield Finding(pair.rule, change, standing, self.stretch, case)

    def _answer(self, change: Change, pair: Pair) -> tuple[Standing, Confirmed | None]:
        for document in self.known.of((change, *pair.key)):
            again = self.scene.decided({**document, "profile": self.old.law.profile})
            if _is(again, change, pair.rule) and self._is_of_stretch(again):
                return Standing.WITNESS, again
        standing, case = _asked(self.scene, change, pair)
        if standing is Standing.NOT_BUILT and _grows_old(pair) and (leap := self._after_leap()) is not None:
            return _asked(leap, change, pair)
        return standing, case

    def _is_of_stretch(self, case: Confirmed) -> bool:
        day = date.fromisoformat(str(case.document["proposed"]["at"])[:10])
        return self.stretch.first <= day and (self.stretch.until is None or day < self.stretch.until)

    def _after_leap(self) -> Scene | None:
        day = self.stretch.day_after_leap()
        if self._leap is None and day is not None:
            self._leap = Scene(self.old, self.new, day)
        return self._leap


def _applies(change: Change, pair: Pair) -> bool:
    """Whether the rule can bring this change about at all: a rule that is gone forbids nothing new."""
    if change in (Change.PERMITTED, Change.SOFTENED):
        return pair.old is not None
    if change in (Change.FORBIDDEN, Change.HARDENED):
        return pair.new is not None
    return pair.old is not None and pair.new is not None and isinstance(pair.old.clause.body, TIMED)


def _grows_old(pair: Pair) -> bool:
    """Whether the rule counts the days since a day, so that it matters whether the year was a leap year."""
    return any(bound is not None and isinstance(bound.clause.body, Fresh) for bound in (pair.old, pair.new))


def _questions(scene: Scene, change: Change, pair: Pair) -> list[Term]:
    """What to look for, the purest first: the rule alone makes the difference, then among others."""
    before, after, name = scene.before, scene.after, pair.rule
    was, now = before.said.get(name), after.said.get(name)
    if change is Change.PERMITTED and was is not None:
        return [conj([was.speaks, after.permits, before.silent(name)]), conj([was.speaks, after.permits])]
    if change is Change.FORBIDDEN and now is not None:
        return [conj([now.speaks, before.permits, after.silent(name)]), conj([now.speaks, before.permits])]
    if change is Change.SOFTENED and was is not None:
        weaker = _weaker(was, before, after)
        return [conj([before.forbids_nothing(name), weaker]), weaker]
    if change is Change.HARDENED and now is not None:
        stronger = _weaker(now, after, before)
        return [conj([after.forbids_nothing(name), stronger]), stronger]
    if change is Change.MOVED and was is not None and now is not None:
        return [conj([was.speaks, now.speaks, before.silent(name), after.silent(name)])]
    return []


def _weaker(rule: Said, strong: Spoken, weak: Spoken) -> Term:
    """Where one side forbids by this rule and the other only holds, or holds by it and the other only presumes."""
    forbidden = conj([rule.forbids, neg(weak.forbids)])
    held = conj([rule.holds, neg(strong.forbids), neg(weak.blocks)])
    return conj([disj([forbidden, held]), neg(weak.permits)])


def _asked(scene: Scene, change: Change, pair: Pair) -> tuple[Standing, Confirmed | None]:
    asked = _questions(scene, change, pair)
    tries = MOVED_TRIES if change is Change.MOVED else TRIES_MAX
    try:
        for question in asked:
            case = scene.witness(question, lambda found: _is(found, change, pair.rule), tries)
            if case is not None:
                return Standing.WITNESS, case
        if scene.never(asked[-1]):
            return Standing.PROVEN, None
    except NotDecided:
        return Standing.NOT_DECIDED, None
    return Standing.NOT_BUILT, None


def _is(found: Confirmed, change: Change, rule: str) -> bool:
    """Whether the reference sees the change, and the rule among its reasons."""
    old, new = found.old, found.new
    before, after = rank(old), rank(new)
    if change is Change.PERMITTED:
        return new.verdict is Verdict.PERMIT and before > after and _names(old, rule)
    if change is Change.FORBIDDEN:
        return old.verdict is Verdict.PERMIT and after > before and _names(new, rule)
    if change is Change.SOFTENED:
        return 0 < after < before and _names(old, rule)
    if change is Change.HARDENED:
        return 0 < before < after and _names(new, rule)
    return before == after > 0 and old.next_permitted_at != new.next_permitted_at


def _names(decision: Decision, rule: str) -> bool:
    return rule in {reason.rule for reason in decision.reasons}
