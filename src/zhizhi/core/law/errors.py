"""What is wrong with a pack: the file, the line, and the remedy."""

from zhizhi.core.kernel.text import Text


class PackError(Exception):
    """A pack that cannot be used. The message names pack, file and line, and says what to write instead."""

    code = "bad_pack"

    def __init__(self, file: str, line: int, wrong: str, help_: str) -> None:
        self.file, self.line, self.wrong, self.help = file, line, wrong, help_
        super().__init__(f"{file}:{line}: {wrong}; help: {help_}")

    @property
    def text(self) -> Text:
        """The same for a screen."""
        return Text(f"规则包不可用: {self}", str(self))
