"""The same keyed hashes as `keyring.SearchKeys`, three times as fast: an import computes ten a row.

HMAC hashes two padded copies of its key before the value; both are hashed once here and copied for each value.
"""

import hashlib
import struct
from typing import Any
from uuid import UUID

from zhizhi.store.keyring import SearchKeys

_BLOCK_BYTES = 64
_KINDS = ("id_number", "customer", "account", "name", "last_four", "point", "payment")
_EIGHT = struct.Struct(">Q24x").unpack


class BulkSearchKeys(SearchKeys):
    """Search keys of one lender for many values; equal to those of the parent class, value by value (tests/store)."""

    __slots__ = ("_inner", "_kinds", "_outer")

    def __init__(self, lender_id: int) -> None:
        super().__init__(lender_id)
        padded = self._key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in padded))
        self._outer = hashlib.sha256(bytes(octet ^ 0x5C for octet in padded))
        self._kinds = {kind: self._begun(kind) for kind in _KINDS}

    def octets(self, message: bytes) -> bytes:
        """HMAC-SHA256 of a message that names its kind: `account:…`."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def of_kind(self, kind: str, value: str) -> bytes:
        """HMAC-SHA256 of `kind:value`; the hash of a kind that is often asked for has begun already."""
        inner = (self._kinds.get(kind) or self._begun(kind)).copy()
        inner.update(value.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def number(self, kind: str, value: str) -> int:
        """As the parent's."""
        first: int = _EIGHT(self.of_kind(kind, value))[0]
        return first >> 1

    def identity(self, kind: str, value: str) -> UUID:
        """As the parent's."""
        return UUID(bytes=self.of_kind(kind, value)[:16])

    def identity_octets(self, kind: str, value: str) -> bytes:
        """The sixteen octets of `identity`."""
        return self.of_kind(kind, value)[:16]

    def _begun(self, kind: str) -> Any:
        begun = self._inner.copy()
        begun.update(f"{kind}:".encode())
        return begun

    def digest(self, kind: str, value: bytes) -> bytes:
        """As the parent's."""
        return self.octets(kind.encode() + b":" + value)[:16]
