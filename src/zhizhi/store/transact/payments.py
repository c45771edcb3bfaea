"""Money that arrives: ledger, instalments, debt and case in one transaction, and collection of what it paid ends
with the commit.

Nobody waits for a job: deliveries that have not left are pulled back here, so from payment to silence is one commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from zhizhi.core.debt.components import Component
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Case, Promise
from zhizhi.store.contacts.models import Hold
from zhizhi.store.debts.models import Debt, Entry, Instalment, Payment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.reliefs.models import Relief
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.owed import COMPONENTS, lower, of_instalments, settle_instalments
from zhizhi.store.transact.paid_claims import meet_claims
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, writing
from zhizhi.store.transact.relief_money import count_on_relief, paid_parts


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
        return write_payment(person, payment, today=today, at=at)


def write_payment(person: LockedPerson, payment: NewPayment, *, today: date, at: datetime) -> PostedPayment:
    """As `post_payment`, in the caller's transaction, which holds the person."""
    debt = Debt.objects.using("gate").filter(person_id=person.id, id=payment.debt_id).first()
    if debt is None:
        raise NoSuchRow(Text("没有这笔债权", "there is no such debt"))
    reference = SearchKeys(person.lender_id).identity("payment", payment.reference)
    known = Payment.objects.using("gate").filter(person_id=person.id, reference_key=reference, kind="payment").first()
    if known is not None:
        return _repeated(known, payment)
    row, applied = _post(person, debt, payment, reference, at)
    settle_instalments(person.id, debt, of_instalments(debt, applied), payment.paid_on)
    count_on_relief(person, debt, payment.paid_on, on=today, at=at)
    refresh_debt(debt, today)
    count_on_promise(person.id, payment.amount_minor, payment.paid_on)
    pulled_back = cancel_waiting(person.id, at, "payment")
    meet_claims(person, debt.id, payment.amount_minor, payment.paid_on, at)
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


def _post(
    person: LockedPerson, debt: Debt, payment: NewPayment, reference: UUID, at: datetime
) -> tuple[Payment, Mapping[Component, int]]:
    applied = paid_parts(person, debt, payment.amount_minor, payment.paid_on, at)
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
    lower(debt, applied)
    return row, applied


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
    """Close the open case where nothing is due any more: `settled` where nothing is owed, `settled_with_waiver` where
    something of it was waived, else `cured`.

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
    case_exit = "cured" if debts else "settled_with_waiver" if _was_waived(person_id) else "settled"
    if not case.update(closed_on=today, exit=case_exit, balance_minor=balance):
        return None
    Hold.objects.using("gate").filter(person_id=person_id, state="open").update(state="lapsed")
    return case_exit


def _was_waived(person_id: int) -> bool:
    """Whether anything was waived since the open case began."""
    opened = Case.objects.using("gate").filter(person_id=person_id, closed_on=None).values_list("opened_on", flat=True)
    performed = Relief.objects.using("gate").filter(person_id=person_id, state="performed", posted_minor__gt=0)
    return any(performed.filter(ended_on__gte=day).exists() for day in opened)


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


def uncount_on_promise(person_id: int, minor: int, paid_on: date, today: date) -> None:
    """Money went back: what it had filled of promises is open again, the latest due first; one whose day is over is
    broken.

    Boundary: promises that were given after the day it was paid, or were due before it, never counted it.
    """
    promises = Promise.objects.using("gate").filter(person_id=person_id, due_on__gte=paid_on, paid_minor__gt=0)
    for promise in promises.order_by("-due_on", "-id"):
        part = min(minor, promise.paid_minor)
        if part <= 0 or day_in(BEIJING, promise.promised_at) > paid_on:
            continue
        minor -= part
        state = "open" if promise.due_on >= today else "broken"
        settled = {"state": state, "settled_on": None if state == "open" else today} if promise.state == "kept" else {}
        Promise.objects.using("gate").filter(person_id=person_id, id=promise.id).update(
            paid_minor=promise.paid_minor - part, **settled
        )
