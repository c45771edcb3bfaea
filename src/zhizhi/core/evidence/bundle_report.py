"""What a check of a bundle says: what was looked at, and what does not hold, by its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zhizhi.core.evidence.checkpoint import Checkpoint
from zhizhi.core.evidence.refusals import EvidenceRefused

FAULTS_MAX = 1_000


class BundleRefused(EvidenceRefused):
    """Something of a bundle does not hold."""


@dataclass(frozen=True, slots=True)
class BundleFault:
    """What does not hold: a file, or a line or row of one."""

    place: str
    why: EvidenceRefused

    def to_document(self) -> dict[str, object]:
        """`{"place", "why"}`."""
        return {"place": self.place, "why": self.why.to_document()}


@dataclass(slots=True)
class BundleReport:
    """What was looked at, and what does not hold."""

    files: list[str] = field(default_factory=list)
    not_judged: list[str] = field(default_factory=list)
    leaves: int = 0
    opened: int = 0
    rows: int = 0
    manifest: Mapping[str, Any] = field(default_factory=dict)
    head: Checkpoint | None = None
    faults: list[BundleFault] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether everything holds."""
        return not self.faults

    def to_document(self) -> dict[str, object]:
        """The report: every file with its finding, then what was counted."""
        wrong = {fault.place.partition("#")[0] for fault in self.faults}
        told = {name: self.manifest.get(name) for name in ("kind", "export", "made_at", "asked")}
        head = self.head
        return {
            "valid": self.valid,
            "manifest": told,
            "files": [
                {"file": name, "valid": None if name in self.not_judged else name not in wrong} for name in self.files
            ],
            "checked": {"leaves": self.leaves, "opened": self.opened, "rows": self.rows},
            "checkpoint": None if head is None else {"origin": head.origin, "size": head.size},
            "faults": [fault.to_document() for fault in self.faults[:FAULTS_MAX]],
        }
