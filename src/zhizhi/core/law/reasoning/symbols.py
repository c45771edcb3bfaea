"""The finite record as symbols: each feature's value and whether it is known, and the measures that rules ask for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any as AnyValue
from typing import TypeAlias

from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.nodes import After, Cap, Cooldown, Gate
from zhizhi.core.law.reasoning.smt import Term, flag, neg, number

SITUATION = (
    "point.named",
    "hours.plain",
    "hours.agreed",
    "hours.specific",
    "spared.none",
    "spared.one",
    "abroad.none",
    "abroad.one",
    "leap",
)
"""Yes or no of a contact that no rule may test but relations between measures need."""

CLOCK = ("begin", "end", "shift", "agreed_from", "agreed_to", "avoid_from", "avoid_to")
"""Seconds after the midnight before the contact, at its begin and planned end; the offset of the one zone abroad; the
hours of the one agreement and of the one inconvenient time, in minutes."""

READ_TWICE = frozenset({
    "callback.requested", "callback.timed", "consent.time", "party.told_before", "debtor.spoken_with",
    "reply.at_bad_time", "reply.unspent",
})  # fmt: skip
"""Features that the two readings compute differently from the same facts."""

COUNTED_TWICE = frozenset({"talks"})
"""Counts that the two readings make differently."""

Dated: TypeAlias = "Cap | Cooldown | After"
"""Bodies that look for events in the history."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that the solver may give a value. `kind` and `key` say what of a record it stands for.

    `reading`: under which reading, where the record itself depends on it.
    """

    kind: str
    key: AnyValue
    reading: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it stands for a whole number."""
        return self.kind in ("number", "clock", "certain", "possible", "agreed_number", "narrow_number")

    @property
    def name(self) -> str:
        """One name for each meaning."""
        return f"{self.kind} {self.key} {self.reading}".rstrip()


def counted(cap: Cap) -> Cap:
    """The cap with everything left away that is not about what is counted."""
    return replace(cap, limit=1, agreed=None, higher_counts=False)


def rowed(gate: Gate) -> Gate:
    """The gate without the part that the contract plays."""
    return replace(gate, contract="ignored")


def depends_on_reading(kind: str, key: AnyValue) -> bool:
    """Whether the record itself, not only the rules, is another under the other reading."""
    if kind in ("open", "closed"):
        return True
    if kind in ("known", "number"):
        return key in READ_TWICE
    if kind == "holds":
        return key[0] in READ_TWICE
    if kind in ("consented", "unconsented"):
        return True
    return getattr(key, "count", None) in COUNTED_TWICE or bool(getattr(key, "consent_days", 0))


class Symbols:
    """Every symbol that was asked for, by what it stands for."""

    def __init__(self, reading: str = "strict", terms: dict[Symbol, Term] | None = None) -> None:
        self.reading = reading
        self._terms: dict[Symbol, Term] = {} if terms is None else terms

    def under(self, reading: str) -> "Symbols":
        """The same facts under a reading: what depends on the reading has its own symbols, all else is shared."""
        return Symbols(reading, self._terms)

    def of(self, kind: str, key: AnyValue) -> Term:
        """The term of a meaning."""
        symbol = self.symbol(kind, key)
        found = self._terms.get(symbol)
        if found is None:
            found = number(symbol.name) if symbol.is_number else flag(symbol.name)
            self._terms[symbol] = found
        return found

    def symbol(self, kind: str, key: AnyValue) -> Symbol:
        """The symbol of a meaning under this reading."""
        return Symbol(kind, key, self.reading if depends_on_reading(kind, key) else "")

    def items(self) -> Iterator[tuple[Symbol, Term]]:
        """Symbols and their terms, as they stand now."""
        return iter(tuple(self._terms.items()))

    def keys_of(self, kind: str) -> list[AnyValue]:
        """What the symbols of a kind stand for."""
        return [symbol.key for symbol in self._terms if symbol.kind == kind and symbol.reading in ("", self.reading)]

    def known(self, feature: str) -> Term:
        """Whether the case states the feature."""
        assert feature in FEATURES, "a feature of the catalogue"
        return self.of("known", feature)

    def holds(self, feature: str, value: str | bool) -> Term:
        """Whether a flag is true, a choice is this, or a set holds this; nothing where it is unknown."""
        kind = FEATURES[feature].type
        if kind == "flag":
            assert isinstance(value, bool), "a flag is true or false"
            term = self.of("holds", (feature, True))
            return term if value else neg(term)
        assert value in FEATURES[feature].values, "a value of the catalogue"
        return self.of("holds", (feature, value))

    def number(self, feature: str) -> Term:
        """An integer feature; of a day: how many days it lies back."""
        assert FEATURES[feature].type in ("integer", "day"), "a feature that is a number"
        return self.of("number", feature)

    def situation(self, name: str) -> Term:
        """A yes or no that no rule may test."""
        assert name in SITUATION, "a situation of the list"
        return self.of("situation", name)

    def clock(self, name: str) -> Term:
        """A reading of the clocks."""
        assert name in CLOCK, "a clock of the list"
        return self.of("clock", name)

    def count(self, cap: Cap) -> tuple[Term, Term]:
        """How many are counted: certainly, and at most."""
        return self.of("certain", counted(cap)), self.of("possible", counted(cap))
