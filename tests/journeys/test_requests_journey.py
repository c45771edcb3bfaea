"""诉求 in a browser: a collector registers it on a phone, a supervisor answers, the head looks again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import shot, sign_in
from web.book import Book

pytestmark = pytest.mark.browser


def test_asked_answered_and_looked_at_again(book: Book, phone: Page, window: Callable[..., Page]) -> None:
    sign_in(phone, "alice")
    phone.goto(f"/cases/{book.cases['wang']}")
    phone.get_by_role("link", name="诉求登记与答复").press("Enter")
    phone.get_by_label("诉求类别").select_option("waiver")
    phone.get_by_label("提出方式").select_option("call")
    phone.get_by_label("诉求与理由").fill("失业两个月，希望减免罚息")
    shot(phone, "phone-empty")
    phone.get_by_role("button", name="登记").press("Enter")
    expect(phone.get_by_text("待答复")).to_be_visible()
    shot(phone, "phone-open")
    boss, head = window(), window()
    sign_in(boss, "super")
    boss.goto("/requests")
    shot(boss, "list")
    boss.get_by_role("link", name=book.cases["wang"]).click()
    boss.get_by_label("答复", exact=True).select_option("refused")
    boss.get_by_label("理由（告知客户）").fill("目录中没有此项减免")
    shot(boss, "answer")
    boss.get_by_role("button", name="提交答复").press("Enter")
    expect(boss.get_by_text("已答复")).to_be_visible()
    phone.reload()
    phone.get_by_role("button", name="客户不认可，申请复核").press("Enter")
    expect(phone.get_by_text("待复核")).to_be_visible()
    sign_in(head, "head")
    head.goto(f"/cases/{book.cases['wang']}/requests?lang=en")
    shot(head, "second-en")
    head.goto(f"/cases/{book.cases['wang']}/requests?lang=zh")
    head.get_by_label("答复", exact=True).select_option("partly")
    head.get_by_label("理由（告知客户）").fill("情况属实，减免部分罚息")
    head.get_by_role("button", name="提交复核").press("Enter")
    expect(head.get_by_text("已复核")).to_be_visible()
    shot(head, "closed")
