"""A desk at work in a real browser: sign in, find, call, write; keyboard, phone and a page without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_a_call_from_the_list_to_the_note(page: Page, book: Book) -> None:
    sign_in(page, "alice")
    page.get_by_role("link", name="案件", exact=True).click()
    page.get_by_role("link", name=book.cases["wang"]).click()
    page.get_by_role("button", name=re.compile("拨打 109")).click()
    page.get_by_role("button", name="显示号码并开始").click()
    expect(page.locator(".call-number")).to_have_text(f"1090000{book.persons['wang'] % 10000:04d}")
    expect(page.get_by_role("timer")).to_contain_text(":")
    page.get_by_role("radio", name="未接通").check()
    expect(page.locator("#id_next_step")).to_have_value("CALL")
    page.get_by_role("button", name="保存，留在本案").click()
    expect(page.locator("#timeline")).to_contain_text("去电 无人接听")


def test_the_keyboard_reaches_actions_search_timeline_and_help(page: Page, book: Book) -> None:
    sign_in(page, "alice")
    page.goto(f"/cases/{book.cases['long']}")
    page.keyboard.press("2")
    expect(page.locator('[data-key="2"]')).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#timeline .entry").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#timeline .entry").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#timeline .entry").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_label("查找案件")).to_be_focused()
    page.keyboard.type(book.cases["wang"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(book.cases["wang"]))


def test_filters_change_the_list_and_the_address_without_a_new_page(page: Page, book: Book) -> None:
    sign_in(page, "super")
    page.goto("/cases")
    page.get_by_label("逾期档").select_option("M4")
    expect(page.locator("#worklist tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("bucket=M4"))
    page.reload()
    expect(page.locator("#worklist tbody tr")).to_have_count(1)


APART = """rows => rows.every(row => {
  const [number, name] = [...row.cells].map(cell => {
    const whole = document.createRange(); whole.selectNodeContents(cell); return whole.getBoundingClientRect() })
  return number.right <= name.left || number.bottom <= name.top })"""


def test_a_long_name_does_not_lie_over_the_number_of_its_case_on_a_phone(phone: Page, book: Book) -> None:
    sign_in(phone, "alice")
    phone.goto("/cases")
    listed = phone.locator(".cases tbody tr")
    expect(listed.filter(has_text=book.cases["long"])).to_be_visible()
    assert listed.evaluate_all(APART)


def test_a_tab_of_the_timeline_is_filled_in_place(page: Page, book: Book) -> None:
    sign_in(page, "alice")
    page.goto(f"/cases/{book.cases['long']}")
    page.locator("#timeline").get_by_role("link", name="还款").click()
    expect(page.locator("#timeline")).to_contain_text("还款 500.00 元")
    expect(page.locator("#timeline")).not_to_contain_text("来电")


def test_a_call_needs_no_script(plain: Page, book: Book) -> None:
    sign_in(plain, "bob")
    plain.goto(f"/cases/{book.cases['bobs']}")
    plain.get_by_role("button", name=re.compile("拨打 109")).click()
    plain.get_by_role("button", name="显示号码并开始").click()
    plain.get_by_role("radio", name="拒接").check()
    plain.locator("#id_next_step").select_option("CALL")
    plain.get_by_role("button", name="保存，留在本案").click()
    expect(plain.locator("#timeline")).to_contain_text("去电")
