"""The run of a day, begun before there is anything to run by."""

from datetime import date

import pytest

from book import START, make_staff
from zhizhi.store.models import Lender
from zhizhi.store.transact.runs import begin_run
from zhizhi.usecases.defaults import AddDefaults, add_defaults

pytestmark = pytest.mark.usefixtures("store")


def test_a_day_asked_for_before_a_strategy_was_active_takes_the_one_that_is_active_now() -> None:
    lender = Lender.objects.using("gate").create(
        code="L9", name="L9", profile="cn.bank.online", recorder="on", signature="L9", is_synthetic=True
    )
    day = date(2026, 3, 2)
    assert begin_run(lender.pk, day, "declared", START).strategy_body is None
    add_defaults(AddDefaults(make_staff("a9", "supervisor").pk, make_staff("b9", "compliance").pk), START)
    begun = begin_run(lender.pk, day, "declared", START)
    assert begun.strategy_body is not None
    assert begin_run(lender.pk, day, "declared", START) == begun
