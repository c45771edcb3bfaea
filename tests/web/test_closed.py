"""A case that closes, or goes to somebody else, by what a desk writes or while it talks."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from web.book import AT, Book
from web.test_case import call_form
from zhizhi.store import channels
from zhizhi.store.channels import SIP
from zhizhi.store.models import Case, Contact, Debt
from zhizhi.store.transact.claims import claim
from zhizhi.store.transact.live_calls import EndedCall, end_call, note_stage, take_calls
from zhizhi.usecases.record_payment import RecordPayment, record_payment

Desk = Callable[[str], Client]


@pytest.fixture
def line(store: str) -> Iterator[None]:
    """An installation with a telephone system."""
    channels.install({"sms": "sink", "voice": SIP})
    yield
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def proposed(book: Book, client: Client, who: str) -> str:
    """The address of a call that is permitted."""
    case = book.cases[who]
    form = call_form(client.get(f"/cases/{case}").content.decode())
    return str(client.post(f"/cases/{case}/propose", {**form, "template": "call-plan"})["Location"])


def all_paid(book: Book, who: str) -> None:
    """Money from elsewhere that closes the case."""
    person = book.persons[who]
    debt = Debt.objects.using("gate").get(person_id=person)
    record_payment(RecordPayment(person, debt.id, debt.balance_minor, AT.date(), f"F-{who}", "bank", None), AT)
    assert Case.objects.using("gate").get(number=book.cases[who]).closed_on == AT.date()


def test_the_payment_that_closes_a_case_is_confirmed_to_whoever_recorded_it(book: Book, desk: Desk) -> None:
    bob, case = desk("bob"), book.cases["bobs"]
    debt = re.search(r'<option value="(\d+)"', bob.get(f"/cases/{case}/payment").content.decode())
    assert debt
    typed = {"debt": debt[1], "amount": "520.00", "paid_on": "2026-03-03", "reference": "R-ALL"}
    answer = bob.post(f"/cases/{case}/payment", typed)
    assert (answer.status_code, answer["Location"]) == (302, "/cases/left")
    for _ in range(2):  # also where the page is loaded again
        shown = bob.get("/cases/left")
        assert shown.status_code == 200
        assert "还款已登记" in shown.content.decode()
        assert case in shown.content.decode()
    assert "李" not in shown.content.decode().split("<main")[1], "of the person nothing is left to see"
    assert bob.get(f"/cases/{case}").status_code == 404
    assert desk("alice").get("/cases/left").status_code == 404


def test_a_supervisor_goes_on_to_the_closed_case(book: Book, desk: Desk) -> None:
    assert desk("super").get(f"/cases/{book.cases['bobs']}").status_code == 200


def test_whoever_began_a_call_reports_it_though_the_case_has_closed(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    address = proposed(book, alice, "wang")
    assert alice.post(address).status_code == 200
    all_paid(book, "wang")
    shown = alice.get(address)
    assert shown.status_code == 200
    assert "已结案或已不归您办理" in shown.content.decode()
    assert "1090000" not in shown.content.decode()
    assert desk("bob").get(address).status_code == 404
    assert desk("bob").post(f"{address}/outcome", {"outcome": "busy"}).status_code == 404
    assert alice.post(f"{address}/outcome", {"outcome": "conversation"}).status_code == 400
    said = {"outcome": "conversation", "talk_seconds": "75", "exchanged": "yes"}
    answer = alice.post(f"{address}/outcome", said)
    assert (answer.status_code, answer["Location"]) == (302, "/cases/left")
    assert "通话结果已登记" in alice.get("/cases/left").content.decode()
    contacts = Contact.objects.using("gate").filter(person_id=book.persons["wang"], talk_seconds=75)
    assert contacts.count() == 1
    assert alice.post(f"{address}/outcome", said).status_code == 404, "once"


@pytest.mark.usefixtures("line")
def test_a_call_of_the_engine_is_ended_and_reported_from_there_too(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    address = proposed(book, alice, "long")
    assert alice.post(address).status_code == 302
    taken = next(call for call in take_calls("k", AT, 50) if call.person_id == book.persons["long"])
    claim([SIP], AT, f"u{taken.staff_id}", only=(taken.person_id, taken.delivery_id))
    note_stage(taken, "placed", AT)
    note_stage(taken, "talks", AT)
    all_paid(book, "long")
    assert alice.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "挂断" in alice.get(address).content.decode()
    assert "通话尚未结束" in alice.post(f"{address}/outcome", {"outcome": "conversation"}).content.decode()
    assert alice.post(address, {"do": "hang_up"}).status_code == 200
    end_call(EndedCall(taken, AT + timedelta(seconds=80), "asked", "connected", "answered", 4, 75))
    over = alice.get(address).content.decode()
    assert "挂断" not in over.split("<main")[1]
    assert 'name="talk_seconds"' not in over
    assert alice.post(f"{address}/outcome", {"outcome": "conversation", "exchanged": "yes"}).status_code == 302
