"""A stored decision against the same question asked again: what, if anything, is answered differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

COMPARED = (
    "verdict",
    "next_permitted_at",
    "reasons",
    "warnings",
    "obligations",
    "budgets",
    "must_end_by",
    "unknown",
    "hold_for",
    "packs",
)
"""Keys of the decision document that have to come out the same; `engine` names the code and may move on."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of the decision document with what was stored and what is answered now."""

    key: str
    stored: object
    now: object


def differences(stored: Mapping[str, object], now: Mapping[str, object]) -> tuple[Difference, ...]:
    """Where two decision documents (contract/conduct-case.md) differ; empty where the replay agrees."""
    return tuple(Difference(key, stored.get(key), now.get(key)) for key in COMPARED if stored.get(key) != now.get(key))


class Shift(StrEnum):
    """What other rules would have done to one contact."""

    SAME = "same"
    NEWLY_REFUSED = "newly_refused"
    NEWLY_HELD = "newly_held"
    NEWLY_PERMITTED = "newly_permitted"
    OTHER_GROUND = "other_ground"


def shift(stored: Mapping[str, object], now: Mapping[str, object]) -> Shift:
    """How the verdict moves from one decision document to another.

    Boundary: a refusal that becomes a hold, or moves its next instant, is `other_ground`: nothing leaves either way.
    """
    was, becomes = stored["verdict"], now["verdict"]
    if was != becomes and becomes == "permit":
        return Shift.NEWLY_PERMITTED
    if was == "permit" and becomes != "permit":
        return Shift.NEWLY_HELD if becomes == "hold" else Shift.NEWLY_REFUSED
    if was == becomes and stored.get("next_permitted_at") == now.get("next_permitted_at"):
        return Shift.SAME
    return Shift.OTHER_GROUND
