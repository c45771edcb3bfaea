"""The portal over HTTP: the same answers for everybody, and nothing but one's own behind a code."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from gatework import ToldChannel, rows
from web.book import AT, Book
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.portal.finding import find_asker
from zhizhi.store.portal.requests import grant_code, load_waiting
from zhizhi.usecases.portal.answering import answer_requests
from zhizhi.usecases.unmask import Unmask, unmask
from zhizhi.web.portal.urls import urlpatterns
from zhizhi.web.portal.way_in import ASKED, ENTERED
from zhizhi.web.shared import clock

ADDRESSES = count(1)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
DEBT = ("欠", "催", "逾期", "债", "还款", "debt", "collect", "overdue")


@pytest.fixture(autouse=True)
def anew(book: Book) -> Iterator[None]:
    rows("DELETE FROM sign_in_wait RETURNING 1")
    yield
    rows("DELETE FROM portal_session RETURNING 1")
    rows("DELETE FROM portal_request RETURNING 1")
    clock.install(lambda: AT)


@pytest.fixture
def django_statements() -> Iterator[list[str]]:
    """What each login is asked, without the values."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(note), connections["gate"].execute_wrapper(note):
        yield found


def visitor() -> Client:
    """A browser from an address of its own."""
    return Client(REMOTE_ADDR=f"198.51.100.{next(ADDRESSES) % 250}")


def number_of(book: Book, who: str, start: str = "1090000") -> str:
    return f"{start}{book.persons[who] % 10000:04d}"


def ask(client: Client, reference: str, number: str) -> HttpResponse:
    answer = client.post("/my/sign-in?lang=zh", {"reference": reference, "number": number})
    assert isinstance(answer, HttpResponse)
    return answer


def code() -> str | None:
    """The code that left, if one did."""
    answer_requests(AT)
    sink = ToldChannel()
    Outbox({"sink": {"sms": sink}}, "test").drain(AT)
    return sink.sent[0].content.body.partition("验证码为")[2][:6] if sink.sent else None


def entered(book: Book, who: str) -> Client:
    client = visitor()
    ask(client, book.cases[who], number_of(book, who))
    found = code()
    assert found is not None
    answer = client.post("/my/code?lang=zh", {"code": found})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/my?lang=zh")
    return client


def entered_as_contact_person(book: Book, who: str) -> Client:
    """Where the law lets a third person be reached at all: as it would be then, without the message."""
    client, number = visitor(), number_of(book, who, "1091000")
    ask(client, book.cases[who], number)
    asker = find_asker(book.cases[who], number)
    assert asker is not None
    grant_code(load_waiting()[0].id, asker, "123456", AT)
    assert client.post("/my/code?lang=zh", {"code": "123456"}).headers["Location"] == "/my?lang=zh"
    return client


def look(book: Book, who: str, role: str, ground: str, login: str) -> None:
    party = rows("SELECT id FROM party WHERE person_id = %s AND role = %s", book.persons[who], role)[0][0]
    case = rows("SELECT id FROM collection_case WHERE person_id = %s", book.persons[who])[0][0]
    unmask(Unmask(book.persons[who], case, "name", party, ground, book.staff[login]), AT)


def plain(answer: HttpResponse) -> str:
    """A page without what is new in each."""
    return TOKEN.sub("", answer.content.decode())


def test_whether_somebody_exists_is_told_by_no_page_status_header_or_cookie(book: Book) -> None:
    seen = []
    for reference, number in (
        (book.cases["wang"], number_of(book, "wang")),
        (book.cases["wang"], "10900009999"),
        ("C-2026-99999999", number_of(book, "wang")),
        ("C-2026-99999999", "10900009998"),
    ):
        client = visitor()
        asked = ask(client, reference, number)
        answer_requests(AT)
        page = client.get("/my/code?lang=zh")
        wrong = client.post("/my/code?lang=zh", {"code": "000000"})
        cookies = {
            name: (morsel["path"], morsel["httponly"], morsel["samesite"], morsel["max-age"], len(morsel.value))
            for name, morsel in client.cookies.items()
            if name == ASKED
        }
        seen.append(
            (asked.status_code, asked.headers["Location"], plain(page), wrong.status_code, plain(wrong), str(cookies))
        )
        assert (asked.status_code, wrong.status_code) == (302, 400)
        assert number not in plain(page) + plain(wrong) + asked.headers["Location"]
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert "'/my', True, 'Strict'" in seen[0][-1]


