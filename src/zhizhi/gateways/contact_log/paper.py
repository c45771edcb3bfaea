"""The report of an audit as a PDF: A4, Chinese with English beside, counts, a chart of the hours, what was assumed."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst

from zhizhi.core.kernel.text import Text
from zhizhi.gateways.letter.fonts import find_fonts, font_folders

_TEMPLATE = (Path(__file__).parent / "audit.typ").read_bytes()


class PaperRefused(Exception):
    """No PDF was made; the text says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def set_report(document: Mapping[str, object], at: datetime, fonts: tuple[Path, ...] | None = None) -> bytes:
    """The report as PDF/A. Refuses: no Chinese font, a character that the font lacks (PaperRefused)."""
    found = find_fonts(fonts if fonts is not None else font_folders())
    if found is None:
        raise PaperRefused(_NO_FONT)
    known, family = found
    try:
        return typst.compile(
            _TEMPLATE,
            font_paths=known,
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps({**document, "font": family}, ensure_ascii=False)},
            pdf_standards="a-2b",
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise PaperRefused(_NOT_SET) from error


_NO_FONT = Text(
    "找不到中文字体,未生成 PDF;请安装 Debian 的 fonts-noto-cjk",
    "no Chinese font was found and no PDF made; help: install Debian's fonts-noto-cjk",
)
_NOT_SET = Text(
    "PDF 排版失败,可能有字体没有的字;CSV 与 JSON 不受影响",
    "the PDF could not be set, a character may be missing in the font; CSV and JSON are not affected",
)
