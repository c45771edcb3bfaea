"""Court fees: what a claim, a payment order, a preservation or an enforcement costs.

Law: measures on the payment of litigation costs, articles 13 to 16 (`Fees`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import Tables
from zhizhi.core.debt.operation import CNY_ONLY, Answer, Operation
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.days import FIRST_DAY
from zhizhi.core.kernel.money import Rounding, round_half_up
from zhizhi.core.kernel.text import Text

FEES_RULE_FROM = date(2007, 4, 1)
PRESERVATION_FEE_MAX_MINOR = 500_000

_FEN = 100


class FeeKind(StrEnum):
    """What is asked of the court."""

    CASE = "case"
    PAYMENT_ORDER = "payment_order"
    PRESERVATION = "preservation"
    ENFORCEMENT = "enforcement"


class Procedure(StrEnum):
    """How a case runs or ends."""

    ORDINARY = "ordinary"
    SUMMARY = "summary"
    MEDIATED = "mediated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Steps:
    """A fixed fee up to a first amount, then a rate on each further part. Amounts in yuan; the last step has no end."""

    fixed_up_to: int
    fixed_fee: int
    then: tuple[tuple[int | None, str], ...]

    def fee_minor(self, amount_minor: int) -> Fraction:
        """The fee on an amount, exact. Boundary: an amount at the end of a step lies within it."""
        fee = Fraction(self.fixed_fee * _FEN)
        reached = self.fixed_up_to * _FEN
        for up_to, rate in self.then:
            end = amount_minor if up_to is None else min(amount_minor, up_to * _FEN)
            fee += max(end - reached, 0) * Fraction(rate)
            reached = max(reached, end)
        return fee


_CASE_STEPS = Steps(
    10_000,
    50,
    (
        (100_000, "0.025"),
        (200_000, "0.02"),
        (500_000, "0.015"),
        (1_000_000, "0.01"),
        (2_000_000, "0.009"),
        (5_000_000, "0.008"),
        (10_000_000, "0.007"),
        (20_000_000, "0.006"),
        (None, "0.005"),
    ),
)
_PRESERVATION_STEPS = Steps(1_000, 30, ((100_000, "0.01"), (None, "0.005")))
_ENFORCEMENT_STEPS = Steps(
    10_000, 50, ((500_000, "0.015"), (5_000_000, "0.01"), (10_000_000, "0.005"), (None, "0.001"))
)

_STEPS = {
    FeeKind.CASE: _CASE_STEPS,
    FeeKind.PAYMENT_ORDER: _CASE_STEPS,
    FeeKind.PRESERVATION: _PRESERVATION_STEPS,
    FeeKind.ENFORCEMENT: _ENFORCEMENT_STEPS,
}
_PROCEDURE_CITES = {Procedure.MEDIATED: "Fees 15", Procedure.WITHDRAWN: "Fees 15", Procedure.SUMMARY: "Fees 16"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is asked, on which day, for how much; `procedure` belongs to a case and to nothing else."""

    kind: FeeKind
    on: date
    amount_minor: int
    procedure: Procedure | None = None

    def findings(self) -> Iterator[Finding]:
        """What is wrong between the values."""
        is_case = self.kind is FeeKind.CASE
        if is_case and self.procedure is None:
            yield Finding(ErrorCode.MISSING_KEY, "procedure", Text("缺失", "is missing"))
        if not is_case and self.procedure is not None:
            yield Finding(ErrorCode.CONFLICT, "procedure", Text("在此处不适用", "plays no part here"))
        if self.amount_minor <= 0:
            yield Finding(ErrorCode.BAD_AMOUNT, "amount_minor", Text("须大于 0", "must be above 0"))
        if self.on < FEES_RULE_FROM:
            since = FEES_RULE_FROM.isoformat()
            yield Finding(
                ErrorCode.NOT_IN_FORCE,
                "on",
                Text(f"早于规则施行日 {since}", f"lies before the rule, in force from {since}"),
            )

    def answer(self, tables: Tables) -> Answer:
        """The fee as the format prints it. No table is read."""
        fee = court_fee(self)
        return Answer({"full_fee_minor": fee.full_minor, "fee_minor": fee.minor}, tuple(_cites(self)))


@dataclass(frozen=True, slots=True)
class CourtFee:
    """The fee by the steps alone, and the share of it that is charged."""

    full_minor: int
    minor: int


def court_fee(claim: Claim) -> CourtFee:
    """Reckon the fee of a claim.

    Law: Fees 13, 14, 15, 16. Rounding: half up, each of the two once, from the exact value.
    Refuses: DebtError, with the first of `claim.findings()`.
    """
    refuse_first(claim.findings())
    exact = _STEPS[claim.kind].fee_minor(claim.amount_minor)
    return CourtFee(round_half_up(exact), round_half_up(_charged(claim, exact)))


def _charged(claim: Claim, exact: Fraction) -> Fraction:
    match claim.kind:
        case FeeKind.CASE:
            return exact if claim.procedure is Procedure.ORDINARY else exact / 2
        case FeeKind.PAYMENT_ORDER:
            return exact / 3
        case FeeKind.PRESERVATION:
            return min(exact, Fraction(PRESERVATION_FEE_MAX_MINOR))
        case FeeKind.ENFORCEMENT:
            return exact


def _cites(claim: Claim) -> Iterator[str]:
    if claim.kind in (FeeKind.CASE, FeeKind.PAYMENT_ORDER):
        yield "Fees 13"
    if claim.kind is not FeeKind.CASE:
        yield "Fees 14"
    if claim.procedure in _PROCEDURE_CITES:
        yield _PROCEDURE_CITES[claim.procedure]


def _read(inputs: Fields) -> Claim:
    kind = inputs.choice("kind", FeeKind, None)
    is_case, is_other = kind is FeeKind.CASE, kind not in (FeeKind.CASE, None)
    inputs.keys(
        required=("kind", "on", "amount_minor", *(("procedure",) if is_case else ())),
        optional=("procedure",) if kind is None else (),
        unused=("procedure",) if is_other else (),
    )
    return Claim(
        kind=kind or FeeKind.ENFORCEMENT,
        on=inputs.day("on", FIRST_DAY),
        amount_minor=inputs.money("amount_minor", 0, above_zero=True),
        procedure=inputs.choice("procedure", Procedure, Procedure.ORDINARY if is_case else None),
    )


OPERATION = Operation(read=_read, currencies=CNY_ONLY, rounding=(Rounding.HALF_UP,))
