"""A compliance head audits a log, and a borrower asks whether a contact was lawful: both in a real browser."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from web.book import AT, PASSWORD, Book
from web.conftest import book
from web.standing import serving
from zhizhi.jobs.audits import work_waiting_audit
from zhizhi.store.imports.uploads import upload_path

pytestmark = pytest.mark.browser
__all__ = ["book"]
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit"


@pytest.fixture(scope="module")
def address(book: Book) -> Iterator[str]:
    """The served product."""
    with serving() as served:
        yield served


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A window of 1280 × 900 that fails on anything the content policy refuses."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield shown
    context.close()
    assert complaints == []


def test_a_log_is_uploaded_watched_narrowed_and_taken_away(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("登录名").fill("head")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.locator("summary", has_text="合规规则").click()
    page.get_by_role("link", name="触达审计").click()
    page.locator("#id_log").set_input_files(EXAMPLES / "calls.csv")
    page.locator("#id_map").set_input_files(EXAMPLES / "calls.toml")
    page.locator("#id_profile").select_option("cn.bank.online")
    page.get_by_role("button", name="开始审计").click()
    expect(page.get_by_role("status")).to_contain_text("已排队")
    assert work_waiting_audit(upload_path(0).parent, AT + timedelta(days=10))
    expect(page.get_by_role("status")).to_contain_text("违规触达", timeout=10_000)  # htmx asks again by itself
    page.reload()
    expect(page.locator(".chart canvas")).to_be_visible()
    page.get_by_label("小时", exact=True).select_option("22")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("#findings ~ .scroll tbody tr")).to_have_count(2)
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载报告 PDF").click()
    assert taken.value.suggested_filename.endswith(".pdf")


def test_a_borrower_asks_on_a_phone_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/lawful")
    page.get_by_label("哪一天").fill("2026-03-01")
    page.get_by_label("几点").fill("22:30")
    page.get_by_role("button", name="联系了我的家人").click()
    second = page.get_by_role("region", name="2. 联系了我的家人")
    second.get_by_label("哪一天").fill("2026-03-01")
    second.get_by_label("几点").fill("10:00")
    page.get_by_role("button", name="看看合不合法").click()
    expect(page.locator(".verdict.broken")).to_have_count(2)
    expect(page.locator("#answer")).to_contain_text("12378")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert context.cookies() == [cookie for cookie in context.cookies() if cookie["name"] == "csrftoken"]
    context.close()


def test_the_public_form_is_filled_by_keyboard_alone(page: Page) -> None:
    page.goto("/lawful?lang=en")
    page.get_by_label("Which day").focus()
    page.keyboard.type("03012026")
    page.keyboard.press("Tab")
    page.get_by_label("What time").fill("22:30")
    page.get_by_role("button", name="Was it lawful?").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("This broke a rule")
