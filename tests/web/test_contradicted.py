"""回执不符 on screens: who sees it, what each side says, and the remark of whoever compared."""

from collections.abc import Callable

import pytest
from django.test import Client

from web.book import AT, Book
from web.unknowns import a_message_that_a_receipt_contradicts
from zhizhi.store.models import Contradiction, Leaf, Permit, Staff

Desk = Callable[[str], Client]
LIST = "/unknown?state=contradicted"
REMARK = "渠道商确认为重复回执，实际未发出"


@pytest.fixture
def contradicted(book: Book) -> tuple[int, int]:
    """A message that was refused, and reported as delivered later."""
    return a_message_that_a_receipt_contradicts(book, "long", AT)


def address(contradicted: tuple[int, int]) -> str:
    return f"/unknown/contradicted/{contradicted[0]}/{contradicted[1]}"


def test_where_nothing_is_contradicted_the_pages_say_so(book: Book, desk: Desk) -> None:
    assert "没有与记录不符的回执" in desk("super").get(LIST).content.decode()
    assert "还没有核对过的回执" in desk("super").get("/unknown?state=looked_at").content.decode()


def test_it_is_listed_masked_with_both_words_and_only_to_those_who_rule_or_audit(
    book: Book, desk: Desk, contradicted: tuple[int, int]
) -> None:
    page = desk("super").get(LIST).content.decode()
    assert address(contradicted) in page
    rows = page.split("<tbody>")[1]
    assert "阿卜杜" not in rows
    for words in ("送达", "失败", "渠道商当时拒收"):
        assert words in rows
    assert "回执不符 1" in desk("auditor").get("/unknown").content.decode(), "the first page says that there is one"
    assert address(contradicted) in desk("auditor").get(LIST).content.decode()
    for login in ("alice", "stranger"):
        assert desk(login).get(LIST).status_code == 403
        assert desk(login).get(address(contradicted)).status_code == 403


def test_another_lenders_is_not_there(book: Book, desk: Desk, contradicted: tuple[int, int]) -> None:
    Staff.objects.using("gate").filter(login="stranger").update(role="supervisor")
    try:
        assert desk("stranger").get(address(contradicted)).status_code == 404
        assert desk("stranger").post(address(contradicted), {"remark": REMARK}).status_code == 404
        assert address(contradicted) not in desk("stranger").get(LIST).content.decode()
    finally:
        Staff.objects.using("gate").filter(login="stranger").update(role="collector")


@pytest.mark.parametrize(
    ("remark", "said"), [("", "必填"), ("看过", "请至少写 6 个字"), ("已致电 13800001234 核实", "请改记入联系方式")]
)
def test_without_a_remark_it_goes_on_waiting(
    book: Book, desk: Desk, contradicted: tuple[int, int], remark: str, said: str
) -> None:
    answer = desk("super").post(address(contradicted), {"remark": remark})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Contradiction.objects.using("gate").get(person_id=contradicted[0], id=contradicted[1]).looked_at is None


def test_whoever_compared_says_what_was_found_and_it_stands(
    book: Book, desk: Desk, contradicted: tuple[int, int]
) -> None:
    assert "您可查看，不能核对" in desk("auditor").get(address(contradicted)).content.decode()
    desk("auditor").post(address(contradicted), {"remark": REMARK})
    row = Contradiction.objects.using("gate").get(person_id=contradicted[0], id=contradicted[1])
    assert row.looked_at is None
    assert desk("super").post(address(contradicted), {"remark": REMARK}).status_code == 302
    row.refresh_from_db(using="gate")
    assert (row.remark, row.looked_by_id) == (REMARK, book.staff["super"])
    assert Leaf.objects.using("gate").filter(source_table="contradiction", source_id=row.id).count() == 2
    assert address(contradicted) not in desk("super").get(LIST).content.decode()
    assert REMARK in desk("auditor").get("/unknown?state=looked_at").content.decode()
    again = desk("super").get(address(contradicted)).content.decode()
    assert REMARK in again
    assert "<textarea" not in again
    permit = Permit.objects.using("gate").filter(person_id=contradicted[0]).latest("id")
    assert permit.state == "released", "a remark changes nothing of what is counted"


def test_it_is_told_in_english_too(book: Book, desk: Desk, contradicted: tuple[int, int]) -> None:
    Staff.objects.using("gate").filter(login="head").update(language="en")
    page = desk("head").get(address(contradicted)).content.decode()
    assert "What each side says" in page
    assert "the provider had refused it" in page
