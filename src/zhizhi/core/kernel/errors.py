"""The one shape of an expected refusal: a code for machines, a sentence in both languages for people.

And what may be said of an exception that nobody expected.
"""

from types import TracebackType

from zhizhi.core.kernel.text import Text

OURS = "zhizhi"


class Refused(Exception):
    """An expected outcome that is no answer. Subclasses live beside what raises them and narrow `code`."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text


class KeyUnavailable(Exception):
    """There is no key now under which a value opens or closes; nothing may leave or be shown. Names no value."""


def told(error: BaseException) -> str:
    """Type and place of an exception, for a log: `IntegrityError from UniqueViolation at zhizhi.store.ids:44`.

    Never its message: a database quotes the row that it refuses, a parser the cell that it cannot read.
    """
    types = [type(error).__name__]
    cause = error.__cause__
    if cause is not None:
        types.append(type(cause).__name__)
    return f"{' from '.join(types)} at {_place(error.__traceback__)}"


def _place(traceback: TracebackType | None) -> str:
    """The innermost line of our own code, else of anybody's."""
    place, is_ours = "nowhere", False
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", "?"))
        here = module.partition(".")[0] == OURS
        if here or not is_ours:
            place, is_ours = f"{module}:{traceback.tb_lineno}", here
        traceback = traceback.tb_next
    return place
