"""An answer and what it speaks of are one commit: at once, again, with another body, with a file."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from apiwork import Client, Told, client_of, wsgi
from gatework import rows
from web.book import AT, Book
from zhizhi.web.api.importing import FILE_BYTES_MAX
from zhizhi.web.api.reading import BODY_BYTES_MAX
from zhizhi.web.api.serving import FORM_FIELDS_BYTES_MAX

MAP = """[file]
kind = "accounts"
lender = "L1"
[columns]
account = "account"
customer = "account"
name = "account"
mobile = "account"
principal = "account"
product = { constant = "instalment_loan" }
state = { constant = "overdue" }
oldest_unpaid_due_on = "account"
"""


@pytest.fixture(scope="module")
def system(book: Book) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "API_AT_ONCE", 100_000)
        yield client_of("L1", AT)


def brought(
    system: Client, key: str, content: str, fields: dict[str, str] | None = None, boundary: str = BOUNDARY
) -> Told:
    """A file that is sent as a form."""
    parts = encode_multipart(boundary, {"map": MAP, **(fields or {})})
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n{content}\r\n'
    return system.ask("POST", "imports", file.encode() + parts, key,
                      content_type=f"multipart/form-data; boundary={boundary}")  # fmt: skip


def test_many_at_once_under_one_key_write_once_and_are_told_the_same(book: Book, system: Client) -> None:
    path, body = f"cases/{book.cases['wang']}/stops", {"kind": "hardship", "ground": "突发疾病"}

    def ask(_: int) -> Told:
        try:
            return system.post(path, body, "at-once")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(ask, range(6)))
    assert {one.status for one in told} == {200}
    assert len({one.document["stop"] for one in told}) == 1
    assert rows("SELECT count(*) FROM stop WHERE kind = 'hardship'") == [(1,)]


def test_a_file_under_one_key_is_kept_once_whatever_the_boundary(book: Book, system: Client) -> None:
    first = brought(system, "file-1", "account\nA-1\n")
    assert first.status == 200, first
    assert brought(system, "file-1", "account\nA-1\n", boundary="another").document == first.document
    other = brought(system, "file-1", "account\nA-2\n")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert rows("SELECT count(*) FROM imported_file") == [(1,)]
    assert system.get(f"imports/{first.document['imported']}").document["state"] == "waiting"


def test_a_form_that_is_none_or_not_right_says_where(book: Book, system: Client) -> None:
    assert brought(system, "file-2", "account\n", {"resends": "x"}).places == ["/resends"]
    assert brought(system, "file-3", "account\n", {"resends": "987654321"}).status == 404
    assert brought(system, "file-4", "account\n", {"map": "nonsense = ["}).status == 409
    assert brought(system, "file-5", "account\n", {"more": "1"}).places == ["/"]
    missing = system.ask("POST", "imports", encode_multipart(BOUNDARY, {"map": MAP}), content_type=MULTIPART_CONTENT)
    assert (missing.status, missing.places) == (422, ["/file"])
    assert system.post("imports", {"map": MAP}).code == "bad_form"
    broken = system.ask("POST", "imports", b"--x\r\nnonsense", content_type="multipart/form-data; boundary=\x00")
    assert broken.status == 400


def test_a_body_that_is_too_large_is_refused(book: Book, system: Client) -> None:
    assert system.ask("POST", f"cases/{book.cases['wang']}/stops", " " * (BODY_BYTES_MAX + 1)).status == 413
    headers = {"Authorization": f"Bearer {system.secret}", "Idempotency-Key": "large"}
    much = str(FILE_BYTES_MAX + FORM_FIELDS_BYTES_MAX + 1)
    told = wsgi("POST", "imports", b"", {**headers, "Content-Length": much}, MULTIPART_CONTENT)
    assert told.status_code == 413


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 101])
def test_a_request_that_writes_has_a_key(book: Book, system: Client, key: str) -> None:
    headers = {"Authorization": f"Bearer {system.secret}", **({"Idempotency-Key": key} if key else {})}
    told = wsgi("POST", f"cases/{book.cases['wang']}/stops", b"{}", headers)
    assert told.status_code == 400
