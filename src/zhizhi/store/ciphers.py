"""The two authenticated ciphers under which personal data is sealed, each with the byte that names it in a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_OCTETS = 32
NONCE_OCTETS = 12
TAG_OCTETS = 16
_SM4_KEY_OCTETS = 16


class Cipher(Protocol):
    """What `AESGCM` offers: the ciphertext ends with its tag of 16 octets."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """The value. Refuses: another key, nonce, place or ciphertext (`InvalidTag`)."""


class Sm4Gcm:
    """SM4 in Galois/counter mode (GB/T 32907-2016; RFC 8998). The data key of 32 octets gives it a key of 16."""

    __slots__ = ("_algorithm",)

    def __init__(self, key: bytes) -> None:
        derived = HKDF(SM3(), _SM4_KEY_OCTETS, salt=b"zhizhi sm4 v1", info=b"").derive(key)
        self._algorithm = SM4(derived)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Ciphertext and tag."""
        encryptor = BlockCipher(self._algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """The value. Refuses: another key, nonce, place or ciphertext (`InvalidTag`)."""
        if len(data) < TAG_OCTETS:
            raise InvalidTag
        decryptor = BlockCipher(self._algorithm, GCM(nonce, data[-TAG_OCTETS:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_OCTETS]) + decryptor.finalize()


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A cipher by the name in `keys.toml` and the byte before each value; both stand for ever."""

    name: str
    byte: int
    of_key: Callable[[bytes], Cipher]


AES_256_GCM = Algorithm("aes-256-gcm", 0x01, AESGCM)
SM4_GCM = Algorithm("sm4-gcm", 0x02, Sm4Gcm)
BY_NAME: Mapping[str, Algorithm] = {one.name: one for one in (AES_256_GCM, SM4_GCM)}
BY_BYTE: Mapping[int, Algorithm] = {one.byte: one for one in (AES_256_GCM, SM4_GCM)}
