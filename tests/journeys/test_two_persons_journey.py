"""What takes two persons, in a browser: an assessment, another limit, an incident that is worked until it may close."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatework import rows
from journeys.desk import fits, sign_in
from web.book import Book

pytestmark = pytest.mark.browser
ANSWERS = {
    "目的、方式是否合法、正当、必要": "上门只为当面协商还款方案",
    "对个人权益的影响与安全风险": "邻里可能知情，影响个人安宁",
    "保护措施是否合法、有效、与风险相当": "双人、便装、不留字条、全程记录",
}


def at_desk(window: Callable[..., Page], login: str, **options: object) -> Page:
    page = window(**options)
    sign_in(page, login)
    return page


def approve_first(page: Page, title: str) -> None:
    """The other person finds it under Approvals, reads what changes and approves."""
    page.goto("/approvals")
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", name="会发生什么")).to_be_visible()
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_text("已批准并办结").first).to_be_visible()


def test_an_assessment_is_written_by_one_and_approved_by_another(window: Callable[..., Page], book: Book) -> None:
    writes, approves = at_desk(window, "super"), at_desk(window, "head")
    writes.goto("/assessments")
    expect(writes.get_by_role("row", name="会被录音的通话")).to_contain_text("有效至")
    writes.get_by_role("link", name="新影响评估").click()
    writes.get_by_label("活动").select_option(label="外访")
    writes.get_by_label("有效天数").fill("200")
    for label, said in ANSWERS.items():
        writes.get_by_label(label).fill(said)
    writes.get_by_role("button", name="提交审批").click()
    expect(writes.get_by_text("须由另一人审批")).to_be_visible()
    approve_first(approves, "批准个人信息保护影响评估")
    writes.goto("/assessments")
    expect(writes.get_by_text("陈主管 · 孙负责人")).to_be_visible()


def test_a_collector_who_is_held_for_want_of_one_is_led_to_what_it_is(window: Callable[..., Page], book: Book) -> None:
    page = at_desk(window, "alice", viewport={"width": 390, "height": 844})
    page.goto("/rules/assessment.speech")
    expect(page.get_by_text("会被录音的通话")).to_be_visible()
    expect(page.get_by_text("个人信息保护法第28、55条")).to_be_visible()
    fits(page)


def test_another_limit_is_asked_for_where_it_stands_and_approved(window: Callable[..., Page], book: Book) -> None:
    asks, approves = at_desk(window, "super"), at_desk(window, "head")
    asks.goto("/approvals")
    asks.get_by_role("link", name="查看明文上限").click()
    asks.get_by_role("row", name="每位客户被查看").first.get_by_role("link", name="更改").click()
    asks.get_by_label("至多几次").fill("7")
    asks.get_by_label("理由").fill("季末集中核对资料")
    asks.get_by_role("button", name="提交审批").click()
    expect(asks.get_by_text("须由另一人审批")).to_be_visible()
    approve_first(approves, "更改查看明文上限")
    found = "SELECT count(*) FROM zhizhi_unmask_limits(%s) WHERE per = 'person' AND most = 7"
    assert rows(found, book.lender) == [(1,)]


def test_an_incident_counts_down_is_answered_and_then_closes(window: Callable[..., Page], book: Book) -> None:
    page = at_desk(window, "head")
    page.goto("/incidents")
    page.get_by_role("link", name="登记").first.click()
    page.get_by_label("类型").select_option("leak")
    page.get_by_label("知悉时间").fill("2026-03-03T09:00")
    page.get_by_label("等级").select_option("general")
    page.get_by_label("涉及人数").fill("120")
    page.get_by_label("事实与措施").fill("一份名单误发给另一家机构，已收回")
    page.get_by_role("button", name="登记并开始计时").click()
    expect(page.get_by_role("heading", name="必须告知")).to_be_visible()
    due = page.get_by_role("link", name="起草")
    for left in reversed(range(due.count())):
        form = page.locator("form", has=page.locator("input[name=act][value=answer]"))
        form.get_by_role("radio").first.check()
        form.get_by_label("报送编号或回执").fill("网信〔2026〕12 号")
        form.get_by_label("内容").fill("已按时报送首报")
        form.get_by_role("button", name="保存").click()
        expect(due).to_have_count(left)
    close = page.locator("form", has=page.locator("input[name=act][value=close]"))
    close.get_by_role("textbox").first.fill("服务已恢复，各项均已答复")
    close.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已关闭").first).to_be_visible()
