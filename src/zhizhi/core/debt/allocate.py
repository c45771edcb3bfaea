"""How a payment is allocated: which debt first, which part of it first, and what reaches nobody.

Law: CC 560 (several debts), CC 561 (parts of one debt), CC 546 (assignment); CBRC 2011-2 (cards 91 days overdue).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from zhizhi.core.debt.components import Component, Components, component_findings, owed, read_components
from zhizhi.core.debt.errors import ErrorCode, Finding, refuse_first
from zhizhi.core.debt.facts import Tables
from zhizhi.core.debt.operation import ANY_CURRENCY, Answer, Operation
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.days import FIRST_DAY
from zhizhi.core.kernel.money import Rounding, share
from zhizhi.core.kernel.text import Text

CARD_PRINCIPAL_FIRST_FROM_DAYS = 91
"""A card so many days overdue pays its principal first. Law: CBRC 2011-2."""

SECURITY_RANK_MAX = 99


class DebtKind(StrEnum):
    """Kinds of debt that differ in the order of their parts."""

    LOAN = "loan"
    CARD = "card"


class Creditor(StrEnum):
    """Whom the money reached, where a debt was assigned."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt that a payment may fill."""

    id: str
    kind: DebtKind
    due_on: date
    components: Components
    security: int = 0
    burden: Fraction = Fraction(0)
    order: tuple[Component, ...] = ()

    def in_order(self, paid_on: date) -> list[Component]:
        """The parts above 0, in the order in which money of that day fills them. Boundary: 90 days no, 91 days yes."""
        first = self.order
        if self.kind is DebtKind.CARD and (paid_on - self.due_on).days >= CARD_PRINCIPAL_FIRST_FROM_DAYS:
            first = (Component.PRINCIPAL,)
        parts = (*first, *(part for part in Component if part not in first))
        return [part for part in parts if self.components.get(part, 0) > 0]

    def rung(self, paid_on: date) -> tuple[bool, int, Fraction, date]:
        """Place on the ladder, lowest first: due, less secured, more burdensome, earlier due. Law: CC 560(2)."""
        return (self.due_on > paid_on, self.security, -self.burden, self.due_on)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The debts were assigned: when the debtor had notice of it, and which creditor he paid."""

    notice_on: date
    paid_to: Creditor


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that arrived, and the debts that it may fill."""

    on: date
    amount_minor: int
    debts: tuple[Debt, ...]
    agreed: tuple[str, ...] = ()
    choice: tuple[str, ...] = ()
    assignment: Assignment | None = None

    @property
    def is_misdirected(self) -> bool:
        """True where the old creditor was paid after the day of notice: that discharges nothing. Law: CC 546."""
        return (
            self.assignment is not None
            and self.assignment.paid_to is Creditor.OLD
            and self.on > self.assignment.notice_on
        )

    def findings(self) -> Iterator[Finding]:
        """What is wrong between the values."""
        if self.amount_minor <= 0:
            yield Finding(ErrorCode.BAD_AMOUNT, "amount_minor", Text("须大于 0", "must be above 0"))
        for index, debt in enumerate(self.debts):
            place = f"debts[{index}]"
            yield from component_findings(debt.components, f"{place}.components")
            yield from _repeated(debt.order, f"{place}.order")
            if debt.order and debt.kind is not DebtKind.LOAN:
                yield Finding(ErrorCode.CONFLICT, f"{place}.order", Text("仅适用于贷款", "fits loans only"))
        ids = [debt.id for debt in self.debts]
        yield from _repeated(ids, "debts")
        for key, named in (("agreed", self.agreed), ("choice", self.choice)):
            yield from _repeated(named, key)
            if not set(named) <= set(ids):
                yield Finding(ErrorCode.BAD_REFERENCE, key, Text("指向未列出的债务", "names a debt that is not listed"))

    def answer(self, tables: Tables) -> Answer:
        """The allocation as the format prints it. No table is read."""
        return Answer(allocate(self).to_document(), tuple(_cites(self)))


