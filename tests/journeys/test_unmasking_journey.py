"""A clear value in a browser: asked for in its place, shown for a minute, and gone by itself."""

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import fits, sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_a_name_is_asked_for_where_it_stands_shown_and_hidden_after_a_minute(book: Book, page: Page) -> None:
    sign_in(page, "alice")
    page.clock.install()
    page.goto(f"/cases/{book.cases['wang']}")
    value = page.locator("[id^=clear-name-]").first
    expect(value).to_contain_text("王**")
    value.get_by_role("link", name="查看").click()
    value.get_by_role("button", name="查看 60 秒").click()
    expect(value).not_to_contain_text("王小伟")  # no ground, no value: the browser holds the form back
    value.get_by_label("理由").select_option(label="通话中核对对方身份")
    value.get_by_role("button", name="查看 60 秒").click()
    expect(value).to_contain_text("王小伟")
    expect(value).to_contain_text("60 秒后隐去")
    expect(value).to_contain_text("客户可见")
    page.clock.fast_forward(30_000)  # the page's clock also goes by itself, longer on a slow machine
    expect(value).to_contain_text("王小伟")
    page.clock.fast_forward(31_000)
    expect(value).to_contain_text("王**")
    expect(page.locator("body")).not_to_contain_text("王小伟")


def test_without_a_script_a_page_asks_shows_and_leads_back(book: Book, plain: Page) -> None:
    sign_in(plain, "alice")
    plain.goto(f"/cases/{book.cases['wang']}")
    plain.locator("[id^=clear-name-]").first.get_by_role("link", name="查看").click()
    plain.get_by_label("理由").select_option(label="通话中核对对方身份")
    plain.get_by_role("button", name="查看 60 秒").click()
    expect(plain.get_by_text("王小伟")).to_be_visible()
    fits(plain)
    plain.get_by_role("link", name="回到案件").click()
    expect(plain.locator("body")).not_to_contain_text("王小伟")
