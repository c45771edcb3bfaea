"""Sealing of personal data: a data key a person, wrapped by a key service; keyed hashes for exact search.

A sealed value is `version byte · 12 byte nonce · AES-256-GCM ciphertext`, bound to its person and field by the
associated data, so that
a value copied to another row does not open.
"""

import hashlib
import hmac
import json
import os
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12
DATA_KEY_BYTES = 32


class KeyService(Protocol):
    """What `gateways/keys` implements: a local key file, or a vault."""

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a data key."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key. Refuses: a key of another service or an altered one."""

    def derive(self, purpose: str) -> bytes:
        """A 32 byte key for one purpose, the same on every call."""


class KeyUnavailable(Exception):
    """No key service is installed, or a sealed value does not open; nothing may leave or be shown."""


_installed: list[KeyService] = []


def install(service: KeyService) -> None:
    """Called once by `config/wiring`; a second call replaces the first (tests)."""
    _installed[:] = [service]
    _derived.cache_clear()


def service() -> KeyService:
    """The installed key service. Refuses: none installed."""
    if not _installed:
        raise KeyUnavailable("no key service is installed; help: start through the `zhizhi` command")
    return _installed[0]


@lru_cache(maxsize=4096)
def _derived(purpose: str) -> bytes:
    return service().derive(purpose)


class Seal:
    """Opens and seals under one key; `place` binds a value to where it stands."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, value: bytes, place: str) -> bytes:
        """Encrypt."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes | memoryview, place: str) -> bytes:
        """Decrypt. Refuses: an altered value, or one of another place."""
        stored = bytes(sealed)
        if stored[:1] != VERSION:
            raise KeyUnavailable(f"a sealed value of `{place}` has an unknown version")
        try:
            return self._cipher.decrypt(stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError) as error:  # altered, or cut short
            raise KeyUnavailable(f"a sealed value of `{place}` does not open") from error

    def close_json(self, value: object, place: str) -> bytes:
        """Encrypt a JSON value."""
        return self.close(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def open_json(self, sealed: bytes | memoryview, place: str) -> Any:
        """Decrypt a JSON value."""
        return json.loads(self.open(sealed, place))


def new_person_key() -> tuple[bytes, Seal]:
    """A wrapped new data key and the seal under it."""
    data_key = os.urandom(DATA_KEY_BYTES)
    return service().wrap(data_key), Seal(data_key)


def person_seal(wrapped: bytes | memoryview | None) -> Seal:
    """The seal of a person. Refuses: an erased person."""
    if wrapped is None:
        raise KeyUnavailable("the person was erased")
    return Seal(service().unwrap(bytes(wrapped)))


def list_seal(lender_id: int) -> Seal:
    """The seal of masked forms: one a lender, so that a page of fifty needs no fifty unwraps."""
    return Seal(_derived(f"list/{lender_id}"))


def product_seal(purpose: str) -> Seal:
    """The seal of what belongs to no person yet: refused rows, the inbox."""
    return Seal(_derived(f"product/{purpose}"))


def log_signing_key() -> bytes:
    """The 32 byte seed of the Ed25519 key that signs checkpoints."""
    return _derived("evidence/log")


class SearchKeys:
    """Keyed hashes of one lender: equal values meet, and nothing can be read back without the key."""

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
