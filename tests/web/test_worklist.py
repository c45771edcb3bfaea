"""The worklist: what it shows, how it is narrowed and searched, and what it costs."""

import re
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from web.book import LONG_NAME, Book, make_case

Desk = Callable[[str], Client]


def numbers(page: str) -> list[str]:
    """The case numbers of a page, in order."""
    return re.findall(r"/cases/(C-2026-\d+)\"", page)


def test_names_and_numbers_are_masked(book: Book, desk: Desk) -> None:
    page = desk("alice").get("/cases").content.decode()
    assert "王**" in page
    assert "王小伟" not in page
    assert LONG_NAME not in page
    assert "109****" in page


def test_amounts_have_separators_and_their_unit(book: Book, desk: Desk) -> None:
    page = desk("alice").get("/cases").content.decode()
    assert "12,486.30 元" in page
    assert "1,234,567,890.12 元" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bucket=M2", ["wang"]),
        ("bucket=M4", ["bobs"]),
        ("sort=days", ["bobs", "wang", "long"]),
        ("sort=balance", ["long", "wang", "bobs"]),
        ("stage=litigation", []),
        ("next=due", []),
        ("stop=complaint", []),
        ("product=credit_card", []),
        ("bucket=nonsense", ["long", "wang", "bobs"]),
        ("after=garbage", ["long", "wang", "bobs"]),
    ],
)
def test_filters_and_orders(book: Book, desk: Desk, asked: str, found: list[str]) -> None:
    page = desk("super").get(f"/cases?{asked}").content.decode()
    assert numbers(page) == [book.cases[who] for who in found]


def test_an_empty_list_says_how_to_go_on(book: Book, desk: Desk) -> None:
    assert "清除筛选" in desk("super").get("/cases?stage=litigation").content.decode()


@pytest.mark.parametrize("column", ["name", "number", "last_four", "identity", "case"])
def test_a_search_finds_by_what_stands_on_a_letter(book: Book, desk: Desk, column: str) -> None:
    person = book.persons["wang"]
    written = {
        "name": " 王小伟 ",
        "number": f"109 0000 {person % 10000:04d}",
        "last_four": f"{person % 10000:04d}",
        "identity": f"75010119900101{person % 10000:04d}",
        "case": book.cases["wang"].lower(),
    }[column]
    answer = desk("alice").post("/cases/search", {"q": written})
    assert answer.status_code == 302
    assert answer["Location"] == f"/cases/{book.cases['wang']}"


def test_a_search_never_finds_what_is_not_yours(book: Book, desk: Desk) -> None:
    answer = desk("alice").post("/cases/search", {"q": "李四"})
    assert answer.status_code == 200
    assert numbers(answer.content.decode()) == []


def test_a_search_goes_by_post_so_that_names_stay_out_of_addresses(book: Book, desk: Desk) -> None:
    assert desk("alice").get("/cases/search?q=王小伟")["Location"] == "/cases"


def test_pages_follow_each_other_without_gap_or_repetition(book: Book, desk: Desk) -> None:
    for index in range(120):
        make_case(f"人{index}", book.other_lender, book.staff["stranger"], None, 10, 1000 + index // 3)
    stranger, address, seen = desk("stranger"), "/cases", []
    while address:
        page = stranger.get(address).content.decode()
        seen += numbers(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = "/cases" + following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 121


def test_the_list_and_its_count_cost_a_fixed_number_of_questions(book: Book, desk: Desk) -> None:
    supervisor = desk("super")
    supervisor.get("/cases")
    with CaptureQueriesContext(connections["default"]) as asked:
        supervisor.get("/cases?bucket=M2")
    own = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    # session, staff, choices, rows, count; who looks is bound by the server, the rest opens and closes the transaction
    assert len([sql for sql in own if sql.lstrip().startswith(("SELECT", "("))]) == 6, own
