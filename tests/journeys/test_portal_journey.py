"""Who looked at my data, in a browser: asked for, shown with a code of a message that left through the outbox, left."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gatework import ToldChannel, rows
from journeys.desk import fits
from web.book import AT, Book
from zhizhi.jobs.outbox import Outbox
from zhizhi.usecases.portal.answering import answer_requests
from zhizhi.usecases.unmask import Unmask, unmask

pytestmark = pytest.mark.browser


def code() -> str:
    """The worker answers, and the message arrives."""
    assert answer_requests(AT) == 1
    sink = ToldChannel()
    Outbox({"sink": {"sms": sink}}, "test").drain(AT)
    found = re.search(r"验证码为(\d{6})", sink.sent[0].content.body)
    assert found is not None
    return found.group(1)


def looked_at(book: Book, who: str) -> None:
    person = book.persons[who]
    party = rows("SELECT id FROM party WHERE person_id = %s AND role = 'debtor'", person)[0][0]
    case = rows("SELECT id FROM collection_case WHERE person_id = %s", person)[0][0]
    unmask(Unmask(person, case, "name", party, "verify", book.staff["alice"]), AT)


def test_a_borrower_on_a_phone_without_scripts_asks_reads_and_leaves(book: Book, plain: Page) -> None:
    looked_at(book, "wang")
    plain.goto("/my")
    expect(plain.get_by_role("heading", name="谁看过我的信息")).to_be_visible()
    plain.get_by_label("案件编号或合同编号").fill(book.cases["wang"])
    plain.get_by_label("您的手机号").fill(f"1090000{book.persons['wang'] % 10000:04d}")
    plain.get_by_role("button", name="获取验证码").click()
    expect(plain.get_by_role("heading", name="输入验证码")).to_be_visible()
    plain.get_by_label("短信验证码").fill("000000")
    found = code()
    plain.get_by_role("button", name="查看").click()
    expect(plain.get_by_role("alert")).to_contain_text("验证码不正确")
    plain.get_by_label("短信验证码").fill(found)
    plain.get_by_role("button", name="查看").click()
    expect(plain.locator(".looks li")).to_have_count(1)
    expect(plain.locator(".looks")).to_contain_text("通话中核对对方身份")
    fits(plain)
    plain.get_by_role("link", name="English").click()
    expect(plain.locator(".looks")).to_contain_text("collector")
    plain.get_by_role("button", name="Sign out").click()
    expect(plain.get_by_role("heading", name="Who looked at my data")).to_be_visible()
    plain.goto("/my")
    expect(plain.get_by_label("您的手机号")).to_be_visible()


def test_by_keyboard_and_with_nothing_to_tell(book: Book, window: Callable[..., Any]) -> None:
    page = window()
    page.goto("/my/sign-in")
    page.get_by_label("案件编号或合同编号").focus()
    page.keyboard.type(book.cases["bobs"])
    page.keyboard.press("Tab")
    page.keyboard.type(f"1090000{book.persons['bobs'] % 10000:04d}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="输入验证码")).to_be_visible()
    page.get_by_label("短信验证码").focus()
    page.keyboard.type(code())
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有人查看过您信息的明文")).to_be_visible()
