"""How much a direct debit may draw: what is due, within the mandate, and never what its debtor lives on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhizhi.core.debt.relief.progress import filled
from zhizhi.core.debt.relief.trial import DueLine
from zhizhi.core.kernel.text import Text

RESERVE_MINOR = 200_000
"""2,000.00 a month stay with the debtor and whoever lives of them; where a house begins, not law."""
RESULT_WITHIN = timedelta(days=3)
"""So long the channel has to say what became of an order; then a person asks it."""


class Held(StrEnum):
    """Why nothing is drawn, the gravest first."""

    STOPPED = "stopped"
    NOT_VALID = "not_valid"
    UNDER_WAY = "under_way"
    WAITS = "waits"
    LATER = "later"
    NOTHING_DUE = "nothing_due"
    INCOME_UNKNOWN = "income_unknown"
    RESERVE = "reserve"
    LIMIT = "limit"

    @property
    def label(self) -> Text:
        """For screens."""
        return _HELD[self]


_HELD = {
    Held.STOPPED: Text("停催中，不代扣", "a stop is in force"),
    Held.NOT_VALID: Text("授权未生效、已暂停、已撤销或已到期", "the mandate is not in force"),
    Held.UNDER_WAY: Text("上一笔代扣尚无结果", "a debit is under way"),
    Held.WAITS: Text("上一笔代扣待人工处理", "a person has to look at the latest debit first"),
    Held.LATER: Text("未到再扣日，或已定不再扣", "tried already, and not to be tried again today"),
    Held.NOTHING_DUE: Text("没有到期应还", "nothing is due"),
    Held.INCOME_UNKNOWN: Text("月收入未登记，不代扣", "what comes in a month is not known"),
    Held.RESERVE: Text("本月可扣已用完，余下为生活必需费用", "what is left of the month is the living reserve"),
    Held.LIMIT: Text("已达授权的当日限额", "the mandate's limit of the day is reached"),
}
NOT_WHILE = frozenset(("deceased", "incapacity", "bankruptcy", "dispute", "claims_paid", "hardship"))
"""Stops under which nothing is drawn: an estate, a court, a quarrel, money that may have come, or need decide first."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a debtor allowed; amounts in minor units. `income_minor`: what comes in a month, None where nobody said."""

    limit_debit_minor: int
    limit_day_minor: int
    income_minor: int | None
    from_on: date
    until_on: date | None
    is_active: bool = True

    def is_valid(self, on: date) -> bool:
        """Whether it holds on a day; its last day is one of it."""
        return self.is_active and self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was ordered already and has not failed, in minor units: under the mandate on the day, of the person in the
    month."""

    day_minor: int = 0
    month_minor: int = 0


@dataclass(frozen=True, slots=True)
class Try:
    """An order of the debt. `has_failed`: nothing was drawn, or it went back; `again_on`: the day of the next try."""

    due_on: date
    is_under_way: bool
    has_failed: bool
    again_on: date | None
    is_looked_at: bool = False


def hindered(tries: Sequence[Try], due_on: date, on: date) -> Held | None:
    """Why orders of before forbid another one on a day; `tries`: of the debt, the newest first.

    Boundary: a failure that nobody looked at stands in the way of whatever falls due later, too.
    """
    if any(one.is_under_way for one in tries):
        return Held.UNDER_WAY
    if not tries:
        return None
    latest = tries[0]
    if latest.has_failed and latest.again_on is None and not latest.is_looked_at:
        return Held.WAITS
    if latest.due_on == due_on and (latest.again_on is None or latest.again_on > on):
        return Held.LATER
    return None


def may_draw(terms: Terms, due_minor: int, drawn: Drawn, reserve_minor: int, on: date) -> int | Held:
    """The amount to order, or why none.

    Boundary: never above what is due, what one debit or one day may take, or what of the month's income is left over
    the reserve. An income that nobody knows leaves nothing over. Law: S.E-16 (what debtor and family live on).
    """
    if not terms.is_valid(on):
        return Held.NOT_VALID
    if due_minor <= 0:
        return Held.NOTHING_DUE
    if terms.income_minor is None:
        return Held.INCOME_UNKNOWN
    of_month = terms.income_minor - reserve_minor - drawn.month_minor
    if of_month <= 0:
        return Held.RESERVE
    of_day = terms.limit_day_minor - drawn.day_minor
    if of_day <= 0:
        return Held.LIMIT
    return min(due_minor, terms.limit_debit_minor, of_day, of_month)


def due_under_plan(lines: Sequence[DueLine], received_minor: int, on: date) -> tuple[date, int]:
    """Since when, and how much of, an agreement's payments are due on a day; nil where all that is due has arrived.

    The day is that of the earliest payment that is not filled; the last one's where all are.
    """
    count = filled(lines, received_minor)
    due_minor = sum(line.amount_minor for line in lines if line.due_on <= on) - received_minor
    return lines[min(count, len(lines) - 1)].due_on, max(0, due_minor)
