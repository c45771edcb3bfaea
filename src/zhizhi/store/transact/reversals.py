"""Money that went back: the payment stays, its entries are posted the other way round, and what had followed from it
follows back, in one commit."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.debt.components import Component
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.debts.models import Debt, Entry, Payment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.transact.import_ledger import post_entries
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.owed import of_instalments, reopen_instalments, restore
from zhizhi.store.transact.payments import close_if_cured, refresh_debt, uncount_on_promise
from zhizhi.store.transact.person import LockedPerson, NoSuchRow
from zhizhi.store.transact.relief_money import count_on_relief


@dataclass(frozen=True, slots=True)
class Reversed:
    """What a reversal did: `restored_minor` is owed again."""

    reversal_id: int
    debt_id: int
    amount_minor: int
    restored_minor: int


def write_reversal(person: LockedPerson, payment_id: int, *, by: str, on: date, at: datetime) -> Reversed:
    """Reverse a payment in the caller's transaction, which holds the person.

    Instalments, promises, agreement and waiver follow. Refuses: no such payment, one that was reversed, or history,
    which the amounts of the core knew: only the core takes that back.
    """
    paid = Payment.objects.using("gate").filter(person_id=person.id, id=payment_id, kind="payment").first()
    if paid is None:
        raise NoSuchRow(Text("没有这笔还款", "there is no such payment"))
    if Payment.objects.using("gate").filter(person_id=person.id, reverses_id=paid.id).exists():
        raise Refused("already_reversed", Text("该还款已冲正", "this payment was reversed already"))
    entries = Entry.objects.using("gate").filter(person_id=person.id, payment_id=paid.id, kind="payment")
    parts = {Component(entry.component): int(entry.amount_minor) for entry in entries}
    if paid.applied_minor and not parts:
        raise Refused(
            "of_the_core",
            Text(
                "该还款已含在核心系统金额中，请由核心系统冲正",
                "the core's amounts know this payment; the core reverses it",
            ),
        )
    debt = Debt.objects.using("gate").get(person_id=person.id, id=paid.debt_id)
    reversal = Payment.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        debt_id=debt.id,
        kind="reversal",
        paid_on=on,
        amount_minor=paid.amount_minor,
        applied_minor=sum(parts.values()),
        reference_key=SearchKeys(person.lender_id).identity("reversal", str(paid.id)),
        reverses_id=paid.id,
        source=paid.source,
        recorded_at=at,
    )
    written = {part.value: minor for part, minor in parts.items()}
    post_entries(
        person.id, debt.id, "reversal", written, payment_id=reversal.id, on=on, at=at, is_credit=False, file_id=None
    )
    restore(debt, written)
    reopen_instalments(person.id, debt.id, of_instalments(debt, parts))
    count_on_relief(person, debt, paid.paid_on, on=on, at=at)
    refresh_debt(debt, on)
    uncount_on_promise(person.id, paid.amount_minor, paid.paid_on, on)
    close_if_cured(person.id, on)  # where it stays open it shows what is owed again
    values = {"debt": debt.id, "kind": "reversal", "amount_minor": paid.amount_minor, "reverses": paid.id, "by": by}
    add_leaves([NewLeaf(LeafKind.PAYMENT, at, person.subject, values, person.id, reversal.id, source_table="payment")])
    return Reversed(reversal.id, debt.id, paid.amount_minor, sum(parts.values()))
