"""Money under an agreement: what it fills, the waiver once all has arrived, and the way back when money goes back.

What has arrived is a function of the payments on the debt since the day of acceptance, so that counting twice, late or
after a reversal comes out the same.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import connections

from zhizhi.core.debt.allocate import Debt as OwedDebt
from zhizhi.core.debt.components import Component
from zhizhi.core.debt.relief.progress import missed_on, parts_for, to_waive
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.debts.models import Debt, Entry
from zhizhi.store.ids import ids
from zhizhi.store.reliefs.models import Relief, ReliefPart
from zhizhi.store.transact.owed import (
    as_owed,
    components_of,
    lower,
    of_instalments,
    parts_by_law,
    reopen_instalments,
    restore,
    settle_instalments,
)
from zhizhi.store.transact.person import LockedPerson
from zhizhi.store.transact.relief_rows import facts_stand, lines_of, move, note_if_open, parts_of
from zhizhi.store.transact.reliefs import accept
from zhizhi.store.transact.stops import write_lift

_RECEIVED = """
SELECT coalesce(sum(p.amount_minor), 0)::bigint FROM payment p
WHERE p.person_id = %s AND p.debt_id = %s AND p.kind = 'payment' AND p.paid_on >= %s
  AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.person_id = p.person_id AND r.reverses_id = p.id)
