"""The one shape of an expected refusal: a code for machines, a sentence in both languages for people."""

from zhizhi.core.kernel.text import Text


class Refused(Exception):
    """An expected outcome that is no answer. Subclasses live beside what raises them and narrow `code`."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text
