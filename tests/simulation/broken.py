"""What an auditor finds: which promise, to whom, when, and what he saw."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that was not kept; `person` 0: it is nobody's alone."""

    promise: str
    person: int
    at: datetime
    seen: str
