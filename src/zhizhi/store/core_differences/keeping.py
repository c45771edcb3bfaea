"""A difference is found, asked about, corrected by two persons, or gone with a later file; each step with its leaf."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Sum

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.remittance.core_figures import Differs, Figure, compare, holds_contacts
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.core_differences.models import SEAL, CoreDifference
from zhizhi.store.core_differences.words import (
    ACCEPTED,
    AGREED,
    ASKED_CORE,
    HELD_BY,
    SET_ASIDE,
    SUPERSEDED,
    WAITING,
)
from zhizhi.store.debts.models import Debt, Entry
from zhizhi.store.keyring import SearchKeys, product_seal
from zhizhi.store.reliefs.models import Relief
from zhizhi.store.reliefs.words import OPEN as RELIEF_OPEN
from zhizhi.store.transact.deliveries import cancel_waiting
from zhizhi.store.transact.import_ledger import post_entries
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.owed import (
    lower,
    of_instalments,
    parts_by_law,
    reopen_instalments,
    restore,
    settle_instalments,
)
from zhizhi.store.transact.payments import close_if_cured, refresh_debt
from zhizhi.store.transact.person import LockedPerson, lock_persons
from zhizhi.store.transact.stops import NewStop, write_lift, write_stop

_GONE = Text("该差异已有结论或不存在", "this difference was settled, or is not there")
_MOVED = Text(
    "账上余额在比对后已变，请用新的核对文件重新比对",
    "our balance has changed since it was compared; help: bring a newer file of the core's figures",
)
_AGREED_ON = Text(
    "该债权有进行中的协商减免，请先办结或撤回", "this debt has an agreement under way; help: end or withdraw it first"
)
LATER_KINDS = ("payment", "reversal", "waiver")


class DifferenceRefused(Refused):
    """The step cannot be taken; nothing is written."""


@dataclass(frozen=True, slots=True)
class CoreFigure:
    """A line of the core's file."""

    lender_id: int
    figure: Figure
    currency: str
    as_of_on: date
    file_id: int | None
    account: str = field(repr=False)


def persons_of(figures: list[CoreFigure]) -> dict[str, tuple[int, int]]:
    """Person and debt by account of one lender; an account that is not ours is absent."""
    if not figures:
        return {}
    keys = SearchKeys(figures[0].lender_id)
    by_key = {keys.identity("account", one.account): one.account for one in figures}
    rows = Debt.objects.using("gate").filter(lender_id=figures[0].lender_id, account_key__in=by_key)
    return {
        by_key[key]: (person_id, debt_id)
        for key, person_id, debt_id in rows.values_list("account_key", "person_id", "id")
    }


def write_figure(person: LockedPerson | None, debt_id: int | None, new: CoreFigure, at: datetime) -> bool:
    """Compare one figure and keep what differs, in the caller's transaction, which holds the person; whether anything
    was written. A figure that agrees ends what waited; another one takes its place.
    """
    key = SearchKeys(new.lender_id).identity("account", new.account)
    debt = None
    if person is not None and debt_id is not None:
        debt = Debt.objects.using("gate").get(person_id=person.id, id=debt_id)
    if debt is not None and debt.currency != new.currency:
        raise DifferenceRefused("other_currency", Text("币种与债权不同", "another currency than the debt"))
    ours = owed_on(debt, new.as_of_on) if debt is not None else None
    differs = compare(new.figure, ours)
    waiting = CoreDifference.objects.using("gate").select_for_update().filter(
        lender_id=new.lender_id, account_key=key, state__in=WAITING
    ).first()  # fmt: skip
    if waiting is not None:
        known = (waiting.differs, waiting.ours_minor, waiting.core_minor)
        if differs is not None and known == (differs.value, ours, new.figure.balance_minor):
            return False
        if waiting.as_of_on > new.as_of_on:
            raise DifferenceRefused("older_than_known", Text("早于已有数据", "older than what is known"))
        _end(waiting, person, AGREED if differs is None else SUPERSEDED, at)
    if differs is not None:
        _open(person, debt, new, differs, ours, at)
    return waiting is not None or differs is not None


def owed_on(debt: Debt, on: date) -> int:
    """What our ledger says was owed at the end of a day: today's balance without what was posted for later days."""
    later = Entry.objects.using("gate").filter(
        person_id=debt.person_id, debt_id=debt.id, on__gt=on, kind__in=LATER_KINDS
    )
    sums = dict(later.values_list("is_credit").annotate(minor=Sum("amount_minor")))
    return int(debt.balance_minor + sums.get(True, 0) - sums.get(False, 0))


def _open(
    person: LockedPerson | None, debt: Debt | None, new: CoreFigure, differs: Differs, ours: int | None, at: datetime
) -> None:
    key = SearchKeys(new.lender_id).identity("account", new.account)
    row = CoreDifference(
        lender_id=new.lender_id,
        account_key=key,
        sealed=product_seal(SEAL).close(new.account.encode(), f"core_difference/{new.lender_id}/{key}"),
        as_of_on=new.as_of_on,
        differs=differs.value,
        person_id=person.id if person is not None else None,
        debt_id=debt.id if debt is not None else None,
        currency=new.currency,
        ours_minor=ours,
        core_minor=new.figure.balance_minor,
        core_closed=new.figure.is_closed,
        import_id=new.file_id,
        found_at=at,
    )
    if person is not None and debt is not None and holds_contacts(differs):
        stop = NewStop(HELD_BY, debt.id, "与核心系统余额不一致，待核对", None, "system")
        row.stop_id = write_stop(person, stop, at)
    row.save(using="gate", force_insert=True)
    _log(row, at)


