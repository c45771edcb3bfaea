"""报备与停用 in a browser: recorded on a phone, approved by another person, and a wording withdrawn at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from filed import version_of
from journeys.desk import shot, sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_filed_by_two_persons_and_withdrawn_by_one(book: Book, phone: Page, window: Callable[..., Page]) -> None:
    sign_in(phone, "super")
    phone.goto("/filings")
    shot(phone, "phone-list")
    phone.get_by_role("link", name="签名【甲金】").first.press("Enter")
    phone.get_by_label("凭证", exact=False).first.fill("运营商后台单号 A-17")
    phone.get_by_label("进展").select_option("submitted")
    shot(phone, "phone-step")
    phone.get_by_role("button", name="登记", exact=True).press("Enter")
    expect(phone.get_by_text("运营商后台单号 A-17").first).to_be_visible()
    phone.get_by_label("进展").select_option("approved")
    phone.get_by_label("凭证", exact=False).first.fill("批复函 2026-03")
    phone.get_by_role("button", name="登记", exact=True).press("Enter")
    expect(phone.get_by_text("请填写运营商批复编号")).to_be_visible()
    phone.get_by_label("编号").fill("BA-2026-7")
    phone.get_by_label("有效至").fill("2026-03-20")
    phone.get_by_role("button", name="登记", exact=True).press("Enter")
    expect(phone.get_by_role("heading", name="登记运营商报备通过")).to_be_visible()
    shot(phone, "phone-asked")
    head = window()
    sign_in(head, "head")
    head.goto("/approvals")
    head.get_by_role("link", name="登记运营商报备通过").first.click()
    head.get_by_role("button", name="批准").click()
    expect(head.get_by_text("已批准并办结")).to_be_visible()
    head.goto("/filings")
    expect(head.get_by_text("剩 17 天").first).to_be_visible()
    shot(head, "list")
    head.goto(f"/approvals/wordings/{version_of(book.lender, 'remind-sms')}")
    head.get_by_role("link", name="立即停用").click()
    head.get_by_label("停用原因").fill("还款日期写错了一天")
    shot(head, "withdraw")
    head.get_by_role("button", name="立即停用").press("Enter")
    expect(head.get_by_text("待跟进")).to_be_visible()
    shot(head, "withdrawn")
    head.get_by_role("link", name="写明处理").click()
    head.get_by_label("如何处理").fill("无人收到，无须更正")
    head.get_by_role("button", name="提交").press("Enter")
    expect(head.get_by_text("已跟进")).to_be_visible()
    head.goto("/filings?lang=en")
    shot(head, "list-en")
