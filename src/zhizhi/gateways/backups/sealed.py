"""Files in the age format: written for a recipient's public key, opened by the identity that belongs to it.

Source: the age specification, version 1 (X25519, ChaCha20-Poly1305 by chunks), through `pyrage`.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import pyrage  # type: ignore[import-untyped]  # it has none

from zhizhi.gateways.backups.refused import refused

IDENTITY_BYTES_MAX = 4096
BLOCK = 1 << 20
T = TypeVar("T")


class Readable(Protocol):
    """Where plain octets come from."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file as it lies there, sealed: anybody can compare it, whoever cannot open it too."""

    name: str
    octets: int
    sha256: str


def make_identity(path: Path) -> str:
    """Write a new identity for its owner alone; answers the recipient. Refuses: a file that is there."""
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise refused("exists", f"`{path.name}` 已存在", f"`{path.name}` is there already") from None
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"# public key: {recipient}\n{identity}\n")
    return recipient


def read_recipient(text: str) -> Any:
    """A recipient as people write it, `age1…`. Refuses: anything else."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise refused(
            "recipient",
            "接收者公钥应以 age1 开头；请用 zhizhi backup identity 生成",
            "a recipient begins with age1; help: make one with `zhizhi backup identity`",
        ) from None


def read_identity(path: Path) -> Any:
    """The identity of a file. Refuses: a file without one. Its words are repeated nowhere."""
    try:
        with path.open(encoding="ascii") as file:
            lines = file.read(IDENTITY_BYTES_MAX).splitlines()
        return pyrage.x25519.Identity.from_str(next(line for line in lines if line.startswith("AGE-SECRET-KEY-")))
    except (OSError, UnicodeDecodeError, StopIteration, pyrage.IdentityError):
        raise refused("identity", "文件里没有可用的私钥", "the file holds no identity that can be used") from None


def seal_to(path: Path, recipient: Any, plain: Readable) -> SealedFile:
    """Seal everything that can be read, and flush it to the disk. Refuses: a disk that takes no more."""
    with path.open("xb") as file:
        os.chmod(file.fileno(), 0o600)
        writing = _Writing(file)
        try:
            pyrage.encrypt_io(plain, writing, [recipient])
            file.flush()
            os.fsync(file.fileno())
        except Exception as error:
            raise _not_written(writing.failed or error) from error
    return SealedFile(path.name, writing.octets, writing.digest.hexdigest())


def open_into(path: Path, identity: Any, plain: Any) -> None:
    """Write what a file holds to `plain`. Refuses: another recipient's, an altered or shortened one."""
    with path.open("rb") as file:
        try:
            pyrage.decrypt_io(file, plain, [identity])
        except pyrage.DecryptError:
            raise refused(
                "not_opened",
                f"`{path.name}` 打不开：不是给这把私钥的，或已被改动、截断",
                f"`{path.name}` does not open: it is for another identity, or was altered or cut short",
            ) from None


def piped(write: Callable[[IO[bytes]], object], read: Callable[[IO[bytes]], T]) -> T:
    """What `read` makes of what `write` writes meanwhile. A failure of either is the failure of both."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def feed() -> None:
        try:
            with open(writing, "wb") as sink:
                write(sink)
        except BrokenPipeError:
            pass  # the reader gave up, and says why
        except BaseException as error:  # told by whoever waits for this thread
            failures.append(error)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        with open(reading, "rb") as source:
            done = read(source)
            while source.read(BLOCK):  # what a tar is filled up with
                pass
    except BaseException as error:
        feeder.join()
        raise (failures[0] if failures else error) from error
    feeder.join()
    if failures:
        raise failures[0]
    return done


def look_at(path: Path) -> SealedFile:
    """A file as it lies there now. Refuses: none."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return SealedFile(path.name, file.tell(), digest.hexdigest())
    except FileNotFoundError:
        raise refused("missing", f"缺少 `{path.name}`", f"`{path.name}` is missing") from None


class _Writing:
    """Counts and digests what is written; remembers why it could not be."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.octets = 0
        self.digest = hashlib.sha256()
        self.failed: OSError | None = None

    def write(self, octets: bytes) -> int:
        """As a file does."""
        try:
            self._file.write(octets)
        except OSError as error:
            self.failed = error
            raise
        self.octets += len(octets)
        self.digest.update(octets)
        return len(octets)

    def flush(self) -> None:
        """Left to whoever closes."""


def _not_written(error: BaseException) -> BaseException:
    if not isinstance(error, OSError):
        return error
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return refused("not_written", f"备份写不下去：{why}", f"it cannot be written: {why}; help: look at the disk")
