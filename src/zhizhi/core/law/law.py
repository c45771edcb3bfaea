"""The law of a profile: the packs that apply together, what is missing of them, and the rules that stand on a day."""

from bisect import bisect_right
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any as AnyValue

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.nodes import SILENT, Clause, Param, Rule
from zhizhi.core.law.pack import Pack

BROKEN, UNMET = "/does-not-verify", "/not-met"


@dataclass(frozen=True, slots=True)
class Broken:
    """What nothing is permitted without: a pack that cannot be relied on, or a precondition of a law that is not met.

    `cites`: the article that sets the precondition, which `pack` then names; None is a pack.
    """

    pack: str
    why: Text
    cites: str | None = None

    @property
    def rule(self) -> str:
        """What decisions name it by."""
        return f"{self.pack}{BROKEN if self.cites is None else UNMET}"


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What applies to a profile. Nothing is permitted while something is broken or no pack is there.

    `missing`: packs of the profile that this release does not hold yet. `zone`: None where the debtor's zone counts.
    """

    profile: str
    title: Text
    zone: str | None
    packs: tuple[Pack, ...]
    missing: tuple[str, ...]
    broken: tuple[Broken, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether a pack of the profile is missing, or only a first cut."""
        return bool(self.missing or self.unfinished)

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Packs that say of themselves that they do not hold their whole instrument yet."""
        return tuple(pack.id for pack in self.packs if not pack.complete)


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A rule under one reading with the numbers of a day filled in."""

    rule: Rule
    clause: Clause


def rules_on(law: Law, reading: str, day: date) -> tuple[Bound, ...]:
    """The rules about contacts of a reading that are in force on a day, with that day's numbers."""
    return _rules_from(law, reading, _turn_of(law, day))[0]


def silent_rules_on(law: Law, reading: str, day: date) -> tuple[Bound, ...]:
    """The duties and retentions of a reading that are in force on a day, with that day's numbers."""
    return _rules_from(law, reading, _turn_of(law, day))[1]


def _turn_of(law: Law, day: date) -> date:
    """The latest day, not after this one, from which other rules or numbers stand."""
    turns = turning_days(law)
    place = bisect_right(turns, day)
    return turns[place - 1] if place else date.min


def packs_on(law: Law, day: date) -> tuple[Pack, ...]:
    """The packs in force on a day."""
    return tuple(pack for pack in law.packs if day in pack.in_force)


@lru_cache(maxsize=256)
def turning_days(law: Law) -> tuple[date, ...]:
    """Days on which a pack, an article or a number comes into force or ends."""
    found: set[date] = set()
    for pack in law.packs:
        spans = [pack.in_force, *(article.in_force for article in pack.articles if article.in_force is not None)]
        spans += [value.span for parameter in pack.params.values() for value in parameter.values]
        for span in spans:
            found.add(span.first)
            if span.until is not None:
                found.add(span.until)
    return tuple(sorted(found))


@lru_cache(maxsize=1024)
def _rules_from(law: Law, reading: str, day: date) -> tuple[tuple[Bound, ...], tuple[Bound, ...]]:
    """Rules about contacts, and what is silent about them."""
    found: tuple[list[Bound], list[Bound]] = ([], [])
    for pack in packs_on(law, day):
        numbers = {name: parameter.on(day) for name, parameter in pack.params.items()}
        for rule in (rule for article in pack.articles if article.stands_on(day) for rule in article.rules):
            clause = rule.clauses.get(reading)
            if clause is not None:
                found[isinstance(clause.body, SILENT)].append(Bound(rule, filled_in(clause, numbers)))
    return tuple(found[0]), tuple(found[1])


def filled_in(node: AnyValue, numbers: dict[str, int | None]) -> AnyValue:
    """A node with every parameter replaced by its number. Refuses: one without a number on that day (LookupError)."""
    if isinstance(node, Param):
        number = numbers.get(node.name)
        if number is None:
            raise LookupError(f"parameter `{node.name}` has no value on that day")
        return number
    if isinstance(node, tuple):
        return tuple(filled_in(item, numbers) for item in node)
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{part.name: filled_in(getattr(node, part.name), numbers) for part in fields(node)})
    return node
