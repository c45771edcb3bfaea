"""What a debt is made of, and the instalments that money fills: what every posting of money needs."""

from collections.abc import Mapping
from datetime import date

from zhizhi.core.debt.allocate import Debt as OwedDebt
from zhizhi.core.debt.allocate import DebtKind, allocate
from zhizhi.core.debt.allocate import Payment as ArrivedPayment
from zhizhi.core.debt.components import Component
from zhizhi.store.debts.models import Debt, Instalment

# Parts of a debt that the ledger of this version keeps.
COMPONENTS = tuple(part for part in Component if part is not Component.DOUBLE_INTEREST)


def components_of(debt: Debt) -> dict[Component, int]:
    """What is owed on a debt by component, those above 0."""
    owed = {part: int(getattr(debt, f"{part.value}_minor")) for part in COMPONENTS}
    return {part: minor for part, minor in owed.items() if minor > 0}


def as_owed(debt: Debt, parts: Mapping[Component, int], paid_on: date) -> OwedDebt:
    """The debt as the law of appropriation sees it, with these parts open."""
    kind = DebtKind.CARD if debt.product == "credit_card" else DebtKind.LOAN
    return OwedDebt(str(debt.id), kind, debt.oldest_unpaid_due_on or paid_on, parts)


def parts_by_law(debt: Debt, amount_minor: int, paid_on: date) -> dict[Component, int]:
    """What a payment fills of a debt; what is left over is surplus. Law: CC 561, CBRC 2011-2."""
    owed = components_of(debt)
    if not owed:
        return {}
    lines = allocate(ArrivedPayment(paid_on, amount_minor, (as_owed(debt, owed, paid_on),))).lines
    return {line.component: line.paid_minor for line in lines if line.paid_minor}


def lower(debt: Debt, parts: Mapping[Component, int]) -> None:
    """Take parts off what is owed; the caller keeps the row."""
    for part, minor in parts.items():
        column = f"{part.value}_minor"
        setattr(debt, column, getattr(debt, column) - minor)
    debt.balance_minor = sum(components_of(debt).values())


def of_instalments(debt: Debt, parts: Mapping[Component, int]) -> int:
    """What of the parts fills instalments: of a loan its principal and term interest, of a card all of the bill."""
    if debt.product != "instalment_loan":
        return sum(parts.values())
    return sum(minor for part, minor in parts.items() if part in (Component.PRINCIPAL, Component.TERM_INTEREST))


def settle_instalments(person_id: int, debt: Debt, paid_minor: int, paid_on: date) -> None:
    """Fill the debt's instalments, oldest due day first."""
    unpaid = Instalment.objects.using("gate").filter(person_id=person_id, debt_id=debt.id).order_by("due_on", "n")
    for instalment in unpaid:
        part = min(paid_minor, instalment.amount_minor - instalment.paid_minor)
        if part <= 0:
            continue
        instalment.paid_minor += part
        paid_minor -= part
        if instalment.paid_minor == instalment.amount_minor:
            instalment.paid_on = paid_on
        Instalment.objects.using("gate").filter(person_id=person_id, id=instalment.id).update(
            paid_minor=instalment.paid_minor, paid_on=instalment.paid_on
        )


def restore(row: Debt, parts: Mapping[str, int]) -> None:
    """Add parts to what is owed; a settled debt is owed again."""
    for part, minor in parts.items():
        setattr(row, f"{part}_minor", getattr(row, f"{part}_minor") + minor)
    row.balance_minor = sum(int(getattr(row, f"{part.value}_minor")) for part in COMPONENTS)
    if row.balance_minor and row.state == "settled":
        row.state = "overdue"


def reopen_instalments(person_id: int, debt_id: int, minor: int) -> None:
    """Take money back from the instalments that it filled, the latest due day first."""
    filled = Instalment.objects.using("gate").filter(person_id=person_id, debt_id=debt_id, paid_minor__gt=0)
    for instalment in filled.order_by("-due_on", "-n"):
        part = min(minor, instalment.paid_minor)
        if part <= 0:
            break
        minor -= part
        Instalment.objects.using("gate").filter(person_id=person_id, id=instalment.id).update(
            paid_minor=instalment.paid_minor - part, paid_on=None
        )
