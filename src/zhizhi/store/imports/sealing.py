"""Randomness and keys for many rows at once; what is sealed has the form of `keyring.Seal` and opens with it."""

import os

from zhizhi.store import keyring

SUBJECT_BYTES = 16
NONCES_MORE = 1000


class FreshKeys:
    """Data keys, their wrapped forms and random subjects of new persons, from one draw and one call."""

    __slots__ = ("keys", "subjects", "wrapped")

    def __init__(self, count: int) -> None:
        drawn = os.urandom((keyring.DATA_KEY_BYTES + SUBJECT_BYTES) * count)
        edge, size = keyring.DATA_KEY_BYTES * count, keyring.DATA_KEY_BYTES
        self.keys = [drawn[start : start + size] for start in range(0, edge, size)]
        self.subjects = drawn[edge:]
        self.wrapped = keyring.service().wrap_many(self.keys)


def subjects_of(octets: bytes) -> list[bytes]:
    """The subjects of a draw, one by one."""
    return [octets[start : start + SUBJECT_BYTES] for start in range(0, len(octets), SUBJECT_BYTES)]


class Nonces:
    """Nonces of a chunk from one draw of randomness; the form of a sealed value is that of `keyring.Seal`."""

    __slots__ = ("_left",)

    def __init__(self, count: int) -> None:
        self._left = drawn_nonces(count)

    def close(self, seal: keyring.Seal, value: bytes, place: bytes) -> bytes:
        """As `seal.close`, with a nonce of the draw."""
        if not self._left:
            self._left = drawn_nonces(NONCES_MORE)
        nonce = self._left.pop()
        return seal.head + nonce + seal.cipher.encrypt(nonce, value, place)


def drawn_nonces(count: int) -> list[bytes]:
    """So many nonces from one draw of randomness."""
    size = keyring.NONCE_BYTES
    octets = os.urandom(size * count)
    return [octets[start : start + size] for start in range(0, len(octets), size)]