"""
_PERFORMED = Text(
    "协商减免已履行：应还 {due} 已到账，减免 {posted} 已入账", "agreement performed: {due} arrived, {posted} was waived"
)
_MONEY_BACK = Text(
    "已到账款项被退回，减免撤销，协商减免失效；现欠 {owed}",
    "money went back, the waiver is undone and the agreement broken; {owed} is owed",
)


def paid_parts(
    person: LockedPerson, debt: Debt, amount_minor: int, paid_on: date, at: datetime
) -> dict[Component, int]:
    """What a payment fills of a debt: under an agreement what that asks for, else in the order of law. Who pays the
    first payment of an offer that was given has accepted it.

    Law: CC 561, CBRC 2011-2; CC 480 (acceptance by conduct).
    """
    relief = _agreement(person, debt, amount_minor, paid_on, at)
    if relief is not None:
        owed = components_of(debt)
        agreed = parts_for(_left_of(relief, debt, paid_on), amount_minor, paid_on)
        filled = {part: min(minor, owed.get(part, 0)) for part, minor in agreed.items()}
        return {part: minor for part, minor in filled.items() if minor}
    return parts_by_law(debt, amount_minor, paid_on)


def count_on_relief(person: LockedPerson, debt: Debt, paid_on: date, *, on: date, at: datetime) -> bool:
    """Count the payments of a debt on its agreement; once all has arrived the waiver is posted, and undone where money
    of it went back. The payment's row is written; the caller keeps `debt` afterwards. Answers whether anything changed.
    """
    relief = _latest(person.id, debt.id, "accepted", "performed")
    if relief is None or relief.accepted_on is None:
        return False
    with connections["gate"].cursor() as cursor:
        cursor.execute(_RECEIVED, [person.id, debt.id, relief.accepted_on])
        arrived_minor = int(cursor.fetchone()[0])
    received_minor = min(arrived_minor, relief.due_minor)
    if received_minor == relief.received_minor:
        return False
    _spread(relief, debt, received_minor - relief.received_minor, paid_on)
    relief.received_minor = received_minor
    if relief.state == "performed":
        _undo(person, relief, debt, on, at)
    elif received_minor == relief.due_minor:
        _perform(person, relief, debt, on, at)
    else:
        relief.ends_on = missed_on(lines_of(relief), received_minor, relief.grace_days)
        move(person, relief, "accepted", "payment", at)
    return True


def debts_agreed_on(person_ids: Iterable[int]) -> set[int]:
    """The debts of persons with an agreement, or an offer, that payments may count on."""
    rows = Relief.objects.using("gate").filter(person_id__in=person_ids, state__in=("given", "accepted", "performed"))
    return set(rows.values_list("debt_id", flat=True))


def end_agreement(person: LockedPerson, relief: Relief, debt: Debt, state: str, *, on: date, at: datetime) -> None:
    """It was not kept: what was waived on paper is owed as it always stood in the ledger, and collection may go on."""
    relief.ends_on, relief.ended_on = None, on
    move(person, relief, state, "system", at)
    if debt.state == "plan_performing":
        debt.state = "overdue" if state == "expired" else "plan_broken"
        Debt.objects.using("gate").filter(person_id=person.id, id=debt.id).update(state=debt.state)
    _lift(person, relief, f"协商减免{'过期' if state == 'expired' else '违约'}（{relief.offer}）", at)


def _agreement(person: LockedPerson, debt: Debt, amount_minor: int, paid_on: date, at: datetime) -> Relief | None:
    """The agreement that money of this day counts on."""
    relief = _latest(person.id, debt.id, "accepted", "given")
    if relief is None:
        return None
    if relief.state == "given":
        assert relief.given_at is not None, "told at an instant"
        is_acceptance = (
            day_in(BEIJING, relief.given_at) <= paid_on <= relief.valid_until_on
            and amount_minor >= lines_of(relief)[0].amount_minor
            and facts_stand(relief, debt)
        )
        if not is_acceptance:
            return None
        accept(person, relief, debt, by="payment", on=paid_on, at=at)
    assert relief.accepted_on is not None, "accepted on a day"
    return relief if paid_on >= relief.accepted_on else None


def _latest(person_id: int, debt_id: int, *states: str) -> Relief | None:
    rows = Relief.objects.using("gate").filter(person_id=person_id, debt_id=debt_id, state__in=states)
    relief: Relief | None = rows.order_by("-proposed_at", "-id").first()
    return relief


def _left_of(relief: Relief, debt: Debt, paid_on: date) -> OwedDebt:
    left = {Component(part.component): part.due_minor - part.received_minor for part in parts_of(relief)}
    return as_owed(debt, {part: minor for part, minor in left.items() if minor}, paid_on)


def _spread(relief: Relief, debt: Debt, more_minor: int, paid_on: date) -> None:
    """Over the components: in the order of law what came, the other way round what went back."""
    if more_minor > 0:
        filled = parts_for(_left_of(relief, debt, paid_on), more_minor, paid_on)
    else:
        filled, back_minor = {}, -more_minor
        for part in reversed(parts_of(relief)):
            taken = min(back_minor, part.received_minor)
            filled[Component(part.component)] = -taken
            back_minor -= taken
    for part in parts_of(relief):
        if change := filled.get(Component(part.component), 0):
            ReliefPart.objects.using("gate").filter(person_id=relief.person_id, id=part.id).update(
                received_minor=part.received_minor + change
            )


def _perform(person: LockedPerson, relief: Relief, debt: Debt, on: date, at: datetime) -> None:
    waived = {Component(part.component): part.waived_minor for part in parts_of(relief)}
    posted = to_waive(waived, components_of(debt))
    relief.posted_minor = sum(posted.values())
    relief.ends_on, relief.ended_on = None, on
    move(person, relief, "performed", "payment", at)
    _post(relief, debt, "waiver", posted, is_credit=True, on=on, at=at)
    lower(debt, posted)
    settle_instalments(person.id, debt, of_instalments(debt, posted), on)
    debt.state = "overdue"  # whoever keeps the debt now finds its state by its days
    _lift(person, relief, f"协商减免已履行（{relief.offer}）", at)
    words = _PERFORMED.fill(due=_yuan(relief.due_minor, relief), posted=_yuan(relief.posted_minor, relief))
    note_if_open(person, words, "NONE", on, at)


def _undo(person: LockedPerson, relief: Relief, debt: Debt, on: date, at: datetime) -> None:
    """Money of a performed agreement went back: what was waived for it is owed again."""
    rows = Entry.objects.using("gate").filter(person_id=person.id, relief_id=relief.id, kind="waiver")
    parts = {Component(row.component): int(row.amount_minor) for row in rows.filter(debt_id=debt.id)}
    relief.posted_minor = 0
    move(person, relief, "broken", "reversal", at)
    restore(debt, {part.value: minor for part, minor in parts.items()})
    reopen_instalments(person.id, debt.id, of_instalments(debt, parts))
    _post(relief, debt, "reversal", parts, is_credit=False, on=on, at=at)
    note_if_open(person, _MONEY_BACK.fill(owed=_yuan(debt.balance_minor, relief)), "CALL", on, at)


def _post(
    relief: Relief, debt: Debt, kind: str, parts: Mapping[Component, int], *, is_credit: bool, on: date, at: datetime
) -> None:
    Entry.objects.using("gate").bulk_create(
        Entry(
            person_id=relief.person_id,
            id=ids.take(),
            debt_id=debt.id,
            at=at,
            on=on,
            kind=kind,
            component=part.value,
            is_credit=is_credit,
            amount_minor=minor,
            relief_id=relief.id,
        )
        for part, minor in parts.items()
    )


def _lift(person: LockedPerson, relief: Relief, ground: str, at: datetime) -> None:
    """The stop that came with it; somebody may have lifted it before."""
    if relief.stop_id is not None:
        write_lift(person, relief.stop_id, ground, at=at, by="system")


def _yuan(minor: int, relief: Relief) -> str:
    return Money(minor, Currency(relief.currency)).written()
