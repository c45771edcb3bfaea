"""A mandate is kept, put in force by a second person, and ended by a word of whoever gave it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError

from zhizhi.core.kernel.text import Text
from zhizhi.store.debits.models import DebitAttempt, DebitMandate
from zhizhi.store.debits.rows import GONE, DebitRefused, log_mandate, save_mandate, withdraw
from zhizhi.store.debits.words import ACTIVE, ASKED, PLANNED, REFUSED, REVOKED, SUSPENDED
from zhizhi.store.debts.models import Debt
from zhizhi.store.ids import ids
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.person import LockedPerson, lock_persons, writing

_STANDING = Text(
    "该债权已有生效或待审批的授权，请先撤销", "this debt has a mandate; help: revoke it first, then record another"
)
_NO_RULES = Text("该机构所在地区未配置代扣规则", "no rules of direct debits are there for where this lender works")


@dataclass(frozen=True, slots=True)
class NewMandate:
    """What a debtor allowed: from which account of theirs, how much at once and a day, since when and until when.

    `token`: the bank's name for the account; `tail`: its last four digits; `paper`: number of what was signed.
    """

    person_id: int
    debt_id: int
    token: str = field(repr=False)
    tail: str = field(repr=False)
    paper: str = field(repr=False)
    signed_on: date
    signed_how: str
    limit_debit_minor: int
    limit_day_minor: int
    income_minor: int | None
    from_on: date
    until_on: date | None
    by: int


@dataclass(frozen=True, slots=True)
class KeptMandate:
    """A mandate that waits for a second person."""

    id: int
    lender_id: int
    currency: str


def keep_mandate(new: NewMandate, at: datetime) -> KeptMandate:
    """Keep it. Refuses: a debt of another person, one that has a mandate, a lender elsewhere."""
    try:
        with writing(new.person_id) as person:
            return _insert(person, new, at)
    except IntegrityError as broken:
        if "debit_mandate_once_a_debt" not in str(broken):
            raise
        raise DebitRefused("has_mandate", _STANDING) from None


def _insert(person: LockedPerson, new: NewMandate, at: datetime) -> KeptMandate:
    debt = Debt.objects.using("gate").filter(person_id=person.id, id=new.debt_id).first()
    if debt is None:
        raise DebitRefused("no_debt", Text("没有这笔债权", "there is no such debt"))
    # Money on its way holds contacts by A-20 of the Chinese packs; elsewhere nothing would hold them.
    profile = Lender.objects.using("gate").values_list("profile", flat=True).get(id=person.lender_id)
    if not profile.startswith("cn."):
        raise DebitRefused("no_rules", _NO_RULES)
    mandate_id = ids.take()
    secrets = {"token": new.token, "tail": new.tail, "paper": new.paper}
    row = DebitMandate.objects.using("gate").create(
        person_id=person.id,
        id=mandate_id,
        lender_id=person.lender_id,
        debt_id=debt.id,
        sealed=person.seal().close_json(secrets, f"debit_mandate/{mandate_id}"),
        signed_on=new.signed_on,
        signed_how=new.signed_how,
        currency=debt.currency,
        limit_debit_minor=new.limit_debit_minor,
        limit_day_minor=new.limit_day_minor,
        income_minor=new.income_minor,
        from_on=new.from_on,
        until_on=new.until_on,
        recorded_by=new.by,
        recorded_at=at,
    )
    log_mandate(person, row, at)
    return KeptMandate(row.id, person.lender_id, row.currency)


def rule_mandate(person_id: int, mandate_id: int, approval_id: int, *, approve: bool, at: datetime) -> None:
    """A second person's word, in the caller's open transaction. Refuses: to approve one that does not wait any more."""
    person = lock_persons([person_id]).get(person_id)
    row = _of_state(person_id, mandate_id, ASKED)
    if person is None or row is None:
        if approve:
            raise DebitRefused("gone", GONE)
        return  # taken back by now: there is nothing left to refuse
    row.state, row.approval_id = (ACTIVE if approve else REFUSED), approval_id
    if not approve:
        row.ended_at, row.ended_by = at, f"approval {approval_id}"
    save_mandate(person, row, at)


def revoke_mandate(person_id: int, mandate_id: int, ground: str, *, by: int, at: datetime) -> None:
    """End it at once; orders that have not left are taken back. Refuses: one that has ended."""
    with writing(person_id) as person:
        row = _of_state(person_id, mandate_id, ASKED, ACTIVE, SUSPENDED)
        if row is None:
            raise DebitRefused("gone", GONE)
        end_mandate(person, row, REVOKED, f"u{by}", ground, at)


def end_mandate(person: LockedPerson, row: DebitMandate, state: str, by: str, ground: str, at: datetime) -> None:
    """Suspend or revoke it in the caller's transaction, which holds the person."""
    row.state, row.ended_at, row.ended_by, row.ended_ground = state, at, by, ground
    save_mandate(person, row, at)
    for attempt in DebitAttempt.objects.using("gate").filter(person_id=person.id, mandate_id=row.id, state=PLANNED):
        withdraw(person, attempt, "授权已终止", at)


def _of_state(person_id: int, mandate_id: int, *states: str) -> DebitMandate | None:
    rows = DebitMandate.objects.using("gate").filter(person_id=person_id, id=mandate_id, state__in=states)
    found: DebitMandate | None = rows.first()
    return found
