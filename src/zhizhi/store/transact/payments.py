"""Money that arrives: ledger, instalments, debt and case in one transaction, and collection of what it paid ends
with the commit.

Nobody waits for a job: deliveries that have not left are pulled back here, so from payment to silence is one commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from zhizhi.core.debt.allocate import Debt as OwedDebt
from zhizhi.core.debt.allocate import DebtKind, allocate
from zhizhi.core.debt.allocate import Payment as ArrivedPayment
from zhizhi.core.debt.components import Component
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Case, Promise
from zhizhi.store.debts.models import Debt, Entry, Instalment, Payment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing

# Parts of a debt that the ledger of this version keeps.
COMPONENTS = tuple(part for part in Component if part is not Component.DOUBLE_INTEREST)


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment on one debt, with the payer's or bank's reference."""

    person_id: int
    debt_id: int
    amount_minor: int
    paid_on: date
    reference: str
    source: str
    by: str


@dataclass(frozen=True, slots=True)
class PostedPayment:
    """What became of it; `is_repeated` where the reference was known already and nothing was written."""

    payment_id: int
    applied_minor: int
    surplus_minor: int
    pulled_back: int
    case_exit: str | None
    is_repeated: bool = False


def post_payment(payment: NewPayment, *, today: date, at: datetime) -> PostedPayment:
    """Post a payment. Refuses: a debt of another person."""
    with writing(payment.person_id) as person:
        debt = Debt.objects.using("gate").filter(person_id=payment.person_id, id=payment.debt_id).first()
        if debt is None:
            raise NoSuchRow(Text("没有这笔债权", "there is no such debt"))
        reference = SearchKeys(person.lender_id).identity("payment", payment.reference)
        known = (
            Payment.objects.using("gate").filter(person_id=person.id, reference_key=reference, kind="payment").first()
        )
        if known is not None:
            return PostedPayment(known.id, known.applied_minor, known.amount_minor - known.applied_minor, 0, None, True)
        applied = _post(person, debt, payment, reference, at)
        settle_instalments(person.id, debt, sum(applied.values()), payment.paid_on)
        refresh_debt(debt, today)
        _count_on_promise(person.id, sum(applied.values()), payment.paid_on)
        case_exit = close_if_cured(person.id, today)
        pulled_back = cancel_waiting(person.id, at, "payment")
        row = Payment.objects.using("gate").filter(person_id=person.id, reference_key=reference, kind="payment").get()
        values = {
            "debt": debt.id,
            "amount_minor": payment.amount_minor,
            "applied": {k.value: v for k, v in applied.items()},
            "by": payment.by,
        }
        add_leaves([NewLeaf(LeafKind.PAYMENT, at, person.subject, values, person.id, row.id)])
        return PostedPayment(row.id, row.applied_minor, row.amount_minor - row.applied_minor, pulled_back, case_exit)


def components_of(debt: Debt) -> dict[Component, int]:
    """What is owed on a debt by component, those above 0."""
    owed = {part: int(getattr(debt, f"{part.value}_minor")) for part in COMPONENTS}
    return {part: minor for part, minor in owed.items() if minor > 0}


def _post(
    person: LockedPerson, debt: Debt, payment: NewPayment, reference: UUID, at: datetime
) -> Mapping[Component, int]:
    owed = components_of(debt)
    applied: dict[Component, int] = {}
    if owed:
        kind = DebtKind.CARD if debt.product == "credit_card" else DebtKind.LOAN
        one = OwedDebt(str(debt.id), kind, debt.oldest_unpaid_due_on or payment.paid_on, owed)
        result = allocate(ArrivedPayment(payment.paid_on, payment.amount_minor, (one,)))
        applied = {line.component: line.paid_minor for line in result.lines if line.paid_minor}
    payment_id = ids.take()
    Payment.objects.using("gate").create(
        person_id=person.id,
        id=payment_id,
        debt_id=debt.id,
        kind="payment",
        paid_on=payment.paid_on,
        amount_minor=payment.amount_minor,
        applied_minor=sum(applied.values()),
        reference_key=reference,
        source=payment.source,
        recorded_at=at,
    )
    entries = [
        Entry(
            person_id=person.id,
            id=ids.take(),
            debt_id=debt.id,
            at=at,
            on=payment.paid_on,
            kind="payment",
            component=part.value,
            is_credit=True,
            amount_minor=minor,
            payment_id=payment_id,
        )
        for part, minor in applied.items()
    ]
    Entry.objects.using("gate").bulk_create(entries)
    for part, minor in applied.items():
        column = f"{part.value}_minor"
        setattr(debt, column, getattr(debt, column) - minor)
    debt.balance_minor = sum(components_of(debt).values())
    return applied


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


def refresh_debt(debt: Debt, today: date) -> None:
    """State and oldest unpaid due day after the amounts changed."""
    instalments = Instalment.objects.using("gate").filter(person_id=debt.person_id, debt_id=debt.id)
    open_days = [row.due_on for row in instalments if row.paid_minor < row.amount_minor]
    if debt.balance_minor == 0 and not open_days:
        debt.state, debt.oldest_unpaid_due_on = "settled", None
    elif open_days:
        debt.oldest_unpaid_due_on = min(open_days)
        if debt.state in ("overdue", "not_due"):
            debt.state = "overdue" if debt.oldest_unpaid_due_on < today else "not_due"
    elif not instalments and debt.balance_minor == 0:
        debt.state, debt.oldest_unpaid_due_on = "settled", None
    amounts = {f"{part.value}_minor": getattr(debt, f"{part.value}_minor") for part in COMPONENTS}
    Debt.objects.using("gate").filter(person_id=debt.person_id, id=debt.id).update(
        balance_minor=debt.balance_minor, state=debt.state, oldest_unpaid_due_on=debt.oldest_unpaid_due_on, **amounts
    )


def close_if_cured(person_id: int, today: date) -> str | None:
    """Close the open case where no debt is overdue any more: `settled` where nothing is owed, else `cured`."""
    debts = list(Debt.objects.using("gate").filter(person_id=person_id))
    if any(debt.state in ("overdue", "disputed", "plan_broken") for debt in debts):
        balance = sum(debt.balance_minor for debt in debts if debt.state != "settled")
        Case.objects.using("gate").filter(person_id=person_id, closed_on=None).update(balance_minor=balance)
        return None
    case_exit = "settled" if all(debt.state == "settled" for debt in debts) else "cured"
    closed = Case.objects.using("gate").filter(person_id=person_id, closed_on=None)
    changed = closed.update(
        closed_on=today, exit=case_exit, balance_minor=0 if case_exit == "settled" else _balance(debts)
    )
    return case_exit if changed else None


def _balance(debts: list[Debt]) -> int:
    return sum(debt.balance_minor for debt in debts if debt.state != "settled")


def _count_on_promise(person_id: int, paid_minor: int, paid_on: date) -> None:
    """Count the money on open promises, the earliest due first; one that is full is kept."""
    for promise in Promise.objects.using("gate").filter(person_id=person_id, state="open").order_by("due_on", "id"):
        part = min(paid_minor, promise.amount_minor - promise.paid_minor)
        if part <= 0:
            continue
        paid_minor -= part
        full = promise.paid_minor + part == promise.amount_minor
        Promise.objects.using("gate").filter(person_id=person_id, id=promise.id).update(
            paid_minor=promise.paid_minor + part,
            state="kept" if full else "open",
            settled_on=paid_on if full else None,
        )
