"""Randomness and keys for many rows at once; what is sealed has the form of `keyring.Seal` and opens with it."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhizhi.store import keyring

SUBJECT_BYTES = 16
NONCES_MORE = 1000
SEAL_OCTETS = len(keyring.VERSION) + keyring.NONCE_BYTES
"""What stands before the ciphertext of a sealed value."""


class FreshKeys:
    """Data keys, their wrapped forms and random subjects of new persons, from one draw and one call."""

    __slots__ = ("keys", "subjects", "wrapped")

    def __init__(self, count: int) -> None:
        drawn = os.urandom((keyring.DATA_KEY_BYTES + SUBJECT_BYTES) * count)
        edge, size = keyring.DATA_KEY_BYTES * count, keyring.DATA_KEY_BYTES
        self.keys = [drawn[start : start + size] for start in range(0, edge, size)]
        self.subjects = drawn[edge:]
        service = keyring.service()
        wrap_many = getattr(service, "wrap_many", None)  # a service that wraps many at once saves a call a person
        self.wrapped = wrap_many(self.keys) if wrap_many is not None else [service.wrap(key) for key in self.keys]


def subjects_of(octets: bytes) -> list[bytes]:
    """The subjects of a draw, one by one."""
    return [octets[start : start + SUBJECT_BYTES] for start in range(0, len(octets), SUBJECT_BYTES)]


class Nonces:
    """Nonces of a chunk from one draw of randomness; the form of a sealed value is that of `keyring.Seal`."""

    __slots__ = ("_left",)

    def __init__(self, count: int) -> None:
        self._left = drawn_nonces(count)

    def seal(self, cipher: AESGCM, value: bytes, place: bytes) -> bytes:
        """Encrypt, bound to its place."""
        if not self._left:
            self._left = drawn_nonces(NONCES_MORE)
        nonce = self._left.pop()
        return keyring.VERSION + nonce + cipher.encrypt(nonce, value, place)


def drawn_nonces(count: int) -> list[bytes]:
    """So many nonces from one draw of randomness."""
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
