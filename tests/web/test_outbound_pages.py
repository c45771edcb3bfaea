"""The register of outbound numbers on its screens: added, filed by two persons, marked, and who may do which."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from web.book import AT, Book
from zhizhi.store.models import Approval, OutboundNumber
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.zones import civil_day

Desk = Callable[[str], Client]
NEW = {
    "number": "010-6234 0001",
    "carrier": "telecom",
    "holder": "甲消费金融有限公司",
    "daily_max": "150",
    "agency": "",
}
FILED = {"kind": "filed", "filing_number": "HM-7", "evidence": "批复函 A-17"}


def page_of(desk: Desk, login: str, address: str = "/numbers") -> str:
    answer = desk(login).get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_number_is_added_filed_by_two_and_rested_by_one(book: Book, desk: Desk) -> None:
    assert "号码库是空的" in page_of(desk, "super")
    made = desk("super").post("/numbers/new", NEW | {"lender": str(book.lender)})
    assert made.status_code == 302, made.content.decode()
    there = made.headers["Location"]
    assert "号码没有有效报备" in page_of(desk, "super")
    refused = desk("super").post(there, FILED | {"filed_until": (civil_day(AT) - timedelta(days=1)).isoformat()})
    assert refused.status_code == 400
    assert "请填写批复编号与尚未过去的有效期" in refused.content.decode()
    asked = desk("super").post(there, FILED | {"filed_until": (civil_day(AT) + timedelta(days=20)).isoformat()})
    assert asked.status_code == 302, asked.content.decode()
    assert "HM-7" in page_of(desk, "head", asked.headers["Location"])
    assert "号码没有有效报备" in page_of(desk, "super")
    (waiting,) = Approval.objects.using("gate").filter(act="outbound_number", state="waiting")
    rule(Rule(waiting.pk, waiting.digest, True, book.staff["head"]), AT)
    standing = page_of(desk, "head")
    assert "号码没有有效报备" not in standing
    assert "剩 20 天" in standing
    rested = desk("head").post(there, {"kind": "marked", "mark": "harassment", "reason": "线路商月报"})
    assert rested.status_code == 302, rested.content.decode()
    assert "疑似骚扰" in page_of(desk, "super", there)
    assert "号码休息中" in page_of(desk, "super")


def test_who_sees_keeps_and_rests(book: Book, desk: Desk) -> None:
    made = desk("super").post("/numbers/new", NEW | {"number": "01062340009", "lender": str(book.lender)})
    there = made.headers["Location"]
    number = OutboundNumber.objects.using("gate").get(number="01062340009")
    assert desk("alice").get("/numbers").status_code == 403
    assert desk("auditor").get(there).status_code == 200
    assert desk("auditor").post(there, {"kind": "blocked", "reason": "停机"}).status_code == 403
    opened = desk("head").post(there, FILED | {"filed_until": "2027-01-01"})
    assert opened.status_code == 400, "whoever approves does not ask"
    again = desk("super").post("/numbers/new", NEW | {"number": "01062340009", "lender": str(book.lender)})
    assert "号码库已有此号码" in again.content.decode()
    other = desk("super").post("/numbers/new", NEW | {"number": "01062340010", "lender": str(book.other_lender)})
    assert other.status_code == 400
    assert desk("head").post(there, {"kind": "blocked", "reason": "停机"}).status_code == 302
    number.refresh_from_db(using="gate")
    assert number.state == "blocked"
