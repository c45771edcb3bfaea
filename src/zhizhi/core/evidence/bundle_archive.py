"""The archive of a bundle: a ZIP whose files are stored, in order, without anything that could say two things.

One list of files has one archive, octet for octet. So the reader writes what it read anew and compares: a flipped bit,
a hidden file, a name that differs between the two places where a ZIP keeps it, octets before or behind: none passes. As
nothing is compressed, what is read is never longer than the archive.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence

from zhizhi.core.evidence.refusals import EvidenceRefused
from zhizhi.core.kernel.text import Text

ARCHIVE_BYTES_MAX = 256 << 20
FILES_MAX = 10_000
NAME_CHARACTERS_MAX = 200

File = tuple[str, bytes]

_NAME = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*", re.ASCII)
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _STORED = 20, 0
_TIME, _DAY = 0, 0x21  # 1980-01-01 00:00, the first day that the format knows: when it was made stands inside
_PLAIN_FILE = 0o100644 << 16


class ArchiveRefused(EvidenceRefused):
    """The archive is none of ours, or was altered. `place` is the file in it, or empty."""

    def __init__(self, code: str, text: Text, place: str = "") -> None:
        super().__init__(f"archive.{code}", text)
        self.place = place


def write_archive(files: Sequence[File]) -> bytes:
    """The archive of these files in this order. Refuses: a name that leads elsewhere or stands twice."""
    _require_names([name for name, _ in files])
    body, listed = bytearray(), bytearray()
    for name, content in files:
        written, check = name.encode("ascii"), zlib.crc32(content)
        listed += _CENTRAL.pack(
            b"PK\x01\x02", _VERSION, _VERSION, 0, _STORED, _TIME, _DAY, check, len(content), len(content),
            len(written), 0, 0, 0, 0, _PLAIN_FILE, len(body),
        )  # fmt: skip
        listed += written
        body += _LOCAL.pack(
            b"PK\x03\x04", _VERSION, 0, _STORED, _TIME, _DAY, check, len(content), len(content), len(written), 0
        )
        body += written + content
    end = _END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(listed), len(body), 0)
    return bytes(body + listed) + end


def read_archive(octets: bytes) -> list[File]:
    """The files in order. Refuses: whatever `write_archive` would not have written; the place is named where one is."""
    if len(octets) > ARCHIVE_BYTES_MAX:
        raise _refused("size", f"文件超过 {ARCHIVE_BYTES_MAX} 字节", f"longer than {ARCHIVE_BYTES_MAX} bytes")
    found = list(_files(octets))
    files = [(name, content) for name, content, _ in found]
    _require_names([name for name, _ in files])
    for name, content, check in found:
        if zlib.crc32(content) != check:
            raise _refused("checksum", "内容与校验和不符", "the content does not fit its checksum", name)
    if write_archive(files) != octets:
        raise _refused(
            "octets",
            "归档本身被改动（目录、标志或多余字节）",
            "the archive itself was altered: directory, flags, octets too many",
        )
    return files


def _files(octets: bytes) -> Iterator[tuple[str, bytes, int]]:
    at = 0
    while octets[at : at + 4] == b"PK\x03\x04" and at + _LOCAL.size <= len(octets):
        fields = _LOCAL.unpack_from(octets, at)
        flags, method, check, packed, size, name_length, extra = fields[2], fields[3], *fields[6:11]
        start = at + _LOCAL.size + name_length + extra
        name = octets[at + _LOCAL.size : at + _LOCAL.size + name_length].decode("ascii", errors="backslashreplace")
        if method != _STORED or flags or packed != size:
            raise _refused(
                "packed", "文件被压缩或加密；存证包不压缩", "a file is compressed or encrypted; a bundle never is", name
            )
        if start + size > len(octets):
            raise _refused("cut", "归档不完整", "the archive is cut short", name)
        yield name, octets[start : start + size], check
        at = start + size
    if at == 0:
        raise _refused("kind", "不是存证包（ZIP）", "this is no bundle (ZIP)")


def _require_names(names: Sequence[str]) -> None:
    if len(names) > FILES_MAX:
        raise _refused("files", f"文件多于 {FILES_MAX} 个", f"more than {FILES_MAX} files")
    seen = set[str]()
    for name in names:
        if len(name) > NAME_CHARACTERS_MAX or not _NAME.fullmatch(name):
            raise _refused("name", "文件名不合规（不得指向包外）", "a name that could lead out of the bundle", name)
        if name.casefold() in seen:
            raise _refused("double", "文件名出现两次", "a name stands twice", name)
        seen.add(name.casefold())


def _refused(code: str, zh: str, en: str, place: str = "") -> ArchiveRefused:
    return ArchiveRefused(code, Text(zh, en), place)
