"""Somebody looks at a person who does not exist: compliance is told and says what it was; nobody else has the page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatework import rows
from journeys.desk import fits, sign_in
from web.book import Book, password_hash
from zhizhi.store.models import Staff

pytestmark = pytest.mark.browser


def at_desk(window: Callable[..., Page], login: str, **options: object) -> Page:
    page = window(**options)
    sign_in(page, login)
    return page


def test_planted_by_two_looked_at_and_ruled_on(window: Callable[..., Page], book: Book) -> None:
    for login, name in (("first", "郑合规"), ("second", "吴合规")):
        Staff.objects.using("gate").create(
            login=login, name=name, role="compliance", lender_id=book.lender, is_synthetic=True,
            password=password_hash(),
        )  # fmt: skip
    asks, approves, looks = (at_desk(window, login) for login in ("first", "second", "super"))
    asks.goto("/canaries")
    expect(asks.get_by_text("还没有布设。")).to_be_visible()
    asks.get_by_role("link", name="布设", exact=True).click()
    asks.get_by_label("份数").fill("3")
    asks.get_by_label("理由").fill("季度例行布设")
    asks.get_by_role("button", name="提交审批").click()
    expect(asks.get_by_text("须由另一人审批")).to_be_visible()
    looks.goto("/approvals")
    expect(looks.locator("body")).not_to_contain_text("诱饵")
    approves.goto(asks.url)
    approves.get_by_role("button", name="批准", exact=True).click()
    expect(approves.get_by_text("已批准并办结").first).to_be_visible()
    ((number,), *_) = rows("SELECT c.number FROM canary k JOIN collection_case c ON c.person_id = k.person_id")
    looks.goto(f"/cases/{number}")
    expect(looks.get_by_role("heading", level=1)).to_be_visible()
    looks.goto("/canaries")
    expect(looks.locator("body")).not_to_contain_text(number)
    asks.goto("/canaries")
    waiting = asks.get_by_role("row", name="陈主管")
    expect(waiting).to_contain_text(number)
    waiting.get_by_role("link").click()
    asks.get_by_label("处理").select_option(label="作为事件处置")
    asks.get_by_label("说明").fill("无办理事由的查看，正在核实")
    asks.get_by_role("button", name="保存").click()
    expect(asks.get_by_role("heading", name="必须告知")).to_be_visible()
    phone = at_desk(window, "second", viewport={"width": 390, "height": 844})
    phone.goto("/canaries")
    expect(phone.get_by_text("是事件").or_(phone.get_by_text("作为事件处置")).first).to_be_visible()
    fits(phone)
