"""A batch of orders: asked for, agreed to by a second person, handed over one by one, written once.

An order counts as under way, and holds contacts, from before the file exists: a worker that dies in between leaves
somebody alone for nothing, and never the other way round.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from zhizhi.core.debt.debit.drawing import RESULT_WITHIN, Held
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.models import Approval
from zhizhi.store.debits.models import DebitAttempt, DebitBatch, DebitMandate, LivingReserve
from zhizhi.store.debits.rows import GONE, DebitRefused, amount_of, due_of, save_attempt, withdraw
from zhizhi.store.debits.words import ASKED, HANDED_OVER, HELD_BY, PLANNED, REFUSED
from zhizhi.store.debts.models import Debt
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.models import Person
from zhizhi.store.transact.person import LockedPerson, writing
from zhizhi.store.transact.stops import NewStop, write_stop

ORDERS_MAX = 5_000
_NOTHING = Text("没有待提交的代扣", "no debit waits to be handed over")


@dataclass(frozen=True, slots=True)
class AskedBatch:
    """A batch that waits for a second person."""

    id: int
    on: date
    orders: int
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Order:
    """A line of the file. `token`: the bank's name for the account."""

    number: str
    token: str = field(repr=False)
    amount_minor: int
    currency: str
    on: date


def ask_batch(lender_id: int, *, by: int, at: datetime) -> AskedBatch:
    """Put what is planned into a batch. Refuses: nothing is. What a request brought together that is over is free
    again."""
    with transaction.atomic(using="gate", durable=True):
        _free_batches(lender_id, at)
        planned = DebitAttempt.objects.using("gate").filter(lender_id=lender_id, state=PLANNED, batch=None)
        currency = planned.order_by("currency").values_list("currency", flat=True).first()
        chosen = list(planned.filter(currency=currency).order_by("id").values_list("id", flat=True)[:ORDERS_MAX])
        if currency is None or not chosen:
            raise DebitRefused("nothing_planned", _NOTHING)
        # Orders may end beside this, and those are left out: what is asked for is counted of the rows that it took.
        rows = list(planned.filter(id__in=chosen).select_for_update().order_by("id"))
        batch = DebitBatch.objects.using("gate").create(
            lender_id=lender_id,
            on=max(row.on for row in rows),
            orders=len(rows),
            total_minor=sum(row.amount_minor for row in rows),
            currency=currency,
            asked_by_id=by,
            asked_at=at,
        )
        DebitAttempt.objects.using("gate").filter(id__in=[row.id for row in rows], state=PLANNED).update(batch=batch)
        return AskedBatch(batch.pk, batch.on, batch.orders, batch.total_minor, currency)


def _free_batches(lender_id: int, at: datetime) -> None:
    """Batches about which no request waits any more (taken back, over, never made) are refused."""
    for batch in DebitBatch.objects.using("gate").select_for_update().filter(lender_id=lender_id, state=ASKED):
        waiting = Approval.objects.using("gate").filter(
            act="debit", request__batch=batch.pk, state="waiting", expires_at__gt=at
        )
        if not waiting.exists():
            _refuse(batch)


def rule_batch(batch_id: int, approval_id: int, *, approve: bool) -> None:
    """A second person's word, in the caller's open transaction. Refuses: one that does not wait any more."""
    batch = DebitBatch.objects.using("gate").select_for_update().filter(pk=batch_id, state=ASKED).first()
    if batch is None:
        if approve:
            raise DebitRefused("gone", GONE)
        return
    if not approve:
        _refuse(batch)
        return
    batch.state, batch.approval_id = "approved", approval_id
    batch.save(using="gate", update_fields=["state", "approval"])


def _refuse(batch: DebitBatch) -> None:
    batch.state = REFUSED
    batch.save(using="gate", update_fields=["state"])
    DebitAttempt.objects.using("gate").filter(batch=batch, state=PLANNED).update(batch=None)


def set_reserve(lender_id: int, reserve_minor: int, from_on: date, approval_id: int, *, by: int, at: datetime) -> None:
    """What stays with each debtor a month, in the caller's open transaction."""
    LivingReserve.objects.using("gate").create(
        lender_id=lender_id,
        reserve_minor=reserve_minor,
        from_on=from_on,
        approval_id=approval_id,
        set_by_id=by,
        set_at=at,
    )


def approved_batches() -> list[int]:
    """Batches whose file is to be written, the oldest first."""
    return list(DebitBatch.objects.using("gate").filter(state="approved").order_by("pk").values_list("pk", flat=True))


def hand_over(batch_id: int, at: datetime, beat: Callable[[], None] = lambda: None) -> None:
    """Say of each order of an approved batch that it is under way, or take it back where it may not be drawn any more.

    Each in its own transaction, with the stop that holds contacts; doing it again changes nothing.
    """
    rows = DebitAttempt.objects.using("gate").filter(batch_id=batch_id, state=PLANNED)
    for person_id, attempt_id in rows.order_by("person_id", "id").values_list("person_id", "id"):
        with writing(person_id) as person:
            _hand_over(person, attempt_id, at)
        beat()


def _hand_over(person: LockedPerson, attempt_id: int, at: datetime) -> None:
    attempt = DebitAttempt.objects.using("gate").filter(person_id=person.id, id=attempt_id, state=PLANNED).first()
    if attempt is None:
        return
    mandate = DebitMandate.objects.using("gate").get(person_id=person.id, id=attempt.mandate_id)
    debt = Debt.objects.using("gate").get(person_id=person.id, id=attempt.debt_id)
    now = amount_of(mandate, due_of(debt, attempt.on), attempt.on, at, own=attempt.id)
    if person.data_key is None or not isinstance(now, int) or now < attempt.amount_minor:
        why = now.label.zh if isinstance(now, Held) else "应还或限额已变"
        withdraw(person, attempt, why, at)
        return
    attempt.state, attempt.result_by = HANDED_OVER, day_in(BEIJING, at) + RESULT_WITHIN
    ground = f"代扣 {attempt.number} 处理中"
    attempt.stop_id = write_stop(person, NewStop(HELD_BY, debt.id, ground, None, "system"), at)
    save_attempt(person, attempt, at)


def orders_of(batch_id: int) -> list[Order]:
    """The lines of the file of a batch, by number; the same each time it is asked."""
    rows = DebitAttempt.objects.using("gate").filter(batch_id=batch_id).exclude(state__in=(PLANNED, "withdrawn"))
    found = []
    for row in rows.order_by("number"):
        mandate = DebitMandate.objects.using("gate").get(person_id=row.person_id, id=row.mandate_id)
        data_key = Person.objects.using("gate").values_list("data_key", flat=True).get(id=row.person_id)
        secrets = person_seal(data_key).open_json(mandate.sealed, f"debit_mandate/{mandate.id}")
        found.append(Order(row.number, secrets["token"], row.amount_minor, row.currency, row.on))
    return found


def note_written(batch_id: int, digest: str, at: datetime) -> None:
    """Its file is there; in one transaction of its own."""
    with transaction.atomic(using="gate", durable=True):
        DebitBatch.objects.using("gate").filter(pk=batch_id, state="approved").update(
            state="written", written_at=at, digest=digest
        )
