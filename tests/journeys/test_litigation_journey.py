"""诉讼调解 in a browser: files opened from one form, a step on a phone, the calendar, fees, a law firm."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import shot, sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_from_the_form_to_the_calendar(book: Book, page: Page, phone: Page, window: Callable[..., Page]) -> None:
    sign_in(page, "super")
    page.goto("/suits/firms")
    page.get_by_label("律师事务所", exact=True).fill("示例律师事务所")
    page.get_by_label("合同到期日").fill("2027-03-01")
    page.get_by_role("button", name="登记律所").press("Enter")
    expect(page.get_by_text("合同至")).to_be_visible()
    page.goto(f"/cases/{book.cases['wang']}")
    page.get_by_role("link", name="建卷").click()
    page.get_by_label("程序", exact=True).select_option("suit")
    page.get_by_label("受理法院或机构").fill("示例区人民法院")
    page.get_by_label("案件编号", exact=True).fill(f"{book.cases['wang']}\n{book.cases['bobs']}\nC-0")
    shot(page, "open")
    page.get_by_role("button", name="建卷").press("Enter")
    expect(page.get_by_text("有 1 个案件编号不是本机构的逾期案件")).to_be_visible()
    page.get_by_label("案件编号", exact=True).fill(f"{book.cases['wang']}\n{book.cases['bobs']}")
    page.get_by_role("button", name="建卷").press("Enter")
    expect(page.get_by_role("heading", name="整批办理同一步骤")).to_be_visible()
    page.get_by_label("步骤", exact=True).select_option("file")
    page.get_by_role("button", name="整批办理").press("Enter")
    expect(page.get_by_text("已办 2 卷")).to_be_visible()
    shot(page, "batch")
    page.get_by_role("row").filter(has_text=book.cases["wang"]).get_by_role("link").click()
    page.get_by_label("律师事务所", exact=True).select_option(label="示例律师事务所")
    page.get_by_role("button", name="委派").press("Enter")
    page.get_by_label("费用项目", exact=True).select_option("case")
    page.get_by_label("金额（元）").fill("111.00")
    page.get_by_role("button", name="登记费用").press("Enter")
    expect(page.get_by_text("尚未收回")).to_be_visible()
    shot(page, "file")
    sign_in(phone, "super")
    phone.goto("/suits")
    shot(phone, "phone-list")
    phone.get_by_role("row").filter(has_text=book.cases["wang"]).get_by_role("link").first.click()
    phone.get_by_label("步骤", exact=True).select_option("correction_asked")
    phone.get_by_role("button", name="登记步骤").press("Enter")
    expect(phone.get_by_text("该步骤须写明日期")).to_be_visible()
    phone.get_by_label("所定日期").fill("2026-03-13")
    phone.get_by_role("button", name="登记步骤").press("Enter")
    expect(phone.get_by_text("补正中").first).to_be_visible()
    shot(phone, "phone-file")
    phone.goto("/suits/calendar")
    expect(phone.get_by_text("补正材料")).to_be_visible()
    shot(phone, "phone-calendar")
    page.goto("/suits/calendar")
    shot(page, "calendar")
    page.goto("/suits/fees?lang=en")
    expect(page.get_by_text("to the fen")).to_be_visible()
    shot(page, "fees-en")
    phone.goto("/suits/fees")
    shot(phone, "phone-fees")
    page.goto("/suits/firms?lang=zh")
    shot(page, "firms")
    phone.goto("/suits/firms")
    shot(phone, "phone-firms")
    alice = window()
    sign_in(alice, "alice")
    alice.goto(f"/cases/{book.cases['wang']}")
    expect(alice.get_by_text("补正中")).to_be_visible()
    shot(alice, "case")
