"""来款 in a browser: money that names nobody waits, and a clerk puts it on a debt by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import sign_in
from web.book import AT, Book
from zhizhi.store.debts.models import Debt
from zhizhi.store.keyring import SearchKeys

pytestmark = pytest.mark.browser


def test_money_that_names_nobody_is_matched_by_a_person(book: Book, window: Callable[..., Page]) -> None:
    key = SearchKeys(book.lender).identity("account", "ZX20260001")
    debts = Debt.objects.using("gate").filter(person_id=book.persons["wang"]).order_by("id")
    Debt.objects.using("gate").filter(id=debts.values_list("id", flat=True)[0]).update(account_key=key)
    page = window()
    sign_in(page, "super")
    page.goto("/remittances")
    page.get_by_role("link", name="登记来款").press("Enter")
    page.get_by_label("来源").select_option("bank_file")
    page.get_by_label("流水号").fill("B-1")
    page.get_by_label("金额（元）").fill("12.34")
    page.get_by_label("到账日").fill(AT.date().isoformat())
    page.get_by_label("附言").fill("还款")
    page.get_by_role("button", name="登记来款").press("Enter")
    expect(page.get_by_text("未写明任何账户")).to_be_visible()
    page.get_by_role("region", name="待匹配").get_by_role("link").first.press("Enter")
    page.get_by_role("radio", name="匹配入账").press("Space")
    page.get_by_label("账户号").fill("ZX20260001")
    page.get_by_label("依据").fill("来电核对")
    page.get_by_role("button", name="处理来款").press("Enter")
    expect(page.get_by_text("没有等待匹配的来款")).to_be_visible()
    expect(page.get_by_text("已入账").first).to_be_visible()
