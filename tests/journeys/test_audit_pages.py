"""A compliance head audits a log, and a borrower asks whether a contact was lawful: both in a real browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import fits, sign_in
from web.book import AT
from zhizhi.jobs.audits import work_waiting_audit
from zhizhi.store.imports.uploads import upload_path

pytestmark = pytest.mark.browser
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit"


def test_a_log_is_uploaded_watched_narrowed_and_taken_away(page: Page) -> None:
    sign_in(page, "head")
    page.locator("summary", has_text="合规规则").click()
    page.get_by_role("link", name="触达审计").click()
    page.locator("#id_log").set_input_files(EXAMPLES / "calls.csv")
    page.locator("#id_map").set_input_files(EXAMPLES / "calls.toml")
    page.locator("#id_profile").select_option("cn.bank.online")
    page.get_by_role("button", name="开始审计").click()
    expect(page.get_by_role("status")).to_contain_text("已排队")
    assert work_waiting_audit(upload_path(0).parent, AT + timedelta(days=10))
    expect(page.get_by_role("status")).to_contain_text("违规触达")  # htmx asks again by itself
    page.reload()
    expect(page.locator(".chart canvas")).to_be_visible()
    page.get_by_label("小时", exact=True).select_option("22")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("#findings ~ .scroll tbody tr")).to_have_count(2)
    page.get_by_role("link", name="导出报告 PDF").click()
    page.get_by_label("理由").fill("内部复核")
    with page.expect_download() as taken:
        page.get_by_role("button", name="导出文件").click()
    assert taken.value.suggested_filename.endswith(".zip")


def test_a_borrower_asks_on_a_phone_without_scripts(plain: Page) -> None:
    plain.goto("/lawful")
    plain.get_by_label("哪一天").fill("2026-03-01")
    plain.get_by_label("几点").fill("22:30")
    plain.get_by_role("button", name="联系了我的家人").click()
    second = plain.get_by_role("region", name="2. 联系了我的家人")
    second.get_by_label("哪一天").fill("2026-03-01")
    second.get_by_label("几点").fill("10:00")
    plain.get_by_role("button", name="看看合不合法").click()
    expect(plain.locator(".verdict.broken")).to_have_count(2)
    expect(plain.locator("#answer")).to_contain_text("12378")
    fits(plain)
    assert {cookie["name"] for cookie in plain.context.cookies()} <= {"csrftoken"}


def test_the_public_form_is_filled_by_keyboard_alone(page: Page) -> None:
    page.goto("/lawful?lang=en")
    page.get_by_label("Which day").focus()
    page.keyboard.type("03012026")
    page.keyboard.press("Tab")
    page.get_by_label("What time").fill("22:30")
    page.get_by_role("button", name="Was it lawful?").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("This broke a rule")
