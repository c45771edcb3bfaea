"""A use case that says no to a person: expected, explained in both languages, nothing written."""

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text


class UseCaseRefused(Refused):
    """Base of the refusals of use cases; `field` names the place on a form, where there is one."""

    def __init__(self, code: str, text: Text, field: str | None = None) -> None:
        super().__init__(code, text)
        self.field = field
