"""征信异议 on its pages: registered at the case, answered in writing, told to credit reporting, and where it waits."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from gatework import rows
from signed import signed_in
from web.book import AT, Book
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]


def test_an_objection_from_the_case_to_the_confirmed_correction(book: Book, desk: Desk) -> None:
    number = book.cases["wang"]
    page = f"/cases/{number}/credit"
    assert page in desk("alice").get(f"/cases/{number}").content.decode()
    assert "没有征信异议" in desk("alice").get(page).content.decode()
    ((debt,),) = rows("SELECT id FROM debt WHERE person_id = %s", book.persons["wang"])
    said = {"debt": debt, "how": "call", "text": "该笔已于二月还清"}
    assert desk("alice").post(page, {**said, "text": "打13800138000"}).status_code == 400
    assert desk("alice").post(page, said).status_code == 302
    shown = desk("alice").get(page).content.decode()
    assert "该笔已于二月还清" in shown
    assert "03-23 周一" in shown
    assert "征信异议中" in desk("alice").get(f"/cases/{number}").content.decode()
    ((objection,),) = rows("SELECT id FROM credit_objection")
    found = {"answer": "wrong", "text": "已核查，予以更正"}
    assert desk("alice").post(f"{page}/{objection}", found).status_code == 403
    assert number in desk("super").get("/credit").content.decode()
    clock.install(lambda: AT + timedelta(days=21))
    assert "逾期 2" in signed_in("super").get("/credit").content.decode()
    clock.install(lambda: AT)
    assert signed_in("super").post(f"{page}/{objection}", {**found, "text": "否"}).status_code == 400
    assert desk("super").post(f"{page}/{objection}", found).status_code == 302
    ((message,),) = rows("SELECT id FROM credit_message WHERE message = 'correct'")
    confirm = {"confirm": "1", "receipt": "回执七号"}
    assert desk("super").post(f"{page}/messages/{message}", confirm).status_code == 400
    assert desk("super").post(f"{page}/messages/{message}", {}).status_code == 302
    assert desk("super").post(f"{page}/messages/{message}", confirm).status_code == 302
    told = desk("alice").get(page).content.decode()
    assert "已核查，予以更正" in told
    assert "回执七号" in told
    assert desk("super").get(f"/cases/{book.cases['other']}/credit").status_code == 404
