"""The one shape of an expected refusal: a code for machines, a sentence in both languages for people.

And what may be said of an exception that nobody expected.
"""

from collections.abc import Iterator
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


TRAIL_LINES_MAX = 60


def trail(error: BaseException) -> str:
    """Types and places of an exception and of what caused it, the innermost last: a traceback without any words."""
    lines: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        head = f"{'from ' if lines else ''}{type(one).__module__}.{type(one).__qualname__}"
        lines.append(f"{head} {one.code}" if isinstance(one, Refused) else head)
        lines += [f"  {place}" for place in _places(one.__traceback__)]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    left_out = len(lines) - TRAIL_LINES_MAX
    return "\n".join(lines if left_out <= 0 else [*lines[:TRAIL_LINES_MAX], f"  … {left_out} more"])


def _places(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next


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
