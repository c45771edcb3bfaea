"""协商减免 in a browser: a collector tries offers, proposes one, tells the debtor and writes down that they agreed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_a_collector_agrees_on_an_offer_by_keyboard_alone(book: Book, window: Callable[..., Page]) -> None:
    page = window()
    sign_in(page, "alice")
    page.goto(f"/cases/{book.cases['wang']}")
    page.get_by_role("link", name="减免试算").press("Enter")
    offer = page.get_by_role("radio").first
    offer.press("Space")
    page.get_by_label("理由（客户的困难与意愿）").press_sequentially("收入下降，愿意分期还清")
    for said in ("提出方案", "已告知客户", "客户同意"):
        page.get_by_role("button", name=said).press("Enter")
        expect(page.get_by_role("button", name=said)).to_have_count(0)
    expect(page.get_by_text("履行中", exact=True)).to_be_visible()
    page.goto(f"/cases/{book.cases['wang']}")
    expect(page.get_by_text("协商方案履行中").first).to_be_visible()
    head = window()
    sign_in(head, "head")
    head.goto("/reliefs")
    expect(head.get_by_role("link", name=book.cases["wang"])).to_be_visible()
