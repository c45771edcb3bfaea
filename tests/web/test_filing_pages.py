"""Filings and recalls on their screens: where each thing stands, what ends soon, who may record and who withdraws."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from filed import file, version_of
from web.book import AT, Book
from zhizhi.store.models import Approval, CarrierFiling
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.zones import civil_day

Desk = Callable[[str], Client]
DAY = civil_day(AT)
STEP = {"carriers": ["mobile", "unicom"], "on_day": DAY.isoformat(), "evidence": "运营商后台单号 A-17"}
UNTIL = (DAY + timedelta(days=20)).isoformat()


def page_of(desk: Desk, login: str, address: str = "/filings") -> str:
    answer = desk(login).get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_filing_goes_from_nothing_to_standing_by_two_persons(book: Book, desk: Desk) -> None:
    address = f"/filings/{book.lender}"
    before = page_of(desk, "head")
    assert "签名【甲金】" in before
    assert "乙行" not in before
    assert "没有即将到期的报备" in before
    assert desk("super").post(address, STEP | {"state": "submitted"}).status_code == 302
    refused = desk("super").post(address, STEP | {"state": "approved"})
    assert refused.status_code == 400
    assert "请填写运营商批复编号" in refused.content.decode()
    approval = STEP | {"state": "approved", "number": "BA-7", "expires_on": UNTIL}
    asked = desk("super").post(address, approval)
    assert asked.status_code == 302, asked.content.decode()
    assert "BA-7" in page_of(desk, "head", asked.headers["Location"])
    assert "剩 20 天" not in page_of(desk, "head")
    (waiting,) = Approval.objects.using("gate").filter(act="carrier_filing", state="waiting")
    rule(Rule(waiting.pk, waiting.digest, True, book.staff["head"]), AT)
    standing = page_of(desk, "head")
    assert standing.count("剩 20 天") == 2
    assert "剩 20 天" not in page_of(desk, "head", "/filings?days=7")
    assert page_of(desk, "super", address).count("BA-7") == 2


def test_a_step_that_does_not_follow_is_refused_where_it_was_typed(book: Book, desk: Desk) -> None:
    version = version_of(book.lender, "notice-sms")
    answer = desk("super").post(f"/filings/{book.lender}/{version}", STEP | {"state": "rejected", "reason": "内容不符"})
    assert answer.status_code == 400
    assert "中国移动：报备现为「未报备」，不能改为「被驳回」" in answer.content.decode()
    assert not CarrierFiling.objects.using("gate").filter(version_id=version).exists()


def test_who_sees_records_and_withdraws(book: Book, desk: Desk) -> None:
    version = version_of(book.lender, "service-sms")
    own, others = f"/filings/{book.lender}", f"/filings/{book.other_lender}"
    assert desk("alice").get("/filings").status_code == 403
    assert desk("head").post(own, STEP | {"state": "submitted"}).status_code == 403
    assert desk("head").get(others).status_code == 404
    assert desk("super").post(others, STEP | {"state": "submitted"}).status_code == 404
    assert desk("alice").get(f"/approvals/wordings/{version}/withdraw").status_code == 403
    elsewhere = version_of(book.other_lender, "service-sms")
    assert (
        desk("super").post(f"/approvals/wordings/{elsewhere}/withdraw", {"reason": "内容写错了，停用"}).status_code
        == 404
    )


def test_a_wording_is_withdrawn_and_followed_up_on_its_page(book: Book, desk: Desk) -> None:
    version = version_of(book.lender, "remind-sms")
    there = f"/approvals/wordings/{version}"
    file(book.lender, AT, (book.staff["super"], book.staff["head"]), version)
    assert "立即停用" in page_of(desk, "super", there)
    assert desk("super").post(f"{there}/withdraw", {"reason": "错"}).status_code == 400
    assert desk("super").post(f"{there}/withdraw", {"reason": "还款日写错"}).status_code == 400
    assert desk("super").post(f"{there}/withdraw", {"reason": "还款日期写错了一天"}).headers["Location"] == there
    withdrawn = page_of(desk, "super", there)
    assert "立即停用" not in withdrawn
    for words in ("还款日期写错了一天", "待跟进", "没有人收到过这一版本"):
        assert words in withdrawn
    overview = page_of(desk, "head")
    assert "已停用的话术" in overview
    assert f'/filings/{book.lender}/{version}"' not in overview
    assert desk("super").post(f"{there}/follow-up", {"followed_up": "无人收到，无须处理"}).status_code == 302
    assert "已跟进" in page_of(desk, "head", there)
