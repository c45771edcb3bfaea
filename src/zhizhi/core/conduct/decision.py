"""The decision: one value that is shown, stored, exported and replayed, and its document in the contract's shape."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhizhi.core.kernel.instants import ZONE_DATA, write_instant, zone_of
from zhizhi.core.kernel.text import Text

VERSION = "0.1.0"
"""Version of the code; a test holds it to the version of the package."""

ENGINE = f"zhizhi-conduct/1 {VERSION} tzdata/{ZONE_DATA}"
"""Name and format of the engine, version of the code, and of the time-zone data: printed with every decision."""


class Verdict(StrEnum):
    """Whether the contact may be made. The order of the members is their precedence."""

    FORBID = "forbid"
    HOLD = "hold"
    PRESUMED_VIOLATION = "presumed_violation"
    PERMIT = "permit"


class HoldFor(StrEnum):
    """What a hold waits for."""

    PERSON = "person"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the rule, what it says, and from when it no longer says so."""

    rule: str
    effect: Verdict
    cites: str
    rows: tuple[str, ...]
    explain: Text
    until: datetime | None
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """What whoever makes the contact has to do."""

    rule: str
    do: str


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a cap the contact would draw on."""

    rule: str
    limit: int
    used: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Warned:
    """What a reader of the decision has to know besides."""

    code: str
    text: Text
    packs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackUsed:
    """A pack that the decision relied on."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one proposed contact."""

    id: str
    verdict: Verdict
    next_permitted_at: datetime | None
    reasons: tuple[Reason, ...]
    warnings: tuple[Warned, ...]
    obligations: tuple[Obligation, ...]
    budgets: tuple[Budget, ...]
    must_end_by: datetime | None
    unknown: tuple[str, ...]
    hold_for: HoldFor | None
    packs: tuple[PackUsed, ...]
    zone: str
    engine: str = ENGINE

    def to_document(self) -> dict[str, object]:
        """The decision in the shape of the contract; instants stand on the clock of the law's zone."""
        return {
            "id": self.id,
            "verdict": self.verdict.value,
            "next_permitted_at": self._written(self.next_permitted_at),
            "reasons": [
                {
                    "rule": reason.rule,
                    "effect": reason.effect.value,
                    "cites": reason.cites,
                    "explain": reason.explain.to_document(),
                    "until": self._written(reason.until),
                    "facts": list(reason.facts),
                }
                for reason in self.reasons
            ],
            "warnings": [
                {"code": one.code, "explain": one.text.to_document(), "packs": list(one.packs)} for one in self.warnings
            ],
            "obligations": [{"rule": one.rule, "do": one.do} for one in self.obligations],
            "budgets": [
                {"rule": b.rule, "limit": b.limit, "used": b.used, "resets_at": self._written(b.resets_at)}
                for b in self.budgets
            ],
            "must_end_by": self._written(self.must_end_by),
            "unknown": list(self.unknown),
            "hold_for": None if self.hold_for is None else self.hold_for.value,
            "packs": [{"id": pack.id, "version": pack.version, "sha256": pack.sha256} for pack in self.packs],
            "engine": self.engine,
        }

    def _written(self, instant: datetime | None) -> str | None:
        return None if instant is None else write_instant(instant, zone_of(self.zone))
