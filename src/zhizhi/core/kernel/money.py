"""Money: an integer of minor units and its currency. A float never touches it, and every rounding has a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Currency(StrEnum):
    """The currencies that debts are kept in."""

    CNY = "CNY"
    HKD = "HKD"
    TWD = "TWD"
    USD = "USD"
    EUR = "EUR"
    GBP = "GBP"
    JPY = "JPY"

    @property
    def minor_digits(self) -> int:
        """Digits after the point of the printed amount: none for yen."""
        return 0 if self is Currency.JPY else 2


class Rounding(StrEnum):
    """How an exact amount becomes minor units. Values are the names that results print."""

    HALF_UP = "half_up"
    DOWN = "down"
    LARGEST_REMAINDER = "largest_remainder"


def round_half_up(exact: Fraction) -> int:
    """The nearest integer; a half goes away from zero.

    Rounding: `Rounding.HALF_UP`. Boundary: 0.5 gives 1, 1.5 gives 2, −0.5 gives −1.
    """
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def round_down(exact: Fraction) -> int:
    """The integer part; what is left over is dropped, towards zero.

    Rounding: `Rounding.DOWN`. Boundary: 1.999 gives 1, −1.999 gives −1.
    """
    magnitude = abs(exact.numerator) // exact.denominator
    return magnitude if exact >= 0 else -magnitude


def share(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `total` units in proportion to `weights`; the shares add up to it exactly.

    Rounding: `Rounding.LARGEST_REMAINDER`: every share down, the left-over units one each to the largest fractions.
    Boundary: on a tie the earlier weight is served first; a weight of 0 receives nothing.
    Refuses: a negative total or weight, or weights that add up to 0 (ValueError).
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("only a total of 0 or more can be shared, by weights of 0 or more that add up to more than 0")
    shares = [total * weight // whole for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda index: -(total * weights[index] % whole))
    for index in by_fraction[: total - sum(shares)]:
        shares[index] += 1
    return tuple(shares)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency in its minor units. It may be negative: what a sign means is the reader's business."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("money is a whole number of minor units; a float or a flag is none")

    @classmethod
    def of(cls, written: str, currency: Currency) -> "Money":
        """Read `"1234.50"`. Refuses: more decimals than the currency has, any but digits and a point (ValueError)."""
        whole, point, decimals = written.removeprefix("-").partition(".")
        digits = whole + decimals
        fits = len(decimals) <= currency.minor_digits and bool(point) == bool(decimals) and whole != ""
        if not (fits and digits.isascii() and digits.isdigit()):
            raise ValueError(f"not an amount of {currency.value}")
        minor = int(digits) * 10 ** (currency.minor_digits - len(decimals))
        return cls(-minor if written.startswith("-") else minor, currency)

    @property
    def is_zero(self) -> bool:
        """True for an amount of nothing."""
        return self.minor == 0

    def __bool__(self) -> bool:
        raise TypeError("money has no truth value; ask is_zero")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise TypeError("money is multiplied by whole numbers only; a rate goes through Rate.interest")
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Split in proportion to `weights`, conserving the sum. Rounding: see `share`."""
        return tuple(Money(part, self.currency) for part in share(self.minor, weights))

    def written(self) -> str:
        """`"1234.50"`: sign, digits and the decimals of the currency, nothing else."""
        digits = self.currency.minor_digits
        text = str(abs(self.minor)).zfill(digits + 1)
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"

    def _same(self, other: "Money") -> "Money":
        if other.currency is not self.currency:
            raise ValueError(f"{self.currency.value} and {other.currency.value} do not meet in one sum")
        return other
