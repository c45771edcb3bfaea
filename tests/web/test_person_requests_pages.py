"""诉求 on its pages: registered at the case, answered, looked at again by somebody else, and told where it waits."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from gatework import rows
from signed import signed_in
from web.book import AT, Book
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
ASKED = {"kind": "waiver", "how": "call", "text": "失业两个月，希望减免罚息"}


def test_a_request_from_the_case_to_the_second_look(book: Book, desk: Desk) -> None:
    page = f"/cases/{book.cases['wang']}/requests"
    assert page in desk("alice").get(f"/cases/{book.cases['wang']}").content.decode()
    assert "没有登记过诉求" in desk("alice").get(page).content.decode()
    bad = desk("alice").post(page, {**ASKED, "text": "打13800138000"})
    assert bad.status_code == 400
    assert "号码" in bad.content.decode()
    assert desk("alice").post(page, ASKED).status_code == 302
    shown = desk("alice").get(page).content.decode()
    assert "失业两个月" in shown
    assert "03-10 周二" in shown
    assert "提交答复" not in shown
    ((request,),) = rows("SELECT id FROM person_request")
    answer = {"answer": "refused", "reasons": "目录中没有此项减免"}
    assert desk("alice").post(f"{page}/{request}/answer", answer).status_code == 403
    assert book.cases["wang"] in desk("super").get("/requests").content.decode()
    clock.install(lambda: AT + timedelta(days=8))
    assert "逾期 1" in signed_in("super").get("/requests").content.decode()
    clock.install(lambda: AT)
    assert signed_in("super").post(f"{page}/{request}/answer", {**answer, "reasons": "否"}).status_code == 400
    assert desk("super").post(f"{page}/{request}/answer", answer).status_code == 302
    assert "没有待答复的诉求" in desk("super").get("/requests").content.decode()
    assert desk("alice").post(f"{page}/{request}/second").status_code == 302
    again = {"answer": "partly", "reasons": "可减免部分罚息", "second": "1"}
    same = desk("super").post(f"{page}/{request}/answer", again)
    assert same.status_code == 400
    assert "另一人" in same.content.decode()
    assert desk("head").post(f"{page}/{request}/answer", again).status_code == 302
    told = desk("alice").get(page).content.decode()
    assert "复核：部分同意" in told
    assert "可减免部分罚息" in told
    assert "a second look" not in told


def test_somebody_elses_case_has_no_requests(book: Book, desk: Desk) -> None:
    page = f"/cases/{book.cases['other']}/requests"
    assert desk("alice").get(page).status_code == 404
    assert desk("alice").post(page, ASKED).status_code == 404
