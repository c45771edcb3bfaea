"""Who gets in, and what each desk never sees."""

from collections.abc import Callable

import pytest
from django.test import Client

from web.book import PASSWORD, Book
from zhizhi.store.models import Staff

Desk = Callable[[str], Client]
PAGES = ("/", "/cases", "/holds", "/approvals", "/imports", "/rules")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_screen_without_signing_in(book: Book, page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in")


def test_a_part_that_htmx_asks_for_after_the_session_ended_sends_the_whole_page_to_sign_in(book: Book) -> None:
    answer = Client().get("/cases", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/sign-in?next=%2Fcases"


@pytest.mark.parametrize(("login", "password"), [("alice", "wrong"), ("nobody", "a-long-test-password"), ("", "")])
def test_a_failed_sign_in_does_not_say_which_names_exist(book: Book, login: str, password: str) -> None:
    answer = Client().post("/sign-in", {"login": login, "password": password})
    assert answer.status_code == 400
    if login:
        assert "登录名或密码不正确" in answer.content.decode()


def test_name_and_password_lead_to_today(book: Book) -> None:
    client = Client()
    assert client.post("/sign-in", {"login": "alice", "password": PASSWORD})["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 302
    assert client.get("/").status_code == 302


def test_somebody_who_left_cannot_sign_in(book: Book) -> None:
    Staff.objects.using("gate").filter(login="bob").update(is_active=False)
    try:
        assert Client().post("/sign-in", {"login": "bob", "password": "a-long-test-password"}).status_code == 400
    finally:
        Staff.objects.using("gate").filter(login="bob").update(is_active=True)


def test_sign_in_never_leads_to_another_host(book: Book) -> None:
    form = {"login": "alice", "password": "a-long-test-password", "next": "https://elsewhere.invalid/"}
    assert Client().post("/sign-in", form)["Location"] == "/"


def test_a_collector_opens_only_what_is_assigned_to_that_collector(book: Book, desk: Desk) -> None:
    alice = desk("alice")
    assert alice.get(f"/cases/{book.cases['wang']}").status_code == 200
    assert alice.get(f"/cases/{book.cases['bobs']}").status_code == 404
    assert alice.get(f"/cases/{book.cases['other']}").status_code == 404


@pytest.mark.parametrize("path", ["", "/note", "/stop", "/payment", "/said/complain", "/decisions/1", "/calls/1"])
def test_every_page_of_a_case_is_hidden_from_another_lender(book: Book, desk: Desk, path: str) -> None:
    assert desk("stranger").get(f"/cases/{book.cases['wang']}{path}").status_code == 404


@pytest.mark.parametrize("path", ["/propose", "/note", "/stop", "/payment", "/said/complain", "/calls/1/outcome"])
def test_nobody_writes_on_a_case_of_another_lender(book: Book, desk: Desk, path: str) -> None:
    assert desk("stranger").post(f"/cases/{book.cases['wang']}{path}", {}).status_code == 404


def test_a_supervisor_sees_the_lender_and_nothing_beyond(book: Book, desk: Desk) -> None:
    supervisor = desk("super")
    page = supervisor.get("/cases").content.decode()
    assert all(book.cases[who] in page for who in ("wang", "long", "bobs"))
    assert book.cases["other"] not in page
    assert supervisor.get(f"/cases/{book.cases['other']}").status_code == 404


def test_a_head_of_all_lenders_sees_the_cases_of_each_in_one_order(book: Book, desk: Desk) -> None:
    page = desk("group").get("/cases?sort=days").content.decode()
    positions = [page.index(book.cases[who]) for who in ("bobs", "wang", "other", "long")]
    assert positions == sorted(positions)


@pytest.mark.parametrize("path", ["/holds", "/approvals", "/approvals/wordings/new", "/imports"])
def test_a_collector_neither_rules_nor_imports(book: Book, desk: Desk, path: str) -> None:
    assert desk("alice").get(path).status_code == 403


def test_an_auditor_looks_and_does_not_touch(book: Book, desk: Desk) -> None:
    auditor = desk("auditor")
    page = auditor.get(f"/cases/{book.cases['wang']}")
    assert page.status_code == 200
    assert "您可查看，不能操作" in page.content.decode()
    assert auditor.post(f"/cases/{book.cases['wang']}/note", {}).status_code == 403
    assert auditor.get("/holds").status_code == 200


def test_a_page_with_personal_data_is_kept_by_no_cache(book: Book, desk: Desk) -> None:
    assert desk("alice").get(f"/cases/{book.cases['wang']}")["Cache-Control"] == "no-store"


def test_no_page_holds_a_script_or_style_of_its_own(book: Book, desk: Desk) -> None:
    supervisor = desk("super")
    for path in (*PAGES, f"/cases/{book.cases['wang']}", f"/cases/{book.cases['wang']}/note"):
        page = supervisor.get(path).content.decode()
        assert "<script>" not in page
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page


def test_an_address_that_asks_for_a_language_gets_its_forms_in_it_too(book: Book, desk: Desk) -> None:
    page = desk("super").get(f"/cases/{book.cases['wang']}/payment?lang=en").content.decode()
    assert 'lang="en"' in page
    assert "Amount" in page
    assert "金额" not in page
