"""通知回放 in a browser: what was told, how each try went, and telling one or a span again."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apiwork import client_of
from hookwork import LOOPBACK, Receiver, receiving, reply, sending_to, sent, told
from journeys.desk import fits, sign_in
from web.book import AT, Book
from zhizhi.core.kernel.addresses import read_networks
from zhizhi.usecases.webhooks import house
from zhizhi.usecases.webhooks.schedule import AFTER

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def receiver(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A receiver that failed once, and what it was told."""
    house.install(house.HouseRules(read_networks(LOOPBACK)))
    with receiving(tmp_path_factory.mktemp("receiver")) as listening:
        system = client_of("L1", AT, name="crm")
        assert system.post("webhooks", {"url": listening.url}).status == 200
        party = system.get(f"cases/{book.cases['wang']}/parties").document["parties"][0]["party"]
        listening.answer = lambda handler, got: reply(handler, 500 if b"complaint" in got.body else 204)
        assert system.post(f"cases/{book.cases['wang']}/complaints", {"by": party}).status == 200
        told(AT)
        sending = sending_to(listening)
        at = AT
        for pause in (timedelta(), *AFTER):
            at += pause + timedelta(seconds=1)
            sent(sending, at)
        sending.close()
        yield listening
    house.install(house.HouseRules())


def test_an_administrator_finds_what_failed_and_tells_it_again(page: Page, receiver: Receiver, book: Book) -> None:
    sign_in(page, "admin")
    page.goto("/webhooks")
    page.get_by_label("状态").select_option(label="失败")
    page.get_by_role("button", name="查询").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="登记投诉").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("登记投诉")
    expect(page.get_by_text("对方答复非 2xx")).to_have_count(10)
    expect(page.locator("pre")).to_contain_text('"case": "***"')
    expect(page.locator("body")).not_to_contain_text(book.cases["wang"])
    page.get_by_role("button", name="重发").press("Enter")
    expect(page.locator(".head .tag")).to_have_text("待送达")
    receiver.answer = lambda handler, got: reply(handler, 204)
    sending = sending_to(receiver)
    sent(sending, AT)
    sending.close()
    page.reload()
    expect(page.locator(".head .tag")).to_have_text("已送达")


def test_a_span_of_one_endpoint_is_told_again_and_says_how_many(phone: Page, receiver: Receiver) -> None:
    sign_in(phone, "admin")
    phone.goto("/webhooks")
    phone.get_by_label("通知地址").select_option(label=f"crm {receiver.url}")
    phone.get_by_role("button", name="查询").click()
    phone.get_by_role("button", name="重发该段未送达的").click()
    expect(phone.get_by_role("status")).to_have_text(re.compile("已安排重发 0 条"))
    fits(phone)


def test_an_auditor_reads_and_replays_nothing(window: Callable[..., Page], receiver: Receiver) -> None:
    page = window()
    sign_in(page, "auditor")
    page.goto("/webhooks")
    listed = page.locator("tbody a").first
    event = listed.inner_text()
    listed.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(event)
    expect(page.get_by_role("button", name="重发")).to_have_count(0)
