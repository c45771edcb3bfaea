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
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import day_in, zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Case, Promise
from zhizhi.store.contacts.models import Hold
from zhizhi.store.debts.models import Debt, Entry, Instalment, Payment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing

BEIJING = zone_of("Asia/Shanghai")
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
    """Post a payment. Refuses: a debt of another person, a reference that came with another debt or amount."""
    with writing(payment.person_id) as person:
        debt = Debt.objects.using("gate").filter(person_id=payment.person_id, id=payment.debt_id).first()
        if debt is None:
            raise NoSuchRow(Text("没有这笔债权", "there is no such debt"))
        reference = SearchKeys(person.lender_id).identity("payment", payment.reference)
        known = (
            Payment.objects.using("gate").filter(person_id=person.id, reference_key=reference, kind="payment").first()
        )
        if known is not None:
            return _repeated(known, payment)
        row, applied = _post(person, debt, payment, reference, at)
        settle_instalments(person.id, debt, _of_instalments(debt, applied), payment.paid_on)
        refresh_debt(debt, today)
        count_on_promise(person.id, payment.amount_minor, payment.paid_on)
        pulled_back = cancel_waiting(person.id, at, "payment")
        case_exit = close_if_cured(person.id, today)
        values = {
            "debt": debt.id,
            "kind": row.kind,
            "amount_minor": payment.amount_minor,
            "applied": {k.value: v for k, v in applied.items()},
            "by": payment.by,
        }
        leaf = NewLeaf(LeafKind.PAYMENT, at, person.subject, values, person.id, row.id, source_table="payment")
        add_leaves([leaf])
        surplus = row.amount_minor - row.applied_minor
        return PostedPayment(row.id, row.applied_minor, surplus, pulled_back, case_exit)


def _repeated(known: Payment, payment: NewPayment) -> PostedPayment:
    """The same reference again: nothing changes, and it must speak of the same money."""
    if (known.debt_id, known.amount_minor) != (payment.debt_id, payment.amount_minor):
        raise Refused(
            "other_payment",
            Text(
                "该流水号已用于另一笔还款；请核对流水号",
                "this reference belongs to another payment; help: check the reference",
            ),
        )
    return PostedPayment(known.id, known.applied_minor, known.amount_minor - known.applied_minor, 0, None, True)


def _of_instalments(debt: Debt, applied: Mapping[Component, int]) -> int:
    """What of a payment fills instalments: of a loan its principal and term interest, of a card all of the bill."""
    if debt.product != "instalment_loan":
        return sum(applied.values())
    return sum(minor for part, minor in applied.items() if part in (Component.PRINCIPAL, Component.TERM_INTEREST))


def components_of(debt: Debt) -> dict[Component, int]:
    """What is owed on a debt by component, those above 0."""
    owed = {part: int(getattr(debt, f"{part.value}_minor")) for part in COMPONENTS}
    return {part: minor for part, minor in owed.items() if minor > 0}


