"""The two sides of a call in one sound file: the desk on the left, the other side on the right."""

import struct
import sys
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zhizhi.gateways.voice.recorder import Pair

_CHUNK_HEADER = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_PCM, _MONO, _SAMPLE_BYTES = 1, 1, 2
_CHUNKS_MAX = 16  # before the samples; the engine writes one
BLOCK_SAMPLES = 131_072  # 512 KiB of both sides
RATES = range(8_000, 48_001)


class NoRecording(Exception):
    """A file of the engine is not there or holds no sound that we can read."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One open file, at its first sample."""

    file: BinaryIO
    rate: int
    samples: int

    def read(self, samples: int) -> "array[int]":
        read = array("h")
        read.frombytes(self.file.read(samples * _SAMPLE_BYTES))
        if sys.byteorder == "big":
            read.byteswap()
        return read


@dataclass(frozen=True, slots=True)
class Sound:
    """What `both_sides` will give: seconds are whole and rounded up; `is_one_sided` where one side never came."""

    seconds: int
    is_one_sided: bool
    blocks: Iterator[bytes]


def both_sides(pair: Pair) -> Sound:
    """One WAV of both directions. Refuses: files that are not there, hold no sound, or differ in their rate.

    Boundary: both directions end when the call ends, but the engine begins to write what it receives with the first
    packet; so the shorter one is silent at the beginning. A hold, during which nothing comes, moves what came before it
    to a later place; nothing is lost. A header that the engine could not finish is not believed:
    the samples go on to the end of the file.
    """
    with _sides(pair) as (left, right):
        if left.rate != right.rate:
            raise NoRecording("the two sides differ in their rate")
        length = max(left.samples, right.samples)
        if length == 0:
            raise NoRecording("nothing was recorded")
        is_one_sided = 0 in (left.samples, right.samples)
        return Sound(-(-length // left.rate), is_one_sided, _joined(pair, left.rate, length))


@contextmanager
def _sides(pair: Pair) -> Iterator[tuple[_Side, _Side]]:
    with ExitStack() as opened:
        yield _opened(pair.sent, opened), _opened(pair.received, opened)


def _joined(pair: Pair, rate: int, length: int) -> Iterator[bytes]:
    with _sides(pair) as (left, right):
        yield _header(rate, length)
        for first in range(0, length, BLOCK_SAMPLES):
            samples = min(BLOCK_SAMPLES, length - first)
            both = array("h", bytes(samples * _SAMPLE_BYTES * 2))
            for place, side in enumerate((left, right)):
                silent = max(0, min(samples, length - side.samples - first))
                read = side.read(samples - silent)
                both[place + silent * 2 : place + (silent + len(read)) * 2 : 2] = read
            if sys.byteorder == "big":
                both.byteswap()
            yield both.tobytes()


def _opened(path: Path, opened: ExitStack) -> _Side:
    try:
        file = opened.enter_context(path.open("rb"))
        end = path.stat().st_size
    except OSError as error:
        raise NoRecording("a side was not recorded") from error
    head = file.read(len(b"RIFF....WAVE"))
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise NoRecording("no sound file")
    return _sided(file, end)


def _sided(file: BinaryIO, end: int) -> _Side:
    rate = 0
    for _ in range(_CHUNKS_MAX):
        header = file.read(_CHUNK_HEADER.size)
        if len(header) < _CHUNK_HEADER.size:
            break
        name, size = _CHUNK_HEADER.unpack(header)
        if name == b"data":
            if not rate:
                break
            return _Side(file, rate, (end - file.tell()) // _SAMPLE_BYTES)
        if name == b"fmt ":
            body = file.read(size)
            rate = _rate_of(body)
            continue
        file.seek(size + size % 2, 1)
    raise NoRecording("a sound file without samples")


def _rate_of(body: bytes) -> int:
    if len(body) < _FORMAT.size:
        raise NoRecording("a sound file without a format")
    kind, channels, rate, _, _, bits = _FORMAT.unpack(body[: _FORMAT.size])
    if (kind, channels, bits) != (_PCM, _MONO, _SAMPLE_BYTES * 8) or rate not in RATES:
        raise NoRecording("a sound file of another form")
    return int(rate)


def _header(rate: int, samples: int) -> bytes:
    frame = _SAMPLE_BYTES * 2
    size = samples * frame
    body = _FORMAT.pack(_PCM, 2, rate, rate * frame, frame, _SAMPLE_BYTES * 8)
    return b"".join((
        _CHUNK_HEADER.pack(b"RIFF", 36 + size),
        b"WAVE",
        _CHUNK_HEADER.pack(b"fmt ", len(body)),
        body,
        _CHUNK_HEADER.pack(b"data", size),
    ))  # fmt: skip
