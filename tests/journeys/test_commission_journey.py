"""A month of commission in a browser: the clerk states it, the agency disputes a line on a phone, both sides sign."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from gatework import rows
from journeys.desk import shot, sign_in
from web.book import AT, Book
from web.test_commission_pages import RATES, agency, approve
from zhizhi.store.models import Agency
from zhizhi.web.shared import clock

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
__all__ = ["agency"]


def test_a_month_is_stated_disputed_and_signed(window: Callable[..., Page], book: Book, agency: Agency) -> None:
    asks = window()
    sign_in(asks, "super")
    asks.locator("summary", has_text="安排").click()
    asks.get_by_role("link", name="佣金", exact=True).click()
    shot(asks, "empty")
    asks.get_by_role("link", name="新费率表").click()
    asks.get_by_label("自", exact=True).select_option("2026-03-01")
    asks.get_by_label("每月固定服务费（元）").fill("50")
    asks.get_by_label("每项违规扣减（元）").fill("300")
    asks.get_by_label("费率，每行一档").fill(RATES)
    asks.get_by_label("理由").fill("年度费率")
    shot(asks, "card")
    asks.get_by_role("button", name="提交审批").press("Enter")
    expect(asks.get_by_text("须由另一人审批")).to_be_visible()
    shot(asks, "request")
    approve(book, int(asks.url.rsplit("/", 1)[1]))
    clock.install(lambda: AT + timedelta(days=40))
    clerk, manager = window(), window(viewport=PHONE)
    sign_in(clerk, "clerk")
    clerk.goto("/commission")
    clerk.get_by_label("月份").select_option("2026-03-01")
    clerk.get_by_role("button", name="出对账单").press("Enter")
    expect(clerk.get_by_role("heading", name="签署", exact=True)).to_be_visible()
    shot(clerk, "statement")
    sign_in(manager, "manager")
    manager.goto(clerk.url)
    manager.get_by_label("行号").fill("1")
    manager.get_by_label("分歧理由").fill("当日已接通客户")
    shot(manager, "phone")
    manager.get_by_role("button", name="提出分歧").press("Enter")
    expect(manager.get_by_text("待金融机构答复")).to_be_visible()
    clerk.reload()
    clerk.get_by_label("答复", exact=True).select_option("kept")
    clerk.get_by_label("答复理由").fill("系统无接通记录")
    shot(clerk, "answer")
    clerk.get_by_role("button", name="答复").press("Enter")
    expect(clerk.get_by_label("答复理由")).to_have_count(0)
    for side in (clerk, manager):
        side.reload()
        sign = side.get_by_role("button", name="签署这份对账单")
        sign.press("Enter")
        expect(sign).to_have_count(0)
    expect(manager.get_by_text("双方已签署")).to_be_visible()
    shot(manager, "phone-signed")
    assert rows("SELECT state FROM commission_statement") == [("signed",)]
    clerk.goto("/commission?lang=en")
    shot(clerk, "list-en")
    phone = window(viewport=PHONE)
    sign_in(phone, "super")
    phone.goto("/commission")
    shot(phone, "phone-list")
    phone.goto("/commission/cards/new")
    shot(phone, "phone-card")
