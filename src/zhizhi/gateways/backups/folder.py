"""The folder of a backup: written under another name until it is whole, described by a manifest that is signed."""

import base64
import fcntl
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from zhizhi.core.evidence.checkpoint import CheckpointRefused, Signer, Verifier
from zhizhi.gateways.backups.refused import refused
from zhizhi.gateways.backups.sealed import SealedFile, look_at

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
DATABASE, OBJECTS = "database.age", "objects.age"
PARTIAL = ".partial"
FORMAT = 1
MANIFEST_BYTES_MAX = 4 << 20
SIGNED_AS = b"zhizhi backup manifest 1\n"  # no other text of the log's key begins so
OBJECT_PATH = re.compile(r"[a-z]{1,20}/[0-9a-f]{2}/[0-9a-f]{1,64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. No personal data: counts, digests, names of tables."""

    made_at: str
    release: str
    migration: str
    tables: dict[str, int]
    log_size: int
    log_key: str
    objects: int
    objects_erased_meanwhile: tuple[str, ...]
    files: tuple[SealedFile, ...]
    format: int = FORMAT

    def to_octets(self) -> bytes:
        """The file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def from_octets(cls, octets: bytes) -> "Manifest":
        """Read it back. Refuses: another format."""
        try:
            document = json.loads(octets)
            files = tuple(SealedFile(**one) for one in document.pop("files"))
            erased = tuple(document.pop("objects_erased_meanwhile"))
            manifest = cls(**document, files=files, objects_erased_meanwhile=erased)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _NO_MANIFEST from error
        if manifest.format != FORMAT or [one.name for one in manifest.files] != [DATABASE, OBJECTS]:
            raise _NO_MANIFEST
        return manifest


_NO_MANIFEST = refused(
    "manifest", f"`{MANIFEST}` 不是本系统的备份说明", f"`{MANIFEST}` describes no backup of this system"
)


@contextmanager
def new_folder(place: Path, at: datetime) -> Iterator[Path]:
    """A folder to write to, that gets its name when the block ends well; what is left of killed ones is removed.

    Refuses: another backup under way in the same place.
    """
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refused("busy", "另一次备份正在进行", "another backup is under way here") from None
        for left in place.glob(f"*{PARTIAL}"):
            shutil.rmtree(left)
        final = place / f"zhizhi-{at:%Y%m%dT%H%M%SZ}"
        partial = final.with_name(final.name + PARTIAL)
        if final.exists():
            raise refused("exists", f"`{final.name}` 已存在", f"`{final.name}` is there already")
        partial.mkdir(mode=0o700)
        try:
            yield partial
            _flush(partial)
            partial.rename(final)
            _flush(place)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def write_manifest(folder: Path, manifest: Manifest, signer: Signer) -> None:
    """The manifest and its signature."""
    octets = manifest.to_octets()
    try:
        for name, content in ((MANIFEST, octets), (SIGNATURE, base64.b64encode(signer.sign(SIGNED_AS + octets)))):
            with (folder / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise refused("not_written", f"备份写不下去：{why}", f"the backup cannot be written: {why}") from error


def read_backup(folder: Path, key: str | None) -> Manifest:
    """The manifest of a backup that lies there whole. Refuses: a signature or a digest that does not fit.

    `key`: the verifier of the log, as its owner knows it; without one the backup's own is taken.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            octets = file.read(MANIFEST_BYTES_MAX)
        signature = base64.b64decode((folder / SIGNATURE).read_bytes(), validate=True)
    except (OSError, ValueError) as error:
        raise refused("manifest", "这里没有完整的备份", "no whole backup lies here") from error
    manifest = Manifest.from_octets(octets)
    try:
        verifier = Verifier.from_text(key if key is not None else manifest.log_key)
        Ed25519PublicKey.from_public_bytes(verifier.public_key).verify(signature, SIGNED_AS + octets)
    except (CheckpointRefused, InvalidSignature):
        raise refused(
            "signature",
            "备份说明的签名不对：不是这把日志密钥所签",
            "the manifest is not signed by this log's key",
        ) from None
    for file_ in manifest.files:
        if look_at(folder / file_.name) != file_:
            raise refused("altered", f"`{file_.name}` 已被改动", f"`{file_.name}` was altered")
    return manifest


def write_objects(root: Path, sink: IO[bytes]) -> list[str]:
    """Every object as a tar; answers their paths. One that is erased in between is left out."""
    written = []
    with tarfile.open(fileobj=sink, mode="w|") as tar:
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            name = path.relative_to(root).as_posix()
            if not OBJECT_PATH.fullmatch(name):
                continue  # a folder, or one that is being written
            with suppress(FileNotFoundError), path.open("rb") as file:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = os.fstat(file.fileno()).st_size, 0o600
                tar.addfile(entry, file)
                written.append(name)
    return written


def read_objects(root: Path, source: IO[bytes]) -> int:
    """Write the objects of a tar below `root`, which is new. Refuses: anything that is no object."""
    count = 0
    with tarfile.open(fileobj=source, mode="r|") as tar:
        for entry in tar:
            if not entry.isreg() or not OBJECT_PATH.fullmatch(entry.name):
                raise refused("objects", "录音归档里有不认识的内容", "the archive of objects holds something else")
            path = root / entry.name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            content = tar.extractfile(entry)
            assert content is not None
            with path.open("xb") as file:
                os.chmod(file.fileno(), 0o600)
                shutil.copyfileobj(content, file)
            count += 1
    return count


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
