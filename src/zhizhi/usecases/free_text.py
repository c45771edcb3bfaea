"""Free text that staff write: numbers that look like a telephone, identity or card number are questioned before
they are kept."""

import re
import unicodedata

from zhizhi.core.kernel.text import Text
from zhizhi.usecases.refused import UseCaseRefused

TEXT_CHARACTERS_MAX = 2000
_NUMBER = re.compile(
    r"(?<![0-9])(?:1[0-9]{10}|[0-9]{15}|[0-9]{17}[0-9Xx]|[0-9]{16,19}|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9])"
)
_JOINED = re.compile(r"(?<=[0-9])[\s\-—.·]+(?=[0-9])")


def checked_text(value: str, field: str, *, characters_min: int = 0) -> str:
    """The text, trimmed. Refuses: too short, too long, or holding a number that belongs into a sealed field instead."""
    trimmed = value.strip()
    if len(trimmed) < characters_min:
        raise UseCaseRefused(
            "too_short",
            Text(f"请至少写 {characters_min} 个字", f"help: write at least {characters_min} characters"),
            field,
        )
    if len(trimmed) > TEXT_CHARACTERS_MAX:
        raise UseCaseRefused(
            "too_long",
            Text(f"最多 {TEXT_CHARACTERS_MAX} 个字", f"at most {TEXT_CHARACTERS_MAX} characters are kept"),
            field,
        )
    if _NUMBER.search(_JOINED.sub("", unicodedata.normalize("NFKC", trimmed))):
        raise UseCaseRefused(
            "number_in_text",
            Text(
                "文字中像是有电话、证件或卡号；请改记入联系方式，此处勿写号码",
                "the text seems to hold a telephone, identity or card number;"
                " help: record it as a contact point, not here",
            ),
            field,
        )
    return trimmed