def ask_core(difference_id: int, ground: str, *, by: int, at: datetime) -> None:
    """Somebody asked the core and waits, in the caller's transaction. Refuses: one that was settled."""
    row = _waiting(difference_id)
    row.state, row.ground, row.settled_by_id = ASKED_CORE, ground, by
    _save(row, at)


def set_aside(difference_id: int, ground: str, *, by: int, at: datetime) -> None:
    """An account that is not ours was explained, in the caller's transaction. Refuses: one of a debt of ours."""
    row = _waiting(difference_id)
    if row.debt_id is not None:
        raise DifferenceRefused("of_a_debt", Text("该差异须更正或询问核心系统", "correct it, or ask the core"))
    row.ground, row.settled_by_id = ground, by
    _end(row, None, SET_ASIDE, at)


def accept(
    difference_id: int, component: str | None, ground: str, approval_id: int, *, by: int, on: date, at: datetime
) -> None:
    """Two persons take the core's figure: entries of adjustment bring our ledger to it, in the caller's transaction.

    Refuses: one that was settled, a ledger that has moved since, an agreement under way, a rise without a component.
    """
    found = CoreDifference.objects.using("gate").filter(pk=difference_id).first()
    if found is None or found.person_id is None or found.debt_id is None:
        raise DifferenceRefused("gone", _GONE)
    person = lock_persons([found.person_id])[found.person_id]
    row = _waiting(difference_id)
    debt = Debt.objects.using("gate").get(person_id=person.id, id=found.debt_id)
    if owed_on(debt, row.as_of_on) != row.ours_minor:
        raise DifferenceRefused("moved", _MOVED)
    if Relief.objects.using("gate").filter(person_id=person.id, debt_id=debt.id, state__in=RELIEF_OPEN).exists():
        raise DifferenceRefused("relief_open", _AGREED_ON)
    row.ground, row.settled_by_id, row.approval_id, row.component = ground, by, approval_id, component
    _correct(person, debt, row, on, at)
    _end(row, person, ACCEPTED, at)


def _correct(person: LockedPerson, debt: Debt, row: CoreDifference, on: date, at: datetime) -> None:
    assert row.ours_minor is not None, "of a debt of ours"
    change = row.core_minor - row.ours_minor
    post = {"payment_id": None, "on": row.as_of_on, "at": at, "file_id": None}
    if change < 0:
        # What came after the core's day is off the balance already: no more is taken than is left.
        parts = parts_by_law(debt, min(-change, debt.balance_minor), row.as_of_on)
        if sum(parts.values()) != -change:
            raise DifferenceRefused("moved", _MOVED)
        named = {part.value: minor for part, minor in parts.items()}
        post_entries(person.id, debt.id, "adjustment", named, is_credit=True, **post)  # type: ignore[arg-type]  # of one shape
        lower(debt, parts)
        settle_instalments(person.id, debt, of_instalments(debt, parts), row.as_of_on)
        cancel_waiting(person.id, at, "payment")
    else:
        if row.component is None:
            raise DifferenceRefused("no_component", Text("请写明增加在哪一项", "help: say on which part it rises"))
        named = {row.component: change}
        post_entries(person.id, debt.id, "adjustment", named, is_credit=False, **post)  # type: ignore[arg-type]  # of one shape
        restore(debt, named)
        reopen_instalments(person.id, debt.id, of_instalments(debt, {Component(row.component): change}))
    # The amounts speak of the core's day now: money that its own file brings of before is in them already.
    debt.as_of_on = max(debt.as_of_on, row.as_of_on)
    Debt.objects.using("gate").filter(person_id=person.id, id=debt.id).update(as_of_on=debt.as_of_on)
    refresh_debt(debt, on)
    close_if_cured(person.id, on)


def _waiting(difference_id: int) -> CoreDifference:
    row = CoreDifference.objects.using("gate").select_for_update().filter(pk=difference_id, state__in=WAITING).first()
    if row is None:
        raise DifferenceRefused("gone", _GONE)
    return row


def _end(row: CoreDifference, person: LockedPerson | None, state: str, at: datetime) -> None:
    stop_id, row.stop_id = row.stop_id, None
    row.state, row.settled_at = state, at
    _save(row, at)
    if stop_id is not None and person is not None:
        write_lift(person, stop_id, f"核心差异 {row.pk} 已处理", at=at, by="system")


def _save(row: CoreDifference, at: datetime) -> None:
    row.save(
        using="gate",
        update_fields=["state", "stop_id", "component", "approval", "settled_at", "settled_by", "ground"],
    )
    _log(row, at)


def _log(row: CoreDifference, at: datetime) -> None:
    values = {
        "lender": row.lender_id,
        "debt": row.debt_id,
        "as_of": row.as_of_on.isoformat(),
        "differs": row.differs,
        "ours_minor": row.ours_minor,
        "core_minor": row.core_minor,
        "state": row.state,
        "component": row.component,
        "approval": row.approval_id,
        "by": row.settled_by_id,
        "ground": row.ground,
    }
    add_leaves(
        [NewLeaf(LeafKind.CORRECTION, at, row.subject, values, source_id=row.pk, source_table="core_difference")]
    )
