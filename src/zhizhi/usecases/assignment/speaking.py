"""Which language a debtor speaks: from the next assignment on, somebody who speaks it has the case."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.assignment.keeping import set_language
from zhizhi.store.assignment.words import LANGUAGES, MAIN_LANGUAGE
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """What the debtor of the open case speaks; the main language takes another one back."""

    person_id: int
    language: str
    by: int


def set_case_language(command: SetLanguage, at: datetime) -> None:
    """Keep it, with who said so. Refuses: NotAllowed, a language that is not of the list, no open case, no change."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    if command.language != MAIN_LANGUAGE and command.language not in LANGUAGES:
        raise UseCaseRefused("bad_language", Text("请选择语言", "help: choose a language"), "spoken")
    kept = None if command.language == MAIN_LANGUAGE else command.language
    if not set_language(command.person_id, kept, command.by, at):
        text = Text("案件已关闭，或语言未变", "the case is closed, or this is its language already")
        raise UseCaseRefused("nothing_to_keep", text, "spoken")