def test_what_is_done_for_somebody_known_is_what_is_done_for_somebody_unknown(
    book: Book, django_statements: list[str]
) -> None:
    done = []
    for reference, number in ((book.cases["wang"], number_of(book, "wang")), ("C-2026-99999999", "10900009999")):
        client = visitor()
        client.get("/my/sign-in")
        django_statements.clear()
        ask(client, reference, number)
        asking = list(django_statements)
        answer_requests(AT)
        django_statements.clear()
        client.post("/my/code?lang=zh", {"code": "000000"})
        done.append((asking, list(django_statements)))
    assert done[0] == done[1]
    assert done[0][0]


def test_the_borrower_reads_when_what_which_role_and_why_and_no_name(book: Book) -> None:
    look(book, "wang", "debtor", "verify", "alice")
    client = entered(book, "wang")
    page = client.get("/my?lang=zh").content.decode()
    for told in ("姓名", "催收员", "通话中核对对方身份", "03-03", f"109****{book.persons['wang'] % 10000:04d}"):
        assert told in page
    for hidden in ("李敏", "alice", "王小伟", number_of(book, "wang"), book.cases["wang"], "1,248"):
        assert hidden not in page
    english = client.get("/my?lang=en").content.decode()
    assert "to check who is on the line" in english
    assert "collector" in english


def test_a_contact_person_reads_of_the_own_values_and_nothing_of_a_debt(book: Book) -> None:
    look(book, "long", "debtor", "verify", "alice")
    client = entered_as_contact_person(book, "long")
    for language in ("zh", "en"):
        page = client.get(f"/my?lang={language}").content.decode()
        body = page.partition("<main")[2]
        assert not [word for word in DEBT if word in body], "nothing of a debt, and no look at the borrower's values"
        assert "verify" not in body
    assert "没有人查看过您信息的明文" in client.get("/my?lang=zh").content.decode()


def test_no_address_of_the_portal_takes_an_id_and_a_guess_opens_nothing(book: Book) -> None:
    look(book, "bobs", "debtor", "verify", "bob")
    mine = entered(book, "wang")
    page = mine.get("/my?lang=zh").content.decode()
    assert all("<" not in str(one.pattern) for one in urlpatterns)
    person = book.persons["bobs"]
    for extra in (f"?person={person}", f"?party={person}", f"?id={person}", "?role=borrower"):
        assert "李四" not in mine.get(f"/my{extra}").content.decode()
    for path in (f"/my/{person}", f"/my/code/{person}", f"/my/sign-in/{person}", "/my/../my/1"):
        assert mine.get(path).status_code == 404
    assert plain(mine.get("/my?lang=zh")) == TOKEN.sub("", page)  # type: ignore[arg-type]  # the client's own response
    guesses = visitor()
    for guess in ("1", "a" * 43, str(person), "' OR 1=1 --"):
        guesses.cookies[ENTERED] = guess
        answer = guesses.get("/my?lang=zh")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/my/sign-in?lang=zh")


def test_leaving_ends_the_session_for_a_copied_cookie_too(book: Book) -> None:
    client, copy = entered(book, "wang"), visitor()
    copy.cookies[ENTERED] = client.cookies[ENTERED].value
    assert copy.get("/my").status_code == 200
    assert client.post("/my/sign-out?lang=zh").headers["Location"] == "/my/sign-in?lang=zh"
    assert copy.get("/my").status_code == 302
    assert client.get("/my/sign-out").status_code == 405


def test_a_session_is_over_after_a_quarter_of_an_hour_and_opens_nothing_of_the_console(book: Book) -> None:
    client = entered(book, "wang")
    assert client.get("/today").status_code in (302, 404)
    assert client.get(f"/cases/{book.cases['wang']}").status_code == 302
    clock.install(lambda: AT + timedelta(minutes=15))
    assert client.get("/my").status_code == 302


def test_forms_say_what_is_wrong_and_waits_say_how_long(book: Book) -> None:
    client = visitor()
    assert "请填写 11 位手机号" in (answer := ask(client, "C-1", "12345")).content.decode()
    assert answer.status_code == 400
    assert "请填写案件编号" in ask(client, "", "10900001234").content.decode()
    for _ in range(3):
        assert ask(client, "C-1", "10900001234").status_code == 302
    assert (answer := ask(client, "C-1", "10900001234")).status_code == 429
    assert "60 分钟后再试" in answer.content.decode()
    assert visitor().get("/my/code").headers["Location"] == "/my/sign-in?lang=zh"


def test_pages_are_kept_by_nobody_and_indexed_by_nobody(book: Book) -> None:
    client = entered(book, "wang")
    for path in ("/my", "/my/sign-in"):
        answer = client.get(path)
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Robots-Tag"] == "noindex"
