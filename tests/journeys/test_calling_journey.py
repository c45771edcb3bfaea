"""号码库与外呼活动 in a browser: a number opened by two persons, a campaign that goes out from it, on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import shot, sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_a_number_is_opened_and_a_campaign_goes_out_from_it(
    book: Book, phone: Page, window: Callable[..., Page]
) -> None:
    sign_in(phone, "super")
    phone.goto("/numbers")
    expect(phone.get_by_text("号码库是空的")).to_be_visible()
    shot(phone, "phone-numbers-empty")
    phone.get_by_role("link", name="登记号码").press("Enter")
    phone.get_by_label("外呼号码").fill("010 6234 0001")
    phone.get_by_label("登记主体").fill("甲消费金融")
    phone.get_by_role("button", name="登记", exact=True).press("Enter")
    expect(phone.get_by_text("号码没有有效报备")).to_be_visible()
    phone.get_by_label("事项").select_option("filed")
    phone.get_by_label("批复编号").fill("HM-7")
    phone.get_by_label("报备有效至").fill("2026-03-20")
    phone.get_by_label("凭证").fill("批复函 A-17")
    phone.get_by_role("button", name="登记", exact=True).press("Enter")
    expect(phone.get_by_role("heading", name="外呼号码启用")).to_be_visible()
    head = window()
    sign_in(head, "head")
    head.goto("/approvals")
    head.get_by_role("link", name="外呼号码启用").first.click()
    head.get_by_role("button", name="批准").click()
    expect(head.get_by_text("已批准并办结")).to_be_visible()
    head.goto("/numbers")
    expect(head.get_by_text("剩 17 天")).to_be_visible()
    shot(head, "numbers")
    phone.goto("/calling/new")
    phone.get_by_label("名称").fill("三月早期外呼")
    phone.get_by_label("坐席").fill("alice bob")
    phone.get_by_label("名单").fill("\n".join(book.cases.values()))
    phone.get_by_label("01062340001").check()
    shot(phone, "phone-calling-new")
    phone.get_by_role("button", name="新建").press("Enter")
    expect(phone.get_by_role("heading", name="三月早期外呼")).to_be_visible()
    phone.get_by_role("button", name="启动").press("Enter")
    expect(phone.get_by_role("button", name="暂停")).to_be_visible()
    shot(phone, "phone-calling")
    head.goto("/calling")
    head.get_by_role("link", name="三月早期外呼").click()
    head.get_by_role("button", name="暂停").press("Enter")
    expect(head.get_by_role("button", name="恢复")).to_be_visible()
    shot(head, "calling")
    head.goto("/calling?lang=en")
    shot(head, "callings-en")
