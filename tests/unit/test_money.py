"""Money, roundings, sharing and rates: the shared values that every amount goes through."""

from fractions import Fraction

import pytest

from zhizhi.core.kernel.money import Currency, Money, round_down, round_half_up, share
from zhizhi.core.kernel.rates import DAILY_MAX, Basis, Rate, format_rate, parse_rate

CNY, JPY = Currency.CNY, Currency.JPY


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.4", 0),
        ("0.5", 1),
        ("1.5", 2),
        ("2.5", 3),
        ("0.49999999999", 0),
        ("-0.5", -1),
        ("-0.4", 0),
        ("-1.5", -2),
        ("7", 7),
    ],
)
def test_half_up_takes_a_half_away_from_zero(exact: str, rounded: int) -> None:
    assert round_half_up(Fraction(exact)) == rounded


@pytest.mark.parametrize(("exact", "rounded"), [("0.999", 0), ("1.999", 1), ("-1.999", -1), ("3", 3)])
def test_down_drops_what_is_left_over(exact: str, rounded: int) -> None:
    assert round_down(Fraction(exact)) == rounded


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, (1, 2), (33, 67)),
        (100, (1, 1, 1), (34, 33, 33)),
        (101, (1, 1, 1), (34, 34, 33)),
        (1, (5, 5), (1, 0)),
        (2, (1, 1, 1), (1, 1, 0)),
        (0, (3, 4), (0, 0)),
        (10, (0, 1), (0, 10)),
        (10**15, (1, 10**15), (1, 10**15 - 1)),
    ],
)
def test_left_over_units_go_to_the_largest_fractions_and_on_a_tie_to_the_earlier(
    total: int, weights: tuple[int, ...], shares: tuple[int, ...]
) -> None:
    assert share(total, weights) == shares


@pytest.mark.parametrize(("total", "weights"), [(1, ()), (1, (0, 0)), (-1, (1,)), (1, (2, -1))])
def test_what_cannot_be_shared_is_refused(total: int, weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="can be shared"):
        share(total, weights)


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [("12.34", CNY, 1234), ("12.3", CNY, 1230), ("12", CNY, 1200), ("-0.01", CNY, -1), ("12", JPY, 12), ("0", JPY, 0)],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(written: str, currency: Currency, minor: int) -> None:
    assert Money.of(written, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("written", "currency"),
    [
        ("12.345", CNY),
        ("12.0", JPY),
        ("1,200", CNY),
        ("", CNY),
        (".5", CNY),
        ("5.", CNY),
        ("１２", CNY),
        ("1e3", CNY),
        ("--1", CNY),
    ],
)
def test_text_that_is_no_amount_is_refused(written: str, currency: Currency) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.of(written, currency)


@pytest.mark.parametrize("minor", [1.0, True, "1", Fraction(1)])
def test_money_is_made_of_whole_numbers_only(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, CNY)  # type: ignore[arg-type]  # the point of the test


def test_sums_stay_within_one_currency() -> None:
    assert Money(5, CNY) + Money(7, CNY) - Money(2, CNY) == Money(10, CNY)
    assert -Money(5, CNY) * 3 == Money(-15, CNY)
    assert Money(1, CNY) < Money(2, CNY) <= Money(2, CNY)
    with pytest.raises(ValueError, match="do not meet"):
        Money(5, CNY) + Money(7, JPY)
    with pytest.raises(ValueError, match="do not meet"):
        _ = Money(5, CNY) < Money(7, JPY)


def test_money_has_no_truth_value_and_takes_no_fraction() -> None:
    assert Money(0, CNY).is_zero
    with pytest.raises(TypeError):
        bool(Money(1, CNY))
    with pytest.raises(TypeError):
        Money(1, CNY) * 1.5  # type: ignore[operator]  # the point of the test


def test_allocating_money_conserves_it() -> None:
    assert Money(100, CNY).allocate((1, 1, 1)) == (Money(34, CNY), Money(33, CNY), Money(33, CNY))


@pytest.mark.parametrize(
    ("minor", "currency", "written"), [(1234, CNY, "12.34"), (5, CNY, "0.05"), (-5, CNY, "-0.05"), (5, JPY, "5")]
)
def test_an_amount_is_written_with_the_decimals_of_its_currency(minor: int, currency: Currency, written: str) -> None:
    assert Money(minor, currency).written() == written
    assert Money.of(written, currency).minor == minor


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", "0"),
        ("0.24", "6/25"),
        ("10", "10"),
        ("10.0000000000", "10"),
        ("007.5", "15/2"),
        ("0.0000000001", "1/10000000000"),
    ],
)
def test_a_rate_is_read_exactly(written: str, value: str) -> None:
    assert parse_rate(written) == Fraction(value)


@pytest.mark.parametrize(
    "written",
    [
        "",
        ".5",
        "5.",
        "+0.1",
        "-0.1",
        "1e-2",
        "0.12345678901",
        "10.0000000001",
        "11",
        "0,24",
        " 0.24",
        "0.24 ",
        "0.24\n",
        "０.24",
        "٠.1",
        "0x1",
        "NaN",
        "24%",
        "1" * 5000,
    ],
)
def test_text_that_is_no_rate_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        parse_rate(written)


def test_a_rate_of_very_many_leading_zeros_costs_no_more_than_its_length() -> None:
    assert parse_rate("0" * 200_000 + ".5") == Fraction(1, 2)
    with pytest.raises(ValueError):
        parse_rate("0" * 200_000 + "x")


def test_a_rate_a_day_has_its_own_ceiling() -> None:
    assert parse_rate("0.1", DAILY_MAX) == Fraction(1, 10)
    with pytest.raises(ValueError):
        parse_rate("0.1000000001", DAILY_MAX)
    assert Basis.DAY.rate_max == DAILY_MAX


@pytest.mark.parametrize(
    ("exact", "written"),
    [
        (Fraction(0), "0.00000000"),
        (Fraction(1, 3), "0.33333333"),
        (Fraction(2, 3), "0.66666667"),
        (Fraction(5, 10**9), "0.00000001"),
        (Fraction(20), "20.00000000"),
    ],
)
def test_a_rate_goes_out_with_eight_decimals_half_up(exact: Fraction, written: str) -> None:
    assert format_rate(exact) == written


def test_a_negative_rate_is_never_written() -> None:
    with pytest.raises(ValueError, match="not negative"):
        format_rate(Fraction(-1))


@pytest.mark.parametrize(("basis", "days"), [(Basis.ACT_360, 360), (Basis.ACT_365, 365), (Basis.DAY, 1)])
def test_interest_is_exact_and_left_unrounded(basis: Basis, days: int) -> None:
    assert Rate(Fraction(1, 10), basis).interest(1000, 7) == Fraction(700, days)
