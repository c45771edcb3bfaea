"""What a proposed pack would have done: history decided again with that one pack exchanged, and counted."""

import json
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, astuple, dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

from zhizhi.core.conduct.case import Case, CaseError, parse_case
from zhizhi.core.conduct.compiled import decide_compiled
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.conduct.replay import Shift, shift
from zhizhi.core.law.house import FORCE, joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.store.contacts.decided import DecidedThen
from zhizhi.store.law.releases import NotKept, law_then
from zhizhi.store.packs import UnknownProfile
from zhizhi.usecases.zones import civil_day

EXAMPLES_MAX = 20
CHUNK = 1_000
MANY_FROM = 25_000
"""Decisions from which they are decided as books. Below, compiling the queries takes longer than it saves."""
LAID_AT_ONCE = 10_000
"""Decisions of one law and reading that wait in memory until they are laid down; fewer are decided one by one."""
DIMENSIONS = ("rule", "channel", "stage", "collector", "day")
STRICT = "strict"

Decide = Callable[[Case, Law], Decision]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a law says to one case: `rules` are those that block it, in their order."""

    verdict: str
    next_permitted_at: datetime | None
    rules: tuple[str, ...]


class Book(Protocol):
    """Many cases of one law that are decided at once: laid down as they come, answered at the end."""

    def lay_down(self, cases: Sequence[tuple[str, str]]) -> list[int]:
        """Cases as written, with what comes back beside the answer; answers the places of those that it cannot read."""
        ...

    def answers(self) -> Iterator[tuple[str, tuple[str, datetime | None, tuple[str, ...]]]]:
        """What was laid down beside each case that it could read, and the fields of its Answer."""
        ...


OpenBook = Callable[[Law, str], AbstractContextManager[Book]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the counts need of a decision as it was stored."""

    person_id: int
    id: int
    at: str
    channel: str
    stage: str
    collector: str
    verdict: str
    next_permitted_at: str | None
    rules: tuple[str, ...]

    @classmethod
    def of(cls, then: DecidedThen) -> Self:
        """The same of a decision with its documents."""
        rules = tuple(reason["rule"] for reason in then.body["reasons"])
        said = (then.body["verdict"], then.body["next_permitted_at"], rules)
        return cls(
            then.person_id, then.id, then.at.isoformat(), then.channel, then.stage or "none", then.collector, *said
        )

    @property
    def answer(self) -> Answer:
        """What was answered."""
        until = self.next_permitted_at
        return Answer(self.verdict, None if until is None else datetime.fromisoformat(until), tuple(self.rules))


