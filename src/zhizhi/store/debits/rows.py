"""What every step with direct debits reads and writes: its leaf, what is due, what was ordered; the person is held."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections
from django.db.models import Q, Sum

from zhizhi.core.debt.debit.drawing import NOT_WHILE, Drawn, Held, Terms, Try, due_under_plan, hindered, may_draw
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Stop
from zhizhi.store.debits.models import DebitAttempt, DebitMandate
from zhizhi.store.debits.words import ACTIVE, CHARGED_BACK, COUNTED, FAILED, HANDED_OVER, PLANNED, WITHDRAWN
from zhizhi.store.debts.models import Debt
from zhizhi.store.reliefs.models import Relief
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.person import LockedPerson
from zhizhi.store.transact.relief_rows import lines_of


class DebitRefused(Refused):
    """The step cannot be taken; nothing is written."""


GONE = Text("没有这笔代扣或授权，或已不在此状态", "there is no such debit or mandate, or it has moved on")


@dataclass(frozen=True, slots=True)
class Due:
    """What of a debt is due on a day, and since when; of an agreement where there is one."""

    on: date
    minor: int
    relief_id: int | None = None


def due_of(debt: Debt, on: date) -> Due | None:
    """What falls due of an agreement in force, else what is in arrears; None where nothing is."""
    relief = Relief.objects.using("gate").filter(person_id=debt.person_id, debt_id=debt.id, state="accepted").first()
    if relief is not None:
        since, minor = due_under_plan(lines_of(relief), relief.received_minor, on)
        return Due(since, min(minor, debt.balance_minor), relief.id)
    since_on = debt.oldest_unpaid_due_on
    if debt.state not in ("overdue", "not_due", "plan_broken") or since_on is None or since_on > on:
        return None
    return Due(since_on, debt.balance_minor)


def terms_of(mandate: DebitMandate) -> Terms:
    """What it allows."""
    return Terms(
        limit_debit_minor=mandate.limit_debit_minor,
        limit_day_minor=mandate.limit_day_minor,
        income_minor=mandate.income_minor,
        from_on=mandate.from_on,
        until_on=mandate.until_on,
        is_active=mandate.state == ACTIVE,
    )


def amount_of(mandate: DebitMandate, due: Due | None, on: date, at: datetime, own: int = 0) -> int | Held:
    """What may be drawn of a debt on a day, or why nothing; `own`: the order that is looked at again, left out."""
    if _is_stopped(mandate, at):
        return Held.STOPPED
    if due is None:
        return Held.NOTHING_DUE
    rows = DebitAttempt.objects.using("gate").filter(person_id=mandate.person_id).exclude(id=own)
    tries = [
        Try(
            due_on=row.due_on,
            is_under_way=row.state in (PLANNED, HANDED_OVER),
            has_failed=row.state in (FAILED, CHARGED_BACK),
            again_on=row.again_on,
            is_looked_at=row.looked_at is not None,
        )
        for row in rows.filter(debt_id=mandate.debt_id).order_by("-id")
    ]
    held = hindered(tries, due.on, on)
    if held is not None:
        return held
    counted = rows.filter(state__in=COUNTED)
    of_day = counted.filter(mandate_id=mandate.id, on=on)
    of_month = counted.filter(on__gte=on.replace(day=1), on__lt=_next_month(on))
    drawn = Drawn(_sum(of_day), _sum(of_month))
    return may_draw(terms_of(mandate), due.minor, drawn, living_reserve(mandate.lender_id, on), on)


def living_reserve(lender_id: int, on: date) -> int:
    """What stays with each debtor a month, in minor units."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT zhizhi_living_reserve(%s, %s)", [lender_id, on])
        return int(cursor.fetchone()[0])


def failures_of(attempt: DebitAttempt) -> int:
    """How often what is due since the same day has failed before."""
    rows = DebitAttempt.objects.using("gate").filter(
        person_id=attempt.person_id, debt_id=attempt.debt_id, due_on=attempt.due_on, state=FAILED
    )
    return int(rows.exclude(id=attempt.id).count())


def withdraw(person: LockedPerson, attempt: DebitAttempt, ground: str, at: datetime) -> None:
    """Take an order back that has not left; what it was for is planned anew."""
    attempt.state, attempt.ended_at, attempt.ground = WITHDRAWN, at, ground
    attempt.again_on = attempt.on + timedelta(days=1)
    save_attempt(person, attempt, at)


def save_mandate(person: LockedPerson, row: DebitMandate, at: datetime) -> None:
    """Write what moved of a mandate, with its leaf."""
    DebitMandate.objects.using("gate").filter(person_id=person.id, id=row.id).update(
        state=row.state,
        approval_id=row.approval_id,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ended_ground=row.ended_ground,
    )
    log_mandate(person, row, at)


def log_mandate(person: LockedPerson, row: DebitMandate, at: datetime) -> None:
    """A leaf of the mandate as it stands."""
    values = {
        "debt": row.debt_id,
        "signed_on": row.signed_on.isoformat(),
        "signed_how": row.signed_how,
        "limit_debit_minor": row.limit_debit_minor,
        "limit_day_minor": row.limit_day_minor,
        "income_minor": row.income_minor,
        "state": row.state,
        "approval": row.approval_id,
        "ended_by": row.ended_by,
        "ended_ground": row.ended_ground,
    }
    leaf = NewLeaf(LeafKind.CONSENT, at, person.subject, values, person.id, row.id, source_table="debit_mandate")
    add_leaves([leaf])


def save_attempt(person: LockedPerson, row: DebitAttempt, at: datetime) -> None:
    """Write what moved of an order, with its leaf; its batch is for `store/debits/batches.py`."""
    DebitAttempt.objects.using("gate").filter(person_id=person.id, id=row.id).update(
        state=row.state,
        stop_id=row.stop_id,
        result_by=row.result_by,
        failure=row.failure,
        again_on=row.again_on,
        remittance_id=row.remittance_id,
        ended_at=row.ended_at,
        looked_by=row.looked_by,
        looked_at=row.looked_at,
        ground=row.ground,
    )
    log_attempt(person, row, at)


def log_attempt(person: LockedPerson, row: DebitAttempt, at: datetime) -> None:
    """A leaf of the order as it stands."""
    values = {
        "debt": row.debt_id,
        "mandate": row.mandate_id,
        "order": row.number,
        "on": row.on.isoformat(),
        "amount_minor": row.amount_minor,
        "state": row.state,
        "failure": row.failure,
        "remittance": row.remittance_id,
        "looked_by": row.looked_by,
        "ground": row.ground,
    }
    leaf = NewLeaf(LeafKind.PAYMENT, at, person.subject, values, person.id, row.id, source_table="debit_attempt")
    add_leaves([leaf])


def _is_stopped(mandate: DebitMandate, at: datetime) -> bool:
    rows = Stop.objects.using("gate").filter(
        Q(debt_id=None) | Q(debt_id=mandate.debt_id), person_id=mandate.person_id, lifted_at=None, kind__in=NOT_WHILE
    )
    return bool(rows.exclude(until_at__lte=at).exists())


def _sum(rows: object) -> int:
    return int(rows.aggregate(in_all=Sum("amount_minor"))["in_all"] or 0)  # type: ignore[attr-defined]  # a queryset


def _next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)
