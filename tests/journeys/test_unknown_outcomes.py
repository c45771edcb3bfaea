"""A person settles an unknown outcome in a real browser, with the keyboard, on a desk and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import fits, sign_in
from web.book import AT, Book
from web.standing import serving
from web.unknowns import a_message_nobody_knows
from zhizhi.core.evidence.bundle_archive import read_archive

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(book: Book) -> Iterator[str]:
    """The served console, with two messages that nobody knows the end of."""
    for _ in range(2):
        a_message_nobody_knows(book, "long", AT)
    with serving() as served:
        yield served


def test_from_the_list_to_the_finding_and_its_proof(page: Page, book: Book, tmp_path: Path) -> None:
    sign_in(page, "super")
    page.get_by_role("navigation", name="主导航").get_by_text("运行", exact=True).click()
    page.get_by_role("link", name="结果未定").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator("tbody tr").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("结果未定 · "))).to_be_visible()
    page.get_by_label("从未送出").check()
    page.get_by_label("依据").fill("渠道商后台无此消息")
    page.get_by_role("button", name="保存认定").click()
    expect(page.locator(".field-error")).to_contain_text("请附证明")
    expect(page.get_by_label("依据")).to_have_value("渠道商后台无此消息")
    proof = tmp_path / "账单.pdf"
    proof.write_bytes(b"%PDF-1.7 bill")
    page.get_by_label("证明：文件").set_input_files(proof)
    page.get_by_label("证明：单号").fill("LOG-20260303-1")
    page.get_by_role("button", name="保存认定").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="已核定").click()
    expect(page.locator("tbody")).to_contain_text("LOG-20260303-1")
    page.get_by_role("link", name="文件 (pdf)").click()
    page.get_by_label("理由").fill("核对证明文件")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="导出文件").click()
    assert b"%PDF-1.7 bill" in dict(read_archive(Path(fetched.value.path()).read_bytes())).values()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_screen_scrolls_sideways_on_a_phone(phone: Page, book: Book, language: str) -> None:
    page = phone
    sign_in(page, "super")
    if language == "en":
        page.locator("button[name=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/unknown")
    one = page.locator("tbody a").first.get_attribute("href")
    for path in ("/unknown", "/unknown?state=settled", "/health", str(one), f"/cases/{book.cases['long']}"):
        page.goto(path)
        fits(page, path)
    page.goto("/cases")
    if language == "en":
        page.locator("button[name=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_every_field_has_a_label(page: Page, book: Book) -> None:
    sign_in(page, "super")
    page.goto("/unknown")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name=re.compile("结果未定 · "))).to_be_visible()
    unlabelled = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
        ".filter(field => !field.labels.length).map(field => field.name)"
    )
    assert unlabelled == []
