"""Rules as frozen nodes of a small closed vocabulary. A node that exists is well formed; it computes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeAlias

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import AGREED, BREACHES, COUNTS, EDGES, FEATURES, KEYS, OBLIGATIONS, TOPICS
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
    `edges`: which ends of the law's own hours lie inside; agreed hours are half-open.
    """

    opens: Number
    closes: Number
    whole: bool = False
    zones: bool = False
    clause_widens: bool = False
    edges: str = "half_open"

    def __post_init__(self) -> None:
        assert self.edges in EDGES, "a kind of edges"


@dataclass(frozen=True, slots=True)
class Avoid:
    """Never in the hours that the party named as inconvenient.

    `whole`: not with the planned end either. `zones`: the party may have meant the clock of any zone where it may be.
    `edges`: which ends of the hours that were named are inconvenient themselves.
    """

    whole: bool = False
    zones: bool = False
    edges: str = "half_open"

    def __post_init__(self) -> None:
        assert self.edges in ("half_open", "closed"), "a kind of edges"


PERSON_OF_LENDER = frozenset({"person", "lender"})
"""The key of a count unless the rule says otherwise: one person, one lender, whoever acts for it."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many in a window.

    The window is a run of `days` calendar days that ends with the day of the contact (1: that day alone), or with
    `minutes` the time of so many minutes before it. `per`: what an event has to share with the contact to count; of
    several debts the fullest decides. `agreed`: the party's own number replaces the limit where it is lower; with
    `higher_counts` either way. `consent_days`: calls made within so many days of the person's consent to calls, the
    day of the consent being the first, neither count nor are capped (0: consent plays no part).
    """

    count: str
    limit: Number | None
    agreed: str | None = None
    higher_counts: bool = False
    min_seconds: Number = 0
    days: Number = 1
    minutes: Number | None = None
    per: frozenset[str] = PERSON_OF_LENDER
    consent_days: Number = 0

    def __post_init__(self) -> None:
        assert self.count in COUNTS, "a count of the catalogue"
        assert self.agreed is None or self.agreed in AGREED, "an agreement of the catalogue"
        assert self.limit is not None or self.agreed is not None, "a cap has a limit or an agreement"
        assert self.per <= KEYS.keys(), "keys of the catalogue"
        assert self.minutes is None or self.days == 1, "one window, of days or of minutes"


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Not on the day of the latest event of a kind, nor before so many days after that day.

    By default: letters about the same product. `per` and `consent_days` as for a cap.
    """

    days: Number
    count: str = "letters"
    per: frozenset[str] = frozenset({"person", "lender", "product"})
    consent_days: Number = 0

    def __post_init__(self) -> None:
        assert self.count in COUNTS, "a count of the catalogue"
        assert self.per <= KEYS.keys(), "keys of the catalogue"


@dataclass(frozen=True, slots=True)
class After:
    """Only after an event of a kind: from so many days after the day of the first one; with 0 from its instant on.

    `per` as for a cap; of several debts each needs its own.
    """

    count: str
    days: Number = 0
    per: frozenset[str] = PERSON_OF_LENDER

    def __post_init__(self) -> None:
        assert self.count in COUNTS, "a count of the catalogue"
        assert self.per <= KEYS.keys(), "keys of the catalogue"


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


Body: TypeAlias = (
    "Window | Avoid | Cap | Cooldown | After | Gate | Forbid | Require | Hold | Fresh | Oblige | Duty | Retain"
)


SILENT: tuple[type[Body], ...] = (Duty, Retain)
"""Bodies that say nothing about a contact: read by `core/law/duties.py`, never asked by a decision."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule under one reading: where it applies, what lifts it, what it says, and what a breach of it comes to."""

    when: Condition
    unless: Condition
    body: Body
    breach: str = "forbid"

    def __post_init__(self) -> None:
        assert self.breach in BREACHES, "a kind of breach"


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
