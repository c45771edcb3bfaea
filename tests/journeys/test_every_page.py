"""Every page, in both languages, on a desk and on a phone: what a keyboard, a screen reader and a small screen need."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from journeys.conftest import DESK, PHONE
from journeys.desk import sign_in
from web.book import Book
from zhizhi.web.console.pages import Menu, doors_of

pytestmark = pytest.mark.browser
PUBLIC = ("/sign-in", "/lawful", "/nowhere")
BEYOND = {  # what no door leads to; the doors of the role come by themselves
    "super": (
        "/cases?bucket=M4&stage=early",
        "/holds?state=ruled",
        "/approvals/wordings/new",
        "/approvals/strategies/new",
        "/rules?on=2025-01-15&q=联系",
        "/rules/cn.gbt45251?row=GBT-027",
        "/rules/us.regf?on=2024-05-01",
        "{case}",
        "{case}/note",
        "{case}/stop",
        "{case}/said/refuse",
        "{case}/said/claims_paid",
        "{case}/payment",
        "{case}/relief",
        "/account",
        "/account/factors/new",
        "/account/password",
    ),
    "alice": ("{case}", "{case}/relief", "/imports"),
    "auditor": ("{case}",),
}
ROLES = {"super": "supervisor", "alice": "collector", "auditor": "auditor"}
EYES = (Path(__file__).parent / "every_page.js").read_text(encoding="utf-8").strip().rstrip(";")
WRONG, FAINT = f"{EYES}.wrong()", f"{EYES}.faint()"
DRAWN_ANEW = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def faults_of(page: Page, book: Book, login: str, *, with_colours: bool) -> str:
    """What is wrong with the pages of somebody, a line each."""
    doors = chain.from_iterable(one.doors if isinstance(one, Menu) else (one,) for one in doors_of(ROLES[login]))
    beyond = (path.format(case=f"/cases/{book.cases['long']}") for path in BEYOND[login])
    paths = (*(reverse(door.name) for door in doors), *beyond)
    found = [faults(page, path, with_colours=with_colours) for path in paths]
    return "\n".join(chain.from_iterable(found))


@pytest.fixture
def english(page: Page) -> Iterator[Page]:
    """A supervisor's window in English; the reader goes back to Chinese in the end, for the tests that follow."""
    sign_in(page, "super")
    page.locator("button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    yield page
    page.goto("/rules")
    page.locator("button[name=language][value=zh]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def faults(page: Page, path: str, *, with_colours: bool) -> list[str]:
    """What is wrong with a page on a desk and on a phone; colours are those of both languages."""
    page.set_viewport_size(DESK)
    page.goto(path, wait_until="load")
    found = [f"{path}: {one}" for one in (*page.evaluate(WRONG), *(page.evaluate(FAINT) if with_colours else ()))]
    page.set_viewport_size(PHONE)
    page.evaluate(DRAWN_ANEW)  # a chart takes the new width with the next frame
    return found + [f"{path} on a phone: {one}" for one in page.evaluate(WRONG)]


@pytest.mark.parametrize("login", BEYOND)
def test_every_page_can_be_read_and_worked_by_everybody(page: Page, book: Book, login: str) -> None:
    sign_in(page, login)
    assert faults_of(page, book, login, with_colours=True) == ""


def test_every_page_can_be_read_and_worked_in_english(english: Page, book: Book) -> None:
    assert faults_of(english, book, "super", with_colours=False) == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_so_can_the_pages_that_need_no_sign_in(page: Page, book: Book, language: str) -> None:
    found = [faults(page, f"{path}?lang={language}", with_colours=language == "zh") for path in PUBLIC]
    assert "\n".join(chain.from_iterable(found)) == ""


def test_a_faint_word_and_a_field_without_a_label_would_be_found(page: Page, book: Book) -> None:
    page.goto("/sign-in")
    page.evaluate("""() => {
      const [word, field] = [document.createElement("p"), document.createElement("input")];
      word.textContent = "hardly there";
      word.style.color = "#aaa";
      field.name = "bare";
      document.querySelector("main").append(word, field);
    }""")
    assert [one for one in page.evaluate(FAINT) if one.endswith("hardly there")]
    assert "no label: bare" in page.evaluate(WRONG)


def test_the_keyboard_meets_the_skip_link_first_and_sees_where_it_is(page: Page, book: Book) -> None:
    sign_in(page, "super")
    page.goto("/rules")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).not_to_have_css("outline-style", "none")


def test_the_menu_of_the_rules_opens_and_shuts_by_keyboard(page: Page, book: Book) -> None:
    sign_in(page, "super")
    menu = page.locator("summary", has_text="合规规则")
    menu.focus()
    page.keyboard.press("Enter")
    rules = page.get_by_role("link", name="规则库")
    expect(rules).to_be_visible()
    page.keyboard.press("Tab")
    expect(rules).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(rules).to_be_hidden()


def test_a_phone_without_scripts_has_the_doors_behind_one_button(plain: Page, book: Book) -> None:
    sign_in(plain, "super")
    expect(plain.get_by_role("link", name="导入", exact=True)).to_be_hidden()
    plain.get_by_role("button", name="菜单").click()
    plain.get_by_role("link", name="导入", exact=True).click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("导入")
    plain.goto("/cases")
    plain.get_by_role("button", name="筛选与排序").click()
    plain.get_by_label("逾期档").select_option("M4")
    plain.get_by_role("button", name="筛选", exact=True).click()
    expect(plain.locator("#worklist tbody tr")).to_have_count(1)


def test_a_mistake_is_tied_to_its_field(page: Page, book: Book) -> None:
    sign_in(page, "super")
    page.goto(f"/cases/{book.cases['long']}/payment")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main form").get_by_role("button", name="保存").click()
    field = page.locator("#id_amount")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_attribute("aria-describedby", re.compile("."))
    described = (field.get_attribute("aria-describedby") or "").split()
    expect(page.locator(f"#{described[-1]}")).to_have_role("alert")