def _post(
    person: LockedPerson, debt: Debt, payment: NewPayment, reference: UUID, at: datetime
) -> tuple[Payment, Mapping[Component, int]]:
    owed = components_of(debt)
    applied: dict[Component, int] = {}
    if owed:
        kind = DebtKind.CARD if debt.product == "credit_card" else DebtKind.LOAN
        one = OwedDebt(str(debt.id), kind, debt.oldest_unpaid_due_on or payment.paid_on, owed)
        result = allocate(ArrivedPayment(payment.paid_on, payment.amount_minor, (one,)))
        applied = {line.component: line.paid_minor for line in result.lines if line.paid_minor}
    row = Payment.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
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
            payment_id=row.id,
        )
        for part, minor in applied.items()
    ]
    Entry.objects.using("gate").bulk_create(entries)
    for part, minor in applied.items():
        column = f"{part.value}_minor"
        setattr(debt, column, getattr(debt, column) - minor)
    debt.balance_minor = sum(components_of(debt).values())
    return row, applied


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
    """State and oldest unpaid due day after the amounts changed.

    The balance is what is due and not paid: at nil, only instalments that are still to come are open. While something
    of it is left, its oldest due day stays even where every instalment of the past is filled (costs, penalties).
    A plan, a dispute and a transfer are states that others set and end; only settling ends them here.
    """
    unpaid = [
        row.due_on
        for row in Instalment.objects.using("gate").filter(person_id=debt.person_id, debt_id=debt.id)
        if row.paid_minor < row.amount_minor
    ]
    due = [day for day in unpaid if day <= today]
    coming = [day for day in unpaid if day > today]
    if debt.balance_minor == 0:
        debt.oldest_unpaid_due_on = min(coming, default=None)
        if not coming:
            debt.state = "settled"
    elif due:
        debt.oldest_unpaid_due_on = min(due)
    elif debt.oldest_unpaid_due_on is None:
        debt.oldest_unpaid_due_on = min(coming, default=today)
    if debt.state in ("overdue", "not_due") and debt.oldest_unpaid_due_on is not None:
        debt.state = "overdue" if debt.oldest_unpaid_due_on < today else "not_due"
    amounts = {f"{part.value}_minor": getattr(debt, f"{part.value}_minor") for part in COMPONENTS}
    Debt.objects.using("gate").filter(person_id=debt.person_id, id=debt.id).update(
        balance_minor=debt.balance_minor, state=debt.state, oldest_unpaid_due_on=debt.oldest_unpaid_due_on, **amounts
    )


def close_if_cured(person_id: int, today: date) -> str | None:
    """Close the open case where nothing is due any more: `settled` where nothing is owed, else `cured`.

    A dispute, a plan that performs or is broken keep the case open: they are worked on, not paid. Where the case stays,
    it shows what is left. Answers the exit.
    """
    debts = [debt for debt in Debt.objects.using("gate").filter(person_id=person_id) if debt.state != "settled"]
    balance = sum(debt.balance_minor for debt in debts)
    case = Case.objects.using("gate").filter(person_id=person_id, closed_on=None)
    if any(_keeps_open(debt, today) for debt in debts):
        oldest = [debt.oldest_unpaid_due_on for debt in debts if debt.oldest_unpaid_due_on is not None]
        days = {"days_past_due": (today - min(oldest)).days} if oldest else {}
        case.update(balance_minor=balance, **days)
        return None
    case_exit = "cured" if debts else "settled"
    if not case.update(closed_on=today, exit=case_exit, balance_minor=balance):
        return None
    Hold.objects.using("gate").filter(person_id=person_id, state="open").update(state="lapsed")
    return case_exit


def _keeps_open(debt: Debt, today: date) -> bool:
    if debt.state in ("disputed", "plan_broken", "plan_performing", "overdue"):
        return True
    due_on = debt.oldest_unpaid_due_on
    return debt.state == "not_due" and debt.balance_minor > 0 and due_on is not None and due_on <= today


def count_on_promise(person_id: int, paid_minor: int, paid_on: date) -> None:
    """Count money on promises, the earliest due first; one that is full is kept.

    Money counts by the day it was paid, between the promise and its day, also where it became known after the promise
    was taken for broken. Money of a later day keeps nothing.
    """
    promises = Promise.objects.using("gate").filter(
        person_id=person_id, state__in=("open", "broken"), due_on__gte=paid_on
    )
    for promise in promises.order_by("due_on", "id"):
        if day_in(BEIJING, promise.promised_at) > paid_on:
            continue
        part = min(paid_minor, promise.amount_minor - promise.paid_minor)
        if part <= 0:
            continue
        paid_minor -= part
        full = promise.paid_minor + part == promise.amount_minor
        kept = {"state": "kept", "settled_on": paid_on} if full else {}
        Promise.objects.using("gate").filter(person_id=person_id, id=promise.id).update(
            paid_minor=promise.paid_minor + part, **kept
        )
