"""What the solver wants a contact to be: features, clocks and a history, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from zhizhi.core.law.features import Value


@dataclass(frozen=True, slots=True)
class Clock:
    """Begin and planned end in seconds after midnight; the zone abroad; the hours that people named, in minutes."""

    begin: int
    end: int
    abroad: str | None = None
    agreed: tuple[int, int] | None = None
    agreed_specific: bool = True
    avoided: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One contact to be written down as a case. `events`: how many of each kind of event came before it."""

    profile: str
    reading: str
    zone: str
    day: date
    values: Mapping[str, Value]
    named: bool
    clock: Clock
    events: Mapping[str, int] = field(default_factory=dict)
    situation: str = "nothing"
    agreed: Mapping[str, int] = field(default_factory=dict)

    def value(self, feature: str) -> Value:
        """What the feature should be; None where it should be unknown."""
        return self.values.get(feature)

    def is_true(self, feature: str) -> bool:
        """Whether the feature should be known and true."""
        return self.values.get(feature) is True
