"""Another limit of clear values is asked for on its page and approved by another person; staff changes that wait stand
under Approvals."""

from collections.abc import Callable

import pytest
from django.test import Client

from gatework import rows
from web.book import AT, Book
from web.members import make_member
from zhizhi.store.lenders.changes import Place
from zhizhi.store.models import Approval
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.staff.asking import AskMove, ask_move

Desk = Callable[[str], Client]
WANTED = {"per": "staff", "hours": "1", "most": "15", "ground": "季末集中核对资料"}


def test_a_limit_is_asked_for_and_holds_once_another_person_approved(book: Book, desk: Desk) -> None:
    page = desk("super").get("/approvals/limits").content.decode()
    assert page.count("甲消费金融") == 4
    assert "乙银行" not in page
    assert f"lender={book.lender}&amp;per=staff&amp;hours=1&amp;most=10" in page
    begun = desk("super").get(f"/approvals/limits/ask?lender={book.lender}&per=staff&hours=1&most=10").content.decode()
    assert 'value="10"' in begun
    asked = desk("super").post("/approvals/limits/ask", WANTED | {"lender": str(book.lender)})
    assert asked.status_code == 302, asked.content.decode()
    (waiting,) = Approval.objects.using("gate").filter(act="unmask_limit", state="waiting")
    assert asked.headers["Location"] == f"/approvals/requests/{waiting.pk}"
    held = "SELECT most FROM zhizhi_unmask_limits(%s) WHERE per = 'staff' AND hours = 1"
    assert rows(held, book.lender) == [(10,)]
    rule(Rule(waiting.pk, waiting.digest, True, book.staff["head"]), AT)
    assert rows(held, book.lender) == [(15,)]
    assert "most=15" in desk("super").get("/approvals/limits").content.decode()
    assert rows(held, book.other_lender) == [(10,)]


@pytest.mark.parametrize("changed", [{"most": "61"}, {"hours": "25"}, {"per": "everybody"}, {"ground": ""}])
def test_what_no_limit_may_be_is_refused_on_the_form(book: Book, desk: Desk, changed: dict[str, str]) -> None:
    before = rows("SELECT count(*) FROM approval")
    asked = desk("super").post("/approvals/limits/ask", WANTED | {"lender": str(book.lender)} | changed)
    assert asked.status_code == 400
    assert desk("super").post("/approvals/limits/ask", WANTED | {"lender": str(book.other_lender)}).status_code == 400
    assert rows("SELECT count(*) FROM approval") == before


def test_who_approves_asks_for_none_and_a_collector_sees_none(book: Book, desk: Desk) -> None:
    page = desk("head").get("/approvals/limits").content.decode()
    assert "approvals/limits/ask" not in page
    assert desk("head").get("/approvals/limits/ask").status_code == 403
    assert desk("alice").get("/approvals/limits").status_code == 403


def test_changes_of_staff_that_wait_stand_under_approvals_for_who_sees_staff(book: Book, desk: Desk) -> None:
    moving = make_member("moves-on", "collector", book.lender, is_admitted=True)
    place = Place("collector", book.lender, None, "B组")
    ask_move(AskMove(moving, place, "调岗通知 12 号", book.staff["admin"]), AT)
    page = desk("head").get("/approvals").content.decode()
    assert "待批的人员变动" in page
    assert f'href="/staff/{moving}"' in page
    leader = make_member("leads", "team_leader", book.lender)
    assert leader
    assert "moves-on" not in desk("leads").get("/approvals").content.decode()
