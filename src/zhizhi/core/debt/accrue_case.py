"""Reading the `in` of an `accrue` case: which keys each kind of interest uses."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from zhizhi.core.debt.accrue import (
    Accrual,
    ChargedSpan,
    Compound,
    Double,
    Penalty,
    PenaltyUse,
    PrivateOverdue,
    Term,
    Terms,
)
from zhizhi.core.debt.components import read_components
from zhizhi.core.debt.facts import TableName
from zhizhi.core.debt.operation import ANY_CURRENCY, Operation
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.days import FIRST_DAY
from zhizhi.core.kernel.money import Rounding
from zhizhi.core.kernel.rates import YEARLY_MAX, Basis, Rate


class AccrualKind(StrEnum):
    """Kinds of interest, as cases write them."""

    TERM = "term"
    PENALTY = "penalty"
    COMPOUND = "compound"
    DOUBLE = "double"
    PRIVATE_OVERDUE = "private_overdue"


_OF_EVERY_KIND = ("kind", "spans")
_REQUIRED: dict[AccrualKind, tuple[str, ...]] = {
    AccrualKind.TERM: ("rate", "basis"),
    AccrualKind.PENALTY: ("contract_rate", "multiple", "use", "basis"),
    AccrualKind.COMPOUND: ("rate", "agreed", "pointed_out", "basis"),
    AccrualKind.DOUBLE: (),
    AccrualKind.PRIVATE_OVERDUE: ("basis",),
}
_OPTIONAL: dict[AccrualKind, tuple[str, ...]] = {
    AccrualKind.TERM: ("withheld_minor", "stop_on"),
    AccrualKind.PENALTY: ("withheld_minor", "stop_on"),
    AccrualKind.COMPOUND: ("stop_on",),
    AccrualKind.DOUBLE: ("stop_on",),
    AccrualKind.PRIVATE_OVERDUE: ("overdue_rate", "term_rate", "withheld_minor", "stop_on"),
}
_ALL = frozenset(key for keys in (*_REQUIRED.values(), *_OPTIONAL.values()) for key in keys)


@dataclass(frozen=True, slots=True)
class _Values:
    """Every value that some kind uses. Those of other kinds are read too: a bad value is found before an unused key."""

    basis: Basis
    rate: Fraction
    contract_rate: Fraction
    multiple: Fraction
    use: PenaltyUse
    agreed: bool
    pointed_out: bool
    overdue_rate: Fraction | None
    term_rate: Fraction | None

    def to_terms(self, kind: AccrualKind | None) -> Terms:
        """The terms of one kind."""
        match kind:
            case AccrualKind.PENALTY:
                return Penalty(Rate(self.contract_rate, self.basis), self.multiple, self.use)
            case AccrualKind.COMPOUND:
                return Compound(Rate(self.rate, self.basis), self.agreed, self.pointed_out)
            case AccrualKind.DOUBLE:
                return Double()
            case AccrualKind.PRIVATE_OVERDUE:
                return PrivateOverdue(self.basis, self.overdue_rate, self.term_rate)
            case AccrualKind.TERM | None:  # an unreadable kind is refused before its terms are looked at
                return Term(Rate(self.rate, self.basis))


def _read(inputs: Fields) -> Accrual:
    kind = inputs.choice("kind", AccrualKind, None)
    _check_keys(inputs, kind)
    return Accrual(
        terms=_read_values(inputs, kind).to_terms(kind),
        spans=tuple(_read_span(span) for span in inputs.records("spans", at_least=1)),
        withheld_minor=inputs.money("withheld_minor", None),
        stop_on=inputs.day("stop_on", None),
    )


def _check_keys(inputs: Fields, kind: AccrualKind | None) -> None:
    if kind is None:
        inputs.keys(_OF_EVERY_KIND, _ALL)
        return
    required, optional = _REQUIRED[kind], _OPTIONAL[kind]
    inputs.keys((*_OF_EVERY_KIND, *required), optional, _ALL.difference(required, optional))


def _read_values(inputs: Fields, kind: AccrualKind | None) -> _Values:
    per_year = (Basis.ACT_360, Basis.ACT_365) if kind is AccrualKind.PRIVATE_OVERDUE else None
    basis = inputs.choice("basis", Basis, None, among=per_year)
    at_most = YEARLY_MAX if basis is None else basis.rate_max
    nothing = Fraction(0)
    return _Values(
        basis=basis or Basis.ACT_365,
        rate=inputs.rate("rate", nothing, at_most=at_most),
        contract_rate=inputs.rate("contract_rate", nothing, at_most=at_most),
        multiple=inputs.rate("multiple", nothing),
        use=inputs.choice("use", PenaltyUse, PenaltyUse.OVERDUE),
        agreed=inputs.flag("agreed", otherwise=False),
        pointed_out=inputs.flag("pointed_out", otherwise=False),
        overdue_rate=inputs.rate("overdue_rate", None, at_most=at_most),
        term_rate=inputs.rate("term_rate", None, at_most=at_most),
    )


def _read_span(fields: Fields) -> ChargedSpan:
    fields.keys(required=("from", "to", "base"))
    return ChargedSpan(
        fields.day("from", FIRST_DAY), fields.day("to", FIRST_DAY), read_components(fields.record("base"))
    )


OPERATION = Operation(
    read=_read,
    currencies=ANY_CURRENCY,
    uses=frozenset({TableName.LPR}),
    rounding=(Rounding.HALF_UP,),
)
