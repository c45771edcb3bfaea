"""代扣 in a browser, by keyboard: a mandate is recorded on a phone, approved, planned, and asked to be handed over."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from journeys.desk import sign_in
from web.book import AT, Book
from zhizhi.store.debits.planning import plan_debits

pytestmark = pytest.mark.browser
ASKED = re.compile("/approvals/requests/")


def approve(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="批准").press("Enter")
    expect(page.get_by_role("button", name="批准")).to_have_count(0)


def test_a_mandate_and_its_first_batch(book: Book, phone: Page, window: Callable[..., Page]) -> None:
    sign_in(phone, "super")
    phone.goto(f"/cases/{book.cases['wang']}")
    phone.get_by_role("link", name="代扣授权与记录").press("Enter")
    expect(phone.get_by_text("没有代扣授权")).to_be_visible()
    day = (AT.date() - timedelta(days=9)).isoformat()
    phone.get_by_label("签约方式").select_option("paper")
    phone.get_by_label("签约日").fill(day)
    phone.get_by_label("银行签约号").fill("TK-9")
    phone.get_by_label("账户后四位").fill("6789")
    phone.get_by_label("单笔限额（元）").fill("500")
    phone.get_by_label("单日限额（元）").fill("500")
    phone.get_by_label("月收入（元）").fill("3000")
    phone.get_by_label("授权起").fill(day)
    phone.get_by_label("依据").fill("柜面核对授权书")
    phone.get_by_role("button", name="提交审批").press("Enter")
    expect(phone).to_have_url(ASKED)
    head = window()
    sign_in(head, "head")
    approve(head, phone.url)
    plan_debits(book.lender, AT.date(), AT)
    desk = window()
    sign_in(desk, "super")
    desk.goto("/debits")
    desk.get_by_role("link", name="提交批次").press("Enter")
    expect(desk.get_by_role("heading", name="提交代扣批次")).to_be_visible()
    desk.get_by_label("依据").fill("当日到期代扣")
    desk.get_by_role("button", name="提交代扣批次").press("Enter")
    expect(desk).to_have_url(ASKED)
    approve(head, desk.url)
    phone.goto(f"/cases/{book.cases['wang']}/debits")
    expect(phone.get_by_text("待提交")).to_be_visible()
    expect(phone.get_by_text("尾号 6789")).to_be_visible()
