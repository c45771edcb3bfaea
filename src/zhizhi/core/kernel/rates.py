"""Rates: decimal text in, exact fractions inside, decimal text out. A rate always knows the time that it is for."""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from zhizhi.core.kernel.limits import RATE_DECIMALS_IN, RATE_DECIMALS_OUT
from zhizhi.core.kernel.money import round_half_up

YEARLY_MAX = Fraction(10)
"""Largest rate a year that may be written: 1,000 %."""

DAILY_MAX = Fraction(1, 10)
"""Largest rate a day that may be written: 10 %."""

# ASCII digits alone: `\d` would let other scripts in.
_WRITTEN = re.compile(rf"([0-9]+)(?:\.([0-9]{{1,{RATE_DECIMALS_IN}}}))?")
_WHOLE_DIGITS_MAX = 4


class Basis(StrEnum):
    """The time that a rate is for: a year of 360 or 365 days, in leap years too, or a single day."""

    ACT_360 = "360"
    ACT_365 = "365"
    DAY = "day"

    @property
    def days(self) -> int:
        """Days that the rate is spread over."""
        return 1 if self is Basis.DAY else int(self.value)

    @property
    def rate_max(self) -> Fraction:
        """Largest rate that may be written for this time."""
        return DAILY_MAX if self is Basis.DAY else YEARLY_MAX


def parse_rate(written: str, at_most: Fraction = YEARLY_MAX) -> Fraction:
    """Read `"0.24"`, which is 24 %, exactly.

    Refuses: a sign, an exponent, more than 10 decimals, digits of another script, a value above `at_most` (ValueError).
    """
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError("not a decimal of the accepted form")
    whole, decimals = match[1].lstrip("0"), match[2] or ""
    # The length is looked at first: text of a million digits is refused before it becomes a number.
    if len(whole) > _WHOLE_DIGITS_MAX or (value := Fraction(int(f"0{whole}{decimals}"), 10 ** len(decimals))) > at_most:
        raise ValueError("above the largest accepted rate")
    return value


def format_rate(exact: Fraction) -> str:
    """The rate with 8 decimals. Rounding: half up, of the exact value. Refuses: a negative rate (ValueError)."""
    if exact < 0:
        raise ValueError("a rate is not negative")
    text = str(round_half_up(exact * 10**RATE_DECIMALS_OUT)).zfill(RATE_DECIMALS_OUT + 1)
    return f"{text[:-RATE_DECIMALS_OUT]}.{text[-RATE_DECIMALS_OUT:]}"


@dataclass(frozen=True, slots=True)
class Rate:
    """A fraction for a time."""

    value: Fraction
    basis: Basis

    def interest(self, base_minor: int, days: int) -> Fraction:
        """What `base_minor` earns in so many days, exact. The caller rounds, once, and names the rounding."""
        return base_minor * self.value * days / self.basis.days
