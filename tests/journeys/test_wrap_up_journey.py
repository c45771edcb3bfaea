"""From hanging up to the next case with the keyboard alone: every key is here, and the seconds are noted, not judged.

How long the product takes says more of the machine and its other work than of the product.
"""

import time
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from journeys.desk import fits, sign_in
from web.book import AT, Book
from web.test_live_call import clicked, placed
from zhizhi.store import channels
from zhizhi.store.channels import SIP
from zhizhi.store.contacts.calls import find_open_call
from zhizhi.store.models import Case
from zhizhi.store.transact.deliveries import Settled
from zhizhi.store.transact.live_calls import EndedCall, end_call, note_stage

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def dialled(store: str) -> Iterator[None]:
    """An installation with a telephone system."""
    channels.install({"sms": "sink", "voice": SIP})
    yield
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def test_a_promise_is_wrapped_up_and_the_next_case_given(
    book: Book,
    desk: Callable[[str], Client],
    page: Page,
    phone: Page,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    Case.objects.using("gate").update(next_step=None, next_step_at=None)
    _, address, taken = clicked(book, desk, "wang")
    placed(taken)
    note_stage(taken, "talks", AT)
    sign_in(page, "alice")
    page.goto(address)
    expect(page.get_by_role("button", name="挂断")).to_be_visible()
    page.keyboard.press("1")
    with page.expect_response(
        lambda answer: answer.request.method == "POST"
    ):  # asked before the line says that it ended
        page.keyboard.press("Enter")
    begun = time.perf_counter()
    end_call(EndedCall(taken, AT, "desk_hung_up", "connected", "answered", 4, 75))
    expect(page.get_by_role("heading", name="通话小结")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_label("承诺还款金额")).to_be_focused()
    page.keyboard.type("2000.50")
    page.keyboard.press("Tab")
    page.keyboard.type("03062026")
    expect(page.get_by_label("下一步")).to_have_value("CHECK_PROMISE")
    expect(page.get_by_label("时间", exact=True)).to_have_value("2026-03-06T15:00")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{book.cases['long']}")
    seconds = time.perf_counter() - begun
    record_testsuite_property("seconds_from_hang_up_to_next_case", round(seconds, 2))
    for window in (page, phone):
        if window is phone:
            sign_in(window, "alice")
        for path in ("/followups", "/cases"):
            window.goto(path)
            fits(window, path)
    expect(phone.get_by_role("heading", name="案件", exact=True)).to_be_visible()


def test_a_line_that_nobody_answered_takes_two_keys_and_the_next_key_the_next_case(
    book: Book, desk: Callable[[str], Client], page: Page
) -> None:
    _, address, taken = clicked(book, desk, "long")
    placed(taken)
    call = find_open_call(taken.person_id, taken.permit_id, "claimed")
    assert call is not None
    settled = Settled(call.claimed, "delivered", AT, "no_answer", staff_id=taken.staff_id)
    sign_in(page, "alice")
    end_call(EndedCall(taken, AT, "no_answer", "no_answer", "no_answer", 30, settled=settled))
    page.goto("/cases")
    page.keyboard.press("n")
    expect(page.get_by_text("通话尚未小结")).to_be_visible()
    expect(page.get_by_role("radio", name="未接通")).to_be_checked()
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda where: address not in where)
