"""Calling campaigns on their screens: made, started, paused by who may, and what the law held back."""

from collections.abc import Callable

from django.test import Client

from web.book import AT, Book
from zhizhi.store.models import CallingCampaign
from zhizhi.usecases.zones import civil_day

Desk = Callable[[str], Client]


def new(book: Book, **said: object) -> dict[str, object]:
    day = civil_day(AT).isoformat()
    return {
        "name": "三月早期外呼", "script": f"{book.lender}/call-plan", "from_on": day, "until_on": day, "opens": "09:00",
        "closes": "20:00", "seats": "alice bob", "listed": next(iter(book.cases.values())), **said,
    }  # fmt: skip


def page_of(desk: Desk, login: str, address: str) -> str:
    answer = desk(login).get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_it_is_made_as_a_draft_started_and_paused(book: Book, desk: Desk) -> None:
    assert "还没有外呼活动" in page_of(desk, "head", "/calling")
    wrong = desk("super").post("/calling/new", new(book, seats="nobody"))
    assert wrong.status_code == 400
    assert "不认识：nobody" in wrong.content.decode()
    made = desk("super").post("/calling/new", new(book))
    assert made.status_code == 302, made.content.decode()
    there = made.headers["Location"]
    draft = page_of(desk, "super", there)
    for words in ("草稿", "接通满 100 次之前一比一", "还没有人被拦下", "0 / 1"):
        assert words in draft, words
    assert desk("super").post(there, {"do": "started"}).status_code == 302
    assert "进行中" in page_of(desk, "head", "/calling")
    assert desk("head").post(there, {"do": "paused"}).status_code == 302
    again = desk("head").post(there, {"do": "paused"})
    assert again.status_code == 400
    assert "活动已暂停，不能这样做" in again.content.decode()
    assert CallingCampaign.objects.using("gate").get(name="三月早期外呼").state == "paused"


def test_who_sees_makes_starts_and_halts(book: Book, desk: Desk) -> None:
    made = desk("super").post("/calling/new", new(book, name="二号外呼")).headers["Location"]
    assert desk("alice").get("/calling").status_code == 403
    assert desk("alice").get(made).status_code == 403
    assert desk("auditor").get(made).status_code == 200
    assert desk("auditor").post(made, {"do": "started"}).status_code == 403
    assert desk("super").post(made, {"do": "nonsense"}).status_code == 404
    assert desk("super").get("/calling/999999").status_code == 404
