"""Free text that staff write: what looks like a number, an address or a handle of a person is questioned before it is
kept."""

from collections.abc import Iterable

from zhizhi.core.kernel.masks import MaskKind
from zhizhi.core.kernel.text import Text
from zhizhi.core.screening.personal import find_personal, hidden
from zhizhi.usecases.refused import UseCaseRefused

TEXT_CHARACTERS_MAX = 2000


class PersonalInText(UseCaseRefused):
    """The text holds what belongs into a sealed field: of these kinds, each named once, in the order of the text."""

    def __init__(self, kinds: Iterable[MaskKind], field: str) -> None:
        self.kinds = tuple(dict.fromkeys(kinds))
        zh, en = "、".join(kind.text.zh for kind in self.kinds), ", ".join(kind.text.en for kind in self.kinds)
        text = Text(
            f"文字中像是有：{zh}。是谁的、从哪里得来的？请改记入联系方式，此处勿写",
            f"the text seems to hold: {en}; whose, and where from? help: record it as a contact point, not here",
        )
        super().__init__("number_in_text", text, field)


def checked_text(value: str, field: str, *, characters_min: int = 0, hide: bool = False) -> str:
    """The text, trimmed; with `hide` what looks personal is hidden in it, for good.

    Refuses: too short, too long, PersonalInText.
    """
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
    if hide:
        return hidden(trimmed)
    found = find_personal(trimmed)
    if found:
        raise PersonalInText((one.kind for one in found), field)
    return trimmed
