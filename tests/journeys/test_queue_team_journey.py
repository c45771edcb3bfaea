"""A queue gets its team in a real browser: an administrator asks, the page says that it waits, and another approves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gatework import rows
from journeys.desk import fits, sign_in
from journeys.test_two_persons_journey import approve_first
from web.book import Book

pytestmark = pytest.mark.browser


def test_a_queue_gets_its_team_by_two_persons(window: Callable[..., Page], book: Book) -> None:
    rows("UPDATE staff SET team = '一组' WHERE id = %s RETURNING 1", book.staff["alice"])
    asks, phone, approves = window(), window(viewport={"width": 390, "height": 844}), window()
    for page, login in ((asks, "admin"), (phone, "admin"), (approves, "head")):
        sign_in(page, login)
    asks.goto("/staff")
    asks.get_by_role("link", name="队列与班组").click()
    fits(asks)
    asks.get_by_role("link", name="更改 M2中风险").click()
    fits(asks)
    asks.get_by_label("班组").select_option(label="一组")
    asks.get_by_label("理由").fill("一组承接中风险")
    asks.get_by_role("button", name="提交审批").click()
    waits = asks.get_by_role("row", name="M2中风险")
    expect(waits).to_contain_text("申请改为 一组，待批准")
    phone.goto("/staff/queues")
    fits(phone)
    approve_first(approves, "更改队列班组")
    asks.reload()
    expect(waits).to_contain_text("一组")
    expect(waits).not_to_contain_text("待批准")
