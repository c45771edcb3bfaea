"""A wide row, one column a month, becomes statements, payments and days past due.

The rule, since such tables hold months and no days: the statement of a month closes on its last day and falls due
on the last day of the
month after; money of a month arrived on a chosen day of it; `n` months past due means that the oldest unpaid due
day is the n-th last
month end. The months are moved as a block, so that the newest one is the last full month before the day of the import.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from zhizhi.core.kernel.days import add_months
from zhizhi.core.kernel.money import Currency
from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.book_map import Months
from zhizhi.usecases.intake.problems import BadValue, Problem, problem


class MonthStatement(NamedTuple):
    """What one month asked for and what came of it: n, due day, amount, paid, day of the last payment."""

    n: int
    due_on: date
    amount: int
    paid: int
    paid_on: date | None


class MonthPayment(NamedTuple):
    """Money of one month."""

    month: str
    amount: int
    paid_on: date


@dataclass(frozen=True, slots=True)
class MonthsRead:
    """What the months of a row say."""

    balance_minor: int
    oldest_unpaid_due_on: date | None
    is_overdue: bool
    statements: tuple[MonthStatement, ...]
    payments: tuple[MonthPayment, ...]


def newest_month(on: date) -> date:
    """The first day of the last full month before a day."""
    return add_months(on.replace(day=1), -1)


def month_end(first: date, back: int = 0) -> date:
    """The last day of the month `back` months before."""
    return add_months(first, 1 - back) - timedelta(days=1)


class MonthsReader:
    """Reads the month columns of rows; `places` finds a column among the picked cells."""

    def __init__(self, months: Months, places: dict[str, int], currency: Currency, on: date) -> None:
        self._months = months
        self._places = places
        self._newest = newest_month(on)
        # A credit balance is money of the customer: nothing is owed. Money that came is never negative.
        self._bill = values.amount(months.unit, currency, negative="zero", scientific=months.scientific)
        self._paid = values.amount(months.unit, currency, scientific=months.scientific)

    @property
    def as_of(self) -> date:
        """The day the amounts speak of: the last day of the newest month."""
        return month_end(self._newest)

    def read(self, cells: Sequence[str]) -> MonthsRead | Problem:
        """The months of one row, or the first column that cannot be read."""
        column = ""
        try:
            bills: list[int] = []
            paid: list[int] = []
            status: list[int] = []
            for listed, into, read in self._lists(bills, paid, status):
                for column in listed:
                    cell = cells[self._places[column]]
                    if not cell.strip():
                        raise BadValue("missing")
                    into.append(read(cell))
        except BadValue as refused:
            return problem(column, refused.code)
        return self._said(bills, paid, status[0])

    def _lists(
        self, bills: list[int], paid: list[int], status: list[int]
    ) -> tuple[tuple[tuple[str, ...], list[int], Callable[[str], Any]], ...]:
        months = self._months
        return (
            (months.statements, bills, self._bill),
            (months.payments, paid, self._paid),
            (months.status, status, _status),
        )

    def _said(self, bills: list[int], paid: list[int], late_months: int) -> MonthsRead:
        count = len(bills)
        statements, payments = [], []
        for index in range(count - 1, -1, -1):
            closes = month_end(self._newest, index)
            due_on = month_end(self._newest, index - 1)
            came = min(paid[index - 1], bills[index]) if 0 < index <= len(paid) else 0
            paid_on = self._paid_on(index - 1) if came and came == bills[index] else None
            if bills[index] > 0:
                statements.append(MonthStatement(closes.year * 12 + closes.month, due_on, bills[index], came, paid_on))
        for index in range(len(paid) - 1, -1, -1):
            if paid[index] > 0:
                day = self._paid_on(index)
                payments.append(MonthPayment(day.strftime("%Y-%m"), paid[index], day))
        balance = bills[0]
        is_overdue = balance > 0 and late_months > 0
        oldest = month_end(self._newest, late_months - 1) if is_overdue else month_end(self._newest, -1)
        return MonthsRead(balance, oldest if balance else None, is_overdue, tuple(statements), tuple(payments))

    def _paid_on(self, index: int) -> date:
        return add_months(self._newest, -index).replace(day=self._months.paid_on_day)


def _status(cell: str) -> int:
    """Months past due: -2 no use, -1 paid in full, 0 revolving with the minimum paid, n = n months past due."""
    cell = values.plain(cell)
    digits = cell.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 2:
        raise BadValue("not_a_whole_number")
    return int(cell)
