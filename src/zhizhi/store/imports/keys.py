"""The same keyed hashes as `keyring.SearchKeys`, many at a time: an import computes eight a row.

HMAC hashes two padded copies of its key before the value; both are hashed once here and copied for each value.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import Any

from zhizhi.store.keyring import SearchKeys

_BLOCK_BYTES = 64
_EIGHT = struct.Struct(">Q24x")


class BulkSearchKeys(SearchKeys):
    """Search keys of one lender for many values; equal to those of the parent class, value by value (tests/store)."""

    __slots__ = ("_inner", "_last_fours", "_outer")

    def __init__(self, lender_id: int) -> None:
        super().__init__(lender_id)
        padded = self._key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in padded))
        self._outer = hashlib.sha256(bytes(octet ^ 0x5C for octet in padded))
        self._last_fours: dict[str, int] = {}

    def octets(self, kind: str, values: Iterable[bytes]) -> list[bytes]:
        """HMAC-SHA256 of `kind:value` of each value."""
        return _hashed(self._begun(kind), self._outer, values)

    def of_kind(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """As `octets`, of text."""
        return _hashed(self._begun(kind), self._outer, map(str.encode, values))

    def numbers(self, kind: str, values: Iterable[str]) -> list[int]:
        """The parent's `number` of each value."""
        return to_numbers(self.of_kind(kind, values))

    def identity_octets(self, kind: str, value: str) -> bytes:
        """The sixteen octets of the parent's `identity`."""
        return self.of_kind(kind, (value,))[0][:16]

    def last_four(self, value: str) -> int:
        """The number of the last four characters; there are some ten thousand, so each is hashed once."""
        four = value[-4:]
        known = self._last_fours.get(four)
        if known is None:
            known = self._last_fours[four] = self.number("last_four", four)
        return known

    def _begun(self, kind: str) -> Any:
        begun = self._inner.copy()
        begun.update(f"{kind}:".encode())
        return begun


def to_number(digest: bytes) -> int:
    """The 63 bit number of a digest, as the parent's `number` takes it."""
    first: int = _EIGHT.unpack(digest)[0]
    return first >> 1


def to_numbers(digests: Iterable[bytes]) -> list[int]:
    """The number of each digest."""
    return [first >> 1 for (first,) in _EIGHT.iter_unpack(b"".join(digests))]


def _hashed(begun: Any, ended: Any, values: Iterable[bytes]) -> list[bytes]:
    digests: list[bytes] = []
    for value in values:
        inner = begun.copy()
        inner.update(value)
        outer = ended.copy()
        outer.update(inner.digest())
        digests.append(outer.digest())
    return digests
