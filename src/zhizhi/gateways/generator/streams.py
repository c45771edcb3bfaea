"""Counter-based random words: the same seed, label and index give the same words on any machine and any Python."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Generic, TypeVar

WORD = 1 << 32
_UNPACK = struct.Struct("<16I").unpack
_INDEX = struct.Struct("<Q").pack
_COUNTER = struct.Struct("<QI").pack

T = TypeVar("T")


def chance(share: Decimal) -> int:
    """The threshold below which a word falls with this share. Rounding: half even, to 2^-32."""
    return int((share * WORD).to_integral_value())


def block_source(seed: int, label: str) -> Callable[[int], bytes]:
    """A function from an index to its 64 random bytes. Boundary: seed 0 to 2^63 - 1, index 0 to 2^64 - 1."""
    base = blake2b(digest_size=64, key=seed.to_bytes(8, "little"), person=label.encode("ascii"))

    def block(index: int) -> bytes:
        hasher = base.copy()
        hasher.update(_INDEX(index))
        return hasher.digest()

    return block


def word_source(seed: int, label: str) -> Callable[[int], tuple[int, ...]]:
    """A function from an index to its sixteen random words."""
    fresh = blake2b(digest_size=64, key=seed.to_bytes(8, "little"), person=label.encode("ascii")).copy

    def drawn(index: int) -> tuple[int, ...]:
        hasher = fresh()
        hasher.update(_INDEX(index))
        return _UNPACK(hasher.digest())

    return drawn


def words(block: bytes) -> tuple[int, ...]:
    """Sixteen words of 32 bits of one block."""
    return _UNPACK(block)


def normal_index(block: bytes, start: int) -> int:
    """The sum of twelve bytes: mean 1530, standard deviation 256, close to normal and exact in integers."""
    return sum(block[start : start + 12])


class Dice:
    """Any number of draws for one index, in order. Draws of different labels or indices do not disturb each other."""

    __slots__ = ("_base", "_counter", "_index", "_left")

    def __init__(self, seed: int, label: str, index: int) -> None:
        """Start at the first draw of `index`."""
        self._base = blake2b(digest_size=64, key=seed.to_bytes(8, "little"), person=label.encode("ascii"))
        self._index = index
        self._counter = 0
        self._left: list[int] = []

    def word(self) -> int:
        """The next word, 0 to 2^32 - 1."""
        if not self._left:
            hasher = self._base.copy()
            hasher.update(_COUNTER(self._index, self._counter))
            self._counter += 1
            self._left = list(_UNPACK(hasher.digest()))
        return self._left.pop()

    def below(self, bound: int) -> int:
        """A whole number from 0 up to but not including `bound`."""
        return (self.word() * bound) >> 32

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + ((self.word() * (high - low + 1)) >> 32)

    def happens(self, threshold: int) -> bool:
        """True with the chance that `threshold` stands for."""
        return self.word() < threshold


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Values with their shares."""

    values: tuple[T, ...]
    edges: tuple[int, ...]

    def pick(self, word: int) -> T:
        """The value on which this word falls."""
        return self.values[bisect_right(self.edges, word)]


def weighted(shares: Mapping[T, Decimal]) -> Weighted[T]:
    """Shares to thresholds. Refuses: shares that do not add up to one (ValueError)."""
    if sum(shares.values()) != 1:
        raise ValueError(f"shares of `{', '.join(map(str, shares))}` do not add up to one")
    edges: list[int] = []
    total = Decimal(0)
    for share in list(shares.values())[:-1]:
        total += share
        edges.append(chance(total))
    return Weighted(tuple(shares), tuple(edges))
