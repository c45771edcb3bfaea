"""The key service of a single machine: wrapping keys and roots in one file that only the owner can read.

Rings of data keys are wrapped with AES-256-GCM under the newest wrapping key; the wrapped form names its key, so that
older ones stay readable after a rotation. Keys for search and lists are derived (HKDF-SHA256) from the root, which has
versions of its own. The file may be rotated by another process at any time: it is read again when it has changed.
Whoever loses this file loses every name and number: back it up.
"""

import os
import struct
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.keys.key_file import FIRST_ROOT, Keys, Seen, add_key, create, keys_of, seen
from zhizhi.gateways.keys.refusals import (
    KEY_OCTETS,
    NO_PURPOSE,
    RING_KEYS_MAX,
    KeyServiceError,
    refuse_unless_next,
    refuse_unless_ring,
)

NONCE_OCTETS = 12
TAG_OCTETS = 16
_FORMAT = 1
_HEAD = struct.Struct("!BI")  # format of the wrapped ring, id of the wrapping key; authenticated
_AROUND = _HEAD.size + NONCE_OCTETS + TAG_OCTETS
WRAPPED_OCTETS = _AROUND + KEY_OCTETS
"""Of a ring of one key."""


class LocalKeyService:
    """Wraps, opens and derives with the keys of one file; safe for many threads. See `open_local_keys`."""

    def __init__(self, keys: Keys, path: Path | None = None, as_read: Seen | None = None) -> None:
        self._path = path
        self._held = _Held(keys, as_read)

    def wrap(self, ring: bytes) -> bytes:
        """A ring in its wrapped form."""
        return self.wrap_many((ring,))[0]

    def unwrap(self, wrapped: bytes) -> bytes:
        """The ring. Refuses: another length or format, a wrapping key not in the file, any changed octet."""
        wrapped = bytes(wrapped)
        octets = len(wrapped) - _AROUND
        if octets % KEY_OCTETS or not 0 < octets <= RING_KEYS_MAX * KEY_OCTETS or wrapped[0] != _FORMAT:
            raise KeyServiceError("bad_wrapped_key", _BAD_WRAPPED)
        version = wrapped_by(wrapped)
        cipher = self._held.ciphers.get(version) or self._now().ciphers.get(version)
        if cipher is None:
            raise KeyServiceError("unknown_master_key", _UNKNOWN_MASTER.fill(key_id=version))
        body = _HEAD.size + NONCE_OCTETS
        try:
            return cipher.decrypt(wrapped[_HEAD.size : body], wrapped[body:], wrapped[: _HEAD.size])
        except InvalidTag as error:
            raise KeyServiceError("bad_wrapped_key", _BAD_WRAPPED) from error

    def wrap_many(self, rings: Sequence[bytes]) -> list[bytes]:
        """Many rings, in order; one draw of randomness for all of their nonces."""
        for ring in rings:
            refuse_unless_ring(ring)
        held = self._now()
        newest = max(held.ciphers)
        head, encrypt = self.mark(newest), held.ciphers[newest].encrypt
        nonces = os.urandom(NONCE_OCTETS * len(rings))
        wrapped: list[bytes] = []
        for start, ring in zip(range(0, len(nonces), NONCE_OCTETS), rings, strict=True):
            nonce = nonces[start : start + NONCE_OCTETS]
            wrapped.append(head + nonce + encrypt(nonce, ring, head))
        return wrapped

    def unwrap_many(self, wrapped: Sequence[bytes]) -> list[bytes]:
        """Many rings, in order."""
        return [self.unwrap(one) for one in wrapped]

    def rewrap_many(self, wrapped: Sequence[bytes]) -> list[bytes]:
        """The same rings under the newest wrapping key."""
        return self.wrap_many(self.unwrap_many(wrapped))

    def derive(self, purpose: str, root: int = FIRST_ROOT) -> bytes:
        """The key of 32 octets for a purpose: always the same for this file, unrelated to that of any other purpose."""
        if not purpose:
            raise KeyServiceError("no_purpose", NO_PURPOSE)
        material = self._held.roots.get(root) or self._now().roots.get(root)
        if material is None:
            raise KeyServiceError("unknown_root", _UNKNOWN_ROOT.fill(root=root))
        return HKDF(SHA256(), KEY_OCTETS, salt=b"zhizhi derive v1", info=purpose.encode()).derive(material)

    def newest(self) -> int:
        """The version of the wrapping key that wraps."""
        return max(self._now().ciphers)

    def newest_root(self) -> int:
        """The version of the root for new values."""
        return max(self._now().roots)

    def mark(self, version: int) -> bytes:
        """The head of a ring that this version wrapped."""
        return _HEAD.pack(_FORMAT, version)

    def rotate(self, to: int, at: datetime) -> None:
        """Add a wrapping key to the file. Refuses: a service without a file, a gap between the versions."""
        if refuse_unless_next(self.newest(), to):
            self._add("keys", to, at)

    def rotate_root(self, to: int, at: datetime) -> None:
        """Add a root to the file."""
        if refuse_unless_next(self.newest_root(), to):
            self._add("roots", to, at)

    def require(self) -> None:
        """The keys are in memory: what opens goes on opening; whoever wraps reads the file."""

    def _add(self, kind: str, version: int, at: datetime) -> None:
        if self._path is None:
            raise KeyServiceError("no_key_file", _NO_FILE)
        add_key(self._path, kind, version, at)

    def _now(self) -> "_Held":
        """What the file holds now. Refuses: a file that is gone or damaged, for new keys of people would be lost."""
        if self._path is not None and seen(self._path) != self._held.as_read:
            self._held = _Held(*keys_of(self._path))
        return self._held


class _Held:
    """The keys of one reading of the file; replaced as a whole."""

    __slots__ = ("as_read", "ciphers", "roots")

    def __init__(self, keys: Keys, as_read: Seen | None) -> None:
        self.ciphers = {version: AESGCM(key) for version, key in keys.wrapping.items()}
        self.roots = dict(keys.roots)
        self.as_read = as_read


def wrapped_by(wrapped: bytes) -> int:
    """The id of the wrapping key that wrapped this ring."""
    return int(_HEAD.unpack_from(wrapped)[1])


def open_local_keys(path: Path, at: datetime) -> LocalKeyService:
    """The service of a key file, which is made at first use (folder 0700, file 0600).

    Refuses: a file open to others or of another user, a folder that others write, a damaged file (KeyServiceError).
    """
    if not path.exists():
        create(path, at)
    keys, as_read = keys_of(path)
    return LocalKeyService(keys, path, as_read)


_BAD_WRAPPED = Text(
    zh="封装的数据密钥已损坏或不属于本密钥文件", en="the wrapped data key is damaged or not of this key file"
)
_UNKNOWN_MASTER = Text(
    zh="密钥文件中没有主密钥 {key_id},请恢复正确的密钥文件备份",
    en="the key file holds no master key {key_id}; restore the right key file from its backup",
)
_UNKNOWN_ROOT = Text(
    zh="密钥文件中没有根密钥 {root},请恢复正确的密钥文件备份",
    en="the key file holds no root {root}; restore the right key file from its backup",
)
_NO_FILE = Text(zh="此密钥服务没有文件,不能轮换", en="this key service has no file and cannot be rotated")
