"""A compliance officer in a real browser: builds a case, reads why, and looks the rules of a day up."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def page(page: Page) -> Page:
    """A supervisor's window."""
    sign_in(page, "super")
    return page


def test_one_more_call_turns_the_answer_and_the_trace_says_why(page: Page, tmp_path: Path) -> None:
    page.goto("/rules")
    page.get_by_role("link", name="判定试算").click()
    answer = page.locator("#answer")
    expect(answer.locator(".verdict-word")).to_have_text("准许")
    page.get_by_role("button", name="添加 触达").click()
    row = page.locator("#group-events-3")
    row.get_by_label("时刻").fill("2026-03-03T17:00:00")
    row.get_by_label("渠道").select_option("voice")
    row.get_by_label("方向").select_option("out")
    row.get_by_label("联系方式").fill("m1")
    row.get_by_label("结果").select_option("conversation")
    row.get_by_label("通话秒数").fill("40")
    page.get_by_role("button", name="判定", exact=True).first.click()
    expect(answer.get_by_role("alert")).to_contain_text("events[3].party")
    answer.get_by_role("link", name="到该处填写").click()
    field = page.locator("#case-events-3-party")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("p1")
    field.press("Enter")
    expect(answer.locator(".verdict-word")).to_have_text("拒绝")
    expect(answer).to_contain_text("valid-calls-per-day")
    expect(answer.locator("svg.strip rect.strip-permit").first).to_be_attached()
    blocking = answer.locator("details.trace[open]").first
    expect(blocking).to_contain_text("所见事实")
    with page.expect_download() as kept:
        page.get_by_role("button", name="下载 JSON").click()
    kept.value.save_as(tmp_path / "case.json")
    document = json.loads((tmp_path / "case.json").read_text(encoding="utf-8"))
    assert [event["id"] for event in document["events"]] == ["e1", "e2", "e3", "e4"]
    page.goto("/rules/try")
    page.get_by_text("粘贴或载入案例文档").click()
    page.locator("#file").set_input_files(tmp_path / "case.json")
    page.get_by_role("button", name="载入并判定").click()
    expect(page.locator(".verdict-word")).to_have_text("拒绝")


def test_a_statement_shows_the_fields_of_its_kind_and_rows_go_again(page: Page) -> None:
    page.goto("/rules/try")
    page.get_by_role("button", name="添加 意愿").click()
    page.locator("#case-statements-1-kind").select_option("agree_hours")
    expect(page.locator("#case-statements-1-from")).to_be_visible()
    page.get_by_role("button", name="删去 意愿 2").click()
    expect(page.locator("#group-statements-1")).to_have_count(0)
    page.locator("#group-events-0").get_by_role("button", name="更多字段").click()
    expect(page.locator("#case-events-0-physical")).to_be_visible()


def test_the_rules_of_a_day_from_a_refusal_to_the_article_and_back_to_today(page: Page) -> None:
    page.goto("/rules")
    page.get_by_label("某日的规则").fill("2025-01-15")
    page.get_by_role("button", name="显示").click()
    expect(page.locator(".law-day")).to_contain_text("2025-01-15")
    expect(page.locator("tr.is-off").first).to_contain_text("尚未生效")
    page.locator(".law-day summary").click()
    expect(page.locator(".law-day table")).to_contain_text("cn.gbt45251")
    page.get_by_role("link", name="看今日").click()
    expect(page.locator(".law-day")).to_have_count(0)
    page.goto("/rules/try")
    page.locator("#case-proposed-at").fill("2026-03-03T23:00:00")
    page.locator("#case-proposed-expected_end_at").fill("")
    page.get_by_role("button", name="判定", exact=True).first.click()
    expect(page.locator("#answer .verdict-word")).to_have_text("拒绝")
    page.locator("#answer ol a").first.click()
    expect(page).to_have_url(re.compile("on=2026-03-03"))
    expect(page.locator("table.readings").first).to_contain_text("从严")
    page.get_by_text("案例 ", exact=False).first.click()
    page.get_by_role("button", name="试算").first.click()
    expect(page.locator(".verdict-word")).to_be_visible()


def test_the_builder_needs_no_script(plain: Page) -> None:
    sign_in(plain, "super")
    plain.goto("/rules/try")
    plain.get_by_role("button", name="添加 触达").click()
    expect(plain.locator("#case-events-3-id")).to_have_value("e4")
    plain.get_by_role("button", name="删去 触达 4").click()
    plain.locator("#case-proposed-at").fill("2026-03-03T23:30:00")
    plain.get_by_role("button", name="判定", exact=True).first.click()
    expect(plain.get_by_role("alert").first).to_contain_text("proposed.expected_end_at")
    plain.locator("#case-proposed-expected_end_at").fill("")
    plain.get_by_role("button", name="判定", exact=True).first.click()
    expect(plain.locator(".verdict-word")).to_have_text("拒绝")
