"""The file of the local key service: read only where it stands private, written whole or not at all.

`keys` are the wrapping keys; `root` is the first version of the root and `roots` are the later ones.
"""

import base64
import binascii
import contextlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.keys.refusals import KEY_OCTETS, KeyServiceError

MAX_FILE_OCTETS = 1_048_576
FIRST_ROOT = 1
_FORMAT = 1
Seen = tuple[int, int, int]
"""How a file is known to be the one that was read: inode, size, time of its last change."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a key file holds: keys by version, never empty."""

    wrapping: Mapping[int, bytes] = field(repr=False)
    roots: Mapping[int, bytes] = field(repr=False)


def keys_of(path: Path) -> tuple[Keys, Seen]:
    """What the file holds, and how to see that it has changed. Refuses: one that is open to others, or damaged."""
    document, seen = _read(path)
    roots = {FIRST_ROOT: _octets(document["root"])} | _by_version(document.get("roots", []))
    return Keys(_by_version(document["keys"]), roots), seen


def _by_version(keys: list[dict[str, Any]]) -> dict[int, bytes]:
    return {key["id"]: _octets(key["key"]) for key in keys}


def seen(path: Path) -> Seen:
    """How the file looks now. Refuses: one that is gone."""
    try:
        return _mark_of(path.stat())
    except OSError as error:
        raise KeyServiceError("key_file_unreadable", _UNREADABLE.fill(reason=error.strerror)) from error


def _mark_of(status: os.stat_result) -> Seen:
    return status.st_ino, status.st_size, status.st_mtime_ns


def create(path: Path, at: datetime) -> None:
    """Make a key file with fresh keys where there is none: of two that begin at once, one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = _write_beside(
        path, {"format": _FORMAT, "root": _to_text(os.urandom(KEY_OCTETS)), "keys": [_fresh_key(1, at)]}
    )
    with contextlib.suppress(FileExistsError):  # another process was first: its keys are the keys
        os.link(fresh, path)
    fresh.unlink()
    _sync_folder(path.parent)


def add_key(path: Path, kind: str, version: int, at: datetime) -> None:
    """Add a key to `keys` or `roots`; one process at a time (the rotation holds a lock of the database)."""
    document, _ = _read(path)
    document.setdefault(kind, []).append(_fresh_key(version, at))
    _write_beside(path, document).replace(path)
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


def _read(path: Path) -> tuple[dict[str, Any], Seen]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            _refuse_unless_private(status, path.parent.stat())
            content = file.read(MAX_FILE_OCTETS)
    except OSError as error:
        raise KeyServiceError("key_file_unreadable", _UNREADABLE.fill(reason=error.strerror)) from error
    try:
        document: dict[str, Any] = json.loads(content)
        if document["format"] != _FORMAT or len(_octets(document["root"])) != KEY_OCTETS:
            raise ValueError("not a key file")
        _refuse_unless_versions(document["keys"], 1)
        if "roots" in document:
            _refuse_unless_versions(document["roots"], FIRST_ROOT + 1)
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise KeyServiceError("key_file_damaged", _DAMAGED) from error
    return document, _mark_of(status)


def _refuse_unless_versions(keys: list[dict[str, Any]], first: int) -> None:
    """At least one key, each version once, each of the right length."""
    versions = [key["id"] for key in keys if isinstance(key["id"], int) and key["id"] >= first]
    lengths = {len(_octets(key["key"])) for key in keys}
    if not keys or len(set(versions)) != len(keys) or lengths != {KEY_OCTETS}:
        raise ValueError("not the keys of a key file")


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


_UNREADABLE = Text(zh="密钥文件无法读取:{reason}", en="the key file cannot be read: {reason}")
_DAMAGED = Text(
    zh="密钥文件已损坏,请从备份恢复;不要新建,否则已有数据无法打开",
    en="the key file is damaged; restore it from its backup, since a new one would open nothing that exists",
)
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
