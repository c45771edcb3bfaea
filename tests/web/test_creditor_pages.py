"""债权人变更 on its pages: registered, asked for, approved by the head, noticed by somebody else."""

from collections.abc import Callable

from django.test import Client

from gatework import rows
from web.book import Book

Desk = Callable[[str], Client]


def test_a_change_from_the_register_to_its_notice(book: Book, desk: Desk) -> None:
    number = book.cases["wang"]
    page = f"/cases/{number}/creditors"
    assert page in desk("alice").get(f"/cases/{number}").content.decode()
    assert "债权人没有变更过" in desk("alice").get(page).content.decode()
    assert desk("alice").get("/creditors").status_code == 403
    register = {"lender": book.lender, "name": "甲担保公司", "kind": "guarantor", "pay_to": "示例银行专户"}
    assert desk("head").post("/creditors/register", register).status_code == 403
    assert desk("super").post("/creditors/register", register).status_code == 302
    assert desk("super").post("/creditors/register", register).status_code == 400
    asked = {"lender": book.lender, "change": "guarantor_paid", "on": "2026-03-02", "basis": "代偿凭证第三号"}
    bad = desk("super").post("/creditors/changes", {**asked, "lines": f"{number},无名氏,100"})
    assert bad.status_code == 400
    assert "第 1 行：债权人未登记" in bad.content.decode()
    assert (
        desk("super").post("/creditors/changes", {**asked, "lines": f"{number},甲担保公司,12000,80"}).status_code == 302
    )
    ((approval,),) = rows("SELECT id FROM approval WHERE act = 'creditor_change'")
    told = desk("head").get(f"/approvals/requests/{approval}").content.decode()
    assert "条号待核" in told
    assert "12080.00 CNY" in told
    assert rows("SELECT count(*) FROM creditor_change") == [(0,)]


def test_a_case_of_another_lender_is_not_there(book: Book, desk: Desk) -> None:
    assert desk("super").get(f"/cases/{book.cases['other']}/creditors").status_code == 404
    asked = {"lender": book.lender, "change": "repurchase", "on": "2026-03-02", "basis": "回购协议第三号"}
    said = desk("super").post("/creditors/changes", {**asked, "lines": f"{book.cases['other']},本机构,100"})
    assert said.status_code == 400
    assert "没有未结清的债权" in said.content.decode()
