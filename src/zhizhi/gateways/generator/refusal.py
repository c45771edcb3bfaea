"""Why a book cannot be generated as asked."""

from zhizhi.core.kernel.text import Text


class BookRefused(ValueError):
    """A request that the generator cannot meet; `text` names the reason and the remedy."""

    def __init__(self, code: str, text: Text) -> None:
        """`code`: for programs; `text`: for people."""
        super().__init__(f"{text.zh} · {text.en}")
        self.code = code
        self.text = text
