"""Rules as frozen nodes of a small closed vocabulary. A node that exists is well formed; it computes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeAlias

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import AGREED, COUNTS, FEATURES, OBLIGATIONS, TOPICS
from zhizhi.core.law.duty_words import ACTORS, DUTIES, KEEPERS, OCCASIONS, PERIODS, RECORDS


@dataclass(frozen=True, slots=True)
class Param:
    """A number of the law that stands in the pack's dated parameters."""

    name: str


Number: TypeAlias = int | Param


@dataclass(frozen=True, slots=True)
class Is:
    """The feature is one of the values; for a set: holds one of them."""

    feature: str
    values: frozenset[str | bool]

    def __post_init__(self) -> None:
        kind = FEATURES[self.feature]
        if kind.type == "flag":
            assert all(isinstance(value, bool) for value in self.values), "a flag is true or false"
        else:
            assert kind.type in ("choice", "set"), "only flags, choices and sets are compared with values"
            assert self.values <= kind.values, "a value outside the list of the feature"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The integer feature is not below the number."""

    feature: str
    number: Number

    def __post_init__(self) -> None:
        assert FEATURES[self.feature].type == "integer", "only integers have a least value"


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """Every condition holds; with none: true."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """Some condition holds; with none: false."""

    conditions: tuple["Condition", ...] = ()


Condition: TypeAlias = "Is | AtLeast | Not | All | Any"


@dataclass(frozen=True, slots=True)
class Window:
    """Contacts only inside the hours of a day.

    `whole`: the planned end has to lie inside too. `zones`: also inside the same hours of every zone outside the pack's
    own where the debtor may be. `clause_widens`: an agreement in a standard clause counts even where it widens.
    """

    opens: Number
    closes: Number
    whole: bool = False
    zones: bool = False
    clause_widens: bool = False


@dataclass(frozen=True, slots=True)
class Avoid:
    """Never in the hours that the party named as inconvenient.

    `whole`: not with the planned end either. `zones`: the party may have meant the clock of any zone where it may be.
    """

    whole: bool = False
    zones: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many a calendar day.

    `agreed`: the party's own number replaces the limit where it is lower; with `higher_counts` either way.
    """

    count: str
    limit: Number | None
    agreed: str | None = None
    higher_counts: bool = False
    min_seconds: Number = 0

    def __post_init__(self) -> None:
        assert self.count in COUNTS, "a count of the catalogue"
        assert self.agreed is None or self.agreed in AGREED, "an agreement of the catalogue"
        assert self.limit is not None or self.agreed is not None, "a cap has a limit or an agreement"


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Not before so many days after the day of the latest letter about the same product."""

    days: Number


@dataclass(frozen=True, slots=True)
class Gate:
    """Third persons only after contact was lost.

    Opens when the reserved mobile is invalid, from the day after `attempts` failed dials in a row, and after failed
    dials on `days` days in a row: at once where `same_day`, else the day after. `spacing_minutes`: failed dials closer
    than this are one. `other_points`: every other known number has been tried too. `contract`: the contract's own case
    of "unreachable" opens it (`opens`), is needed besides (`needed`), or plays no part (`ignored`).
    """

    attempts: Number
    days: Number
    same_day: bool = False
    spacing_minutes: Number = 0
    other_points: bool = False
    contract: str = "ignored"
    opens_at: Number = 0

    def __post_init__(self) -> None:
        assert self.contract in ("opens", "needed", "ignored"), "a role of the contract"


@dataclass(frozen=True, slots=True)
class Forbid:
    """Forbidden where the condition holds; held where it is unknown."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Require:
    """Forbidden where the condition fails; held where it is unknown."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Hold:
    """A person has to look where the condition holds or is unknown."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Fresh:
    """Forbidden unless a day lies at most so many days back; with `anniversary`: by the same date next year."""

    feature: str
    days: Number
    anniversary: bool = False

    def __post_init__(self) -> None:
        assert FEATURES[self.feature].type == "day", "only a day grows old"


@dataclass(frozen=True, slots=True)
class Oblige:
    """Whoever makes the contact has to do something."""

    do: str

    def __post_init__(self) -> None:
        assert self.do in OBLIGATIONS, "a step of the catalogue"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something has to be done by a time that runs from an occasion; decides no contact.

    `before`: it has to be done before the occasion, with a period at least so long before. A period of 0 after it: at
    once.
    """

    do: str
    occasion: str
    within: Number
    period: str
    before: bool = False
    by: str = "us"

    def __post_init__(self) -> None:
        assert self.do in DUTIES, "a step of the list"
        assert self.occasion in OCCASIONS, "an occasion of the list"
        assert self.period in PERIODS, "a unit of periods"
        assert self.by in ACTORS, "our side or another"


@dataclass(frozen=True, slots=True)
class Retain:
    """A record is kept for a period from an occasion on; with `most`: no longer. Decides no contact.

    `keeper`: whom it binds, everybody where None.
    """

    record: str
    occasion: str
    within: Number
    period: str
    most: bool = False
    keeper: str | None = None

    def __post_init__(self) -> None:
        assert self.record in RECORDS, "a record of the list"
        assert self.occasion in OCCASIONS, "an occasion of the list"
        assert self.period in PERIODS, "a unit of periods"
        assert self.keeper is None or self.keeper in KEEPERS, "a keeper of the list"


Body: TypeAlias = "Window | Avoid | Cap | Cooldown | Gate | Forbid | Require | Hold | Fresh | Oblige | Duty | Retain"


SILENT: tuple[type[Body], ...] = (Duty, Retain)
"""Bodies that say nothing about a contact: read by `core/law/duties.py`, never asked by a decision."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule under one reading: where it applies, what lifts it, what it says."""

    when: Condition
    unless: Condition
    body: Body


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack. A reading that it has no clause for is a reading under which it says nothing."""

    id: str
    row: str
    label: str
    topic: str
    cites: str
    rows: frozenset[str]
    confidence: str
    clauses: Mapping[str, Clause]
    explain: Text
    notation: str
    line: int = 0

    def __post_init__(self) -> None:
        assert self.topic in TOPICS, "a topic of the catalogue"
        assert self.clauses, "a rule speaks under some reading"


def params_of(node: object) -> Iterator[str]:
    """Names of the parameters that a node refers to."""
    if isinstance(node, Param):
        yield node.name
    elif isinstance(node, tuple):
        for item in node:
            yield from params_of(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for part in fields(node):
            yield from params_of(getattr(node, part.name))


def features_of(node: object) -> Iterator[str]:
    """Names of the features that a node refers to."""
    if isinstance(node, tuple):
        for item in node:
            yield from features_of(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for part in fields(node):
            value = getattr(node, part.name)
            if part.name == "feature":
                yield value
            else:
                yield from features_of(value)
