"""A sentence in both languages of the product: Chinese first, English beside."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One message in Simplified Chinese and in English; both are always present."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The wording of one language."""
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> "Text":
        """The same message with its `{names}` replaced in both languages. Refuses: a missing name (KeyError)."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def to_document(self) -> dict[str, str]:
        """`{"zh": …, "en": …}`, the shape of `explain` in the contracts."""
        return {"zh": self.zh, "en": self.en}
