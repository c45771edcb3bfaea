"""协商减免 step by step: trial kept, approved, given, accepted, ended; each in one transaction about the person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError

from zhizhi.core.debt.relief.offers import Level
from zhizhi.core.debt.relief.progress import missed_on
from zhizhi.core.debt.relief.trial import ReliefFacts, Trial
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.debts.models import Debt
from zhizhi.store.ids import ids
from zhizhi.store.reliefs.models import Relief, ReliefLine, ReliefPart
from zhizhi.store.reliefs.words import OPEN
from zhizhi.store.transact.owed import components_of
from zhizhi.store.transact.person import LockedPerson, NoSuchRow, lock_persons, writing
from zhizhi.store.transact.relief_rows import (
    GONE,
    debt_for_update,
    facts_stand,
    lines_of,
    log,
    move,
    note,
    of_state,
)
from zhizhi.store.transact.stops import NewStop, write_stop


class ReliefRefused(Refused):
    """The step cannot be taken; nothing is written."""


_OTHER_FACTS = Text(
    "欠款在试算后已变，请重新试算", "what stands is no longer what the trial was made of; help: try it anew"
)
_OPEN_ALREADY = Text(
    "该债权已有进行中的协商减免，请先办结或撤回", "this debt has an offer under way; help: end or withdraw it first"
)
_POOL_EMPTY = Text("本月减免额度不足", "this month's pool does not hold so much")
_NO_POOL = Text("本月未设减免额度", "no pool is set for this month")
_NO_LONGER_VALID = Text("方案已过有效期", "the offer is no longer valid")


@dataclass(frozen=True, slots=True)
class NewRelief:
    """A trial that becomes an offer; `alone`: whoever proposes grants it too."""

    person_id: int
    debt_id: int
    trial: Trial
    facts: ReliefFacts
    level: Level
    alone: bool
    ground: str
    by: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A trial as it was kept."""

    id: int
    lender_id: int
    currency: str


def keep_trial(new: NewRelief, at: datetime) -> Kept:
    """Keep it. Refuses: a debt of another person, one with an offer under way, facts that have changed."""
    with writing(new.person_id) as person:
        debt = debt_for_update(person.id, new.debt_id)
        if Relief.objects.using("gate").filter(person_id=person.id, debt_id=debt.id, state__in=OPEN).exists():
            raise ReliefRefused("open_already", _OPEN_ALREADY)
        if components_of(debt) != dict(new.trial.standing):
            raise ReliefRefused("other_facts", _OTHER_FACTS)
        relief = _insert(person, debt, new, at)
        log(person, relief, f"u{new.by}", at)
        return Kept(relief.id, person.lender_id, debt.currency)


def _insert(person: LockedPerson, debt: Debt, new: NewRelief, at: datetime) -> Relief:
    trial = new.trial
    relief_id = ids.take()
    # The deferred check of the database adds parts and payments up when all of them are there.
    relief: Relief = Relief.objects.using("gate").create(
        person_id=person.id,
        id=relief_id,
        lender_id=person.lender_id,
        debt_id=debt.id,
        catalogue=trial.catalogue,
        offer=trial.offer.code,
        kind=trial.offer.kind.value,
        months=trial.months,
        grace_days=trial.offer.grace_days,
        product=new.facts.product,
        days_past_due=new.facts.days_past_due,
        hardship=new.facts.hardship,
        currency=debt.currency,
        standing_minor=trial.waived_minor + trial.due_minor,
        waived_minor=trial.waived_minor,
        due_minor=trial.due_minor,
        level=int(new.level),
        state="approved" if new.alone else "proposed",
        proposed_by_id=new.by,
        proposed_at=at,
        ground=new.ground,
        valid_until_on=trial.valid_until,
        ends_on=trial.valid_until + timedelta(days=1),
    )
    ReliefPart.objects.using("gate").bulk_create(
        ReliefPart(
            person_id=person.id,
            id=ids.take(),
            relief_id=relief_id,
            component=part.value,
            standing_minor=minor,
            waived_minor=trial.waived.get(part, 0),
            due_minor=trial.due.get(part, 0),
        )
        for part, minor in trial.standing.items()
    )
    ReliefLine.objects.using("gate").bulk_create(
        ReliefLine(
            person_id=person.id,
            id=ids.take(),
            relief_id=relief_id,
            n=line.number,
            due_on=line.due_on,
            amount_minor=line.amount_minor,
        )
        for line in trial.lines
    )
    return relief


