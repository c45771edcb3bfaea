"""The variables that a wording names as `{name}`, with their places, and what a text message of it comes to."""

import re
from collections.abc import Collection
from dataclasses import dataclass

ONE_PART, OF_PARTS = 70, 67
"""UTF-16 units of a text message that goes alone, and of each part of a longer one (3GPP TS 23.040)."""
_BRACED = re.compile(r"\{([^{}\n]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Place:
    """Something in braces, or a brace by itself: what it says, and its line and character, both from one."""

    said: str
    name: str | None
    line: int
    character: int


def placeholders(text: str) -> tuple[Place, ...]:
    """Everything in braces, in the order of the text; `name` is None where a brace has no partner."""
    found = []
    for match in _BRACED.finditer(text):
        before = text[: match.start()]
        line = before.count("\n") + 1
        character = match.start() - (before.rfind("\n") + 1) + 1
        found.append(Place(match.group(), match[1], line, character))
    return tuple(found)


def unknown_place(text: str, known: Collection[str]) -> Place | None:
    """The first that names no known variable; it would be read as it stands by whoever gets the message."""
    return next((place for place in placeholders(text) if place.name not in known), None)


def message_parts(text: str) -> int:
    """How many text messages a carrier counts for a text with Chinese in it."""
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= ONE_PART else -(-units // OF_PARTS)
