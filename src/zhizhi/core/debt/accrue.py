"""What a debt earns over spans of days: term, penalty and compound interest, the double part, private arrears.

Law: CC 680, CC 670; PBC 2003-251 3; CPL 264 with SPC double-interest 1; SPC private-lending 28.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from zhizhi.core.debt.components import Component, Components, component_findings
from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import OFFICIAL, TableName, Tables
from zhizhi.core.debt.operation import Answer
from zhizhi.core.kernel.days import DaySpan
from zhizhi.core.kernel.money import round_half_up
from zhizhi.core.kernel.rates import Basis, Rate, format_rate
from zhizhi.core.kernel.text import Text

PENALTY_RULE_FROM = date(2004, 1, 1)
DOUBLE_RULE_FROM = date(2014, 7, 31)
DOUBLE_RATE = Rate(Fraction(175, 1_000_000), Basis.DAY)
"""The double part: 0.0175 % a day of the debt adjudged. Law: SPC double-interest 1."""

_PRINCIPAL = frozenset({Component.PRINCIPAL})
_ADJUDGED = frozenset({Component.COSTS, Component.DAMAGES, Component.FEES, Component.PRINCIPAL})


class PenaltyUse(StrEnum):
    """Why penalty interest runs."""

    OVERDUE = "overdue"
    MISUSE = "misuse"


PENALTY_BANDS = {
    PenaltyUse.OVERDUE: (Fraction(13, 10), Fraction(15, 10)),
    PenaltyUse.MISUSE: (Fraction(15, 10), Fraction(2)),
}
"""Multiples of the contract rate that may be charged, both ends within. Law: PBC 2003-251 3."""


@dataclass(frozen=True, slots=True)
class Term:
    """Interest for the term of the loan. Law: CC 680."""

    rate: Rate
    bears_on = _PRINCIPAL
    cites = ("CC 680",)
    in_force_from = date.min


@dataclass(frozen=True, slots=True)
class Penalty:
    """The contract rate raised, for arrears or misuse. Law: PBC 2003-251 3."""

    contract_rate: Rate
    multiple: Fraction
    use: PenaltyUse
    bears_on = _PRINCIPAL
    cites = ("PBC 2003-251 3",)
    in_force_from = PENALTY_RULE_FROM

    @property
    def is_within_band(self) -> bool:
        """True where the multiple may be charged for this use."""
        lowest, highest = PENALTY_BANDS[self.use]
        return lowest <= self.multiple <= highest


@dataclass(frozen=True, slots=True)
class Compound:
    """Interest on unpaid term interest: only what was agreed, and pointed out when agreed. Law: PBC 2003-251 3."""

    rate: Rate
    agreed: bool
    pointed_out: bool
    cites = ("PBC 2003-251 3",)
    in_force_from = PENALTY_RULE_FROM

    @property
    def bears_on(self) -> frozenset[Component]:
        """Term interest, or nothing."""
        return frozenset({Component.TERM_INTEREST}) if self.agreed and self.pointed_out else frozenset()


@dataclass(frozen=True, slots=True)
class Double:
    """The part that doubles the interest of an adjudged debt, from the last day for performance. Law: CPL 264."""

    bears_on = _ADJUDGED
    cites = ("CPL 264", "SPC double-interest 1")
    in_force_from = DOUBLE_RULE_FROM


@dataclass(frozen=True, slots=True)
class PrivateOverdue:
    """Private arrears: the rate agreed for them, else the term rate, else the LPR. Law: SPC private-lending 28."""

    basis: Basis
    overdue_rate: Fraction | None = None
    term_rate: Fraction | None = None
    bears_on = _PRINCIPAL
    cites = ("SPC private-lending 28",)
    in_force_from = date.min


Terms = Term | Penalty | Compound | Double | PrivateOverdue


@dataclass(frozen=True, slots=True)
class ChargedSpan:
    """What stood open from `first` up to but not including `until`."""

    first: date
    until: date
    base: Components


@dataclass(frozen=True, slots=True)
class Accrual:
    """The question: terms, spans in order, what was kept back at pay-out, and the day from which nothing runs."""

    terms: Terms
    spans: tuple[ChargedSpan, ...]
    withheld_minor: int | None = None
    stop_on: date | None = None

    def findings(self) -> Iterator[Finding]:
        """What is wrong between the values."""
        yield from _span_findings(self.spans)
        if not self.spans:
            yield Finding(ErrorCode.BAD_VALUE, "spans", Text("不得为空列表", "must not be an empty list"))
        elif self.spans[0].first < self.terms.in_force_from:
            since = self.terms.in_force_from.isoformat()
            yield Finding(
                ErrorCode.NOT_IN_FORCE,
                "spans",
                Text(f"早于规则施行日 {since}", f"begin before the rule, in force from {since}"),
            )
        yield from self._withheld_findings()
        if isinstance(self.terms, Penalty) and not self.terms.is_within_band:
            yield Finding(
                ErrorCode.RATE_BAND, "multiple", Text("超出该用途的倍数区间", "lies outside the band for this use")
            )

    def answer(self, tables: Tables) -> Answer:
        """The interest as the format prints it; the LPR is read only where nothing was agreed."""
        accrued = accrue(self, tables)
        reads_lpr = _agreed_rate(self.terms) is None
        withheld = ("CC 670",) if self.withheld_minor is not None else ()
        return Answer(
            accrued.to_document(),
            (*self.terms.cites, *withheld),
            {TableName.LPR.value: tables.lpr.version} if reads_lpr else {},
        )

    def base_minor(self, span: ChargedSpan) -> int:
        """The amount that earns in a span: the parts that the terms bear on, less what was kept back. Law: CC 670."""
        kept_back = self.withheld_minor or 0
        return sum(amount for part, amount in span.base.items() if part in self.terms.bears_on) - kept_back

    def _withheld_findings(self) -> Iterator[Finding]:
        if self.withheld_minor is None:
            return
        if self.terms.bears_on != _PRINCIPAL:
            yield Finding(ErrorCode.CONFLICT, "withheld_minor", Text("在此处不适用", "plays no part here"))
        elif self.withheld_minor < 0 or any(
            self.withheld_minor >= span.base.get(Component.PRINCIPAL, 0) for span in self.spans
        ):
            wrong = Text("须小于各段最小本金", "must be below the smallest principal")
            yield Finding(ErrorCode.BAD_AMOUNT, "withheld_minor", wrong)


@dataclass(frozen=True, slots=True)
class AccruedLine:
    """One span after the cut, and what it earned."""

    span: DaySpan
    base_minor: int
    interest_minor: int


@dataclass(frozen=True, slots=True)
class Accrued:
    """The rate that was applied and the interest, line by line."""

    rate: Rate
    lines: tuple[AccruedLine, ...]

    @property
    def interest_minor(self) -> int:
        """Total of the lines as printed."""
        return sum(line.interest_minor for line in self.lines)

    def to_document(self) -> dict[str, object]:
        """The output keys of the format."""
        return {
            "rate": format_rate(self.rate.value),
            "lines": [
                {
                    "from": line.span.first.isoformat(),
                    "to": line.span.until.isoformat(),
                    "days": line.span.days,
                    "base_minor": line.base_minor,
                    "interest_minor": line.interest_minor,
                }
                for line in self.lines
            ],
            "interest_minor": self.interest_minor,
        }


def accrue(accrual: Accrual, tables: Tables = OFFICIAL) -> Accrued:
    """Reckon the interest of every span.

    Rounding: half up, once a line, of base × rate × days / basis, with the exact rate. Boundary: a span is half open.
    Refuses: DebtError, with the first of `accrual.findings()`, or no_table where the LPR of the first day is not known.
    """
    refuse_first(accrual.findings())
    rate = _agreed_rate(accrual.terms) or _lpr_rate(accrual, tables)
    return Accrued(rate, tuple(_line(accrual, span, rate) for span in accrual.spans))


def _line(accrual: Accrual, charged: ChargedSpan, rate: Rate) -> AccruedLine:
    span = DaySpan(charged.first, charged.until)
    if accrual.stop_on is not None:
        span = span.cut_at(accrual.stop_on)
    base_minor = accrual.base_minor(charged)
    return AccruedLine(span, base_minor, round_half_up(rate.interest(base_minor, span.days)))


def _agreed_rate(terms: Terms) -> Rate | None:
    """The rate that the terms fix by themselves; None where the law falls back on the LPR."""
    match terms:
        case Term(rate) | Compound(rate):
            return rate
        case Penalty(contract_rate, multiple):
            return Rate(contract_rate.value * multiple, contract_rate.basis)
        case Double():
            return DOUBLE_RATE
        case PrivateOverdue(basis, overdue_rate, term_rate):
            agreed = overdue_rate if overdue_rate is not None else term_rate
            return None if agreed is None else Rate(agreed, basis)


def _lpr_rate(accrual: Accrual, tables: Tables) -> Rate:
    assert isinstance(accrual.terms, PrivateOverdue), "every other kind fixes its rate"
    return Rate(tables.lpr.on(accrual.spans[0].first), accrual.terms.basis)


def _span_findings(spans: tuple[ChargedSpan, ...]) -> Iterator[Finding]:
    open_from = date.min
    for index, span in enumerate(spans):
        place = f"spans[{index}]"
        yield from component_findings(span.base, f"{place}.base")
        if span.until < span.first:
            yield Finding(ErrorCode.BAD_ORDER, f"{place}.to", Text("早于 from", "lies before from"))
        if span.first < open_from:
            yield Finding(
                ErrorCode.BAD_ORDER,
                f"{place}.from",
                Text("早于上一段的 to", "lies before the end of the span ahead of it"),
            )
        open_from = span.until
