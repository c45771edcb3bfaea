"""The key service of a single machine: master keys in one file that only the owner can read.

Data keys are wrapped with AES-256-GCM under the newest master key; the wrapped form names its key, so that older ones
stay readable after a rotation. Keys for search and lists are derived (HKDF-SHA256) from a root of their own, which a
rotation of the wrapping keys does not touch. Whoever loses this file loses every name and number: back it up.
"""

import base64
import binascii
import contextlib
import json
import os
import secrets
import stat
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zhizhi.core.kernel.text import Text

KEY_OCTETS = 32
NONCE_OCTETS = 12
TAG_OCTETS = 16
MAX_FILE_OCTETS = 1_048_576
_FORMAT = 1
_HEAD = struct.Struct("!BI")  # format of the wrapped key, id of the master key; authenticated
WRAPPED_OCTETS = _HEAD.size + NONCE_OCTETS + KEY_OCTETS + TAG_OCTETS


class KeyServiceError(Exception):
    """The key service cannot serve; nothing was wrapped or opened."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text


class LocalKeyService:
    """Wraps, opens and derives with the keys of one file; safe for many threads. See `open_local_keys`."""

    def __init__(self, masters: Mapping[int, bytes], root: bytes) -> None:
        self._masters = {key_id: AESGCM(key) for key_id, key in masters.items()}
        self._current = max(masters)
        self._root = root

    def wrap(self, data_key: bytes) -> bytes:
        """A data key of 32 octets in its wrapped form of WRAPPED_OCTETS."""
        return self.wrap_many((data_key,))[0]

    def wrap_many(self, keys: Sequence[bytes]) -> list[bytes]:
        """Many data keys, in order; one draw of randomness for all of their nonces."""
        if any(len(key) != KEY_OCTETS for key in keys):
            raise KeyServiceError("bad_data_key", _BAD_DATA_KEY)
        head, encrypt = _HEAD.pack(_FORMAT, self._current), self._masters[self._current].encrypt
        nonces = os.urandom(NONCE_OCTETS * len(keys))
        wrapped: list[bytes] = []
        for start, key in zip(range(0, len(nonces), NONCE_OCTETS), keys, strict=True):
            nonce = nonces[start : start + NONCE_OCTETS]
            wrapped.append(head + nonce + encrypt(nonce, key, head))
        return wrapped

    def unwrap(self, wrapped: bytes) -> bytes:
        """The data key. Refuses: another length or format, a master key not in the file, any changed octet."""
        wrapped = bytes(wrapped)
        if len(wrapped) != WRAPPED_OCTETS or wrapped[0] != _FORMAT:
            raise KeyServiceError("bad_wrapped_key", _BAD_WRAPPED)
        key_id = wrapped_by(wrapped)
        master = self._masters.get(key_id)
        if master is None:
            raise KeyServiceError("unknown_master_key", _UNKNOWN_MASTER.fill(key_id=key_id))
        body = _HEAD.size + NONCE_OCTETS
        try:
            return master.decrypt(wrapped[_HEAD.size : body], wrapped[body:], wrapped[: _HEAD.size])
        except InvalidTag as error:
            raise KeyServiceError("bad_wrapped_key", _BAD_WRAPPED) from error

    def derive(self, purpose: str) -> bytes:
        """The key of 32 octets for a purpose: always the same for this file, unrelated to that of any other purpose."""
        if not purpose:
            raise KeyServiceError("no_purpose", _NO_PURPOSE)
        return HKDF(SHA256(), KEY_OCTETS, salt=b"zhizhi derive v1", info=purpose.encode()).derive(self._root)


def wrapped_by(wrapped: bytes) -> int:
    """The id of the master key that wrapped this data key, to find what a rotation still has to rewrap."""
    return int(_HEAD.unpack_from(wrapped)[1])


def open_local_keys(path: Path, at: datetime) -> LocalKeyService:
    """The service of a key file, which is made at first use (folder 0700, file 0600).

    Refuses: a file open to others or of another user, a folder that others write, a damaged file (KeyServiceError).
    """
    if not path.exists():
        _create(path, at)
    document = _read(path)
    return LocalKeyService({key["id"]: _octets(key["key"]) for key in document["keys"]}, _octets(document["root"]))


def rotate_local_keys(path: Path, at: datetime) -> LocalKeyService:
    """Add a master key that wraps from now on; what older ones wrapped stays readable. One process at a time."""
    document = _read(path)
    newest = max(key["id"] for key in document["keys"])
    document["keys"].append(_fresh_key(newest + 1, at))
    fresh = _write_beside(path, document)
    fresh.replace(path)
    _sync_folder(path.parent)
    return open_local_keys(path, at)


def _create(path: Path, at: datetime) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = _write_beside(
        path, {"format": _FORMAT, "root": _to_text(os.urandom(KEY_OCTETS)), "keys": [_fresh_key(1, at)]}
    )
    with contextlib.suppress(FileExistsError):  # another process was first: its keys are the keys
        os.link(fresh, path)
    fresh.unlink()
    _sync_folder(path.parent)


def _write_beside(path: Path, document: Mapping[str, Any]) -> Path:
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            _refuse_unless_private(status, path.parent.stat())
            content = file.read(MAX_FILE_OCTETS)
    except OSError as error:
        raise KeyServiceError("key_file_unreadable", _UNREADABLE.fill(reason=error.strerror)) from error
    try:
        document: dict[str, Any] = json.loads(content)
        keys = [_octets(key["key"]) for key in document["keys"] if isinstance(key["id"], int) and key["id"] > 0]
        sound = document["format"] == _FORMAT and len(keys) == len({key["id"] for key in document["keys"]}) > 0
        if not sound or any(len(key) != KEY_OCTETS for key in (*keys, _octets(document["root"]))):
            raise ValueError("not a key file")
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise KeyServiceError("key_file_damaged", _DAMAGED) from error
    return document


def _refuse_unless_private(file: os.stat_result, folder: os.stat_result) -> None:
    if file.st_mode & 0o077:
        raise KeyServiceError("key_file_open_to_others", _OPEN_FILE.fill(mode=f"{stat.S_IMODE(file.st_mode):04o}"))
    if folder.st_mode & 0o022 and not folder.st_mode & stat.S_ISVTX:
        raise KeyServiceError(
            "key_folder_open_to_others", _OPEN_FOLDER.fill(mode=f"{stat.S_IMODE(folder.st_mode):04o}")
        )
    if file.st_uid not in (os.geteuid(), 0):
        raise KeyServiceError("key_file_of_another_user", _OTHER_OWNER)


def _fresh_key(key_id: int, at: datetime) -> dict[str, Any]:
    return {"id": key_id, "created_at": at.isoformat(), "key": _to_text(os.urandom(KEY_OCTETS))}


def _to_text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _octets(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_BAD_DATA_KEY = Text(zh="数据密钥必须是 32 字节", en="a data key has 32 octets")
_BAD_WRAPPED = Text(
    zh="封装的数据密钥已损坏或不属于本密钥文件", en="the wrapped data key is damaged or not of this key file"
)
_UNKNOWN_MASTER = Text(
    zh="密钥文件中没有主密钥 {key_id},请恢复正确的密钥文件备份",
    en="the key file holds no master key {key_id}; restore the right key file from its backup",
)
_NO_PURPOSE = Text(zh="派生密钥必须说明用途", en="a derived key needs a purpose")
_UNREADABLE = Text(zh="密钥文件无法读取:{reason}", en="the key file cannot be read: {reason}")
_DAMAGED = Text(
    zh="密钥文件已损坏,请从备份恢复;不要新建,否则已有数据无法打开",
    en="the key file is damaged; restore it from its backup, since a new one would open nothing that exists",
)
_OPEN_FILE = Text(
    zh="密钥文件的权限是 {mode},其他人可读;请执行 chmod 600",
    en="the key file has mode {mode} and is open to others; run chmod 600 on it",
)
_OPEN_FOLDER = Text(
    zh="密钥文件夹的权限是 {mode},其他人可写;请执行 chmod 700",
    en="the folder of the key file has mode {mode} and others can write to it; run chmod 700 on it",
)
_OTHER_OWNER = Text(zh="密钥文件属于另一个用户,拒绝使用", en="the key file belongs to another user; refused")
