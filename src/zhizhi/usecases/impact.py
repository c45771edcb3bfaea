"""What a proposed pack would have done: history decided again with that one pack exchanged, and counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from zhizhi.core.conduct.case import Case, CaseError
from zhizhi.core.conduct.compiled import decide_compiled
from zhizhi.core.conduct.decide import Decision
from zhizhi.core.conduct.replay import Shift, shift
from zhizhi.core.law.house import FORCE, joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.pack import Pack
from zhizhi.store.contacts.decided import DecidedThen
from zhizhi.store.law.releases import NotKept
from zhizhi.store.packs import UnknownProfile
from zhizhi.usecases.replay import question
from zhizhi.usecases.zones import civil_day

EXAMPLES_MAX = 20
CHUNK = 1_000
DIMENSIONS = ("rule", "channel", "stage", "collector", "day")

Decide = Callable[[Case, Law], Decision]


@dataclass(slots=True)
class Impact:
    """Counts of shifts, in all and along each dimension; a few decisions of each kind to look at."""

    asked: int = 0
    not_concerned: int = 0
    cannot: Counter[str] = field(default_factory=Counter)
    shifts: Counter[Shift] = field(default_factory=Counter)
    along: dict[str, dict[str, Counter[Shift]]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    examples: dict[Shift, list[tuple[int, int]]] = field(default_factory=dict)

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
            "examples": {kind.value: [list(pair) for pair in found] for kind, found in sorted(self.examples.items())},
        }


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


def weigh_chunks(
    impact: Impact, decided: Iterable[DecidedThen], proposed: Pack, ask: Decide = decide_compiled
) -> Iterator[int]:
    """Weigh chunk by chunk into `impact`; gives how many are done after each."""
    rows, exchange = iter(decided), Exchange(proposed)
    while chunk := list(islice(rows, CHUNK)):
        weigh(impact, chunk, exchange, ask)
        yield impact.asked


def weigh(impact: Impact, decided: Iterable[DecidedThen], exchange: Exchange, ask: Decide = decide_compiled) -> None:
    """Decide each stored decision again under its own packs, one of them exchanged, and count.

    The comparison is with what was stored, so that every shift is the doing of this one pack. A house pack joins
    every profile.
    """
    for then in decided:
        impact.asked += 1
        try:
            case, law = question(then)
        except (NotKept, UnknownProfile, CaseError) as impossible:
            impact.cannot[type(impossible).__name__] += 1
            continue
        under = exchange.law(law)
        if under is None:
            impact.not_concerned += 1
            continue
        _count(impact, then, ask(case, under).to_document())


def _count(impact: Impact, then: DecidedThen, now: Mapping[str, Any]) -> None:
    kind = shift(then.body, now)
    impact.shifts[kind] += 1
    if kind is Shift.SAME:
        keys = {"day": civil_day(then.at).isoformat()}
    else:
        keys = {
            "rule": _responsible(kind, then.body, now),
            "channel": then.channel,
            "stage": then.stage or "none",
            "collector": str(then.facts["collector"]["id"]),
            "day": civil_day(then.at).isoformat(),
        }
        found = impact.examples.setdefault(kind, [])
        if len(found) < EXAMPLES_MAX:
            found.append((then.person_id, then.id))
    for name, key in keys.items():
        impact.along[name].setdefault(key, Counter())[kind] += 1


def _responsible(kind: Shift, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The first rule that speaks on one side only: of the new side where it refuses, of the old where it permits."""
    old: list[str] = [reason["rule"] for reason in was["reasons"]]
    new: list[str] = [reason["rule"] for reason in now["reasons"]]
    speaking, silent = (old, new) if kind is Shift.NEWLY_PERMITTED else (new, old)
    return next((rule for rule in speaking if rule not in silent), (speaking or silent or [""])[0])
