"""On which debt money belongs: by what it names, and by nothing else. What is in doubt waits for a person.

A wrong match silences one debtor and duns another, so no rule guesses: not by amount alone, not by the payer's name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhizhi.core.kernel.text import Text

SAME_WITHIN = timedelta(days=2)
"""A bank's day and the day of whoever brought the file differ by a day or a weekend's edge."""


class Source(StrEnum):
    """Where money comes in; a closed list."""

    CORE = "core_file"
    DEBIT = "direct_debit"
    LINK = "payment_link"
    BANK = "bank_file"
    BRANCH = "branch"

    @property
    def label(self) -> Text:
        """For screens."""
        return _SOURCES[self]


_SOURCES = {
    Source.CORE: Text("核心系统文件", "the core's file"),
    Source.DEBIT: Text("代扣", "direct debit"),
    Source.LINK: Text("还款链接", "payment link"),
    Source.BANK: Text("银行流水", "bank file"),
    Source.BRANCH: Text("网点", "branch"),
}


class Rule(StrEnum):
    """What named the debt, the strongest first."""

    ACCOUNT = "account"
    REMARK = "remark"
    CUSTOMER = "customer"

    @property
    def label(self) -> Text:
        """For screens."""
        return _RULES[self]


_RULES = {
    Rule.ACCOUNT: Text("账户号一致", "its account"),
    Rule.REMARK: Text("附言写明账户号或案件号", "an account or a case in its remark"),
    Rule.CUSTOMER: Text("客户仅一笔未清债权", "the only open debt of the customer"),
}


class Unmatched(StrEnum):
    """Why money waits for a person."""

    NAMES_NOBODY = "names_nobody"
    UNKNOWN_ACCOUNT = "unknown_account"
    NAMES_SEVERAL = "names_several"
    SEVERAL_DEBTS = "several_debts"
    NO_OPEN_DEBT = "no_open_debt"
    OTHER_CURRENCY = "other_currency"
    MAYBE_SAME = "maybe_same"

    @property
    def label(self) -> Text:
        """For screens."""
        return _UNMATCHED[self]


_UNMATCHED = {
    Unmatched.NAMES_NOBODY: Text("未写明任何账户", "names no debt of ours"),
    Unmatched.UNKNOWN_ACCOUNT: Text("账户号不在账上", "its account is not ours"),
    Unmatched.NAMES_SEVERAL: Text("所写账户互相矛盾", "names several debts"),
    Unmatched.SEVERAL_DEBTS: Text(
        "客户有多笔未清债权，未指明还哪一笔", "the customer owes several debts and says not which"
    ),
    Unmatched.NO_OPEN_DEBT: Text("客户没有未清债权", "the customer owes nothing"),
    Unmatched.OTHER_CURRENCY: Text("币种与债权不同", "another currency than the debt"),
    Unmatched.MAYBE_SAME: Text("可能是另一来源已入账的同一笔", "may be money that another source told already"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A debt that the money names, and by what. `is_open`: something is owed on it."""

    debt_id: int
    rule: Rule
    currency: str
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Posted:
    """Money that is on a debt already."""

    debt_id: int
    source: str
    amount_minor: int
    on: date


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money as it came; `names_account`: whether it names one, ours or not."""

    source: Source
    amount_minor: int
    currency: str
    on: date
    names_account: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """The one debt on which it belongs, and by which rule."""

    debt_id: int
    rule: Rule


def match(money: Incoming, named: Iterable[Named], posted: Iterable[Posted] = ()) -> Matched | Unmatched:
    """The debt, or why a person has to look.

    An account or a remark decides; a customer only where neither is written, and only where one debt is open (with
    several the debtor may say which: CC 560). Boundary: the order of `named` and `posted` makes no difference; the
    same amount on the same debt from another source within two days is taken for the same money until somebody says
    otherwise, for two entries of one payment tell the debtor that less is owed than is.
    """
    candidates = tuple(named)
    written = [one for one in candidates if one.rule is not Rule.CUSTOMER]
    if money.names_account and not any(one.rule is Rule.ACCOUNT for one in candidates):
        return Unmatched.UNKNOWN_ACCOUNT
    found = _one_written(written) if written else _one_open([one for one in candidates if one.rule is Rule.CUSTOMER])
    if isinstance(found, Unmatched):
        return found
    if found.currency != money.currency:
        return Unmatched.OTHER_CURRENCY
    if any(_maybe_same(money, found.debt_id, other) for other in posted):
        return Unmatched.MAYBE_SAME
    return Matched(found.debt_id, found.rule)


def _one_written(written: list[Named]) -> Named | Unmatched:
    if len({one.debt_id for one in written}) > 1:
        return Unmatched.NAMES_SEVERAL
    return min(written, key=lambda one: tuple(Rule).index(one.rule))


def _one_open(of_customer: list[Named]) -> Named | Unmatched:
    if not of_customer:
        return Unmatched.NAMES_NOBODY
    still_open = {one.debt_id: one for one in of_customer if one.is_open}
    if len(still_open) > 1:
        return Unmatched.SEVERAL_DEBTS
    return next(iter(still_open.values()), Unmatched.NO_OPEN_DEBT)


def _maybe_same(money: Incoming, debt_id: int, other: Posted) -> bool:
    return (
        other.debt_id == debt_id
        and other.source != money.source
        and other.amount_minor == money.amount_minor
        and abs(other.on - money.on) <= SAME_WITHIN
    )
