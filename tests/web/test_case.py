"""One case: what can be done, what cannot and why, and everything a desk writes on it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from web.book import AT, Book
from zhizhi.store.models import Case, Decision
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]


@pytest.fixture
def late() -> None:
    """A quarter past ten in the evening, Beijing: outside every window."""
    clock.install(lambda: AT + timedelta(hours=12, minutes=15))
    yield
    clock.install(lambda: AT)


def call_form(page: str) -> dict[str, str]:
    """The hidden fields of the first lawful action."""
    form = page[page.index("/propose") :]
    return dict(re.findall(r'name="(channel|party|point)" value="(\w+)"', form)[:3])


def test_lawful_contacts_are_buttons_with_their_budget_and_end(book: Book, desk: Desk) -> None:
    page = desk("alice").get(f"/cases/{book.cases['long']}").content.decode()
    assert "有效通话 0/3" in page
    assert "22:00 前结束" in page
    assert 'data-key="1"' in page


def test_of_a_contact_person_only_the_article_is_told(book: Book, desk: Desk) -> None:
    page = desk("alice").get(f"/cases/{book.cases['long']}").content.decode()
    line = page[page.index("暂不可触达") :][:400]
    assert "CBA" in line or "GB/T" in line
    assert "<details" not in line
    assert "起可行" not in line


def test_a_case_that_was_not_aged_today_says_which_day_its_days_are_of(book: Book, desk: Desk) -> None:
    address = f"/cases/{book.cases['wang']}"
    assert '<span class="muted">截至' not in desk("alice").get(address).content.decode()
    Case.objects.using("gate").filter(number=book.cases["wang"]).update(aged_on=AT.date() - timedelta(days=1))
    assert '<span class="muted">截至 03-02 周一' in desk("alice").get(address).content.decode()
    Case.objects.using("gate").filter(number=book.cases["wang"]).update(aged_on=AT.date())


def test_a_refused_contact_says_why_by_which_article_and_from_when(book: Book, desk: Desk, late: None) -> None:
    page = desk("alice").get(f"/cases/{book.cases['long']}").content.decode()
    assert "现在没有可做的联系" in page
    assert "03-04 周三 08:00" in page
    assert "起可行" in page
    assert "/rules/cn." in page


def test_a_stale_button_pressed_after_hours_contacts_nobody(book: Book, desk: Desk) -> None:
    form = call_form(desk("alice").get(f"/cases/{book.cases['long']}").content.decode())
    clock.install(lambda: AT + timedelta(hours=12, minutes=15))
    try:
        answer = desk("alice").post(f"/cases/{book.cases['long']}/propose", {**form, "template": "call-plan"})
    finally:
        clock.install(lambda: AT)
    assert answer.status_code == 200
    assert "没有联系任何人" in answer.content.decode()


@pytest.mark.parametrize("changed", [{"point": "1"}, {"party": "1"}, {"channel": "public_post"}, {"point": ""}])
def test_a_button_that_was_tampered_with_contacts_nobody(book: Book, desk: Desk, changed: dict[str, str]) -> None:
    alice, case = desk("alice"), book.cases["long"]
    form = call_form(alice.get(f"/cases/{case}").content.decode())
    before = Decision.objects.using("gate").count()
    answer = alice.post(f"/cases/{case}/propose", {**form, "template": "call-plan", **changed})
    assert answer.status_code == 400
    assert "没有联系任何人" in answer.content.decode()
    assert Decision.objects.using("gate").count() == before


def test_an_unknown_template_is_refused_and_contacts_nobody(book: Book, desk: Desk) -> None:
    alice, case = desk("alice"), book.cases["long"]
    form = call_form(alice.get(f"/cases/{case}").content.decode())
    answer = alice.post(f"/cases/{case}/propose", {**form, "template": "no-such-template"})
    assert answer.status_code == 400
    assert "no-such-template" in answer.content.decode()


def test_a_call_goes_from_click_to_note(book: Book, desk: Desk) -> None:
    alice, case = desk("alice"), book.cases["wang"]
    form = call_form(alice.get(f"/cases/{case}").content.decode())
    answer = alice.post(f"/cases/{case}/propose", {**form, "template": "call-plan"})
    assert answer.status_code == 302, answer.content.decode()
    card = answer["Location"]
    assert "显示号码并开始" in alice.get(card).content.decode()
    shown = alice.post(card).content.decode()
    assert f"1090000{book.persons['wang'] % 10000:04d}" in shown
    assert "data-until" in shown
    assert f"1090000{book.persons['wang'] % 10000:04d}" not in alice.get(card).content.decode()
    said = {"disposition": "ASKS_PLAN", "next_step": "OFFER_PLAN", "next_step_at": "2026-03-04T10:00"}
    wrong = alice.post(f"{card}/wrap", said)
    assert wrong.status_code == 400
    assert "请填写通话时长" in wrong.content.decode()
    done = alice.post(f"{card}/wrap", {**said, "talk_seconds": "75", "then": "stay"})
    assert done["Location"] == f"/cases/{case}"
    assert "有效通话 1分15秒" in alice.get(f"/cases/{case}").content.decode()


def test_a_note_needs_its_next_step_and_loses_nothing_when_refused(book: Book, desk: Desk) -> None:
    alice, address = desk("alice"), f"/cases/{book.cases['long']}/note"
    typed = {"action": "CALL_OUT", "outcome": "PROMISE", "text": "客户说周五还", "next_step": "CALL"}
    answer = alice.post(address, typed)
    assert answer.status_code == 400
    assert "客户说周五还" in answer.content.decode()
    past = alice.post(address, {**typed, "next_step_at": "2026-03-01T10:00"})
    assert "下次跟进时间须在现在之后" in past.content.decode()
    number = alice.post(address, {**typed, "text": "改打 10900001234", "next_step_at": "2026-03-04T10:00"})
    assert number.status_code == 400
    assert "是谁的、从哪里得来的" in number.content.decode()
    promised = {"promise_amount": "2000.50", "promise_due_on": "2026-03-06", "next_step_at": "2026-03-06T10:00"}
    assert alice.post(address, {**typed, **promised}).status_code == 302
    page = alice.get(f"/cases/{book.cases['long']}").content.decode()
    assert "2,000.50 元" in page
    assert "客户说周五还" in page
    assert "03-06 周五 10:00" in page


def test_a_promise_has_an_amount_and_a_day(book: Book, desk: Desk) -> None:
    typed = {"action": "CALL_OUT", "outcome": "PROMISE", "next_step": "CALL", "next_step_at": "2026-03-06T10:00"}
    answer = desk("alice").post(f"/cases/{book.cases['long']}/note", {**typed, "promise_amount": "100"})
    assert "承诺还款需要日期" in answer.content.decode()


def test_what_somebody_said_stands_on_the_timeline_and_stops_collection(book: Book, desk: Desk) -> None:
    bob, case = desk("bob"), book.cases["bobs"]
    page = bob.get(f"/cases/{case}/said/complain").content.decode()
    party = re.search(r'<option value="(\d+)"', page)
    assert party
    assert bob.post(f"/cases/{case}/said/complain", {"party": party[1]}).status_code == 302
    page = bob.get(f"/cases/{case}").content.decode()
    assert "投诉处理中" in page
    assert "现在没有可做的联系" in page
    stop = re.search(rf"/cases/{case}/stops/(\d+)/lift", desk("super").get(f"/cases/{case}").content.decode())
    assert stop
    assert bob.get(f"/cases/{case}/stops/{stop[1]}/lift").status_code == 403
    lifted = desk("super").post(f"/cases/{case}/stops/{stop[1]}/lift", {"ground": "投诉已办结并答复"})
    assert lifted.status_code == 302


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("claims_paid", {"amount": "12.34", "on": "2026-03-01"}),
        ("denies_debt", {"why": "not_me"}),
        ("agree_hours", {"from_at": "19:00", "to_at": "21:00"}),
        ("refuse", {"scope": "channel:sms"}),
    ],
)
def test_each_statement_of_the_screen_is_one_of_the_contract(
    book: Book, desk: Desk, kind: str, typed: dict[str, str]
) -> None:
    bob, case = desk("bob"), book.cases["bobs"]
    party = re.search(r'<option value="(\d+)"', bob.get(f"/cases/{case}/said/{kind}").content.decode())
    assert party
    answer = bob.post(f"/cases/{case}/said/{kind}", {"party": party[1], **typed})
    assert answer.status_code == 302, answer.content.decode()


def test_an_unknown_kind_of_statement_is_no_page(book: Book, desk: Desk) -> None:
    assert desk("bob").get(f"/cases/{book.cases['bobs']}/said/anything").status_code == 404


def test_a_stop_and_a_payment_are_written(book: Book, desk: Desk) -> None:
    bob, case = desk("bob"), book.cases["bobs"]
    assert bob.post(f"/cases/{case}/stop", {"kind": "hardship", "ground": "住院证明已看"}).status_code == 302
    debt = re.search(r'<option value="(\d+)"', bob.get(f"/cases/{case}/payment").content.decode())
    assert debt
    typed = {"debt": debt[1], "amount": "10.00", "paid_on": "2026-03-03", "reference": "R-1"}
    assert bob.post(f"/cases/{case}/payment", {**typed, "amount": "0"}).status_code == 400
    assert bob.post(f"/cases/{case}/payment", {**typed, "paid_on": "2026-03-09"}).status_code == 400
    assert bob.post(f"/cases/{case}/payment", typed).status_code == 302
    assert "510.00 元" in bob.get(f"/cases/{case}").content.decode()


def test_the_timeline_has_tabs_and_pages_of_its_own(book: Book, desk: Desk) -> None:
    alice, case = desk("alice"), book.cases["wang"]
    part = alice.get(f"/cases/{case}?tab=payment", headers={"HX-Request": "true"}).content.decode()
    assert "还款 500.00 元" in part
    assert "<html" not in part
    assert "来电" not in part


def test_english_is_english_throughout(book: Book, desk: Desk) -> None:
    bob = desk("bob")
    assert bob.post("/language", {"language": "en", "next": "/cases"}).status_code == 302
    page = bob.get(f"/cases/{book.cases['bobs']}").content.decode()
    assert '<html lang="en">' in page
    assert "What can be done now" in page
    assert bob.post(f"/cases/{book.cases['bobs']}/note", {}).content.decode().count("This field is required") >= 1
    bob.post("/language", {"language": "zh"})


def test_a_case_costs_a_fixed_number_of_questions(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    alice.get(f"/cases/{book.cases['wang']}")
    with CaptureQueriesContext(connections["default"]) as asked:
        alice.get(f"/cases/{book.cases['wang']}")
    own = [query["sql"] for query in asked.captured_queries if query["sql"].lstrip().startswith(("SELECT", "("))]
    # session, staff, head, parties, timeline, codes, debts, identity number, looks at clear values, promises, stops,
    # relief, court files, what is true, creditors, why this case, who is barred, what is reserved, open calls,
    # unsettled, wordings, where they live
    assert len(own) == 22, own  # and who looks, which the server binds by itself
