"""Randomness and keys for many rows at once; what is sealed has the form of `keyring.Seal` and opens with it."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhizhi.store import keyring

SUBJECT_BYTES = 16
NONCES_MORE = 1000


class FreshKeys:
    """Data keys, their wrapped forms and random subjects of new persons, from few draws and few calls."""

    __slots__ = ("_keys", "_subjects", "_wrapped")

    def __init__(self, count: int) -> None:
        self._keys: list[bytes] = []
        self._wrapped: list[bytes] = []
        self._subjects: list[bytes] = []
        self._add(max(count, 0))

    def take(self) -> tuple[bytes, bytes, bytes]:
        """A key, its wrapped form, a subject."""
        if not self._keys:
            self._add(1)
        return self._keys.pop(), self._wrapped.pop(), self._subjects.pop()

    def _add(self, count: int) -> None:
        drawn = os.urandom((keyring.DATA_KEY_BYTES + SUBJECT_BYTES) * count)
        edge, size = keyring.DATA_KEY_BYTES * count, keyring.DATA_KEY_BYTES
        self._keys = [drawn[start : start + size] for start in range(0, edge, size)]
        self._subjects = [drawn[start : start + SUBJECT_BYTES] for start in range(edge, len(drawn), SUBJECT_BYTES)]
        service = keyring.service()
        wrap_many = getattr(service, "wrap_many", None)  # a service that wraps many at once saves a call a person
        self._wrapped = wrap_many(self._keys) if wrap_many is not None else [service.wrap(key) for key in self._keys]


class Nonces:
    """Nonces of a chunk from one draw of randomness; the form of a sealed value is that of `keyring.Seal`."""

    __slots__ = ("_left",)

    def __init__(self, count: int) -> None:
        self._left = _drawn(count)

    def seal(self, cipher: AESGCM, value: bytes, place: bytes) -> bytes:
        """Encrypt, bound to its place."""
        if not self._left:
            self._left = _drawn(NONCES_MORE)
        nonce = self._left.pop()
        return keyring.VERSION + nonce + cipher.encrypt(nonce, value, place)


def _drawn(count: int) -> list[bytes]:
    size = keyring.NONCE_BYTES
    octets = os.urandom(size * count)
    return [octets[start : start + size] for start in range(0, len(octets), size)]


class SealOf(keyring.Seal):
    """A seal over a cipher that is already there."""

    __slots__ = ()

    def __init__(self, cipher: AESGCM) -> None:
        self._cipher = cipher


def list_cipher(lender_id: int) -> AESGCM:
    """The cipher of a lender's list seal, to be used with nonces drawn at once."""
    return keyring.list_seal(lender_id)._cipher
