"""Impact assessments on their screens: what stands for whom, what is missing, and where a held decision leads."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from web.book import AT, Book
from zhizhi.store.models import Approval, Assessment, Lender
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
FORM = {
    "activity": "visits",
    "days": "300",
    "necessity": "上门只为当面协商还款方案",
    "impact": "邻里可能知情，影响个人安宁",
    "measures": "双人、便装、不留字条、全程记录",
}


@pytest.fixture
def a_year_later(book: Book) -> Iterator[None]:
    """When what the invented book began with is over."""
    clock.install(lambda: AT + timedelta(days=370))
    yield
    clock.install(lambda: AT)


def test_the_page_says_what_stands_for_the_viewers_lenders(book: Book, desk: Desk) -> None:
    page = desk("head").get("/assessments").content.decode()
    assert page.count("有效至") == 4
    assert "乙银行" not in page
    for words in ("委外（交外包机构催收）", "会被录音的通话", "策略自动选人、定时的触达"):
        assert words in page
    assert desk("group").get("/assessments").content.decode().count("有效至") == 8
    assert desk("alice").get("/assessments").status_code == 403


@pytest.mark.usefixtures("a_year_later")
def test_what_is_over_is_missing_until_a_second_person_approves(book: Book, desk: Desk) -> None:
    assert desk("head").get("/assessments").content.decode().count("缺，触达待人工核定") == 4
    asked = desk("super").post("/assessments/new", FORM | {"lender": str(book.lender)})
    assert asked.status_code == 302, asked.content.decode()
    assert desk("head").get("/assessments").content.decode().count("缺，触达待人工核定") == 4
    (waiting,) = Approval.objects.using("gate").filter(act="assessment", state="waiting")
    rule(Rule(waiting.pk, waiting.digest, True, book.staff["head"]), AT + timedelta(days=370))
    page = desk("head").get("/assessments").content.decode()
    assert (page.count("缺，触达待人工核定"), page.count("有效至")) == (3, 1)


@pytest.mark.parametrize("activity", ["placement", "scoring", "speech", "visits"])
def test_the_rule_of_a_held_decision_leads_to_what_it_wants(book: Book, desk: Desk, activity: str) -> None:
    there = f"/rules/assessment.{activity}?rule=assessment.{activity}/not-met"
    shown = desk("alice").get(there)
    assert shown.status_code == 200
    assert "个人信息保护法第" in shown.content.decode()
    assert "/assessments" not in shown.content.decode()
    assert 'href="/assessments"' in desk("head").get(there).content.decode()
    assert desk("alice").get("/rules/assessment.sport").status_code == 404


def test_a_real_lender_begins_with_none_and_the_page_says_so(book: Book, desk: Desk) -> None:
    before = desk("group").get("/assessments").content.decode().count("缺，触达待人工核定")
    real = Lender.objects.using("gate").create(
        code="REAL", name="真机构", profile="cn.bank.card", recorder="on", signature="真", is_synthetic=False
    )
    assert not Assessment.objects.using("gate").filter(lender_id=real.pk).exists()
    page = desk("group").get("/assessments").content.decode()
    assert page.count("缺，触达待人工核定") == before + 4
