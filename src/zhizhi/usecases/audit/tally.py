"""What is counted of an audit: breaches by rule, collector, agency, hour and day; what could not be judged, and why."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.audit.judge import Judged
from zhizhi.core.law.nodes import Rule


@dataclass(slots=True)
class Tally:
    """Counts that add up over chunks of a log. `*_all`: contacts; `*_broke`: contacts with a breach."""

    contacts: int = 0
    inbound: int = 0
    persons: int = 0
    rejected: int = 0
    broke: int = 0
    unjudged: int = 0
    findings: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    confidences: Counter[str] = field(default_factory=Counter)
    channels_all: Counter[str] = field(default_factory=Counter)
    channels_broke: Counter[str] = field(default_factory=Counter)
    collectors_all: Counter[str] = field(default_factory=Counter)
    collectors_broke: Counter[str] = field(default_factory=Counter)
    agencies_all: Counter[str] = field(default_factory=Counter)
    agencies_broke: Counter[str] = field(default_factory=Counter)
    hours_all: Counter[int] = field(default_factory=Counter)
    hours_broke: Counter[int] = field(default_factory=Counter)
    days_broke: Counter[str] = field(default_factory=Counter)
    in_row: Counter[tuple[str, str]] = field(default_factory=Counter)
    in_log: Counter[tuple[str, str]] = field(default_factory=Counter)
    assumptions: Counter[str] = field(default_factory=Counter)
    first_at: str = ""
    last_at: str = ""

    def add(self, judged: Judged, zone: ZoneInfo) -> None:
        """Count one judged contact."""
        contact = judged.contact
        local = contact.proposed.at.astimezone(zone)
        self.contacts += 1
        self.hours_all[local.hour] += 1
        self.channels_all[contact.proposed.channel] += 1
        self.collectors_all[contact.worker] += 1
        self.agencies_all[contact.team] += 1
        written = local.isoformat(" ", "seconds")[:19]
        self.first_at = min(self.first_at or written, written)
        self.last_at = max(self.last_at, written)
        for one in judged.in_row:
            self.in_row[_named(one.rule), ", ".join(one.missing_kinds)] += 1
        for one in judged.in_log:
            self.in_log[_named(one.rule), ", ".join(one.missing_kinds)] += 1
        if judged.breaches:
            self._add_breaches(judged, local.hour, written[:10])
        elif judged.in_row:
            self.unjudged += 1

    def _add_breaches(self, judged: Judged, hour: int, day: str) -> None:
        contact = judged.contact
        self.broke += 1
        self.findings += len(judged.breaches)
        self.hours_broke[hour] += 1
        self.days_broke[day] += 1
        self.channels_broke[contact.proposed.channel] += 1
        self.collectors_broke[contact.worker] += 1
        self.agencies_broke[contact.team] += 1
        for breach in judged.breaches:
            self.rules[breach.rule.id] += 1
            self.severities[breach.severity] += 1
            self.confidences[breach.rule.confidence] += 1
            for assumption in breach.rests_on:
                self.assumptions[assumption] += 1

    def merge(self, other: "Tally") -> None:
        """Add the counts of another chunk."""
        for name in self.__dataclass_fields__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            elif isinstance(mine, int):
                setattr(self, name, mine + theirs)
        self.first_at = min(filter(None, (self.first_at, other.first_at)), default="")
        self.last_at = max(self.last_at, other.last_at)

    @property
    def clean(self) -> int:
        """Contacts that broke nothing, as far as they could be judged."""
        return self.contacts - self.broke - self.unjudged

    def to_document(self) -> dict[str, Any]:
        """The counts as JSON: objects by name, the largest first."""
        document: dict[str, Any] = {"clean": self.clean}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name in ("in_row", "in_log"):
                value = [
                    {"rule": rule, "missing": missing, "contacts": count}
                    for (rule, missing), count in value.most_common()
                ]
            elif name.startswith(("hours", "days")):
                value = {str(key): count for key, count in sorted(value.items())}
            elif isinstance(value, Counter):
                value = dict(value.most_common())
            document[name] = value
        return document


def _named(rule: Rule | None) -> str:
    return "" if rule is None else rule.id