@dataclass(frozen=True, slots=True)
class AllocatedLine:
    """What one part of one debt received, and what is left of it."""

    debt_id: str
    component: Component
    paid_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where every unit of a payment went: paid + surplus + misdirected is the amount."""

    lines: tuple[AllocatedLine, ...]
    surplus_minor: int
    misdirected_minor: int

    @property
    def paid_minor(self) -> int:
        """Total of the lines."""
        return sum(line.paid_minor for line in self.lines)

    @property
    def left_minor(self) -> int:
        """Total still owed."""
        return sum(line.left_minor for line in self.lines)

    def to_document(self) -> dict[str, object]:
        """The output keys of the format."""
        return {
            "lines": [
                {
                    "debt": line.debt_id,
                    "component": line.component.value,
                    "paid_minor": line.paid_minor,
                    "left_minor": line.left_minor,
                }
                for line in self.lines
            ],
            "paid_minor": self.paid_minor,
            "left_minor": self.left_minor,
            "surplus_minor": self.surplus_minor,
            "misdirected_minor": self.misdirected_minor,
        }


def allocate(payment: Payment) -> Allocation:
    """Allocate the payment to the debts.

    Law: CC 560, CC 561, CC 546. Rounding: largest remainder, among debts equal on the whole ladder.
    Refuses: DebtError, with the first of `payment.findings()`.
    """
    refuse_first(payment.findings())
    unspent = 0 if payment.is_misdirected else payment.amount_minor
    lines: list[AllocatedLine] = []
    for equals in _in_turn(payment):
        owed_on_each = [owed(debt.components) for debt in equals]
        portion = min(unspent, sum(owed_on_each))
        for debt, part in zip(equals, share(portion, owed_on_each), strict=True):
            lines.extend(_fill(debt, part, payment.on))
        unspent -= portion
    misdirected = payment.amount_minor if payment.is_misdirected else 0
    return Allocation(tuple(lines), surplus_minor=unspent, misdirected_minor=misdirected)


def _in_turn(payment: Payment) -> Iterator[list[Debt]]:
    """The debts in turn; those equal in all four steps of the ladder come together, in input order."""
    by_id = {debt.id: debt for debt in payment.debts}
    named = dict.fromkeys((*payment.agreed, *payment.choice))
    for debt_id in named:
        yield [by_id[debt_id]]
    rest = [debt for debt in payment.debts if debt.id not in named]
    rest.sort(key=lambda debt: debt.rung(payment.on))
    for _, equals in groupby(rest, key=lambda debt: debt.rung(payment.on)):
        yield list(equals)


def _fill(debt: Debt, amount_minor: int, paid_on: date) -> Iterator[AllocatedLine]:
    for part in debt.in_order(paid_on):
        owed_minor = debt.components[part]
        paid_minor = min(amount_minor, owed_minor)
        amount_minor -= paid_minor
        yield AllocatedLine(debt.id, part, paid_minor, owed_minor - paid_minor)
    assert amount_minor == 0, "a debt never receives more than is owed on it"


def _cites(payment: Payment) -> Iterator[str]:
    kinds = {debt.kind for debt in payment.debts}
    if len(payment.debts) > 1:
        yield "CC 560"
    if DebtKind.LOAN in kinds:
        yield "CC 561"
    if DebtKind.CARD in kinds:
        yield "CBRC 2011-2"
    if any(debt.components.get(Component.DOUBLE_INTEREST, 0) > 0 for debt in payment.debts):
        yield "SPC double-interest 4"
    if payment.assignment is not None:
        yield "CC 546"


def _repeated(names: tuple[str, ...] | list[str], place: str) -> Iterator[Finding]:
    if any(times > 1 for times in Counter(names).values()):
        yield Finding(ErrorCode.BAD_REFERENCE, place, Text("同一标识出现两次", "names one thing twice"))


def _read(inputs: Fields) -> Payment:
    inputs.keys(required=("on", "amount_minor", "debts"), optional=("agreed", "choice", "assignment"))
    return Payment(
        on=inputs.day("on", FIRST_DAY),
        amount_minor=inputs.money("amount_minor", 0, above_zero=True),
        debts=tuple(_read_debt(debt) for debt in inputs.records("debts", at_least=1)),
        agreed=inputs.texts("agreed"),
        choice=inputs.texts("choice"),
        assignment=_read_assignment(inputs.record("assignment")) if inputs.has("assignment") else None,
    )


def _read_debt(fields: Fields) -> Debt:
    kind = fields.choice("kind", DebtKind, DebtKind.LOAN)
    own = ("order",) if kind is DebtKind.LOAN else ()
    alien = () if own else ("order",)
    fields.keys(required=("id", "kind", "due", "components"), optional=("security", "burden", *own), unused=alien)
    return Debt(
        id=fields.text("id", ""),
        kind=kind,
        due_on=fields.day("due", FIRST_DAY),
        components=read_components(fields.record("components")),
        security=fields.count("security", 0, at_least=0, at_most=SECURITY_RANK_MAX),
        burden=fields.rate("burden", Fraction(0)),
        order=fields.choices("order", Component),
    )


def _read_assignment(fields: Fields) -> Assignment:
    fields.keys(required=("notice_on", "paid_to"))
    return Assignment(fields.day("notice_on", FIRST_DAY), fields.choice("paid_to", Creditor, Creditor.OLD))


OPERATION = Operation(read=_read, currencies=ANY_CURRENCY, rounding=(Rounding.LARGEST_REMAINDER,))
