"""Whoever opens a person's pages leaves a view, and the audit page answers who saw whom."""

import re
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.test import Client

from gatework import at_once, rows
from web.book import AT, Book
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.reads import desk_of_login
from zhizhi.store.models import Leaf, PersonView
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import reading
from zhizhi.store.views.reads import PAGE, ViewFilter, load_views
from zhizhi.store.views.recording import quarter_of, record_view
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]


def views(person: int) -> list[tuple[str, str]]:
    found = PersonView.objects.using("gate").filter(person_id=person).order_by("seen_at", "id")
    return [(row.staff.login, row.ground) for row in found.select_related("staff")]


def test_pages_of_one_quarter_are_one_view_and_the_next_quarter_another(book: Book, desk: Desk) -> None:
    number, person, alice = book.cases["wang"], book.persons["wang"], desk("alice")
    for path in (f"/cases/{number}", f"/cases/{number}?tab=money", f"/cases/{number}/note", f"/cases/{number}"):
        assert alice.get(path).status_code == 200
    assert views(person) == [("alice", "work")]
    desk("super").get(f"/cases/{number}")
    desk("auditor").get(f"/cases/{number}")
    assert views(person) == [("alice", "work"), ("super", "oversee"), ("auditor", "audit")]
    clock.install(lambda: AT + timedelta(minutes=15))
    try:
        alice.get(f"/cases/{number}")
    finally:
        clock.install(lambda: AT)
    assert views(person)[-1] == ("alice", "work")
    assert len(views(person)) == 4
    assert Leaf.objects.using("gate").filter(kind="view", source_person_id=person).count() == 4


def test_who_may_not_see_the_case_leaves_no_view(book: Book, desk: Desk) -> None:
    assert desk("alice").get(f"/cases/{book.cases['other']}").status_code == 404
    assert desk("admin").get(f"/cases/{book.cases['other']}").status_code == 403
    assert views(book.persons["other"]) == []


def test_at_once_they_are_still_one(book: Book) -> None:
    person, staff = book.persons["bobs"], book.staff["bob"]
    answers = at_once([lambda: record_view(person, staff, "work", AT) for _ in range(6)])
    assert answers == [None] * 6
    assert views(person) == [("bob", "work")]


def test_every_page_of_a_person_keeps_a_view(book: Book, desk: Desk) -> None:
    """Whatever page is added: where its address names a case or a person, opening it is evidence."""
    from zhizhi.web.shared.opening import addresses

    person, number = book.persons["long"], book.cases["long"]
    of_case = [one.route for one in addresses() if one.opening and "<str:number>" in one.route]
    of_case = [route for route in of_case if not re.search(r"<int:(permit|stop|decision)_id>", route)]
    assert len(of_case) > 4
    for n, route in enumerate(of_case, 1):
        if "api/" in route:
            continue
        clock.install(lambda n=n: AT + timedelta(hours=n))  # type: ignore[misc]  # bound now
        try:
            path = "/" + route.replace("<str:number>", number).replace("<str:kind>", "refuse")
            before = len(views(person))
            answered = desk("super").get(path)
            if answered.status_code == 200:
                assert len(views(person)) == before + 1, route
        finally:
            clock.install(lambda: AT)


def test_the_page_answers_by_person_member_ground_and_day(book: Book, desk: Desk) -> None:
    desk("alice").get(f"/cases/{book.cases['wang']}")
    auditor = desk("auditor")
    asked = {
        "all": "/views",
        "person": f"/views?case={book.cases['wang']}",
        "member": f"/views?staff={book.staff['alice']}&case={book.cases['wang']}",
        "ground": f"/views?ground=audit&case={book.cases['wang']}",
        "day": "/views?first=2026-03-03&last=2026-03-03",
        "another day": "/views?first=2025-01-01&last=2025-01-02",
    }
    page = {name: auditor.get(path).content.decode() for name, path in asked.items()}
    assert "李敏" in page["member"]
    assert "王**" in page["person"]
    assert "王小伟" not in page["all"] + page["person"]
    assert '<td data-label="查看人">李敏</td>' not in page["ground"]
    assert "没有符合条件的查看" in page["another day"]
    assert book.cases["wang"] in page["day"]
    wrong = auditor.get("/views?case=C-1999-1")
    assert (wrong.status_code, "没有这个案件编号" in wrong.content.decode()) == (400, True)
    for login in ("alice", "super", "admin"):
        assert desk(login).get("/views").status_code == 403


def test_a_page_reads_what_it_shows_among_a_hundred_thousand(book: Book, store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO person_view (person_id, id, lender_id, staff_id, role, ground, quarter_at, seen_at)"
            " SELECT %s, -n, %s, %s, 'collector', 'work', at, at FROM generate_series(1, 100000) n,"
            " LATERAL (SELECT %s::timestamptz - n * interval '15 minutes' AS at) t",
            [book.persons["wang"], book.lender, book.staff["alice"], quarter_of(AT)],
        )
        owner.execute("ANALYZE person_view")
    auditor = desk_of_login("auditor")
    assert auditor is not None
    seen, after = 0, None
    with reading(auditor.viewer):
        person, staff = book.persons["wang"], book.staff["alice"]
        for asked in (ViewFilter(), ViewFilter(person_id=person), ViewFilter(staff_id=staff)):
            shown, after = load_views(asked, after)
            assert len(shown) == PAGE
            seen += len({row.id for row in shown})
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "EXPLAIN (ANALYZE, FORMAT JSON) SELECT v.id FROM person_view v"
                " WHERE (v.seen_at, v.id) < (%s, 0) ORDER BY v.seen_at DESC, v.id DESC LIMIT 51",
                [AT - timedelta(days=700)],
            )
            plan = str(cursor.fetchone()[0])
    assert seen == 3 * PAGE
    assert "person_view_by_time" in plan
    assert "Seq Scan" not in plan.split("InitPlan", maxsplit=1)[0]


def test_the_leaf_says_who_saw_and_the_row_is_never_changed(book: Book, store: str) -> None:
    record_view(book.persons["other"], book.staff["stranger"], "work", AT)
    sequence_all(AT)
    with open_log() as log:
        opened = [
            {one.field: one.value for one in leaf.openings}
            for leaf in log.stored_leaves()
            if b'"kind":"view"' in leaf.body and leaf.openings
        ]
    assert book.staff["stranger"] in {one["staff"] for one in opened}
    with psycopg.connect(store, autocommit=True) as owner:
        for statement in ("DELETE FROM person_view", "UPDATE person_view SET role = 'head'"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)
    assert rows("SELECT count(*) FROM person_view WHERE role = 'head'") == [(0,)]
