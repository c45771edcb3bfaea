"""Holds, approvals and strategies: who rules, on what ground, and never on one's own work."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from web.book import AT, Book
from zhizhi.store.models import Party, Point, Staff
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.record_statement import RecordStatement, record_statement

Desk = Callable[[str], Client]


@pytest.fixture(scope="module")
def hold(book: Book) -> str:
    """The address of a hold: a contact proposed after the person named an attorney."""
    person = book.persons["wang"]
    debtor = Party.objects.using("gate").get(person_id=person, role="debtor").id
    point = Point.objects.using("gate").get(person_id=person, party_id=debtor, kind="mobile").id
    statement = RecordStatement(person, debtor, "represented_by_attorney", {}, book.staff["alice"])
    record_statement(statement, AT - timedelta(hours=1))
    wish = ProposeContact(person, debtor, point, "sms", "notification", "collect", "plan-sms", book.staff["alice"])
    proposed = propose_contact(wish, AT)
    assert proposed.hold_id is not None, proposed.decision
    return f"/holds/{person}/{proposed.hold_id}"


def test_a_hold_shows_what_was_decided_and_waits(book: Book, desk: Desk, hold: str) -> None:
    supervisor = desk("super")
    assert hold in supervisor.get("/holds").content.decode()
    page = supervisor.get(hold).content.decode()
    assert "您的核定" in page
    assert "依据的全部事实" in page
    assert desk("alice").get(hold).status_code == 403


def test_a_hold_of_another_lender_does_not_exist(book: Book, desk: Desk, hold: str) -> None:
    Staff.objects.using("gate").filter(login="stranger").update(role="supervisor")
    try:
        assert desk("stranger").get(hold).status_code == 404
        assert desk("stranger").post(hold, {"ruling": "release"}).status_code == 404
    finally:
        Staff.objects.using("gate").filter(login="stranger").update(role="collector")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ruling": "release", "ground": "看过", "until": "2026-03-05T22:00"}, "请至少写"),
        ({"ruling": "release", "ground": "律师函已核对无误"}, "放行须有截止时间"),
        ({"ruling": "release", "ground": "律师函已核对无误", "until": "2026-06-05T22:00"}, "最长 30 天"),
        ({"ruling": "release", "ground": "请打 138-0000-1234 核实", "until": "2026-03-05T22:00"}, "请改记入联系方式"),
        ({"ground": "律师函已核对无误", "until": "2026-03-05T22:00"}, "这个字段是必填项"),
    ],
)
def test_a_ruling_without_ground_or_end_is_refused_and_kept_on_the_form(
    book: Book, desk: Desk, hold: str, typed: dict[str, str], said: str
) -> None:
    answer = desk("super").post(hold, typed)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page
    assert typed["ground"] in page


def test_a_ruling_is_made_once(book: Book, desk: Desk, hold: str) -> None:
    supervisor = desk("super")
    ruled = {"ruling": "release", "ground": "律师函已核对无误", "until": "2026-03-05T22:00", "channels": ["sms"]}
    assert supervisor.post(hold, ruled).status_code == 302
    assert hold not in supervisor.get("/holds").content.decode()
    done = supervisor.get(hold).content.decode()
    assert "律师函已核对无误" in done
    assert "您的核定" not in done
    assert "陈主管" in supervisor.get("/holds?state=ruled").content.decode()


WORDING = {
    "code": "call-plan",
    "name": "去电协商话术",
    "channel": "voice",
    "kind": "collection",
    "body": "您好{name}，这里是{lender}。",
}


def test_a_wording_is_approved_by_somebody_else_against_its_former_version(book: Book, desk: Desk) -> None:
    supervisor, head = desk("super"), desk("head")
    typed = {**WORDING, "lender": str(book.lender), "is_screened": "on"}
    assert supervisor.post("/approvals/wordings/new", typed).status_code == 302
    draft = re.search(r"/approvals/wordings/(\d+)", supervisor.get("/approvals").content.decode())
    assert draft
    address = draft[0]
    assert supervisor.post(address, {"ruling": "approve"}).status_code == 403
    page = head.get(address).content.decode()
    assert "<ins>" in page
    assert "<del>" in page
    assert head.post(address, {"ruling": "approve"}).status_code == 302
    assert "已批准" in head.get(address).content.decode()


def test_a_wording_that_nobody_screened_cannot_be_approved(book: Book, desk: Desk) -> None:
    typed = {**WORDING, "code": "unscreened", "lender": str(book.lender)}
    assert desk("super").post("/approvals/wordings/new", typed).status_code == 302
    draft = re.search(r"/approvals/wordings/(\d+)", desk("head").get("/approvals").content.decode())
    assert draft
    answer = desk("head").post(draft[0], {"ruling": "approve"})
    assert answer.status_code == 400
    assert "尚未筛查" in answer.content.decode()


def test_nobody_drafts_for_another_lender(book: Book, desk: Desk) -> None:
    typed = {**WORDING, "lender": str(book.other_lender)}
    assert desk("super").post("/approvals/wordings/new", typed).status_code == 400


def test_a_strategy_that_does_not_parse_is_refused_with_its_place(book: Book, desk: Desk) -> None:
    answer = desk("super").post("/approvals/strategies/new", {"lender": str(book.lender), "body": "nonsense ="})
    assert answer.status_code == 400
    assert "nonsense =" in answer.content.decode()


def test_a_strategy_is_activated_by_somebody_else(book: Book, desk: Desk) -> None:
    page = desk("head").get("/approvals").content.decode()
    addresses = re.findall(r"/approvals/strategies/(\d+)", page)
    bodies = {address: desk("head").get(f"/approvals/strategies/{address}").content.decode() for address in addresses}
    draft = next(address for address, body in bodies.items() if "启用这个版本" in body)
    assert desk("super").post(f"/approvals/strategies/{draft}").status_code == 403
    assert desk("head").post(f"/approvals/strategies/{draft}").status_code == 302
