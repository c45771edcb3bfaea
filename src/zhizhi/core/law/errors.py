"""What is wrong with a pack: the file, the line, and the remedy."""

from zhizhi.core.kernel.text import Text


class PackError(Exception):
    """A pack that cannot be used: where, what is wrong, and what to write instead; its string is both languages."""

    code = "bad_pack"

    def __init__(self, file: str, line: int, wrong: Text, help_: Text) -> None:
        self.file, self.line, self.wrong, self.help = file, line, wrong, help_
        self.text = Text(f"{file}:{line}: {wrong.zh}；请{help_.zh}", f"{file}:{line}: {wrong.en}; help: {help_.en}")
        super().__init__(f"{self.text.zh} · {self.text.en}")


class UnknownPack(PackError):
    """No pack of that name is there."""
