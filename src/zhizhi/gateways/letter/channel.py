"""Letters: a PDF and its manifest in a print folder, one folder a day; a person or a print house takes it from there.

Boundary: a letter has left once its manifest stands under its final name. Printing goes by manifests alone, so a PDF
without one is nothing. The same permit makes the same octets, and never a second letter on another day.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.letter.fonts import find_fonts, font_folders
from zhizhi.gateways.permit import Failed, FailureKind, PermitGrant, SendOutcome, Sent, refuse_unless_valid

MAX_ADDRESS_LINES = 8
_TEMPLATE = (Path(__file__).parent / "letter.typ").read_bytes()
_DEMONSTRATION_MARK = "演示件,不寄出 · demonstration, not to be posted"
_MISSING_GLYPH = "could not be displayed"


@dataclass(frozen=True, slots=True)
class LetterSettings:
    """Where letters go; only a folder that nobody prints (`is_demonstration`) takes permits of a declared clock."""

    folder: Path
    sender: str
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    is_demonstration: bool = False
    fonts: tuple[Path, ...] = field(default_factory=font_folders)


class LetterChannel:
    """Writes letters; the lines of the grant's address are recipient and address as they stand in the window."""

    channel = "letter"

    def __init__(self, settings: LetterSettings) -> None:
        self._settings = settings

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Write one letter. Refuses: an invalid permit, a bad address, no Chinese font, a missing glyph."""
        refusal = refuse_unless_valid(grant, at, channel=self.channel, into_sink=self._settings.is_demonstration)
        if refusal:
            return refusal
        address = [line.strip() for line in grant.address.splitlines() if line.strip()]
        if not 2 <= len(address) <= MAX_ADDRESS_LINES:
            return _BAD_ADDRESS
        name = hashlib.sha256(grant.idempotency_key.encode()).hexdigest()[:24]
        try:
            if any(self._settings.folder.glob(f"*/{name}.json")):
                return Sent(name, already=True)
            pdf = self._render(grant, at, address, name)
            if isinstance(pdf, Failed):
                return pdf
            self._store(grant, at, name, pdf)
        except OSError:
            return _NOT_WRITTEN
        return Sent(name)

    def _render(self, grant: PermitGrant, at: datetime, address: list[str], name: str) -> bytes | Failed:
        found = find_fonts(self._settings.fonts)
        if found is None:
            return _NO_FONT
        fonts, family = found
        day = at.astimezone(self._settings.zone).date()
        letter = {
            "address": address,
            "day": f"{day.year}年{day.month}月{day.day}日",
            "subject": grant.content.subject,
            "paragraphs": [line for line in grant.content.body.splitlines() if line.strip()],
            "sender": self._settings.sender,
            "reference": name,
            "mark": _DEMONSTRATION_MARK if self._settings.is_demonstration else "",
            "font": family,
        }
        try:
            # PDF/A makes typst refuse a missing glyph instead of printing a box; the time stamp is `at`, not the clock
            return typst.compile(
                _TEMPLATE,
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"letter": json.dumps(letter, ensure_ascii=False)},
                pdf_standards="a-2b",
                timestamp=int(at.timestamp()),
            )
        except typst.TypstError as error:
            return _NO_GLYPH if _MISSING_GLYPH in str(error) else _NOT_RENDERED

    def _store(self, grant: PermitGrant, at: datetime, name: str, pdf: bytes) -> None:
        folder = self._settings.folder / at.astimezone(self._settings.zone).date().isoformat()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        manifest: Mapping[str, Any] = {
            "letter": name,
            "permit_id": grant.permit_id,
            "content_sha256": grant.content_digest,
            "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
            "pdf_octets": len(pdf),
            "written_at": at.isoformat(),
            "origin": grant.origin.value,
            "demonstration": self._settings.is_demonstration,
        }
        _put(folder / f"{name}.pdf", pdf)
        _put(folder / f"{name}.json", json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n")


def _put(path: Path, octets: bytes) -> None:
    """Write a private file that is there whole or not at all, also after a power cut."""
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


_BAD_ADDRESS = Failed(
    FailureKind.PERMANENT,
    "bad_address",
    Text(
        zh="信函地址须为 2 至 8 行:收件人一行,地址其余各行;请更正联系方式",
        en="a postal address has 2 to 8 lines, the recipient first; correct the contact point",
    ),
)
_NO_FONT = Failed(
    FailureKind.TEMPORARY,
    "no_font",
    Text(
        zh="找不到中文字体,未生成信函;请运行 make setup,或安装 Debian 的 fonts-noto-cjk",
        en="no Chinese font was found and no letter made; run `make setup` or install Debian's fonts-noto-cjk",
    ),
)
_NO_GLYPH = Failed(
    FailureKind.PERMANENT,
    "missing_glyph",
    Text(
        zh="姓名、地址或正文中有字体没有的字,未生成信函;请安装更全的字体,或由人工处理",
        en="name, address or text has a character that the font lacks; install a fuller font or write by hand",
    ),
)
_NOT_RENDERED = Failed(
    FailureKind.PERMANENT,
    "not_rendered",
    Text(zh="信函排版失败,未生成", en="the letter could not be set; no letter made"),
)
_NOT_WRITTEN = Failed(
    FailureKind.TEMPORARY,
    "not_written",
    Text(
        zh="打印文件夹无法写入,未生成信函;请检查磁盘与权限",
        en="the print folder cannot be written; check disk and rights",
    ),
)
