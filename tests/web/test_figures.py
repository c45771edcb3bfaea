"""Each number of the overviews opens: how it is counted, as of when, and the rows, which are the number."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.test import Client

from web.book import AT, Book
from web.test_case import call_form
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.figures.every import FIGURES
from zhizhi.store.models import Debt
from zhizhi.store.transact.debt_days import keep_debt_day
from zhizhi.usecases.zones import civil_day

Desk = Callable[[str], Client]
DAY = civil_day(AT)


@pytest.fixture(scope="module", autouse=True)
def two_days(book: Book) -> None:
    """Yesterday and today of the book; one debt came back from M2 to M1 in between."""
    midnight = datetime.combine(DAY, time(0), BEIJING)
    for days in (1, 0):
        with transaction.atomic(using="gate"):
            keep_debt_day(book.lender, DAY - timedelta(days=days), midnight - timedelta(days=days))
        Debt.objects.using("gate").filter(person_id=book.persons["wang"]).update(
            oldest_unpaid_due_on=DAY - timedelta(days=9)
        )


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_overview_says_its_instant_and_links_every_number(book: Book, desk: Desk) -> None:
    page = body(desk("head"), "/figures")
    assert "截至" in page
    assert "12,486.30" in page, "what came back to M1"
    links = set(re.findall(r'href="/figures/([a-z0-9_]+)\?', page))
    assert {"collected_today", "rolled_back", "in_m1", "promises_today", "right_party", "entered_thirty"} <= links
    assert links <= set(FIGURES)


@pytest.mark.parametrize("code", sorted(FIGURES))
def test_every_number_opens(book: Book, desk: Desk, code: str) -> None:
    page = body(desk("head"), f"/figures/{code}?on={DAY}")
    assert "怎么算的" in page
    assert "How it is counted" in body(desk("head"), f"/figures/{code}?lang=en")


def test_the_rows_behind_a_number_are_the_number(book: Book, desk: Desk) -> None:
    page = body(desk("head"), "/figures/rolled_back")
    assert book.cases["wang"] in page
    assert "王**" in page, "masked"
    assert book.cases["long"] not in page
    assert page.count("12,486.30") >= 3, "the number, its sum, its row"
    assert "没有明细" in body(desk("head"), "/figures/rolled_back?product=credit_card")


def test_a_day_before_there_was_anything_has_nothing(book: Book, desk: Desk) -> None:
    page = body(desk("head"), "/figures?on=2020-01-01")
    assert "12,486.30" not in page


@pytest.mark.parametrize("asked", ["on=x", "on=2999-01-01", "lender=999", "lender=x", "currency=ZZZ", "page=x"])
def test_an_address_that_asks_for_nonsense_is_answered_with_what_there_is(book: Book, desk: Desk, asked: str) -> None:
    assert "12,486.30" in body(desk("head"), f"/figures/rolled_back?{asked}")


def test_a_figure_that_there_is_not_is_not_found(book: Book, desk: Desk) -> None:
    assert desk("head").get("/figures/nothing").status_code == 404


def test_zeros_are_zero_and_lead_to_their_rows(book: Book, desk: Desk) -> None:
    page = body(desk("auditor"), "/figures/compliance")
    assert page.count("is-zero") == 6
    assert "is-breach" not in page
    assert "这一天没有与第三人的触达" in page


def test_who_sees_which(book: Book, desk: Desk) -> None:
    assert desk("alice").get("/figures").status_code == 403
    assert desk("alice").get("/figures/rolled_back").status_code == 403
    assert desk("admin").get("/figures").status_code == 403, "who keeps the system running sees no debts"
    assert book.cases["wang"] in body(desk("head"), f"/figures/rolled_back?lender={book.other_lender}"), "only his own"


def test_the_floor_shows_each_seat_and_what_waits(book: Book, desk: Desk) -> None:
    team = desk("super")
    page = body(team, "/floor")
    assert "李敏" in page
    assert "陌生人" not in page, "of another lender"
    assert page.count("空闲") == 2
    part = team.get("/floor", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="progress"')
    assert desk("alice").get("/floor").status_code == 403


def test_a_call_under_way_is_on_the_floor_with_its_end(book: Book, desk: Desk) -> None:
    alice, case = desk("alice"), book.cases["wang"]
    form = call_form(alice.get(f"/cases/{case}").content.decode())
    card = alice.post(f"/cases/{case}/propose", {**form, "template": "call-plan"})["Location"]
    alice.post(card)  # the number is shown: she rings
    page = body(desk("super"), "/floor")
    assert page.count("空闲") == 1
    assert f'<a href="/cases/{case}">{case}</a> 自 03-03 周二 10:00 · 须在此前结束 22:00' in page
    assert "data-until" in page
