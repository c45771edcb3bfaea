"""案件分配 on screen: a preview that is confirmed, undone; absences, schooling, bars; and who gets in."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from gatework import rows
from web.book import Book
from zhizhi.store.models import Staff

Desk = Callable[[str], Client]


@pytest.fixture(autouse=True, scope="module")
def _seats(book: Book) -> None:
    """Two collectors who may have cases; the queue of the book stays as it is."""
    ours = [book.staff["alice"], book.staff["bob"]]
    Staff.objects.using("gate").filter(pk__in=ours).update(capacity=20, trained_on="2026-01-05")


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def digest(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def holder(book: Book, who: str) -> int | None:
    ((found,),) = rows("SELECT collector_id FROM collection_case WHERE number = %s", book.cases[who])
    return found  # type: ignore[no-any-return]  # a row of a test


class TestTheScreen:
    def test_shows_what_would_be_done_does_exactly_that_and_undoes_it(self, book: Book, desk: Desk) -> None:
        boss = desk("super")
        rows("UPDATE collection_case SET collector_id = NULL WHERE number = %s RETURNING id", book.cases["bobs"])
        assert "尚未分配" in body(boss, "/assignment")
        seen = body(boss, "/assignment/new/act")
        assert "新案，尚无催收员" in seen
        assert holder(book, "bobs") is None
        wrong = boss.post("/assignment/new/act", {"digest": "0" * 64})
        assert (wrong.status_code, "数据已有变动" in wrong.content.decode()) == (400, True)
        assert boss.post("/assignment/new/act", {"digest": "xyz"}).status_code == 400
        assert boss.post("/assignment/new/act", {"digest": digest(seen)}).status_code == 302
        assert holder(book, "bobs") == book.staff["bob"]
        page = body(boss, "/assignment")
        assert "没有：每件案件都有人办理" in page
        number = re.findall(r"/assignment/(\d+)/undo", page)[0]
        back = body(boss, f"/assignment/{number}/undo")
        assert boss.post(f"/assignment/{number}/undo", {"digest": digest(back)}).status_code == 302
        assert holder(book, "bobs") is None
        assert "已撤销" in body(boss, "/assignment")
        assert "没有案件需要变动" in body(boss, f"/assignment/{number}/undo")
        boss.post("/assignment/new/act", {"digest": digest(body(boss, "/assignment/new/act"))})
        assert body(boss, "/assignment/new/other", 404)

    def test_says_on_the_case_why_it_is_whose_it_is(self, book: Book, desk: Desk) -> None:
        page = body(desk("bob"), f"/cases/{book.cases['bobs']}")
        assert "为何由我催收" in page
        assert "新案，尚无催收员" in page
        assert "撤销分配，恢复原状" in page
        assert "2 席合适" in page
        assert "分配早于留痕" in body(desk("alice"), f"/cases/{book.cases['wang']}")

    def test_an_absence_moves_cases_at_once_and_taken_back_they_come_home(self, book: Book, desk: Desk) -> None:
        boss, alice = desk("super"), book.staff["alice"]
        sent = {"what": "absence", "a-staff": str(alice), "a-from_on": "2026-03-03", "a-to_on": "2026-03-20"}
        assert boss.post("/assignment/seats", sent | {"a-to_on": "2026-03-01"}).status_code == 400
        assert boss.post("/assignment/seats", sent).status_code == 302
        assert holder(book, "wang") == book.staff["bob"]
        page = body(boss, "/assignment/seats")
        (row,) = re.findall(r"/assignment/absences/(\d+)/end", page)
        assert "休假中" in body(boss, "/assignment")
        assert desk("alice").post(f"/assignment/absences/{row}/end").status_code == 403
        assert boss.post(f"/assignment/absences/{row}/end", {"lender": book.lender}).status_code == 302
        assert holder(book, "wang") == alice
        assert boss.post(f"/assignment/absences/{row}/end").status_code == 404
        assert "原催收员已返岗" in body(desk("alice"), f"/cases/{book.cases['wang']}")

    def test_schooling_is_recorded_once_and_taken_back(self, book: Book, desk: Desk) -> None:
        boss = desk("super")
        sent = {"what": "skill", "s-staff": str(book.staff["bob"]), "s-skill": "language:yue"}
        assert boss.post("/assignment/seats", sent).status_code == 302
        assert boss.post("/assignment/seats", sent).status_code == 400
        assert boss.post("/assignment/seats", {"what": "other"}).status_code == 400
        page = body(boss, "/assignment/seats")
        assert "粤语" in page
        (row,) = re.findall(r"/assignment/skills/(\d+)/end", page)
        assert boss.post(f"/assignment/skills/{row}/end").status_code == 302
        assert boss.post(f"/assignment/skills/{row}/end").status_code == 404

    def test_a_bar_and_a_reservation_are_set_and_lifted_on_the_case(self, book: Book, desk: Desk) -> None:
        boss, number = desk("super"), book.cases["wang"]
        held = {"until_on": "2026-03-20", "ground": "正在协商分期"}
        assert boss.post(f"/cases/{number}/reserve", held | {"until_on": "2026-09-01"}).status_code == 400
        assert boss.post(f"/cases/{number}/reserve", held).status_code == 302
        barred = {"staff": str(book.staff["alice"]), "ground": "relative", "remark": ""}
        assert boss.post(f"/cases/{number}/bar", barred).status_code == 302
        assert holder(book, "wang") == book.staff["bob"]
        assert boss.post(f"/cases/{number}/bar", barred).status_code == 400
        page = body(boss, f"/cases/{number}")
        assert "与客户有亲属关系" in page
        (bar,), (kept,) = re.findall(rf"/cases/{number}/bars/(\d+)/end", page), re.findall(r"/reserves/(\d+)/end", page)
        for address in (f"/cases/{number}/bars/{bar}/end", f"/cases/{number}/reserves/{kept}/end"):
            assert desk("bob").post(address, {"ended_ground": "已核实无此关系"}).status_code == 403
            assert boss.post(address, {"ended_ground": "无"}).status_code == 400
            assert boss.post(address, {"ended_ground": "已核实无此关系"}).status_code == 302
            assert boss.post(address, {"ended_ground": "已核实无此关系"}).status_code == 404

    def test_collectors_and_other_lenders_do_not_get_in(self, book: Book, desk: Desk) -> None:
        assert body(desk("alice"), "/assignment", 403)
        assert body(desk("head"), "/assignment")
        assert body(desk("head"), "/assignment/new/act", 403)
        assert "乙银行" not in body(desk("super"), f"/assignment?lender={book.other_lender}")
        ((other,),) = rows("SELECT coalesce(max(id), 0) + 1 FROM assignment")
        assert body(desk("super"), f"/assignment/{other}/undo", 404)
