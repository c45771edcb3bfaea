"""A number in a note is held back with a question; hidden or told of whom it is saved, and shown nowhere."""

from typing import Any

import pytest
from django.test import Client

from gatework import rows
from signed import signed_in
from web.book import Book

NUMBER = "10987654321"


@pytest.fixture
def client(book: Book) -> Client:
    return signed_in("alice")


def note(text: str, **answers: str) -> dict[str, str]:
    return {
        "action": "CALL_OUT",
        "outcome": "NO_ANSWER",
        "text": text,
        "next_step": "CALL",
        "next_step_at": "2026-03-04T10:00",
        **answers,
    }


def counted(book: Book) -> tuple[Any, ...]:
    (found,) = rows(
        "SELECT (SELECT count(*) FROM note WHERE person_id = %s), (SELECT count(*) FROM point WHERE person_id = %s)",
        *(book.persons["wang"],) * 2,
    )
    return found


def test_the_question_comes_before_anything_is_saved_and_keeps_what_was_typed(book: Book, client: Client) -> None:
    where, before = f"/cases/{book.cases['wang']}/note", counted(book)
    plain = client.get(where).content.decode()
    assert "从哪里得来" not in plain
    for written in (NUMBER, "一零九八七六五四三二一", "１０９ ８７６５ ４３２１"):
        asked = client.post(where, note(f"新号码 {written}，周三后再联系"))
        page = asked.content.decode()
        assert asked.status_code == 400
        assert "是谁的、从哪里得来的" in page
        assert "周三后再联系" in page
    assert counted(book) == before


def test_hidden_it_is_saved_without_the_number(book: Book, client: Client) -> None:
    notes, points = counted(book)
    done = client.post(f"/cases/{book.cases['wang']}/note", note(f"新号码 {NUMBER}，稍后", found="hide"))
    assert done.status_code == 302
    assert counted(book) == (notes + 1, points)
    page = client.get(f"/cases/{book.cases['wang']}").content.decode()
    assert "新号码 ****，稍后" in page
    assert NUMBER not in page


def test_as_a_point_it_says_whose_and_where_from_and_is_masked_from_then_on(book: Book, client: Client) -> None:
    where = f"/cases/{book.cases['wang']}/note"
    party = str(rows("SELECT id FROM party WHERE person_id = %s AND role = 'debtor'", book.persons["wang"])[0][0])
    notes, points = counted(book)
    half: tuple[dict[str, str], ...] = ({}, {"whose": party}, {"source": "given"}, {"whose": "1", "source": "given"})
    for answers in ({"found": "point", **one} for one in half):
        assert client.post(where, note(f"新号码 {NUMBER}", **answers)).status_code == 400
    bought = {"found": "point", "whose": party, "source": "address_book"}
    assert client.post(where, note(f"新号码 {NUMBER}", **bought)).status_code == 400
    assert counted(book) == (notes, points)
    told = {"found": "point", "whose": party, "source": "given"}
    assert client.post(where, note(f"新号码 {NUMBER}", **told)).status_code == 302
    assert counted(book) == (notes + 1, points + 1)
    page = client.get(f"/cases/{book.cases['wang']}").content.decode()
    assert "109****4321" in page
    assert NUMBER not in page


def test_a_note_without_a_number_is_asked_nothing(book: Book, client: Client) -> None:
    notes, points = counted(book)
    done = client.post(f"/cases/{book.cases['wang']}/note", note("承诺 3 月 5 日还 1,200.00 元", found="point"))
    assert done.status_code == 302
    assert counted(book) == (notes + 1, points)
