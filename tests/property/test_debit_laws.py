"""Laws of direct debits: never above what is due, the mandate or what is left over the reserve; one try at a time."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.debt.debit.drawing import Drawn, Held, Terms, Try, due_under_plan, hindered, may_draw
from zhizhi.core.debt.debit.failures import TRIES_MAX, Failure, again_on
from zhizhi.core.debt.relief.trial import DueLine

DAY = date(2026, 3, 2)
MINOR = st.integers(0, 1_000_000)
DAYS = st.integers(-40, 40).map(lambda days: DAY + timedelta(days=days))
TERMS = st.builds(Terms, MINOR, MINOR, st.none() | MINOR, DAYS, st.none() | DAYS, st.booleans())
TRIES = st.lists(st.builds(Try, DAYS, st.booleans(), st.booleans(), st.none() | DAYS, st.booleans()), max_size=4)


@given(TERMS, st.lists(MINOR, min_size=1, max_size=8), MINOR, MINOR)
def test_whatever_falls_due_in_a_day_is_drawn_within_limits_and_reserve(
    terms: Terms, dues: list[int], reserve: int, of_month: int
) -> None:
    """Order after order, as they are planned: the sums hold after each."""
    day = 0
    for due in dues:
        amount = may_draw(terms, due, Drawn(day, of_month + day), reserve, DAY)
        if isinstance(amount, Held):
            continue
        assert 0 < amount <= min(due, terms.limit_debit_minor)
        day += amount
        assert day <= terms.limit_day_minor
        assert terms.income_minor is not None
        assert of_month + day <= terms.income_minor - reserve
        assert terms.is_valid(DAY)


@given(TERMS, MINOR, MINOR, MINOR)
def test_an_income_that_nobody_knows_and_one_below_the_reserve_leave_nothing(
    terms: Terms, due: int, reserve: int, of_month: int
) -> None:
    found = may_draw(terms, due, Drawn(0, of_month), reserve, DAY)
    if terms.income_minor is None or terms.income_minor <= reserve + of_month:
        assert isinstance(found, Held)


@given(TRIES, DAYS, DAYS)
def test_nothing_is_tried_beside_another_or_before_somebody_looked(tries: list[Try], due_on: date, on: date) -> None:
    if hindered(tries, due_on, on) is not None:
        return
    assert not any(one.is_under_way for one in tries)
    if tries:
        latest = tries[0]
        assert not latest.has_failed or latest.again_on is not None or latest.is_looked_at
        assert latest.due_on != due_on or (latest.again_on is not None and latest.again_on <= on)


@given(st.lists(st.sampled_from(Failure), min_size=8, max_size=8))
def test_a_bank_that_keeps_failing_is_asked_a_few_times_and_then_a_person(answers: list[Failure]) -> None:
    on, tried = DAY, 0
    for answer in answers:
        tried += 1
        again = again_on(answer, tried, on)
        if again is None:
            break
        assert again > on
        on = again
    assert tried <= TRIES_MAX


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=6), MINOR, st.integers(-10, 200))
def test_what_an_agreement_asks_for_is_never_drawn_ahead_or_twice(amounts: list[int], received: int, days: int) -> None:
    lines = [DueLine(n, DAY + timedelta(days=30 * n), minor) for n, minor in enumerate(amounts)]
    on = DAY + timedelta(days=days)
    since, due = due_under_plan(lines, received, on)
    asked = sum(line.amount_minor for line in lines if line.due_on <= on)
    assert due == max(0, asked - received)
    if due:
        assert since <= on
