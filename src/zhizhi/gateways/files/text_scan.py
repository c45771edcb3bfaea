"""The first pass over a CSV file: fingerprint, encoding, and whatever would make the second pass lie or run away.

Nothing is decoded with losses: a file is strict UTF-8, else strict GB18030 (and then it must look Chinese), else it
is refused, naming the octet.
"""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.sniff import EMPTY, OTHER, TRUNCATED
from zhizhi.gateways.files.table import (
    MAX_UNPACK_RATIO,
    MAX_UNPACKED_OCTETS,
    RATIO_MATTERS_FROM_OCTETS,
    TableError,
)

BLOCK = 1_048_576
MAX_LINE_OCTETS = 8 * BLOCK
_SAMPLE = 262_144
_MIN_CHINESE_SHARE = 0.9
_CONTROLS = bytes(c for c in range(0x20) if c not in (0x00, 0x09, 0x0A, 0x0B, 0x0C, 0x0D))
_BOM = codecs.BOM_UTF8
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8", "gb18030": "gb18030", "gbk": "gb18030"}
_ENCODINGS |= {"gb2312": "gb18030", "cp936": "gb18030"}


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What the first pass found."""

    encoding: str
    has_bom: bool
    has_quotes: bool
    line_end: str | None
    fingerprint: str


@contextmanager
def open_octets(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    """The (unpacked) octets. Refuses: a gzip that is cut or damaged (TableError)."""
    try:
        if packed:
            with gzip.open(path, "rb") as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            with path.open("rb", buffering=0) as plain:
                yield plain
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TableError("truncated", TRUNCATED) from error


def scan(path: Path, *, packed: bool, encoding: str | None) -> TextFacts:
    """Read the whole file once. Refuses: NUL octets, another encoding, endless lines, a bomb (TableError)."""
    named = None
    if encoding is not None:
        named = _ENCODINGS.get(encoding.lower().replace("_", "-"))
        if named is None:
            raise TableError("unknown_encoding", _UNKNOWN_ENCODING)
    pass_one = _FirstPass(packed_octets=path.stat().st_size if packed else None)
    decoder = _StrictDecoder(named or "utf-8")
    with open_octets(path, packed=packed) as file:
        while block := file.read(BLOCK):
            pass_one.take(block)
            decoder.take(block)
    decoder.finish()
    pass_one.finish()
    found = named or "utf-8"
    if decoder.error is not None:
        if named or decoder.cut_at_end:
            raise decoder.to_table_error(named or "utf-8")
        _check_gb18030(path, packed=packed, utf8_error=decoder)
        found = "gb18030"
    fingerprint = pass_one.fingerprint
    if packed:
        with path.open("rb") as file:
            fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    return TextFacts(found, pass_one.has_bom, pass_one.has_quotes, pass_one.line_end, fingerprint)


class _FirstPass:
    def __init__(self, packed_octets: int | None) -> None:
        self._digest = hashlib.sha256()
        self._packed = packed_octets
        self._size = self._line = 0
        self._lf = self._cr = self._crlf = 0
        self._last = b""
        self.has_bom = self.has_quotes = False

    def take(self, block: bytes) -> None:
        if self._size == 0:
            self._first(block)
        self._digest.update(block)
        self.has_quotes = self.has_quotes or b'"' in block
        if b"\0" in block:
            offset = self._size + block.index(b"\0")
            row = self._lf + block.count(b"\n", 0, block.index(b"\0")) + 1
            raise TableError("nul_octets", _NUL.fill(offset=f"{offset:,}", row=f"{row:,}"), row)
        self._count_line_ends(block)
        self._size += len(block)
        if self._packed is not None:
            self._refuse_bomb(self._packed)

    def _first(self, block: bytes) -> None:
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise TableError("wrong_encoding", _UTF16)
        head = block[:65_536]
        if len(head.translate(None, _CONTROLS)) != len(head):
            raise TableError("not_a_table", OTHER)
        self.has_bom = block.startswith(_BOM)

    def _count_line_ends(self, block: bytes) -> None:
        lf = block.count(b"\n")
        end = b"\n" if lf else b"\r"
        if lf or b"\r" in block:
            self._line = len(block) - block.rfind(end) - 1
        else:
            self._line += len(block)
        if self._line > MAX_LINE_OCTETS:
            raise TableError("line_too_long", _LONG_LINE.fill(row=f"{self._lf + 1:,}", limit=f"{MAX_LINE_OCTETS:,}"))
        self._lf += lf
        if b"\r" in block or self._last == b"\r":
            self._cr += block.count(b"\r")
            self._crlf += block.count(b"\r\n") + (self._last == b"\r" and block.startswith(b"\n"))
        self._last = block[-1:]

    def _refuse_bomb(self, packed: int) -> None:
        too_dense = self._size > RATIO_MATTERS_FROM_OCTETS and self._size > packed * MAX_UNPACK_RATIO
        if too_dense or self._size > MAX_UNPACKED_OCTETS:
            raise TableError("unpacks_too_large", _BOMB)

    def finish(self) -> None:
        if self._size == 0:
            raise TableError("empty_file", EMPTY)

    @property
    def line_end(self) -> str | None:
        """The one line end of the whole file, or None where it has several."""
        if self._cr == 0:
            return "\n"
        return "\r\n" if self._cr == self._crlf == self._lf else None

    @property
    def fingerprint(self) -> str:
        return self._digest.hexdigest()


class _StrictDecoder:
    """Checks an encoding block by block and remembers where it first fails."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._size = self._lines = 0
        self.error: UnicodeDecodeError | None = None
        self.offset = 0
        self.cut_at_end = False

    def take(self, block: bytes, *, final: bool = False) -> None:
        if self.error is not None:
            return
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            self.error = error
            self.offset = self._size - pending + error.start
            self._lines += block.count(b"\n", 0, max(0, error.start - pending))
            self.cut_at_end = final
            return
        self._size += len(block)
        self._lines += block.count(b"\n")

    def finish(self) -> None:
        self.take(b"", final=True)

    def to_table_error(self, encoding: str) -> TableError:
        if self.cut_at_end:
            return TableError("truncated", TRUNCATED, self._lines + 1)
        names = {"utf-8": "UTF-8", "gb18030": "GB18030"}
        row = self._lines + 1
        text = _WRONG_ENCODING.fill(encoding=names[encoding], offset=f"{self.offset:,}", row=f"{row:,}")
        return TableError("wrong_encoding", text, row)


