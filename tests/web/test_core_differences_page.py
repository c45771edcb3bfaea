"""核心差异 on its page: listed with what is held, asked about, corrected by two persons, nil afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gatework import rows
from web.book import AT, Book
from zhizhi.core.debt.remittance.core_figures import Figure
from zhizhi.store.core_differences.keeping import CoreFigure, write_figure
from zhizhi.store.transact.person import writing

Desk = Callable[[str], Client]


@pytest.fixture
def owed(book: Book) -> int:
    """What is owed on the debt that the core disagrees about by 123.45 yuan."""
    ((person, debt, minor),) = rows(
        "SELECT person_id, id, balance_minor FROM debt WHERE person_id = %s", book.persons["wang"]
    )
    figure = Figure(minor - 12_345)
    with writing(person) as locked:
        write_figure(locked, debt, CoreFigure(book.lender, figure, "CNY", AT.date(), None, "ZX20269876"), AT)
    return int(minor)


def test_listed_asked_corrected_and_nil(book: Book, desk: Desk, owed: int) -> None:
    listed = desk("super").get("/differences").content.decode()
    assert "123.45" in listed
    assert "停催" in listed
    assert "ZX20269876" not in listed
    assert desk("auditor").get("/differences").status_code == 200
    assert desk("alice").get("/differences").status_code == 403
    ((found,),) = rows("SELECT id FROM core_difference")
    page = f"/differences/{found}"
    assert desk("auditor").get(page).status_code == 403
    assert "核对之前不向其催收" in desk("super").get(page).content.decode()
    short = desk("super").post(page, {"step": "ask", "ground": "问"})
    assert short.status_code == 400
    assert desk("super").post(page, {"step": "ask", "ground": "已发邮件核对"}).status_code == 302
    assert "已询核心系统" in desk("super").get("/differences").content.decode()
    assert desk("super").post(page, {"step": "accept", "ground": "核心系统已复核"}).status_code == 302
    ((approval, digest),) = rows("SELECT id, digest FROM approval WHERE act = 'core_difference' AND state = 'waiting'")
    told = desk("head").get(f"/approvals/requests/{approval}").content.decode()
    assert "按核心系统更正余额" in told
    ruling = {"digest": digest, "ruling": "approve", "remark": ""}
    assert desk("head").post(f"/approvals/requests/{approval}", ruling).status_code == 302
    assert "没有差异" in desk("super").get("/differences").content.decode()
    assert desk("super").get(page).status_code == 404
    assert rows("SELECT balance_minor FROM debt WHERE person_id = %s", book.persons["wang"]) == [(owed - 12_345,)]


def test_another_lenders_differences_are_not_there(book: Book, desk: Desk) -> None:
    ((person, debt, minor),) = rows(
        "SELECT person_id, id, balance_minor FROM debt WHERE person_id = %s", book.persons["other"]
    )
    day = AT.date() - timedelta(days=1)
    figure = CoreFigure(book.other_lender, Figure(minor + 1), "CNY", day, None, "ZX20261111")
    with writing(person) as locked:
        write_figure(locked, debt, figure, AT)
    ((found,),) = rows("SELECT id FROM core_difference WHERE lender_id = %s", book.other_lender)
    assert "没有差异" in desk("super").get("/differences").content.decode()
    assert desk("super").get(f"/differences/{found}").status_code == 404
