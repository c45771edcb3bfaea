"""What a person decided about money that came in: one step, in one commit, with whoever is concerned held."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from zhizhi.core.debt.remittance.authority import Step
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.models import Approval
from zhizhi.store.debts.models import Debt, Payment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.remittances.models import Refund, Remittance
from zhizhi.store.remittances.words import BY_PERSON
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.payments import PostedPayment
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, lock_persons
from zhizhi.store.transact.remittances import log_remittance, post_on, put_on, release, words_of
from zhizhi.store.transact.reversals import Reversed, write_reversal

_SETTLED = Text("该来款已有结论或不存在", "this money was dealt with, or is not there")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is done with a remittance; `payment_id` of the same money, `debt_id` to be put on."""

    remittance_id: int
    step: Step
    ground: str
    by: int
    debt_id: int | None = None
    payment_id: int | None = None
    approval_id: int | None = None


def find_debt(lender_id: int, account: str) -> tuple[int, int] | None:
    """Person and debt of an account of this lender."""
    key = SearchKeys(lender_id).identity("account", account)
    rows = Debt.objects.using("gate").filter(lender_id=lender_id, account_key=key)
    return rows.values_list("person_id", "id").first()


def same_payment(remittance_id: int) -> tuple[int, int] | None:
    """Debt and payment of the one payment that may be the same money: of the person it names, of its amount, not
    reversed, next to its day."""
    row = Remittance.objects.using("gate").filter(pk=remittance_id).first()
    if row is None or row.person_id is None:
        return None
    paid = Payment.objects.using("gate").filter(person_id=row.person_id, kind="payment", amount_minor=row.amount_minor)
    back = Payment.objects.using("gate").filter(person_id=row.person_id, kind="reversal").values("reverses_id")
    nearest = sorted(paid.exclude(id__in=back), key=lambda one: (abs((one.paid_on - row.arrived_on).days), one.id))
    return (nearest[0].debt_id, nearest[0].id) if nearest else None


def note_asked(remittance_id: int, at: datetime) -> None:
    """It waits for the second person; nobody else begins with it. Refuses: money that does not wait."""
    with transaction.atomic(using="gate", durable=True):
        row = _waiting(remittance_id, "unmatched")
        row.state = "asked"
        _save(row, at)


def free_asked(remittance_id: int, at: datetime) -> None:
    """Where it waits for a second person and no request about it does any more (taken back, over), it is back in the
    queue."""
    with transaction.atomic(using="gate", durable=True):
        open_requests = Approval.objects.using("gate").filter(
            act="remittance", request__remittance=remittance_id, state="waiting", expires_at__gt=at
        )
        rows = Remittance.objects.using("gate").select_for_update().filter(pk=remittance_id, state="asked")
        row = rows.first()
        if row is not None and not open_requests.exists():
            row.state = "unmatched"
            _save(row, at)


def give_back_to_queue(remittance_id: int, at: datetime) -> None:
    """The second person refused, or the request is over; in the caller's transaction."""
    row = _waiting(remittance_id, "asked")
    row.state = "unmatched"
    _save(row, at)


def take_step(chosen: Chosen, *, today: date, at: datetime) -> PostedPayment | None:
    """Carry out a step in one transaction of its own. Refuses: money that does not wait."""
    with transaction.atomic(using="gate", durable=True):
        return write_step(chosen, today=today, at=at)


def write_step(chosen: Chosen, *, today: date, at: datetime) -> PostedPayment | None:
    """As `take_step`, in the caller's transaction."""
    held = Remittance.objects.using("gate").filter(pk=chosen.remittance_id).values_list("person_id", flat=True).first()
    wanted = {one for one in (held, _person_of(chosen)) if one is not None}
    persons = lock_persons(wanted)
    row = _waiting(chosen.remittance_id, "unmatched" if chosen.approval_id is None else "asked")
    row.ground, row.settled_by_id, row.approval_id = chosen.ground, chosen.by, chosen.approval_id
    if row.person_id is not None:
        release(row, persons[row.person_id], at)
    posted = None
    if chosen.step is Step.RETURN:
        row.state, row.settled_at = "returned", at
    else:
        person = _of_lender(persons.get(_person_of(chosen) or 0), row)
        assert chosen.debt_id is not None, "a step towards a debt names it"
        if chosen.step is Step.SAME:
            assert chosen.payment_id is not None, "the same money as a payment"
            put_on(row, person, chosen.debt_id, chosen.payment_id, state="known", rule=BY_PERSON, at=at)
        else:
            reference = words_of(row)["reference"] or ""
            posted = post_on(row, person, chosen.debt_id, reference, BY_PERSON, today=today, at=at, by=chosen.by)
    _save(row, at)
    return posted


def reverse(person_id: int, payment_id: int, *, by: int, on: date, at: datetime) -> Reversed:
    """Reverse a payment, with the remittance that brought it; in the caller's transaction."""
    person = lock_persons([person_id])[person_id]
    done = write_reversal(person, payment_id, by=f"u{by}", on=on, at=at)
    for row in Remittance.objects.using("gate").filter(person_id=person_id, payment_id=payment_id, state="posted"):
        row.state, row.settled_at = "reversed", at
        _save(row, at)
    return done


def write_refund(
    person_id: int, payment_id: int, amount_minor: int, *, ground: str, approval_id: int, by: int, at: datetime
) -> int:
    """Surplus goes back; in the caller's transaction. The database refuses more than came beyond what was owed."""
    person = lock_persons([person_id])[person_id]
    row = Refund.objects.using("gate").create(
        person_id=person.id,
        id=ids.take(),
        payment_id=payment_id,
        amount_minor=amount_minor,
        approval_id=approval_id,
        ground=ground,
        by_id=by,
        at=at,
    )
    values = {"payment": payment_id, "amount_minor": amount_minor, "approval": approval_id, "ground": ground, "by": by}
    add_leaves([NewLeaf(LeafKind.PAYMENT, at, person.subject, values, person.id, row.id, source_table="refund")])
    return int(row.id)


def _person_of(chosen: Chosen) -> int | None:
    if chosen.debt_id is None:
        return None
    found: int | None = Debt.objects.using("gate").filter(id=chosen.debt_id).values_list("person_id", flat=True).first()
    return found


def _of_lender(person: LockedPerson | None, row: Remittance) -> LockedPerson:
    if person is None or person.lender_id != row.lender_id:
        raise NoSuchRow(Text("没有这笔债权", "there is no such debt"))
    return person


def _waiting(remittance_id: int, state: str) -> Remittance:
    row = Remittance.objects.using("gate").select_for_update().filter(pk=remittance_id).first()
    if row is None or row.state != state:
        raise NoSuchRow(_SETTLED)
    return row


def _save(row: Remittance, at: datetime) -> None:
    row.save(
        using="gate",
        update_fields=[
            *("state", "why", "rule", "person_id", "debt_id", "payment_id", "stop_id", "approval"),
            *("settled_at", "settled_by", "ground"),
        ],
    )
    log_remittance(row, at)
