"""A wording as the longest of its messages: every variable with the longest value that it takes."""

from dataclasses import dataclass

from zhizhi.core.screening.placeholders import message_parts
from zhizhi.usecases.proposal import fill

LONGEST = {
    "name": "某" * 20,
    "amount": "99,999,999.99",
    "due_on": "2026-12-31",
    "days": "9,999",
    "code": "88888888",
    "minutes": "60",
}
"""Invented values: names of Uyghur and Tibetan persons reach twenty characters with the dot."""
WITH_PARTS = ("sms",)


@dataclass(frozen=True, slots=True)
class Preview:
    """The text with the longest values, its length, and how many messages it comes to; None: not a text message."""

    text: str
    characters: int
    parts: int | None


def preview_wording(channel: str, body: str, lender: str, signature: str) -> Preview:
    """What leaves at most; a text message with the signature before it."""
    text = fill(body, LONGEST | {"lender": lender})
    if channel in WITH_PARTS:
        text = f"【{signature}】{text}"
    return Preview(text, len(text), message_parts(text) if channel in WITH_PARTS else None)
