"""Public keys of logs, and other small files that a check is given, read within limits."""

import stat
from pathlib import Path

from zhizhi.core.evidence.checkpoint import NOTE_BYTES_MAX, CheckpointRefused, Verifier
from zhizhi.core.kernel.text import Text


def read_limited(path: Path, limit: int) -> bytes:
    """At most one byte more than the limit, so that what is too long shows as too long and never fills the memory."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        return file.read(limit + 1)


def read_verifiers(path: Path) -> list[Verifier]:
    """The keys of a file, one a line. Refuses: CheckpointRefused, for a missing or empty file and what is no key."""
    try:
        return key_lines(read_limited(path, NOTE_BYTES_MAX))
    except FileNotFoundError as error:
        text = Text("没有验证密钥，请用 --key 指定", "there is no verifier key; name one with --key")
        raise CheckpointRefused("checkpoint.key_missing", text) from error


def key_lines(content: bytes) -> list[Verifier]:
    """The keys of a text, one a line. Refuses: CheckpointRefused."""
    lines = content.decode("utf-8", errors="replace").split("\n")
    verifiers = [Verifier.from_text(line.removesuffix("\r")) for line in lines if line.strip()]
    if not verifiers:
        raise CheckpointRefused("checkpoint.key", Text("密钥文件为空", "the key file is empty"))
    return verifiers
