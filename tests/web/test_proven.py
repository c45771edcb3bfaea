"""What is sensitive asks for the second factor again, and nothing that was typed is lost."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from signed import signed_in
from web.book import AT, Book
from web.members import code_now, make_member, with_app
from zhizhi.store.models import SignInWait
from zhizhi.web.console.proven import CARRIED_BYTES_MAX, FILE, _carried, _take_back_files
from zhizhi.web.shared import clock

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FIELD = "proof_code"


@pytest.fixture(autouse=True)
def standing_clock(book: Book) -> Iterator[None]:
    """Each test may move the clock."""
    SignInWait.objects.using("gate").all().delete()
    yield
    clock.install(lambda: AT)


def supervisor(login: str, book: Book) -> Client:
    with_app(make_member(login, "supervisor", book.lender))
    return signed_in(login)


def after_the_ten_minutes() -> None:
    clock.install(lambda: AT + timedelta(minutes=11))


def carried(page: str) -> dict[str, str]:
    form = page.partition('<form class="card')[2]  # the head of the page has forms of its own
    return {name: html.unescape(value) for name, value in HIDDEN.findall(form) if name != "csrfmiddlewaretoken"}


def test_within_ten_minutes_of_the_sign_in_nothing_is_asked(book: Book) -> None:
    assert "请再次验证" not in supervisor("fresh", book).get("/account/password").content.decode()


def test_what_was_typed_goes_on_with_the_proof(book: Book) -> None:
    client = supervisor("typed", book)
    target = make_member("locked-typist", "collector", book.lender)
    after_the_ten_minutes()
    typed = {"act": "unlock", "ground": '他说："<是>" & 我核实了\n第二行'}
    asked = client.post(f"/sign-ins/{target}", typed)
    assert "请再次验证" in asked.content.decode()
    fields = carried(asked.content.decode())
    assert fields == typed
    wrong = client.post(f"/sign-ins/{target}", {**fields, FIELD: "000000"})
    assert wrong.status_code == 400
    assert carried(wrong.content.decode())["ground"] == typed["ground"]
    right = client.post(f"/sign-ins/{target}", {**carried(wrong.content.decode()), FIELD: code_now()})
    assert "没有可以结束的" in right.content.decode(), "it came to the act, with its ground"
    assert "第二行" in right.content.decode()
    again = client.post(f"/sign-ins/{target}", typed)
    assert "请再次验证" not in again.content.decode(), "ten minutes begin anew"


def test_a_page_is_gone_on_to_after_the_proof_and_never_to_another_host(book: Book) -> None:
    client = supervisor("loads", book)
    after_the_ten_minutes()
    asked = client.get("/account/factors/new?x=1")
    fields = carried(asked.content.decode())
    assert fields["next"] == "/account/factors/new?x=1"
    assert 'action="/account/prove"' in asked.content.decode()
    done = client.post("/account/prove", {**fields, FIELD: code_now()})
    assert done["Location"] == "/account/factors/new?x=1"
    assert client.post("/account/prove", {"next": "https://elsewhere.invalid/"})["Location"] == "/"


def test_a_forged_proof_field_does_not_open(book: Book) -> None:
    client = supervisor("forges", book)
    after_the_ten_minutes()
    for forged in ({FIELD: ""}, {"proof_passkey": "{}"}, {FIELD: "x", "proof_passkey": ""}):
        assert "请再次验证" in client.post("/account/codes", forged).content.decode()


def test_the_synthetic_of_a_demonstration_are_not_asked(book: Book) -> None:
    client = signed_in("super", proof="demonstration")
    after_the_ten_minutes()
    assert "请再次验证" not in client.get("/account/password").content.decode()


def test_a_part_of_a_page_is_asked_on_the_whole_page(book: Book) -> None:
    client = supervisor("parts", book)
    after_the_ten_minutes()
    asked = client.post("/account/codes", headers={"HX-Request": "true"})
    assert asked["HX-Retarget"] == "body"


def request_with(files: dict[str, bytes], fields: dict[str, str]) -> HttpRequest:
    uploads = {name: SimpleUploadedFile(f"{name}|证明.pdf", body, "application/pdf") for name, body in files.items()}
    return RequestFactory().post("/x", {**fields, **uploads})


def test_files_travel_in_the_page_and_are_files_again(book: Book) -> None:
    body = bytes(range(256)) * 300
    fields = dict(_carried(request_with({"proof": body}, {"ground": "核对过"})))
    assert fields["ground"] == "核对过"
    back = RequestFactory().post("/x", fields)
    _take_back_files(back)
    (found,) = back.FILES.getlist("proof")
    assert (found.read(), found.name, found.content_type) == (body, "proof|证明.pdf", "application/pdf")


def test_more_than_a_page_carries_and_broken_files_are_refused(book: Book) -> None:
    large = request_with({"proof": bytes(CARRIED_BYTES_MAX + 1)}, {})
    with pytest.raises(SuspiciousOperation):
        _carried(large)
    large.close()
    for broken in ("no parts", "a|b|***"):
        with pytest.raises(SuspiciousOperation):
            _take_back_files(RequestFactory().post("/x", {FILE + "proof": broken}))


SECOND_WORDS = (("post", "/approvals/wordings/1"), ("post", "/approvals/strategies/1"))
SENSITIVE = (
    ("post", "/unknown/1/1"),
    ("post", "/exports/new/refused_rows"),
    ("post", "/exports/1/take"),
    ("post", "/account/codes"),
    ("post", "/account/factors/1/remove"),
    ("get", "/account/factors/new"),
    ("get", "/account/password"),
    ("post", "/sign-ins/1"),
)


def test_everything_sensitive_asks(book: Book) -> None:
    with_app(make_member("second", "compliance", book.lender))
    clients = {"": supervisor("asked", book), "second": signed_in("second")}
    after_the_ten_minutes()
    asked = [("", *one) for one in SENSITIVE] + [("second", *one) for one in SECOND_WORDS]
    answers: dict[str, HttpResponse] = {path: getattr(clients[who], verb)(path) for who, verb, path in asked}
    silent = [path for path, answer in answers.items() if "请再次验证" not in answer.content.decode()]
    assert silent == []
