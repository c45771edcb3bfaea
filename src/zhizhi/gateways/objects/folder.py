"""Objects as files below one folder: written beside, flushed to the disk, and named in one step.

A bucket of an S3-compatible store fits behind the same verbs: `put` is a multipart upload with `If-None-Match: *`,
`open` a ranged read, `digest` a read, `lying` a listing, `remove` a delete of every version. It is not written here.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from zhizhi.core.evidence.fsck import Lying, StoredObject

_NAME = re.compile(r"[a-z]{1,20}/[0-9a-f]{32}")
_UNFINISHED = re.compile(r"[a-z]{1,20}/[0-9a-f]{2}/\.new-\w+")
_BESIDE = ".new-"
_BLOCK_BYTES = 1 << 20
_OWNER_ONLY = 0o700


class FolderObjects:
    """`recording/<32 hexadecimal digits>` lies in `recording/<first two>/<the rest>`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, blocks: Iterable[bytes]) -> StoredObject:
        """Store whole or not at all. Refuses: a name that is in use (`FileExistsError`)."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        digest = hashlib.sha256()
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=_BESIDE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for block in blocks:
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, path)  # unlike a rename, it refuses a name that is in use
        finally:
            with suppress(FileNotFoundError):
                Path(beside).unlink()
        _flush_folder(path.parent)
        return StoredObject(name, digest.hexdigest())

    def open(self, name: str) -> Iterator[bytes]:
        """Its octets. Refuses: nothing there (`FileNotFoundError`)."""
        with self._path(name).open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    def digest(self, name: str) -> str | None:
        """SHA-256 of what lies there now."""
        try:
            with self._path(name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def lying(self) -> Iterator[Lying]:
        """Every file below the folder; one that a `put` left unfinished has a name that no object has."""
        for path in self._root.glob("*/*/*"):
            kind, first, rest = path.relative_to(self._root).parts
            name = f"{kind}/{first}/{rest}" if rest.startswith(_BESIDE) else f"{kind}/{first}{rest}"
            with suppress(FileNotFoundError):  # whoever wrote it has just ended
                yield Lying(name, datetime.fromtimestamp(path.stat().st_mtime, UTC))

    def remove(self, name: str) -> None:
        """Delete it and flush its folder; what is gone already stays gone."""
        path = self._root / name if _UNFINISHED.fullmatch(name) else self._path(name)
        if path.parent.is_dir():
            path.unlink(missing_ok=True)
            _flush_folder(path.parent)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("no name of an object")
        kind, _, digits = name.partition("/")
        return self._root / kind / digits[:2] / digits[2:]


def _flush_folder(folder: Path) -> None:
    """A name survives a power cut only once its folder does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