@dataclass(slots=True)
class Impact:
    """Counts of shifts, in all and along each dimension; the first few decisions of each kind to look at."""

    asked: int = 0
    not_concerned: int = 0
    cannot: Counter[str] = field(default_factory=Counter)
    shifts: Counter[Shift] = field(default_factory=Counter)
    along: dict[str, dict[str, Counter[Shift]]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    examples: dict[Shift, list[tuple[datetime, int, int]]] = field(default_factory=dict)

    def count(self, stored: Stored, now: Answer) -> None:
        """Count one decision with what is answered now. The order in which decisions are counted changes nothing."""
        at, was = datetime.fromisoformat(stored.at), stored.answer
        kind = shift(asdict(was), asdict(now))
        self.shifts[kind] += 1
        keys = {"day": civil_day(at).isoformat()}
        if kind is not Shift.SAME:
            keys |= {"channel": stored.channel, "stage": stored.stage, "collector": stored.collector}
            keys["rule"] = _responsible(kind, was.rules, now.rules)
            found = self.examples.setdefault(kind, [])
            insort(found, (at, stored.id, stored.person_id))
            del found[EXAMPLES_MAX:]
        for name, key in keys.items():
            self.along[name].setdefault(key, Counter())[kind] += 1

    def to_document(self) -> dict[str, Any]:
        """The counts as JSON; the same history and pack give the same document."""
        return {
            "asked": self.asked,
            "not_concerned": self.not_concerned,
            "cannot": dict(sorted(self.cannot.items())),
            "shifts": {kind.value: self.shifts[kind] for kind in Shift},
            "along": {
                name: {
                    key: {kind.value: counts[kind] for kind in Shift if counts[kind]}
                    for key, counts in sorted(keys.items())
                }
                for name, keys in self.along.items()
            },
            "examples": {
                kind.value: [[person_id, decision_id] for _, decision_id, person_id in found]
                for kind, found in sorted(self.examples.items())
            },
        }


def _responsible(kind: Shift, old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """The first rule that speaks on one side only: of the new side where it refuses, of the old where it permits."""
    speaking, silent = (old, new) if kind is Shift.NEWLY_PERMITTED else (new, old)
    return next((rule for rule in speaking if rule not in silent), (speaking or silent or ("",))[0])


class Exchange:
    """Laws with one pack exchanged. Each law is exchanged once: one that is new to it is compiled anew."""

    def __init__(self, proposed: Pack) -> None:
        self._proposed = proposed
        self._exchanged: dict[Law, Law | None] = {}

    def law(self, then: Law) -> Law | None:
        """The law with the pack in it; None where it has no such pack and the proposed one is no house pack."""
        if then not in self._exchanged:
            has_it = any(pack.id == self._proposed.id for pack in then.packs)
            self._exchanged[then] = joined(then, self._proposed) if has_it or self._proposed.force == FORCE else None
        return self._exchanged[then]


def weigh(impact: Impact, decided: Iterable[DecidedThen], total: int, proposed: Pack, book: OpenBook) -> Iterator[int]:
    """Decide each stored decision again under its own packs, one of them exchanged, and count; gives how many are done.

    The comparison is with what was stored, so that every shift is the doing of this one pack. A house pack joins every
    profile. `total`: how many there are about; a long history is decided in books.
    """
    exchange = Exchange(proposed)
    if total >= MANY_FROM:
        yield from weigh_in_books(impact, decided, exchange, book)
        return
    for number, (then, law) in enumerate(_concerned(impact, decided, exchange), 1):
        weigh_one(impact, then, law)
        if number % CHUNK == 0:
            yield impact.asked
    yield impact.asked


def weigh_one(impact: Impact, then: DecidedThen, law: Law, ask: Decide = decide_compiled) -> None:
    """Decide one of them by itself."""
    try:
        decision = ask(parse_case(then.facts), law)
    except CaseError as wrong:
        impact.cannot[type(wrong).__name__] += 1
        return
    rules = tuple(reason.rule for reason in decision.reasons)
    impact.count(Stored.of(then), Answer(decision.verdict.value, decision.next_permitted_at, rules))


def weigh_in_books(
    impact: Impact, decided: Iterable[DecidedThen], exchange: Exchange, open_book: OpenBook, at_once: int = LAID_AT_ONCE
) -> Iterator[int]:
    """Lay the decisions of each law down as they come, and decide each law's at the end. Half of it is done by then."""
    waiting: dict[tuple[Law, str], list[DecidedThen]] = {}
    books: dict[tuple[Law, str], Book] = {}
    with ExitStack() as opened:
        for then, law in _concerned(impact, decided, exchange):
            key = (law, then.reading or STRICT)
            waiting.setdefault(key, []).append(then)
            if len(waiting[key]) == at_once:
                if key not in books:
                    books[key] = opened.enter_context(open_book(*key))
                _lay_down(impact, books[key], law, waiting.pop(key))
                yield impact.asked // 2
        for key, few in waiting.items():
            if key in books:
                _lay_down(impact, books[key], key[0], few)
                continue
            for then in few:
                weigh_one(impact, then, key[0])
        counted = sum(impact.shifts.values())
        for book in books.values():
            for number, (beside, said) in enumerate(book.answers(), 1):
                impact.count(Stored(*json.loads(beside)), Answer(*said))
                if number % CHUNK == 0:
                    yield (impact.asked + sum(impact.shifts.values()) - counted) // 2
    yield impact.asked


def _concerned(impact: Impact, decided: Iterable[DecidedThen], exchange: Exchange) -> Iterator[tuple[DecidedThen, Law]]:
    """Decisions with the law to decide them by; those that have none or do not ask the pack are counted apart."""
    for then in decided:
        impact.asked += 1
        try:
            law = exchange.law(law_then(then.profile, then.body))
        except (NotKept, UnknownProfile) as impossible:
            impact.cannot[type(impossible).__name__] += 1
            continue
        if law is None:
            impact.not_concerned += 1
            continue
        yield then, law


def _lay_down(impact: Impact, book: Book, law: Law, decided: Sequence[DecidedThen]) -> None:
    cases = [(then.written, json.dumps(astuple(Stored.of(then)))) for then in decided]
    for place in book.lay_down(cases):
        weigh_one(impact, decided[place], law)
