"""A call that the system places, as the desk sees it; the keeper's part is played by what it writes."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from web.book import AT, Book
from web.test_case import call_form
from zhizhi.store import channels
from zhizhi.store.channels import SIP
from zhizhi.store.contacts.calls import find_open_call
from zhizhi.store.transact.deliveries import Settled
from zhizhi.store.transact.live_calls import EndedCall, TakenCall, end_call, note_stage, take_calls
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
WRAPPED = {"disposition": "ASKS_PLAN", "next_step": "OFFER_PLAN", "next_step_at": "2026-03-04T10:00"}


@pytest.fixture(autouse=True)
def dialled(store: str) -> Iterator[None]:
    """An installation with a telephone system."""
    channels.install({"sms": "sink", "voice": SIP})
    yield
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def clicked(book: Book, desk: Desk, who: str) -> tuple[Client, str, TakenCall]:
    """Alice proposes and clicks; a keeper takes the call."""
    alice, case = desk("alice"), book.cases[who]
    form = call_form(alice.get(f"/cases/{case}").content.decode())
    address = alice.post(f"/cases/{case}/propose", {**form, "template": "call-plan"})["Location"]
    assert alice.post(address).status_code == 302
    assert alice.post(address).status_code == 302  # who clicks twice asks once
    taken = next(call for call in take_calls("k", AT, 50) if call.person_id == book.persons[who])
    return alice, address, taken


def placed(taken: TakenCall) -> None:
    claim_contacts([SIP], AT, f"u{taken.staff_id}", only=(taken.person_id, taken.delivery_id))
    note_stage(taken, "placed", AT)


def test_from_the_click_over_the_countdown_to_the_note(book: Book, desk: Desk) -> None:
    alice, address, taken = clicked(book, desk, "wang")
    shown = alice.get(address).content.decode()
    assert "请接起您的话机" in shown
    assert "全程录音" in shown  # a rule of this lender asks for it
    assert "data-until" in shown
    assert 'http-equiv="refresh"' in shown
    assert f"1090000{book.persons['wang'] % 10000:04d}" not in shown  # the number is never shown
    placed(taken)
    note_stage(taken, "talks", AT)
    line = alice.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "通话中" in line
    assert "<form" not in line, "what is asked for every two seconds takes no button from under the keyboard"
    assert "通话尚未结束" in alice.post(f"{address}/wrap", WRAPPED).content.decode()
    assert alice.post(address, {"do": "hang_up"}).status_code == 302
    end_call(EndedCall(taken, AT, "limit", "connected", "answered", 4, 75))
    assert alice.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    over = alice.get(address).content.decode()
    assert "系统已挂断" in over
    assert "75" in over
    assert 'name="talk_seconds"' not in over
    silent = alice.post(f"{address}/wrap", {**WRAPPED, "disposition": "NO_ANSWER"})
    assert silent.status_code == 400
    assert "线路显示已接通、通话 75 秒" in silent.content.decode()
    done = alice.post(f"{address}/wrap", {**WRAPPED, "talk_seconds": "1"})
    assert done["Location"] == f"/next?after={book.cases['wang']}"
    assert "有效通话 1分15秒" in alice.get(f"/cases/{book.cases['wang']}").content.decode()


def test_a_line_that_was_busy_goes_on_to_its_note(book: Book, desk: Desk) -> None:
    alice, address, taken = clicked(book, desk, "long")
    placed(taken)
    open_call = find_open_call(taken.person_id, taken.permit_id, "claimed")
    assert open_call is not None
    settled = Settled(open_call.claimed, "delivered", AT, "busy", staff_id=taken.staff_id)
    end_call(EndedCall(taken, AT, "line_refused", "busy", "busy", 0, settled=settled))
    assert alice.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"  # no page in a line
    answer = alice.get(address)
    assert answer["Location"] == f"{address}/wrap"
    offered = alice.get(answer["Location"]).content.decode()
    assert re.search(r'value="NO_ANSWER"[^>]* checked', offered)
    assert 'value="2026-03-04T10:00"' in offered


def test_a_call_that_was_not_placed_says_so_and_is_proposed_anew(book: Book, desk: Desk) -> None:
    alice, address, taken = clicked(book, desk, "long")
    end_call(EndedCall(taken, AT, "desk_no_answer"))
    assert "未呼出" in alice.get(address).content.decode()
    assert "请重新发起" in alice.post(address).content.decode()


def test_a_click_that_no_gateway_takes_up_is_not_waited_for(book: Book, desk: Desk) -> None:
    bob, case = desk("bob"), book.cases["bobs"]
    form = call_form(bob.get(f"/cases/{case}").content.decode())
    address = bob.post(f"/cases/{case}/propose", {**form, "template": "call-plan"})["Location"]
    bob.post(address)
    clock.install(lambda: AT + timedelta(seconds=61))
    try:
        shown = bob.get(address).content.decode()
    finally:
        clock.install(lambda: AT)
    assert "电话网关没有应答" in shown
    assert 'http-equiv="refresh"' not in shown


def test_nobody_else_places_or_ends_it(book: Book, desk: Desk) -> None:
    _, address, _ = clicked(book, desk, "long")
    head = desk("super")
    assert "另一位催收员" in head.post(address).content.decode()
    assert "通话已经结束" in head.post(address, {"do": "hang_up"}).content.decode()
