"""A pack: one legal instrument as values, and the digest that names its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.nodes import Rule

MANIFEST = "MANIFEST.sha256"


@dataclass(frozen=True, slots=True)
class InForce:
    """Days on which something is in force: from `first`, before `until`."""

    first: date
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One value of a parameter, from a day on, before another: the row it comes from, its sources, how sure it is."""

    span: InForce
    value: int
    row: str
    sources: tuple[str, ...] = ()
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the law as a dated series."""

    name: str
    unit: str
    text: Text
    values: tuple[ParameterValue, ...]

    def on(self, day: date) -> int | None:
        """The value in force on a day."""
        for value in self.values:
            if day in value.span:
                return value.value
        return None


@dataclass(frozen=True, slots=True)
class Article:
    """One row of an instrument: what it says in our own words, and its rules. `review`: what is still to be checked."""

    row: str
    article: str | None
    confirmed: bool
    confidence: str
    title: Text
    paraphrase: Text
    modelled: str
    reason: str
    sources: tuple[str, ...]
    rules: tuple[Rule, ...]
    file: str
    in_force: InForce | None = None
    review: str = ""

    def stands_on(self, day: date) -> bool:
        """Whether the article is in force on a day on which its pack is."""
        return self.in_force is None or day in self.in_force


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """An open question of the text, the reading chosen and the one rejected."""

    number: str
    title: str
    text: str
    file: str


@dataclass(frozen=True, slots=True)
class PackCase:
    """A table case: under this contact the rule speaks (hit) or just does not (near miss)."""

    row: str
    rule: str
    title: str
    expect: str
    document: Mapping[str, object]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Pack:
    """One instrument. `sha256` names its content; `verified` is false where the manifest does not fit the files."""

    id: str
    title: Text
    force: str
    zone: str
    in_force: InForce
    version: str
    sources: tuple[str, ...]
    reviewer: str
    articles: tuple[Article, ...]
    params: Mapping[str, Parameter]
    readings: tuple[ReadingNote, ...]
    cases: tuple[PackCase, ...]
    changes: str
    sha256: str
    verified: bool
    complete: bool = True

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the articles."""
        return tuple(rule for article in self.articles for rule in article.rules)


def manifest_of(files: Mapping[str, bytes]) -> str:
    """The manifest that fits the files: digest and name, one a line, sorted by name."""
    names = sorted(name for name in files if name != MANIFEST)
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in names)


def digest_of(files: Mapping[str, bytes]) -> str:
    """The one digest that names the content of a pack."""
    return hashlib.sha256(manifest_of(files).encode()).hexdigest()