def _check_gb18030(path: Path, *, packed: bool, utf8_error: _StrictDecoder) -> None:
    decoder = _StrictDecoder("gb18030")
    sample = b""
    with open_octets(path, packed=packed) as file:
        while block := file.read(BLOCK):
            sample = sample or block[:_SAMPLE]
            decoder.take(block)
    decoder.finish()
    if decoder.error is not None:
        raise utf8_error.to_table_error("utf-8")
    # nearly any octets are some GB18030; text that people wrote uses the common characters
    strange = [c for c in sample.decode("gb18030", "ignore") if ord(c) >= 0x80]
    if strange and sum(map(_is_common, strange)) < _MIN_CHINESE_SHARE * len(strange):
        raise utf8_error.to_table_error("utf-8")


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


_UNKNOWN_ENCODING = Text(
    zh="映射中的编码不认识;可用 utf-8 或 gb18030",
    en="the map names an unknown encoding; use utf-8 or gb18030",
)
_NUL = Text(
    zh="第 {row} 行(第 {offset} 字节)有空字符 NUL;文件已损坏或不是文本,请重新导出",
    en="row {row} (octet {offset}) holds a NUL; the file is damaged or no text, export it again",
)
_UTF16 = Text(
    zh="文件是 UTF-16 编码;请另存为“CSV UTF-8”",
    en="the file is in UTF-16; save it as “CSV UTF-8”",
)
_WRONG_ENCODING = Text(
    zh="第 {row} 行(第 {offset} 字节)不是有效的 {encoding};请另存为“CSV UTF-8”,或在映射中写明编码",
    en="row {row} (octet {offset}) is not valid {encoding}; save as “CSV UTF-8” or name the encoding in the map",
)
_LONG_LINE = Text(
    zh="第 {row} 行超过 {limit} 字节;文件可能不是表格",
    en="row {row} is longer than {limit} octets; the file may be no table",
)
_BOMB = Text(
    zh="压缩文件解开后过大,拒绝读取;请直接提供未压缩的表格",
    en="the packed file unpacks to far too much; give the table itself",
)
