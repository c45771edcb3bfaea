"""查看明文 on the case: a ground first, the value for a minute, then the mask again."""

import re
from datetime import timedelta

import psycopg
import pytest

from gatework import rows
from signed import signed_in
from web.book import AT, Book
from web.members import code_now, make_member, with_app
from zhizhi.store.models import SignInWait
from zhizhi.web.console.proven import CODE
from zhizhi.web.shared import clock

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def anew(book: Book, store: str) -> None:
    """No look was written yet."""
    SignInWait.objects.using("gate").all().delete()
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("ALTER TABLE unmasking DISABLE TRIGGER unmasking_only_added")
        owner.execute("DELETE FROM unmasking")
        owner.execute("ALTER TABLE unmasking ENABLE TRIGGER unmasking_only_added")


def target(book: Book, what: str, role: str = "debtor", kind: str = "mobile") -> int:
    person = book.persons["wang"]
    asked = {
        "name": "SELECT id FROM party WHERE person_id = %s AND role = %s",
        "point": "SELECT o.id FROM point o JOIN party t ON t.person_id = o.person_id AND t.id = o.party_id"
        " WHERE o.person_id = %s AND t.role = %s AND o.kind = %s",
    }
    values = (person, role, kind) if what == "point" else (person, role)
    return int(rows(asked["name" if what == "id_number" else what], *values)[0][0])


def address(book: Book, what: str, target_id: int, case: str = "wang") -> str:
    return f"/cases/{book.cases[case]}/clear/{what}/{target_id}"


def looks() -> int:
    return int(rows("SELECT count(*) FROM unmasking")[0][0])


def test_the_case_offers_it_where_there_is_a_ground_and_to_nobody_else(book: Book) -> None:
    here = f"/cases/{book.cases['wang']}"
    shown = {
        login: set(re.findall(r"/clear/(\w+)/(\d+)", signed_in(login).get(here).content.decode()))
        for login in ("alice", "super", "auditor", "head")
    }
    name, id_number = ("name", str(target(book, "name"))), ("id_number", str(target(book, "id_number")))
    mobile, relay = (("point", str(target(book, "point", role))) for role in ("debtor", "contact"))
    assert shown["alice"] == {name, id_number, mobile, relay}
    assert shown["super"] > shown["alice"]
    assert shown["auditor"] == shown["head"] == set()


def test_the_ground_comes_first_and_the_value_is_in_one_answer_only(book: Book) -> None:
    client, where = signed_in("alice"), address(book, "name", target(book, "name"))
    asked = client.get(where, headers=HTMX)
    assert "通话中核对对方身份" in asked.content.decode()
    assert "王小伟" not in asked.content.decode()
    refused = client.post(where, {"ground": ""}, headers=HTMX)
    assert "王小伟" not in refused.content.decode()
    assert looks() == 0
    shown = client.post(where, {"ground": "verify"}, headers=HTMX)
    page = shown.content.decode()
    assert "王小伟" in page
    assert 'hx-trigger="load delay:60s"' in page
    assert "<html" not in page
    assert shown.headers["Cache-Control"] == "no-store"
    assert looks() == 1
    masked = client.get(f"{where}?masked", headers=HTMX).content.decode()
    assert "王**" in masked
    assert "王小伟" not in masked
    assert looks() == 1


def test_without_a_script_it_is_a_page_that_leads_back_by_itself(book: Book) -> None:
    client, where = signed_in("alice"), address(book, "name", target(book, "name"))
    assert "<form" in client.get(where).content.decode()
    page = client.post(where, {"ground": "verify"}).content.decode()
    assert "王小伟" in page
    assert f'content="60;url=/cases/{book.cases["wang"]}"' in page


def test_the_case_counts_it_and_the_timeline_tells_it_without_the_value(book: Book) -> None:
    client = signed_in("alice")
    client.post(address(book, "name", target(book, "name")), {"ground": "verify"})
    page = client.get(f"/cases/{book.cases['wang']}?tab=unmasking").content.decode()
    assert "近 30 天查看明文 1 次" in page
    assert "查看明文 · 姓名" in page
    assert "通话中核对对方身份" in page
    assert "李敏" in page
    assert "王小伟" not in page


def test_another_s_case_another_s_value_and_what_is_not_there_are_not_found(book: Book) -> None:
    client, name = signed_in("alice"), target(book, "name")
    for where in (
        *(address(book, "name", name, case) for case in ("bobs", "other")),
        *(address(book, what, 999_999_999) for what in ("name", "point", "account", "id_number")),
        *(address(book, "whatever", name), address(book, "point", name)),
    ):
        assert client.get(where).status_code == 404
        assert client.post(where, {"ground": "verify"}).status_code == 404
    assert looks() == 0


def test_what_the_role_may_see_on_no_ground_is_refused(book: Book) -> None:
    client = signed_in("alice")
    email = address(book, "point", target(book, "point", kind="email"))
    assert (client.get(email).status_code, client.post(email, {"ground": "verify"}).status_code) == (403, 403)
    assert signed_in("auditor").post(email, {"ground": "verify"}).status_code == 403
    number = address(book, "point", target(book, "point"))
    page = client.post(number, {"ground": "permit"}, headers=HTMX).content.decode()
    assert "没有您正在使用的触达许可" in page
    assert "109****" in page
    assert looks() == 0


def test_an_identity_number_wants_the_second_factor_again(book: Book) -> None:
    person = book.persons["wang"]
    with_app(make_member("careful", "supervisor", book.lender))
    client = signed_in("careful")
    where = address(book, "id_number", target(book, "id_number"))
    clock.install(lambda: AT + timedelta(minutes=11))
    try:
        asked = client.post(where, {"ground": "correct"})
        assert "请再次验证" in asked.content.decode()
        assert looks() == 0
        shown = client.post(where, {"ground": "correct", CODE: code_now()}).content.decode()
        assert f"75010119900101{person % 10000:04d}" in shown
        assert looks() == 1
    finally:
        clock.install(lambda: AT)


def test_over_the_limit_the_page_says_so_and_shows_nothing(book: Book) -> None:
    client, where = signed_in("alice"), address(book, "name", target(book, "name"))
    for _ in range(5):
        assert "王小伟" in client.post(where, {"ground": "verify"}, headers=HTMX).content.decode()
    page = client.post(where, {"ground": "verify"}, headers=HTMX).content.decode()
    assert "已达上限" in page
    assert "王小伟" not in page
    assert looks() == 5