def rule_relief(person_id: int, relief_id: int, approval_id: int, *, approve: bool, on: date, at: datetime) -> None:
    """A second person's word, in the caller's open transaction.

    Refuses: to approve one that does not wait any more, is over, or of other facts.
    """
    person = lock_persons([person_id]).get(person_id)
    if person is None:
        raise NoSuchRow(GONE)
    waiting = Relief.objects.using("gate").filter(person_id=person_id, id=relief_id, state="proposed")
    if not approve and not waiting.exists():
        return  # taken back or over by now: there is nothing left to refuse
    relief = of_state(person_id, relief_id, "proposed")
    relief.approval_id = approval_id
    if approve:
        _require_valid(relief, on)
        _require_same_facts(relief, debt_for_update(person_id, relief.debt_id))
        move(person, relief, "approved", f"approval {approval_id}", at)
    else:
        relief.ends_on, relief.ended_on = None, on
        move(person, relief, "refused", f"approval {approval_id}", at)


def give_relief(person_id: int, relief_id: int, *, how: str, words: str, by: int, on: date, at: datetime) -> None:
    """The debtor was told: what it waives is taken from the month's pool, and a note says what was told.

    Refuses: one that is not approved, is over or of other facts, a pool that does not hold it.
    """
    with _within_pool(), writing(person_id) as person:
        relief = of_state(person_id, relief_id, "approved")
        _require_valid(relief, on)
        _require_same_facts(relief, debt_for_update(person_id, relief.debt_id))
        relief.pool_month = on.replace(day=1)
        relief.given_by_id, relief.given_at, relief.given_how = by, at, how
        move(person, relief, "given", f"u{by}", at)
        note(person, words, "WAIT", relief.valid_until_on, f"u{by}", at)


def accept_relief(person_id: int, relief_id: int, *, words: str, by: int, on: date, at: datetime) -> None:
    """The debtor agreed: the agreement is in force and collection of this debt stops.

    Refuses: one that was not given, is over, or after money arrived.
    """
    with writing(person_id) as person:
        relief = of_state(person_id, relief_id, "given")
        _require_valid(relief, on)
        debt = debt_for_update(person_id, relief.debt_id)
        _require_same_facts(relief, debt)
        accept(person, relief, debt, by=f"u{by}", on=on, at=at)
        note(person, words, "CHECK_PAYMENT", lines_of(relief)[0].due_on, f"u{by}", at)


def accept(person: LockedPerson, relief: Relief, debt: Debt, *, by: str, on: date, at: datetime) -> None:
    """As `accept_relief`, in the caller's transaction, of an offer that was given and stands."""
    relief.accepted_on = on
    relief.ends_on = missed_on(lines_of(relief), 0, relief.grace_days)
    ground = f"协商减免方案履行中（{relief.offer}）"
    relief.stop_id = write_stop(person, NewStop("plan", debt.id, ground, None, by), at)
    debt.state = "plan_performing"
    Debt.objects.using("gate").filter(person_id=person.id, id=debt.id).update(state=debt.state)
    move(person, relief, "accepted", by, at)


def withdraw_relief(person_id: int, relief_id: int, *, by: int, on: date, at: datetime) -> None:
    """Take an offer back that nobody accepted. Refuses: one in force or ended."""
    with writing(person_id) as person:
        relief = of_state(person_id, relief_id, "proposed", "approved", "given")
        relief.ends_on, relief.ended_on = None, on
        move(person, relief, "withdrawn", f"u{by}", at)


def _require_valid(relief: Relief, on: date) -> None:
    if on > relief.valid_until_on:
        raise ReliefRefused("no_longer_valid", _NO_LONGER_VALID)


def _require_same_facts(relief: Relief, debt: Debt) -> None:
    if not facts_stand(relief, debt):
        raise ReliefRefused("other_facts", _OTHER_FACTS)


@contextmanager
def _within_pool() -> Iterator[None]:
    """What the database says of the pool, as an answer."""
    try:
        yield
    except DatabaseError as error:
        said = getattr(error.__cause__, "diag", None)
        if said is not None and said.constraint_name == "relief_pool_holds":
            raise ReliefRefused("pool_empty", _POOL_EMPTY) from None
        if said is not None and said.sqlstate == "ZR001":
            raise ReliefRefused("no_pool", _NO_POOL) from None
        raise
