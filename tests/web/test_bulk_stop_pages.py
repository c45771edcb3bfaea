"""Bulk stops on their screens: looked at, set, announced, cited on the case, and asked to be lifted."""

from collections.abc import Callable

from django.test import Client

from web.book import AT, Book
from zhizhi.store.models import Approval, BulkStop
from zhizhi.usecases.approvals.ruling import Rule, rule

Desk = Callable[[str], Client]
FORM = {"reason": "typhoon", "until_at": "2026-03-03T20:00", "ground": "台风登陆，当地停电停网", "areas": "温州市"}


def page_of(desk: Desk, login: str, address: str) -> str:
    answer = desk(login).get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_it_is_looked_at_set_announced_cited_and_lifted_by_two(book: Book, desk: Desk) -> None:
    form = FORM | {"lender": str(book.lender)}
    assert "现在没有批量停催" in page_of(desk, "alice", "/bulk-stops")
    looked = desk("super").post("/bulk-stops/new", form | {"step": "preview"})
    assert looked.status_code == 200
    assert "其中所在地不明" in looked.content.decode()
    assert not BulkStop.objects.using("gate").exists()
    assert desk("super").post("/bulk-stops/new", form | {"step": "set"}).headers["Location"] == "/bulk-stops"
    stop = BulkStop.objects.using("gate").get()
    assert (stop.areas, stop.counts["persons"], stop.counts["unplaced"]) == (["330300"], 3, 3)
    case, there = f"/cases/{book.cases['wang']}", f"/bulk-stops/{stop.pk}"
    for login, address in (("alice", "/cases"), ("super", "/floor"), ("alice", "/bulk-stops"), ("auditor", there)):
        shown = page_of(desk, login, address)
        for words in ("浙江省温州市", "台风登陆，当地停电停网", "生效中"):
            assert words in shown, (login, address)
    refused = page_of(desk, "alice", case)
    assert f"批量停催 #{stop.pk}" in refused
    assert "A-19" in refused
    assert "现在没有可做的联系" in refused
    assert "#" + str(stop.pk) not in page_of(desk, "stranger", "/cases")
    assert desk("stranger").get(there).status_code == 404
    asked = desk("super").post(there, {"ground": "台风已过境"})
    assert asked.status_code == 302
    (waiting,) = Approval.objects.using("gate").filter(act="bulk_stop_lift")
    assert desk("super").get(asked.headers["Location"]).status_code == 200
    rule(Rule(waiting.pk, waiting.digest, True, book.staff["head"]), AT)
    assert "已提前解除" in page_of(desk, "alice", "/bulk-stops")
    assert "批量停催 #" not in page_of(desk, "alice", case)


def test_what_is_wrong_is_told_at_its_field_and_who_may_not_is_refused(book: Book, desk: Desk) -> None:
    form = FORM | {"lender": str(book.lender), "step": "set"}
    for wrong, told in (({"areas": "鼓楼区"}, "不止一个"), ({"until_at": "2026-03-01T08:00"}, "最长 31 天")):
        answer = desk("super").post("/bulk-stops/new", form | wrong)
        assert answer.status_code == 400
        assert told in answer.content.decode()
    assert desk("alice").get("/bulk-stops/new").status_code == 403
    assert desk("alice").post("/bulk-stops/1", {"ground": "台风已过境"}).status_code == 403
    assert desk("super").post("/bulk-stops/new", form | {"lender": str(book.other_lender)}).status_code == 400


def test_where_somebody_lives_is_recorded_on_the_case(book: Book, desk: Desk) -> None:
    case = f"/cases/{book.cases['bobs']}"
    assert "未登记" in page_of(desk, "bob", case)
    assert desk("bob").post(f"{case}/residence", {"division": "温州"}).status_code == 400
    assert desk("bob").post(f"{case}/residence", {"division": "温州市"}).headers["Location"] == case
    assert "浙江省温州市" in page_of(desk, "bob", case)
    assert desk("alice").post(f"{case}/residence", {"division": "温州市"}).status_code == 404
