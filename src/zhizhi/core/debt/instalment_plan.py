"""A plan of level instalments: the card plan of up to sixty months, and the rescheduling of a loan.

Law: CBRC 2011-2 70 (card), CC 678 (loan).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import Tables
from zhizhi.core.debt.operation import ANY_CURRENCY, Answer, Operation
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.days import FIRST_DAY, add_months
from zhizhi.core.kernel.money import Rounding, round_down, round_half_up
from zhizhi.core.kernel.text import Text

CARD_MONTHS_MAX = 60
LOAN_MONTHS_MAX = 360
MONTHS_RECKONED_MAX = 1_200
"""Of a plan that is longer, and too long in any case, nothing but its length is looked at."""

_MONTHS_A_YEAR = 12
_UNREADABLE_RATE = Fraction(-1)


class Product(StrEnum):
    """What is repaid by the plan."""

    CARD = "card"
    LOAN = "loan"


_CITES = {Product.CARD: "CBRC 2011-2 70", Product.LOAN: "CC 678"}


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What was signed: how much is repaid in how many months, from when, at which rate a year."""

    product: Product
    signed_on: date
    first_due_on: date
    months: int
    principal_minor: int
    rate: Fraction = Fraction(0)

    def due_on(self, number: int) -> date:
        """Due day of instalment `number`, counted from 1: always reckoned from the first."""
        return add_months(self.first_due_on, number - 1)

    @property
    def is_too_long(self) -> bool:
        """True beyond 360 months; for a card beyond 60, or where the last due day lies after sixty months."""
        if self.product is Product.LOAN or self.months > CARD_MONTHS_MAX:
            return self.months > (LOAN_MONTHS_MAX if self.product is Product.LOAN else CARD_MONTHS_MAX)
        return self.due_on(self.months) > add_months(self.signed_on, CARD_MONTHS_MAX)

    def findings(self) -> Iterator[Finding]:
        """What is wrong between the values."""
        if self.months < 1:
            yield Finding(ErrorCode.BAD_VALUE, "months", Text("须至少为 1", "must be at least 1"))
            return
        if self.rate < 0:
            yield Finding(ErrorCode.BAD_RATE, "rate", Text("不得为负", "must not be negative"))
        elif self.principal_minor <= 0:
            yield Finding(ErrorCode.BAD_AMOUNT, "principal_minor", Text("须大于 0", "must be above 0"))
        elif self.months <= MONTHS_RECKONED_MAX and any(line.principal_minor <= 0 for line in _lines(self)):
            wrong = Text(
                "过小，无法按期分摊", "is too small to be divided: an instalment would not exceed its interest"
            )
            yield Finding(ErrorCode.BAD_AMOUNT, "principal_minor", wrong)
        if self.first_due_on < self.signed_on:
            yield Finding(ErrorCode.BAD_ORDER, "first_due", Text("早于签署日", "lies before signed_on"))
        if self.is_too_long:
            yield Finding(ErrorCode.TERM_TOO_LONG, "months", Text("期限过长", "make the plan longer than it may be"))

    def answer(self, tables: Tables) -> Answer:
        """The plan as the format prints it. No table is read."""
        return Answer(instalment_plan(self).to_document(), (_CITES[self.product],))


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One instalment and what is left after it."""

    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    left_minor: int

    @property
    def amount_minor(self) -> int:
        """What is paid."""
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True, slots=True)
class Plan:
    """The instalments in order; at least one."""

    lines: tuple[PlanLine, ...]

    @property
    def interest_minor(self) -> int:
        """Total interest of the lines."""
        return sum(line.interest_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """Total of what is paid."""
        return sum(line.amount_minor for line in self.lines)

    def to_document(self) -> dict[str, object]:
        """The output keys of the format."""
        return {
            "lines": [
                {
                    "n": line.number,
                    "due": line.due_on.isoformat(),
                    "amount_minor": line.amount_minor,
                    "principal_minor": line.principal_minor,
                    "interest_minor": line.interest_minor,
                    "left_minor": line.left_minor,
                }
                for line in self.lines
            ],
            "total_minor": self.total_minor,
            "interest_minor": self.interest_minor,
            "last_due": self.lines[-1].due_on.isoformat(),
        }


def instalment_plan(terms: PlanTerms) -> Plan:
    """Lay out the instalments.

    Rounding: the level amount down, the interest of each month half up; the last instalment absorbs both.
    Refuses: DebtError, with the first of `terms.findings()`.
    """
    refuse_first(terms.findings())
    return Plan(tuple(_lines(terms)))


def level_amount(principal_minor: int, monthly_rate: Fraction, months: int) -> int:
    """The amount that repays a principal in equal instalments. Rounding: the exact annuity, down."""
    if monthly_rate == 0:
        return principal_minor // months
    growth = (1 + monthly_rate) ** months
    return round_down(principal_minor * monthly_rate * growth / (growth - 1))


def _lines(terms: PlanTerms) -> Iterator[PlanLine]:
    monthly_rate = terms.rate / _MONTHS_A_YEAR
    level_minor = level_amount(terms.principal_minor, monthly_rate, terms.months)
    left_minor = terms.principal_minor
    for number in range(1, terms.months + 1):
        interest_minor = round_half_up(left_minor * monthly_rate)
        principal_minor = left_minor if number == terms.months else level_minor - interest_minor
        left_minor -= principal_minor
        yield PlanLine(number, terms.due_on(number), principal_minor, interest_minor, left_minor)


def _read(inputs: Fields) -> PlanTerms:
    inputs.keys(required=("product", "signed_on", "first_due", "months", "principal_minor"), optional=("rate",))
    return PlanTerms(
        product=inputs.choice("product", Product, Product.LOAN),
        signed_on=inputs.day("signed_on", FIRST_DAY),
        first_due_on=inputs.day("first_due", FIRST_DAY),
        months=inputs.count("months", 1, at_least=1),
        principal_minor=inputs.money("principal_minor", 0, above_zero=True),
        # The stand-in is refused under the code of a rate that cannot be read: no plan is ever laid out by it.
        rate=inputs.rate("rate", _UNREADABLE_RATE) if inputs.has("rate") else Fraction(0),
    )


OPERATION = Operation(read=_read, currencies=ANY_CURRENCY, rounding=(Rounding.DOWN, Rounding.HALF_UP))
