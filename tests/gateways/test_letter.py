"""Letters: read back from the PDF, the same octets for the same permit, and no letter with a hole in a name."""

import hashlib
import io
import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from gateways.grants import AT, make_grant
from zhizhi.gateways.letter.channel import LetterChannel, LetterSettings
from zhizhi.gateways.letter.fonts import find_fonts, font_folders
from zhizhi.gateways.permit import Failed, FailureKind, Origin, Sent

EXTRA = os.environ.get("ZHIZHI_FONTS")
FONTS = (*font_folders(), *((Path(EXTRA),) if EXTRA else ()))
ADDRESS = "张示范 先生\n示范省示范市不存在区示范路 1 号\n000000"
needs_font = pytest.mark.skipif(
    find_fonts(FONTS) is None, reason="no Chinese font: run make setup, or install Debian's fonts-noto-cjk"
)


def channel_to(folder: Path, **changes: Any) -> LetterChannel:
    return LetterChannel(LetterSettings(folder, "示范消费金融有限公司", **{"fonts": FONTS, **changes}))


def letter(**changes: Any) -> Any:
    body = "您好:\n您的账单已到期。请于 2026 年 12 月 1 日前还款。\n#panic[not markup] *not bold* $x$ \\ #{1+1}"
    return make_grant("letter", **{"address": ADDRESS, "body": body, "subject": "还款提醒函", **changes})


@needs_font
def test_the_letter_says_what_was_permitted_and_takes_no_text_for_markup(tmp_path: Path) -> None:
    outcome = channel_to(tmp_path / "print").send(letter(), AT)
    assert isinstance(outcome, Sent)
    pdf = tmp_path / "print" / "2026-11-23" / f"{outcome.provider_message_id}.pdf"
    text = "".join(PdfReader(io.BytesIO(pdf.read_bytes())).pages[0].extract_text().split())
    for words in ("张示范先生", "示范路1号", "还款提醒函", "您的账单已到期", "2026年11月23日", "示范消费金融有限公司"):
        assert words in text
    assert "#panic[notmarkup]*notbold*$x$\\#{1+1}" in text
    manifest = json.loads(pdf.with_suffix(".json").read_text(encoding="utf-8"))
    assert manifest["pdf_sha256"] == hashlib.sha256(pdf.read_bytes()).hexdigest()
    assert manifest["content_sha256"] == letter().content_digest
    assert "张" not in pdf.with_suffix(".json").read_text(encoding="utf-8") + pdf.name
    assert stat.S_IMODE(pdf.stat().st_mode) == 0o600
    assert sorted(file.suffix for file in pdf.parent.iterdir()) == [".json", ".pdf"]


@needs_font
def test_the_same_permit_makes_the_same_octets_and_one_letter_also_on_the_next_day(tmp_path: Path) -> None:
    grant = letter(expires_at=AT + timedelta(days=3))
    first = channel_to(tmp_path / "one").send(grant, AT)
    second = channel_to(tmp_path / "two").send(grant, AT)
    assert first == second
    pdfs = [file.read_bytes() for file in sorted(tmp_path.glob("*/*/*.pdf"))]
    assert pdfs[0] == pdfs[1]
    again = channel_to(tmp_path / "one").send(grant, AT + timedelta(days=1))
    assert isinstance(again, Sent)
    assert again.already
    assert len(list((tmp_path / "one").glob("*/*.pdf"))) == 1


@needs_font
def test_a_pdf_without_manifest_is_no_letter_and_is_made_again(tmp_path: Path) -> None:
    outcome = channel_to(tmp_path).send(letter(), AT)
    assert isinstance(outcome, Sent)
    (tmp_path / "2026-11-23" / f"{outcome.provider_message_id}.json").unlink()
    assert channel_to(tmp_path).send(letter(), AT) == Sent(outcome.provider_message_id)


@needs_font
@pytest.mark.parametrize("where", ["address", "body", "subject"])
def test_a_character_that_the_font_lacks_is_refused_and_not_printed_as_a_box(tmp_path: Path, where: str) -> None:
    outcome = channel_to(tmp_path / "print").send(letter(**{where: f"张\U000f1234\n{ADDRESS}"}), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code) == (FailureKind.PERMANENT, "missing_glyph")
    assert not list(tmp_path.glob("print/*/*"))


@needs_font
def test_a_long_letter_runs_over_pages(tmp_path: Path) -> None:
    outcome = channel_to(tmp_path).send(letter(body="很长的一段。" * 2_000), AT)
    assert isinstance(outcome, Sent)
    pages = PdfReader(next(tmp_path.glob("*/*.pdf"))).pages
    assert len(pages) > 2


@needs_font
def test_a_folder_that_cannot_be_written_is_proof_that_nothing_left(tmp_path: Path) -> None:
    (tmp_path / "print").write_text("a file where the folder should be")
    outcome = channel_to(tmp_path / "print").send(letter(), AT)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.code) == (FailureKind.TEMPORARY, "not_written")


def test_without_a_font_the_remedy_is_said(tmp_path: Path) -> None:
    outcome = channel_to(tmp_path, fonts=(tmp_path / "none",)).send(letter(), AT)
    assert isinstance(outcome, Failed)
    assert outcome.code == "no_font"
    assert "fonts-noto-cjk" in outcome.message.zh


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"address": "只有一行"}, "bad_address"),
        ({"address": "\n".join("九行地址太长了")}, "no_font"),
        ({"address": "\n".join("一二三四五六七八九")}, "bad_address"),
        ({"origin": Origin.DECLARED}, "declared_clock"),
        ({"expires_at": AT}, "permit_expired"),
        ({"content_digest": ""}, "content_changed"),
    ],
)
def test_an_invalid_permit_makes_no_letter(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    outcome = channel_to(tmp_path / "print", fonts=()).send(letter(**changes), AT)
    assert isinstance(outcome, Failed)
    assert outcome.code == code
    assert not (tmp_path / "print").exists()
