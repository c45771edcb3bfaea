"""One run of a day: counts that add up, and a second run that changes nothing."""

from datetime import date, datetime

import pytest

from book import TODAY, make_borrower, make_lender, make_staff
from zhizhi.store.contacts.models import Decision, Delivery
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.zones import BEIJING

pytestmark = pytest.mark.usefixtures("store")


def quiet(_lender: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def test_a_day_adds_up_and_a_second_run_changes_nothing() -> None:
    lender = make_lender()
    make_staff("collector-1", "collector", lender, capacity=50)
    for n, due_on in enumerate(
        [date(2026, 2, 18), date(2026, 2, 16), date(2026, 2, 26), date(2026, 3, 2), date(2025, 12, 1)]
    ):
        make_borrower(lender, n, due_on=due_on)
    at = datetime(2026, 3, 2, 8, 0, tzinfo=BEIJING)
    figures = run_day(RunDay(lender.pk, TODAY, "declared"), at, lambda _at: None, quiet)
    print(figures)
    assert figures.wishes == figures.skipped + figures.permitted + figures.refused + figures.held
    assert figures.permitted == Delivery.objects.using("gate").count()
    decisions = Decision.objects.using("gate").count()
    again = run_day(RunDay(lender.pk, TODAY, "declared"), at, lambda _at: None, quiet)
    assert again == figures
    assert Decision.objects.using("gate").count() == decisions
