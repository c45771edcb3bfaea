"""Creditors are registered, a change of creditor takes effect, its notice is proven: each with its leaf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.consequence.words import Served
from zhizhi.core.creditor.shares import ChangeRefused, Holding, require_holdings
from zhizhi.core.creditor.words import ChangeKind, CreditorKind
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.creditors.models import Creditor, CreditorChange, CreditorHolding, CreditorNotice
from zhizhi.store.debts.models import Debt
from zhizhi.store.ids import ids
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson, lock_persons, writing

CALLED_OFF = "creditor_change"
NO_DEBT = Text("没有这笔未结清的债权", "there is no such debt that is not settled")
NO_CREDITOR = Text("没有登记这个债权人", "there is no such creditor")
KNOWN = Text("该债权人与收款账户已登记", "this creditor with this account is there already")
NO_CHANGE = Text("没有待送达通知的变更", "no change waits for its notice")
SAME_PERSON = Text("申请变更的人不能自己登记送达", "whoever asked for the change does not prove its notice")
BEFORE = Text("送达日早于变更日", "the notice is before the change")
SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class ChangedDebt:
    """One debt of a change, with who holds it afterwards."""

    person_id: int
    debt_id: int
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change of creditor of one debt or of many, as two persons want it."""

    lender_id: int
    kind: ChangeKind
    on: date
    basis: str
    debts: tuple[ChangedDebt, ...]
    asked_by: int
    approval_id: int


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Proof that the notice of a change reached the debtor."""

    person_id: int
    change_id: int
    served_on: date
    how: Served
    evidence: str
    by: int


def add_creditor(lender_id: int, name: str, kind: CreditorKind, pay_to: str, by: int, at: datetime) -> int:
    """A creditor of a lender's book. Refuses: the same one with the same account."""
    rows = Creditor.objects.using("gate")
    if rows.filter(lender_id=lender_id, name=name, pay_to=pay_to).exists():
        raise ChangeRefused("known", KNOWN)
    row = rows.create(lender_id=lender_id, name=name, kind=kind.value, pay_to=pay_to, added_by_id=by, added_at=at)
    return int(row.pk)


def find_creditors(lender_id: int, creditor_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Name and way to pay of these creditors of a lender. Refuses: one that is not there."""
    found = Creditor.objects.using("gate").filter(lender_id=lender_id, pk__in=creditor_ids)
    known = {pk: (name, pay_to) for pk, name, pay_to in found.values_list("pk", "name", "pay_to")}
    if not set(creditor_ids) <= set(known):
        raise ChangeRefused("no_creditor", NO_CREDITOR)
    return known


def creditors_by_name(lender_id: int) -> dict[str, int]:
    """The creditors of a lender by their name; of one with several accounts the latest."""
    rows = Creditor.objects.using("gate").filter(lender_id=lender_id).order_by("pk")
    return dict(rows.values_list("name", "pk"))


def write_change(new: NewChange, at: datetime) -> None:
    """The change takes effect, for all its debts or for none, in the open transaction of its approval: what waits of
    these persons is pulled back, and nothing leaves about the debts until the notice is proven.

    Refuses: a debt that is not there or settled, a creditor of another lender, and as `require_holdings`.
    """
    persons = lock_persons(one.person_id for one in new.debts)
    named = {held.creditor_id for one in new.debts for held in one.holdings}
    find_creditors(new.lender_id, [one for one in named if one is not None])
    for one in new.debts:
        person = persons.get(one.person_id)
        if person is None or person.lender_id != new.lender_id:
            raise ChangeRefused("no_debt", NO_DEBT)
        _write(person, one, new, at)
        cancel_waiting(person.id, at, CALLED_OFF)


def _write(person: LockedPerson, one: ChangedDebt, new: NewChange, at: datetime) -> None:
    debts = Debt.objects.using("gate").filter(person_id=person.id, id=one.debt_id).exclude(state=SETTLED)
    balance = debts.values_list("balance_minor", flat=True).first()
    if balance is None:
        raise ChangeRefused("no_debt", NO_DEBT)
    require_holdings(new.kind, one.holdings, balance, basis=new.basis)
    former = CreditorChange.objects.using("gate").filter(person_id=person.id, debt_id=one.debt_id).count()
    row = CreditorChange.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        lender_id=new.lender_id,
        debt_id=one.debt_id,
        n=former + 1,
        kind=new.kind.value,
        on_day=new.on,
        basis=new.basis,
        balance_minor=balance,
        approval_id=new.approval_id,
        asked_by_id=new.asked_by,
        at=at,
    )
    CreditorHolding.objects.using("gate").bulk_create(
        CreditorHolding(
            person_id=person.id,
            id=ids.take(),
            change_id=row.id,
            place=place,
            creditor_id=held.creditor_id,
            amount_minor=held.amount_minor,
            allowed_minor=held.allowed_minor,
        )
        for place, held in enumerate(one.holdings)
    )
    values = {
        "debt": row.debt_id,
        "n": row.n,
        "kind": row.kind,
        "on": row.on_day.isoformat(),
        "basis": row.basis,
        "balance_minor": row.balance_minor,
        "approval": row.approval_id,
        "asked_by": row.asked_by_id,
        "holdings": [[held.creditor_id, held.amount_minor, held.allowed_minor] for held in one.holdings],
    }
    _log(person, values, int(row.id), "creditor_change", at)


def prove_notice(new: NewNotice, at: datetime) -> None:
    """The notice of a change reached the debtor: its debt is worked again. Refuses: a change that is not there or was
    noticed, a day before it, whoever asked for it."""
    with writing(new.person_id) as person:
        changes = CreditorChange.objects.using("gate").filter(person_id=person.id, id=new.change_id)
        change = changes.first()
        noticed = CreditorNotice.objects.using("gate").filter(person_id=person.id, change_id=new.change_id).exists()
        if change is None or noticed:
            raise ChangeRefused("no_change", NO_CHANGE)
        if change.asked_by_id == new.by:
            raise ChangeRefused("same_person", SAME_PERSON)
        if new.served_on < change.on_day:
            raise ChangeRefused("before", BEFORE)
        row = CreditorNotice.objects.using("gate").create(
            person_id=person.id,
            id=ids.take(),
            change_id=change.id,
            served_on=new.served_on,
            how=new.how.value,
            evidence=new.evidence,
            by_id=new.by,
            at=at,
        )
        values = {
            "change": row.change_id,
            "served_on": row.served_on.isoformat(),
            "how": row.how,
            "evidence": row.evidence,
            "by": row.by_id,
        }
        _log(person, values, int(row.id), "creditor_notice", at)


def _log(person: LockedPerson, values: dict[str, object], row_id: int, table: str, at: datetime) -> None:
    add_leaves([NewLeaf(LeafKind.CREDITOR, at, person.subject, values, person.id, row_id, source_table=table)])
