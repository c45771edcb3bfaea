"""A recording at rest: blocks sealed one by one under the person's key, each bound to its place, the last marked."""

import hashlib
import struct
from collections.abc import Iterable, Iterator

from zhizhi.store.keyring import KeyUnavailable, Seal

_LENGTH = struct.Struct(">I")
SEALED_BLOCK_BYTES_MAX = 1 << 22


class Heard:
    """Passes blocks on and remembers what went through: length and SHA-256 of what is sealed."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self._digest = hashlib.sha256()
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._digest.update(block)
            self.bytes += len(block)
            yield block

    @property
    def sha256(self) -> str:
        """Of everything so far, in hex."""
        return self._digest.hexdigest()


def sealed_blocks(seal: Seal, recording_id: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """What is stored. A block that is cut off, moved or left out does not open, and an end that is missing is seen."""
    waiting: bytes | None = None
    n = 0
    for block in blocks:
        if waiting is not None:
            yield _framed(seal.close(waiting, _place(recording_id, n, is_last=False)))
            n += 1
        waiting = block
    yield _framed(seal.close(waiting or b"", _place(recording_id, n, is_last=True)))


def opened_blocks(seal: Seal, recording_id: int, stored: Iterable[bytes]) -> Iterator[bytes]:
    """The recording. Refuses: octets that were altered, cut short or joined with others (`KeyUnavailable`)."""
    waiting: bytes | None = None
    n = 0
    for sealed in _unframed(stored):
        if waiting is not None:
            yield seal.open(waiting, _place(recording_id, n, is_last=False))
            n += 1
        waiting = sealed
    if waiting is None:
        raise KeyUnavailable("a stored recording is empty")
    yield seal.open(waiting, _place(recording_id, n, is_last=True))


def _place(recording_id: int, n: int, *, is_last: bool) -> str:
    return f"recording/{recording_id}/{n}{'/end' if is_last else ''}"


def _framed(sealed: bytes) -> bytes:
    return _LENGTH.pack(len(sealed)) + sealed


def _unframed(stored: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for octets in stored:
        rest += octets
        while len(rest) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(rest)
            if length > SEALED_BLOCK_BYTES_MAX:
                raise KeyUnavailable("a stored recording is damaged")
            if len(rest) < _LENGTH.size + length:
                break
            yield rest[_LENGTH.size : _LENGTH.size + length]
            rest = rest[_LENGTH.size + length :]
    if rest:
        raise KeyUnavailable("a stored recording is cut short")
