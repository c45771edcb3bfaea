"""What holds for every accrual: days add up, halves go up, more of anything never earns less."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.debt.accrue import Accrual, ChargedSpan, Double, Term, accrue
from zhizhi.core.debt.components import Component
from zhizhi.core.kernel.money import round_half_up
from zhizhi.core.kernel.rates import Basis, Rate, format_rate, parse_rate

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
lengths = st.integers(0, 4000)
amounts = st.integers(1, 10**15)
rates = st.builds(
    Rate,
    st.integers(0, 10**9).map(lambda units: Fraction(units, 10**10)),
    st.sampled_from([Basis.ACT_360, Basis.ACT_365]),
)


def interest(rate: Rate, first: date, until: date, principal: int, **more: object) -> int:
    span = ChargedSpan(first, until, {Component.PRINCIPAL: principal})
    return accrue(Accrual(Term(rate), (span,), **more)).interest_minor  # type: ignore[arg-type]  # test shorthand


@given(rates, amounts, lengths, lengths)
def test_split_spans_earn_the_same_before_rounding(rate: Rate, base: int, one: int, other: int) -> None:
    assert rate.interest(base, one) + rate.interest(base, other) == rate.interest(base, one + other)


@given(rates, days, st.integers(0, 2000), st.integers(0, 2000), amounts)
def test_split_lines_differ_from_the_whole_by_rounding_alone(
    rate: Rate, first: date, one: int, other: int, base: int
) -> None:
    middle, until = first + timedelta(days=one), first + timedelta(days=one + other)
    parts = [
        ChargedSpan(first, middle, {Component.PRINCIPAL: base}),
        ChargedSpan(middle, until, {Component.PRINCIPAL: base}),
    ]
    assert abs(accrue(Accrual(Term(rate), tuple(parts))).interest_minor - interest(rate, first, until, base)) <= 1


@given(rates, days, lengths, amounts, st.integers(0, 10**6), st.integers(0, 30))
def test_more_base_or_more_days_never_earn_less(
    rate: Rate, first: date, length: int, base: int, more: int, longer: int
) -> None:
    until = first + timedelta(days=length)
    assert interest(rate, first, until, base) <= interest(rate, first, until + timedelta(days=longer), base + more)


@given(rates, days, lengths, amounts, lengths)
def test_a_stop_earns_what_the_shorter_span_would(rate: Rate, first: date, length: int, base: int, stop: int) -> None:
    until, stop_on = first + timedelta(days=length), first + timedelta(days=stop)
    assert interest(rate, first, until, base, stop_on=stop_on) == interest(rate, first, min(until, stop_on), base)


@given(
    days.filter(lambda day: day >= date(2014, 7, 31)),
    lengths,
    st.dictionaries(st.sampled_from(Component), amounts, min_size=1),
)
def test_interest_bears_no_double_interest(first: date, length: int, base: dict[Component, int]) -> None:
    span = ChargedSpan(first, first + timedelta(days=length), base)
    bare = {part: amount for part, amount in base.items() if not part.value.endswith("interest")}
    line = accrue(Accrual(Double(), (span,))).lines[0]
    assert line.base_minor == sum(bare.values())


@given(st.fractions(min_value=0, max_value=10**18))
def test_half_up_is_the_nearest_unit_and_the_upper_one_of_two(exact: Fraction) -> None:
    rounded = round_half_up(exact)
    assert Fraction(-1, 2) < rounded - exact <= Fraction(1, 2)


@given(st.integers(0, 10 * 10**8))
def test_a_rate_of_eight_decimals_survives_writing_and_reading(units: int) -> None:
    assert parse_rate(format_rate(Fraction(units, 10**8))) == Fraction(units, 10**8)
