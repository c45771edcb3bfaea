"""Sealing of personal data: a ring of data keys a person, wrapped by a key service; keyed hashes for exact search.

A sealed value is `algorithm byte · 12 byte nonce · ciphertext and tag`, bound to its person and field by the
associated data, so that a value copied to another row does not open. Under a derived key of a later root the byte
carries a flag, and the version of the root follows it (docs/decisions/0043-keys.md).
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag

from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.store.ciphers import AES_256_GCM, BY_BYTE, KEY_OCTETS, NONCE_OCTETS, Algorithm, Cipher

__all__ = ["KeyUnavailable"]

NONCE_BYTES = NONCE_OCTETS
DATA_KEY_BYTES = KEY_OCTETS
RING_KEYS_MAX = 16
OF_LATER_ROOT = 0x10
ROOT_VERSION_OCTETS = 2
FIRST_ROOT = 1
"""The root of search keys, of the log's signing key, and of every value whose byte carries no flag."""


class KeyService(Protocol):
    """What `gateways/keys` implements: a local key file, or a vault.

    A ring is one to RING_KEYS_MAX data keys of 32 octets. Everything here refuses with `KeyUnavailable`.
    """

    def wrap_many(self, rings: Sequence[bytes]) -> list[bytes]:
        """Encrypt rings, in order, under the newest wrapping key."""

    def unwrap_many(self, wrapped: Sequence[bytes]) -> list[bytes]:
        """Decrypt rings, in order. Refuses: what another service wrapped, an altered one."""

    def rewrap_many(self, wrapped: Sequence[bytes]) -> list[bytes]:
        """The same rings under the newest wrapping key; where the service can, they never leave it."""

    def derive(self, purpose: str, root: int = FIRST_ROOT) -> bytes:
        """A 32 byte key for one purpose under one version of the root, the same on every call."""

    def newest(self) -> int:
        """The version of the wrapping key under which new rings are wrapped."""

    def newest_root(self) -> int:
        """The version of the root from which the keys of new values are derived."""

    def mark(self, version: int) -> bytes:
        """What every ring wrapped under this version begins with, and no other."""

    def rotate(self, to: int, at: datetime) -> None:
        """Have a wrapping key of version `to` where the newest is the one before; nothing where it is there."""

    def rotate_root(self, to: int, at: datetime) -> None:
        """As `rotate`, of the root."""

    def require(self) -> None:
        """Refuses: a service that does not answer now."""


_installed: list[tuple[KeyService, Algorithm]] = []


def install(service: KeyService, algorithm: Algorithm = AES_256_GCM) -> None:
    """Called once by `config/wiring`; a second call replaces the first (tests). `algorithm`: what new values get."""
    _installed[:] = [(service, algorithm)]
    _derived.cache_clear()


def service() -> KeyService:
    """The installed key service, which answers. Refuses: none installed, one that is away."""
    found = _found()[0]
    found.require()
    return found


def algorithm() -> Algorithm:
    """The cipher that new values get."""
    return _found()[1]


def _found() -> tuple[KeyService, Algorithm]:
    if not _installed:
        raise KeyUnavailable("no key service is installed; help: start through the `zhizhi` command")
    return _installed[0]


@lru_cache(maxsize=4096)
def _derived(purpose: str, root: int = FIRST_ROOT) -> bytes:
    return _found()[0].derive(purpose, root)


