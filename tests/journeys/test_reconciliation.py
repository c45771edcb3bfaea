"""Two persons of a lender look at what did not match and say what it was, in a real browser."""

from collections.abc import Callable
from itertools import chain

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import sign_in
from journeys.test_every_page import english, faults
from web.book import Book
from web.reconciled import reconcile
from zhizhi.store.models import BreachInquiry, ReconciliationRun

pytestmark = pytest.mark.browser
__all__ = ["english"]


@pytest.fixture(scope="module")
def number(store: str, book: Book, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three days of a carrier, worked."""
    return reconcile(store, book, tmp_path_factory.mktemp("records"))


def pages() -> list[str]:
    """A page of each kind."""
    runs = dict(ReconciliationRun.objects.using("gate").values_list("state", "pk"))
    opened = dict(BreachInquiry.objects.using("gate").values_list("kind", "pk"))
    return [
        "/reconciliation",
        "/inquiries?state=breach",
        *(f"/reconciliation/{runs[state]}" for state in ("matched", "unreadable")),
        *(f"/inquiries/{opened[kind]}" for kind in ("outcome_differs", "file_unreadable")),
    ]


def test_every_page_of_it_can_be_read_and_worked(page: Page, number: str) -> None:
    sign_in(page, "super")
    assert list(chain.from_iterable(faults(page, path, with_colours=True) for path in pages())) == []


def test_every_page_of_it_can_be_read_in_english(english: Page, number: str) -> None:
    assert list(chain.from_iterable(faults(english, path, with_colours=False) for path in pages())) == []


def test_one_explains_and_another_accepts(window: Callable[..., Page], number: str) -> None:
    first, second = window(), window(viewport={"width": 390, "height": 844})
    sign_in(first, "super")
    first.locator("summary", has_text="合规规则").click()
    first.get_by_role("link", name="对账", exact=True).click()
    first.get_by_role("row", name="已核对").get_by_role("link").first.click()
    first.get_by_role("link", name="结果不符 1").click()
    first.wait_for_url("**kind=outcome_differs**")  # a key that is pressed before goes to the page before
    first.keyboard.press("j")
    expect(first.locator("[data-entry]").first).to_be_focused()
    first.keyboard.press("Enter")
    expect(first.get_by_role("heading", level=1)).to_contain_text("违规核查")
    expect(first.locator("tr.differs")).to_contain_text("接通")
    first.get_by_label("理由").select_option("technical")
    first.get_by_label("证明").fill("运营商来函：该行系重复计费")
    first.get_by_role("button", name="提交说明").click()
    expect(first.locator("#answer + p, #answer ~ p").first).to_contain_text("对方记录有误")
    address = first.url
    sign_in(second, "head")
    second.goto(address)
    second.get_by_label("确认说明").check()
    second.get_by_role("button", name="保存").click()
    expect(second.locator("#history ~ ol")).to_contain_text("确认说明")
    expect(second.get_by_role("button", name="确认违规并结案")).to_have_count(0)


def test_a_breach_is_confirmed_with_the_keyboard_alone(page: Page, number: str) -> None:
    unknown = BreachInquiry.objects.using("gate").get(kind="unknown_number")
    sign_in(page, "head")
    page.goto(f"/inquiries/{unknown.pk}")
    page.get_by_label("条款").focus()
    page.keyboard.type("GB/T 45251-2025 5.3")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("坐席用工作线路拨打私人号码，已警告。")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".tag-broken")).to_have_text("确认违规")
    expect(page.locator("#end ~ ul")).to_contain_text("警告")
