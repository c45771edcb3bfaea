"""回款目标: who may set one, what it changes, and that the past keeps its own."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from web.book import AT, Book
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.set_targets import MONTHS_AHEAD_MAX, SetTargets, months_open, set_targets
from zhizhi.web.shared import clock

Desk = Callable[[str], Client]
THIS, NEXT, LATER = months_open(AT)[:3]


def form(month: date, **amounts: str) -> dict[str, str]:
    return {"month": month.isoformat(), "instalment_loan": "", "revolving_line": "", "credit_card": "", **amounts}


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_target_that_is_set_stands_on_the_overview(book: Book, desk: Desk) -> None:
    head = desk("head")
    assert "还没有定过目标" in body(head, "/targets")
    assert head.post("/targets", form(THIS, instalment_loan="120000.50")).status_code == 302
    assert "120,000.50" in body(head, "/targets")
    assert "120,000.50" not in body(head, "/figures"), "as of this very second it was not set yet"
    clock.install(lambda: AT + timedelta(seconds=1))
    assert "120,000.50" in body(head, "/figures")


def test_an_empty_amount_keeps_what_stands_and_zero_takes_it_back(book: Book, desk: Desk) -> None:
    head = desk("head")
    head.post("/targets", form(NEXT, instalment_loan="500", credit_card="700"))
    head.post("/targets", form(NEXT, instalment_loan="0"))
    page = body(head, f"/targets?month={NEXT}")
    standing = page[page.index('id="standing"') : page.index('id="changes"')]
    assert "700.00" in standing
    assert "500.00" not in standing
    assert "500.00" in page, "what was set stays on record"


def test_an_amount_that_is_none_is_told_at_its_field(book: Book, desk: Desk) -> None:
    answer = desk("head").post("/targets", form(LATER, credit_card="-1"))
    assert answer.status_code == 400
    assert 'id="id_credit_card_error"' in answer.content.decode()
    answer = desk("head").post("/targets", form(LATER))
    assert "没有改动" in answer.content.decode()


@pytest.mark.parametrize("who", ["super", "alice"])
def test_nobody_else_sets_one(book: Book, desk: Desk, who: str) -> None:
    assert desk(who).post("/targets", form(THIS, credit_card="5")).status_code == 403


@pytest.mark.parametrize("month", [THIS - timedelta(days=1), THIS + timedelta(days=1), date(THIS.year + 2, 1, 1)])
def test_a_month_that_is_over_or_too_far_is_refused(book: Book, month: date) -> None:
    with pytest.raises(UseCaseRefused, match="help") as refused:
        set_targets(SetTargets(book.lender, month, "CNY", {"credit_card": 1}, book.staff["head"]), clock.now())
    assert refused.value.code == "month_closed"


def test_the_use_case_asks_who_acts(book: Book) -> None:
    with pytest.raises(NotAllowed):
        set_targets(SetTargets(book.lender, THIS, "CNY", {"credit_card": 1}, book.staff["alice"]), AT)


def test_the_months_that_are_open_begin_with_this_one() -> None:
    months = months_open(AT)
    assert months[0] == date(AT.year, AT.month, 1)
    assert len(months) == MONTHS_AHEAD_MAX + 1
    assert months == sorted(set(months))