class Seal:
    """Opens and seals under a ring of keys; `place` binds a value to where it stands.

    Values are closed under the first key by `cipher`, with `head` before the nonce, and opened by whichever fits.
    """

    __slots__ = ("_algorithm", "_ring", "cipher", "head")

    def __init__(self, ring: bytes) -> None:
        self._algorithm = _installed[0][1] if _installed else AES_256_GCM
        self._ring = ring
        self.cipher = self._algorithm.of_key(ring[:KEY_OCTETS])
        self.head = bytes((self._algorithm.byte,))

    def close(self, value: bytes, place: str) -> bytes:
        """Encrypt."""
        nonce = os.urandom(NONCE_OCTETS)
        return self.head + nonce + self.cipher.encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes | memoryview, place: str) -> bytes:
        """Decrypt. Refuses: an altered value, or one of another place."""
        stored = bytes(sealed)
        written = BY_BYTE.get(stored[0]) if stored else None
        if written is None:
            raise KeyUnavailable(f"a sealed value of `{place}` has an unknown version")
        nonce, rest, bound = stored[1 : 1 + NONCE_OCTETS], stored[1 + NONCE_OCTETS :], place.encode()
        for cipher in self._ciphers(written):
            try:
                return cipher.decrypt(nonce, rest, bound)
            except (InvalidTag, ValueError):  # of an older key of the ring, altered, or cut short
                continue
        raise KeyUnavailable(f"a sealed value of `{place}` does not open")

    def _ciphers(self, written: Algorithm) -> Iterator[Cipher]:
        for start in range(0, len(self._ring), KEY_OCTETS):
            is_ours = start == 0 and written is self._algorithm
            yield self.cipher if is_ours else written.of_key(self._ring[start : start + KEY_OCTETS])

    def close_json(self, value: object, place: str) -> bytes:
        """Encrypt a JSON value."""
        return self.close(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def open_json(self, sealed: bytes | memoryview, place: str) -> Any:
        """Decrypt a JSON value."""
        return json.loads(self.open(sealed, place))


class DerivedSeal(Seal):
    """A seal whose key is derived from the root; each value says under which version of it."""

    __slots__ = ("_purpose", "_root")

    def __init__(self, purpose: str, root: int) -> None:
        super().__init__(_derived(purpose, root))
        self._purpose, self._root = purpose, root
        self.head = mark_of_root(self._algorithm, root)

    def open(self, sealed: bytes | memoryview, place: str) -> bytes:
        """Decrypt, whatever version of the root the value names."""
        stored = bytes(sealed)
        root = root_of(stored)
        unmarked = bytes((stored[0] ^ OF_LATER_ROOT,)) if root != FIRST_ROOT else b""
        plain = unmarked + stored[1 + ROOT_VERSION_OCTETS :] if unmarked else stored
        if root != self._root:
            return Seal(_derived(self._purpose, root)).open(plain, place)
        return super().open(plain, place)


def mark_of_root(written: Algorithm, root: int) -> bytes:
    """What stands before the nonce of a value that is sealed under a derived key."""
    if root == FIRST_ROOT:
        return bytes((written.byte,))
    return bytes((written.byte | OF_LATER_ROOT,)) + root.to_bytes(ROOT_VERSION_OCTETS, "big")


def root_of(sealed: bytes) -> int:
    """The version of the root whose derived key closed a value."""
    if sealed[:1] and sealed[0] & OF_LATER_ROOT:
        return int.from_bytes(sealed[1 : 1 + ROOT_VERSION_OCTETS], "big")
    return FIRST_ROOT


def new_person_key() -> tuple[bytes, Seal]:
    """A wrapped new data key and the seal under it."""
    data_key = os.urandom(DATA_KEY_BYTES)
    return service().wrap_many((data_key,))[0], Seal(data_key)


def opened_rings(wrapped: Sequence[bytes | memoryview]) -> list[bytes]:
    """Rings of data keys, in order, opened in one request where the service knows how."""
    return service().unwrap_many([bytes(one) for one in wrapped])


def person_seal(wrapped: bytes | memoryview | None) -> Seal:
    """The seal of a person. Refuses: an erased person."""
    if wrapped is None:
        raise KeyUnavailable("the person was erased")
    return Seal(opened_rings((wrapped,))[0])


def list_seal(lender_id: int) -> Seal:
    """The seal of masked forms: one a lender, so that a page of fifty needs no fifty unwraps."""
    return derived_seal(f"list/{lender_id}")


def product_seal(purpose: str) -> Seal:
    """The seal of what belongs to no person yet: refused rows, the inbox."""
    return derived_seal(f"product/{purpose}")


def derived_seal(purpose: str) -> DerivedSeal:
    """The seal of a purpose under the newest root."""
    return DerivedSeal(purpose, _found()[0].newest_root())


def log_signing_key() -> bytes:
    """The 32 byte seed of the Ed25519 key that signs checkpoints."""
    return _derived("evidence/log")


class SearchKeys:
    """Keyed hashes of one lender: equal values meet, and nothing can be read back without the key.

    They are keys of identity too, and so stand on the first root whatever becomes of it (ADR 0043).
    """

    __slots__ = ("_key",)

    def __init__(self, lender_id: int) -> None:
        self._key = _derived(f"search/{lender_id}")

    def number(self, kind: str, value: str) -> int:
        """A 63 bit key of a value: small enough for an index, checked against the opened value when found."""
        digest = hmac.digest(self._key, f"{kind}:{value}".encode(), hashlib.sha256)
        return int.from_bytes(digest[:8], "big") >> 1

    def identity(self, kind: str, value: str) -> UUID:
        """A 128 bit key that may stand for identity: two values never meet by chance."""
        return UUID(bytes=hmac.digest(self._key, f"{kind}:{value}".encode(), hashlib.sha256)[:16])

    def digest(self, kind: str, value: bytes) -> bytes:
        """A 128 bit keyed digest of a row."""
        return hmac.digest(self._key, kind.encode() + b":" + value, hashlib.sha256)[:16]
