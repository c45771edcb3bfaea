"""A text that a person wrote and that is read whole: a map, settings, side tables. Books and logs go by the row."""

from pathlib import Path

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text


def read_small_text(path: Path, bytes_max: int, refused: type[Refused]) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Raises `refused`: `unreadable`, `too_large` or `not_utf8`, with the name of the file, never its folder.
    """
    name = path.name
    try:
        with path.open("rb") as opened:
            octets = opened.read(bytes_max + 1)
    except OSError as error:
        text = Text(f"无法读取 `{name}`（{error.strerror}）", f"`{name}` cannot be read ({error.strerror})")
        raise refused("unreadable", text) from error
    if len(octets) > bytes_max:
        raise refused(
            "too_large", Text(f"`{name}` 超过 {bytes_max:,} 字节", f"`{name}` is larger than {bytes_max:,} bytes")
        )
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = Text(
            f"`{name}` 第 {error.start + 1} 个字节起不是 UTF-8；请另存为 UTF-8",
            f"`{name}` is not UTF-8 from byte {error.start + 1} on; help: save it as UTF-8",
        )
        raise refused("not_utf8", text) from error
