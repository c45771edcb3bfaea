"""Quality inspection on its screens: drawn, reviewed by its reviewer alone, appealed by the collector, followed up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from book import make_staff
from gatework import MINUTE
from web.book import AT, Book
from zhizhi.store.models import Contact, Lender, Point, QualityReview, Staff
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
DAY = {"from_on": "2026-03-03", "until_on": "2026-03-03"}
NEXT = AT + timedelta(days=1)


def page_of(desk: Desk, login: str, address: str) -> str:
    answer = desk(login).get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


@pytest.fixture(scope="module")
def drawn(book: Book) -> dict[str, object]:
    """Alice talked with her debtor yesterday, and two review."""
    person, alice = book.persons["wang"], book.staff["alice"]
    lender = Lender.objects.using("gate").get(pk=book.lender)
    for login in ("listener", "hearer"):
        Staff.objects.using("gate").filter(pk=make_staff(login, "quality", lender).pk).update(is_synthetic=True)
    point = Point.objects.using("gate").filter(person_id=person, kind="mobile", is_reserved=True).get()
    said = ProposeContact(person, point.party_id, point.id, "voice", "interactive", "collect", "call-plan", alice)
    permit = propose_contact(said, AT).permit_id
    assert permit is not None
    start_call(StartCall(person, permit, alice), AT)
    outcome = RecordOutcome(person, permit, "conversation", 5, "answered", 60, True, True, alice)
    record_outcome(outcome, AT + 2 * MINUTE)
    assert Contact.objects.using("gate").filter(person_id=person, permit_id=permit).exists()
    sequence_all(NEXT)
    clock.install(lambda: NEXT)
    return {"person": person}


def test_drawn_reviewed_appealed_ruled_and_followed_up(book: Book, desk: Desk, drawn: dict[str, object]) -> None:
    assert drawn
    form = DAY | {"lender": str(book.lender)}
    early = desk("listener").post("/quality/draw", form | {"until_on": "2026-03-04"})
    assert early.status_code == 400
    assert "尚未结束" in early.content.decode()
    assert desk("listener").post("/quality/draw", form).headers["Location"] == "/quality"
    first, second = QualityReview.objects.using("gate").select_related("reviewer").order_by("n")
    there = {row.n: f"/quality/reviews/{row.person_id}/{row.id}" for row in (first, second)}
    login = {row.n: row.reviewer.login for row in (first, second)}
    assert set(login.values()) == {"listener", "hearer"}
    assert "待我质检" in page_of(desk, login[1], "/quality")
    assert desk(login[2]).get(there[1]).status_code == 404, "the second one is blind"
    assert desk("alice").get(there[1]).status_code == 404, "not shown before both are done"
    ticked = {"mark_threat_or_insult": "on", "second_threat_or_insult": "31", "remark": "语气威胁，见录音"}
    assert "威胁、侮辱、恐吓" in page_of(desk, login[1], there[1])
    assert desk(login[1]).post(there[1], {"mark_threat_or_insult": "on"}).status_code == 400
    assert desk(login[1]).post(there[1], ticked).headers["Location"] == "/quality"
    assert desk(login[2]).post(there[2], {}).status_code == 302
    shown = page_of(desk, "alice", "/quality")
    for words in ("我的质检", "红线", "可申诉至"):
        assert words in shown
    assert "第 31 秒" in page_of(desk, "alice", there[1])
    assert desk("bob").get(there[1]).status_code == 404
    assert desk("stranger").get(there[1]).status_code == 404
    assert desk("alice").post(there[1], {"ground": "并无威胁，只是说明"}).status_code == 302
    assert "申诉中" in page_of(desk, "super", "/quality")
    upheld = desk(login[2]).post(there[1], {"remark": "听过录音，维持", "ruling": "upheld"})
    assert upheld.status_code == 302
    assert "申诉后维持" in page_of(desk, "auditor", there[1])
    assert desk("super").post(there[1], {"consequence": "retraining", "ground": "红线，再培训"}).status_code == 302
    assert Staff.objects.using("gate").get(pk=book.staff["alice"]).trained_on is None
    report = page_of(desk, "head", "/quality/report")
    assert "1 对，结论相同 0 对" in report
    assert "李敏" in report
    assert "没有申诉，也没有待处理的结论" in page_of(desk, "head", "/quality")


def test_who_may_draw_and_what_an_empty_desk_is_told(book: Book, desk: Desk) -> None:
    assert desk("alice").get("/quality/draw").status_code == 403
    assert desk("super").get("/quality/draw").status_code == 403
    assert "还没有对您触达的质检" in page_of(desk, "bob", "/quality")
    assert "此期间没有质检结论" in page_of(desk, "stranger", "/quality/report")
