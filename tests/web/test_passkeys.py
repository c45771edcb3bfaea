"""Passkeys at the sign-in, by a passkey in software that can lie in one thing at a time."""

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from web.authenticator import PRESENT, Passkey
from web.book import PASSWORD, Book
from web.members import make_member
from web.test_sign_in import QUICK
from zhizhi.store.models import SecondFactor, SignInAct, SignInWait

ORIGIN, NAME = "http://testserver", "testserver"
OPTIONS = re.compile(r'data-options="([^"]*)"')


@pytest.fixture(autouse=True)
def quickly(book: Book) -> Iterator[None]:
    """Nobody waits for a hash or for another test's failures."""
    SignInWait.objects.using("gate").all().delete()
    with override_settings(PASSWORD_HASHERS=[QUICK, *settings.PASSWORD_HASHERS]):
        yield


def between(login: str) -> Client:
    """Somebody whose password was right."""
    client = Client()
    client.post("/sign-in", {"login": login, "password": PASSWORD})
    return client


def options_of(client: Client, page: str) -> dict[str, Any]:
    found = OPTIONS.search(client.get(page).content.decode())
    assert found is not None
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


def enrolled(login: str) -> Passkey:
    make_member(login)
    client, key = between(login), Passkey(ORIGIN, NAME)
    made = key.make(options_of(client, "/sign-in/enrol"))
    assert client.post("/sign-in/enrol", {"passkey": json.dumps(made)}).status_code == 200
    assert client.get("/").status_code == 200
    return key


def test_a_passkey_is_made_and_signs_in(book: Book) -> None:
    key = enrolled("keys")
    client = between("keys")
    asked = options_of(client, "/sign-in/factor")
    assert asked["userVerification"] == "required"
    assert client.post("/sign-in/factor", {"passkey": json.dumps(key.sign(asked))})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_what_is_asked_names_nobody_but_by_the_login(book: Book) -> None:
    make_member("private")
    asked = options_of(between("private"), "/sign-in/enrol")
    assert asked["user"]["name"] == "private"
    assert asked["rp"]["id"] == NAME
    assert asked["authenticatorSelection"]["userVerification"] == "required"


LIES: dict[str, Callable[[Passkey], None]] = {
    "another origin": lambda key: setattr(key, "origin", "http://testserver.example"),
    "another port": lambda key: setattr(key, "origin", "http://testserver:8001"),
    "a frame of another site": lambda key: setattr(key, "is_framed", True),
    "another relying party": lambda key: setattr(key, "name", "example"),
    "nobody verified": lambda key: setattr(key, "flags", PRESENT),
    "nobody present": lambda key: setattr(key, "flags", 0),
    "another passkey": lambda key: setattr(key, "id", b"x" * 32),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_at_the_sign_in_opens_nothing(book: Book, lie: str) -> None:
    login = f"liar-{lie.replace(' ', '-')}"
    key = enrolled(login)
    LIES[lie](key)
    client = between(login)
    answer = key.sign(options_of(client, "/sign-in/factor"))
    assert client.post("/sign-in/factor", {"passkey": json.dumps(answer)}).status_code == 400
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie != "another passkey"])
def test_a_lie_at_the_enrolment_keeps_nothing(book: Book, lie: str) -> None:
    login = f"false-{lie.replace(' ', '-')}"
    staff = make_member(login)
    client, key = between(login), Passkey(ORIGIN, NAME)
    LIES[lie](key)
    made = key.make(options_of(client, "/sign-in/enrol"))
    assert client.post("/sign-in/enrol", {"passkey": json.dumps(made)}).status_code == 400
    assert not SecondFactor.objects.using("gate").filter(staff_id=staff).exists()


def test_an_answer_is_good_once_and_only_for_what_was_asked(book: Book) -> None:
    key = enrolled("replayed")
    client, other = between("replayed"), between("replayed")
    answer = json.dumps(key.sign(options_of(client, "/sign-in/factor")))
    options_of(other, "/sign-in/factor")
    assert other.post("/sign-in/factor", {"passkey": answer}).status_code == 400
    assert client.post("/sign-in/factor", {"passkey": answer}).status_code == 302
    again = between("replayed")
    assert again.post("/sign-in/factor", {"passkey": answer}).status_code == 400, "nothing was asked"


def test_a_count_that_goes_back_is_a_copy_and_the_passkey_ends(book: Book) -> None:
    key = enrolled("copied")
    for _ in range(3):
        client = between("copied")
        client.post("/sign-in/factor", {"passkey": json.dumps(key.sign(options_of(client, "/sign-in/factor")))})
    client = between("copied")
    key.count = 0
    answer = client.post("/sign-in/factor", {"passkey": json.dumps(key.sign(options_of(client, "/sign-in/factor")))})
    assert answer.status_code == 400
    assert "可能被复制" in answer.content.decode()
    assert SecondFactor.objects.using("gate").get(staff__login="copied").ended_at is not None
    assert SignInAct.objects.using("gate").filter(staff__login="copied", kind="passkey_copied").exists()


def test_a_passkey_that_does_not_count_goes_on_working(book: Book) -> None:
    key = enrolled("countless")
    for _ in range(2):
        client = between("countless")
        key.count = -1  # `sign` adds one
        answer = key.sign(options_of(client, "/sign-in/factor"))
        assert client.post("/sign-in/factor", {"passkey": json.dumps(answer)}).status_code == 302


def test_one_passkey_is_one_members(book: Book) -> None:
    key = enrolled("has-it")
    make_member("wants-it")
    client = between("wants-it")
    made = key.make(options_of(client, "/sign-in/enrol"))
    assert client.post("/sign-in/enrol", {"passkey": json.dumps(made)}).status_code == 400


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", "null", "7", "{}", '{"id": 1}', '{"response": {}}', "x" * 20_000, '{"rawId": "AAAA"}']
)
def test_what_is_no_answer_is_refused_in_the_same_words(book: Book, answer: str) -> None:
    if not SecondFactor.objects.using("gate").filter(staff__login="junk").exists():
        enrolled("junk")
    client = between("junk")
    options_of(client, "/sign-in/factor")
    page = client.post("/sign-in/factor", {"passkey": answer})
    assert page.status_code == 400
    assert "验证未通过" in page.content.decode()


def test_at_a_bare_address_the_page_says_what_to_open_instead(book: Book) -> None:
    make_member("bare")
    client = Client(SERVER_NAME="127.0.0.1")
    client.post("/sign-in", {"login": "bare", "password": PASSWORD})
    page = client.get("/sign-in/enrol").content.decode()
    assert "data-options" not in page
    assert "localhost" in page
