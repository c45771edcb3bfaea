"""A call that the system places, followed in a browser: the line moves, and the keyboard stays on hanging up."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from journeys.desk import fits, sign_in
from web.book import AT, Book
from web.test_live_call import clicked, placed
from zhizhi.store import channels
from zhizhi.store.channels import SIP
from zhizhi.store.transact.live_calls import EndedCall, end_call, note_stage

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def dialled(store: str) -> Iterator[None]:
    """An installation with a telephone system."""
    channels.install({"sms": "sink", "voice": SIP})
    yield
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def test_the_line_moves_and_the_keyboard_stays_on_hanging_up(
    book: Book, desk: Callable[[str], Client], page: Page, phone: Page
) -> None:
    _, address, taken = clicked(book, desk, "wang")
    placed(taken)
    for window in (page, phone):
        sign_in(window, "alice")
        window.goto(address)
        expect(window.get_by_text("正在呼叫对方")).to_be_visible()
        fits(window)
    hang_up = page.get_by_role("button", name="挂断")
    hang_up.focus()
    note_stage(taken, "talks", AT)
    expect(page.get_by_text("通话中", exact=True)).to_be_visible()
    expect(hang_up).to_be_focused()
    end_call(EndedCall(taken, AT, "limit", "connected", "answered", 4, 75))
    expect(page.get_by_role("heading", name="通话小结")).to_be_visible()
    expect(hang_up).to_have_count(0)
