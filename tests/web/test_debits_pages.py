"""代扣 on its pages: recorded at the case, approved, handed over, failed, looked at; revoked by a word."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from gatework import rows
from signed import signed_in
from web.book import AT, Book
from zhizhi.core.debt.debit.failures import Failure
from zhizhi.gateways.debits.channel import FileDebits
from zhizhi.jobs.debits import work_debits
from zhizhi.store.debits.planning import plan_debits
from zhizhi.store.debits.results import fail
from zhizhi.store.models import DebitAttempt
from zhizhi.store.transact.person import writing
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]


def said(book: Book) -> dict[str, str]:
    ((debt,),) = rows("SELECT id FROM debt WHERE person_id = %s", book.persons["wang"])
    day = (AT.date() - timedelta(days=9)).isoformat()
    return {
        "debt": str(debt), "token": "TK-9", "tail": "6789", "paper": "", "signed_on": day, "signed_how": "paper",
        "limit_debit": "500", "limit_day": "500", "income": "3000", "from_on": day, "until_on": "",
        "ground": "柜面核对授权书",
    }  # fmt: skip


def agree(desk: Desk, approve: bool = True) -> None:
    ((approval, digest),) = rows("SELECT id, digest FROM approval WHERE act = 'debit' AND state = 'waiting'")
    page = f"/approvals/requests/{approval}"
    shown = desk("head").get(page)
    assert shown.status_code == 200
    answer = desk("head").post(page, {"digest": digest, "ruling": "approve" if approve else "refuse", "remark": "已核"})
    assert answer.status_code == 302, answer.content.decode()


def test_from_the_case_to_a_failure_that_somebody_looks_at(book: Book, desk: Desk, tmp_path: Path) -> None:
    page = f"/cases/{book.cases['wang']}/debits"
    assert page in desk("alice").get(f"/cases/{book.cases['wang']}").content.decode()
    empty = desk("alice").get(page).content.decode()
    assert "没有代扣授权" in empty
    assert "提交审批" not in empty
    assert desk("alice").post(page, said(book)).status_code == 403
    bad = desk("super").post(page, {**said(book), "limit_day": "1"})
    assert bad.status_code == 400
    assert "不能低于单笔限额" in bad.content.decode()
    assert desk("super").post(page, said(book)).status_code == 302
    agree(desk)
    shown = desk("alice").get(page).content.decode()
    assert "6789" in shown
    assert "TK-9" not in shown
    assert "1,000.00" in shown, "of 3,000 a month 2,000 stay"

    plan_debits(book.lender, AT.date(), AT)
    listed = desk("super").get("/debits").content.decode()
    assert "提交批次" in listed
    assert desk("super").post(f"/debits/lenders/{book.lender}/batch", {"ground": "当日到期"}).status_code == 302
    agree(desk)
    work_debits(FileDebits(tmp_path), AT)
    assert "待结果" in desk("super").get("/debits").content.decode()
    case = desk("alice").get(f"/cases/{book.cases['wang']}").content.decode()
    assert "代扣 DK" in case, "the stop says why nobody may dun"

    attempt = DebitAttempt.objects.using("gate").get(person_id=book.persons["wang"])
    assert desk("super").get(f"/debits/orders/{attempt.id}").status_code == 404, "its time is not over"
    clock.install(lambda: AT + timedelta(days=5))
    assert "逾期未回结果" in signed_in("super").get("/debits").content.decode()
    assert "由第二人批准" in signed_in("super").get(f"/debits/orders/{attempt.id}").content.decode()
    clock.install(lambda: AT)
    with writing(attempt.person_id) as person:
        fail(person, attempt, Failure.UNKNOWN, AT)
    assert "原因不明" in desk("auditor").get("/debits").content.decode()
    assert desk("auditor").get(f"/debits/orders/{attempt.id}").status_code == 403
    answer = desk("super").post(f"/debits/orders/{attempt.id}", {"choice": "leave", "ground": "改由客户自行转账"})
    assert answer.status_code == 302
    assert "没有待处理的代扣" in desk("super").get("/debits").content.decode()

    ((mandate,),) = rows("SELECT id FROM debit_mandate WHERE person_id = %s", book.persons["wang"])
    revoked = desk("alice").post(f"{page}/{mandate}/revoke", {"end-ground": "客户来电撤销"})
    assert revoked.status_code == 302
    assert "已撤销" in desk("alice").get(page).content.decode()


def test_the_living_reserve_is_told_and_takes_two_persons(book: Book, desk: Desk) -> None:
    page = f"/debits/lenders/{book.lender}/reserve"
    assert desk("alice").get(page).status_code == 403
    assert "2,000.00" in desk("super").get(page).content.decode()
    assert desk("super").post(page, {"reserve": "2500", "ground": "按当地标准"}).status_code == 302
    agree(desk)
    assert "2,500.00" in desk("super").get("/debits").content.decode()


@pytest.mark.parametrize("path", ["/debits/lenders/{other}/batch", "/debits/lenders/{other}/reserve"])
def test_another_lender_is_not_there(book: Book, desk: Desk, path: str) -> None:
    assert desk("super").get(path.format(other=book.other_lender)).status_code == 404


def test_somebody_elses_case_has_no_debits(book: Book, desk: Desk) -> None:
    page = f"/cases/{book.cases['other']}/debits"
    assert desk("alice").get(page).status_code == 404
    assert desk("super").post(page, said(book)).status_code == 404
