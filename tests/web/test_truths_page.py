"""真实后果 on its pages: kept at the case by whoever may, told to whoever collects."""

from collections.abc import Callable

from django.test import Client

from gatework import rows
from web.book import Book

Desk = Callable[[str], Client]


def test_a_fact_is_kept_by_a_supervisor_and_told_to_the_collector(book: Book, desk: Desk) -> None:
    number = book.cases["wang"]
    page = f"/cases/{number}/truths"
    case = desk("alice").get(f"/cases/{number}").content.decode()
    assert page in case
    assert "没有可以说的后果" in case
    ((debt,),) = rows("SELECT id FROM debt WHERE person_id = %s", book.persons["wang"])
    said = {"debt": debt, "fact": "adverse_notice", "holds": "yes", "on": "2026-03-02", "evidence": "短信回执台账"}
    assert desk("alice").post(page, said).status_code == 403
    without = desk("super").post(page, said)
    assert without.status_code == 400
    assert "请选择送达方式" in without.content.decode()
    assert desk("super").post(page, {**said, "fact": "credit_reporting"}).status_code == 302
    assert desk("super").post(page, {**said, "how": "sms"}).status_code == 302
    told = desk("alice").get(page).content.decode()
    assert "短信（有送达回执）" in told
    assert "登记一项事实" not in told
    assert "可以说：本机构报送征信、逾期将影响征信" in desk("alice").get(f"/cases/{number}").content.decode()


def test_a_fact_of_another_case_is_not_there(book: Book, desk: Desk) -> None:
    assert desk("super").get(f"/cases/{book.cases['other']}/truths").status_code == 404
    ((debt,),) = rows("SELECT id FROM debt WHERE person_id = %s", book.persons["other"])
    said = {"debt": debt, "fact": "accelerated", "holds": "yes", "on": "2026-03-02", "evidence": "合同第七条"}
    assert desk("super").post(f"/cases/{book.cases['wang']}/truths", said).status_code == 400
    assert rows("SELECT count(*) FROM debt_fact WHERE debt_id = %s", debt) == [(0,)]
