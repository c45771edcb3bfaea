"""Money that came in, in one commit: kept once, put on the debt that it names, or waiting with its person left alone.

Persons are locked before the row is written, in the order of their ids, as everywhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from zhizhi.core.debt.remittance.matching import (
    SAME_WITHIN,
    Incoming,
    Named,
    Posted,
    Rule,
    Source,
    Unmatched,
    match,
)
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.models import Case
from zhizhi.store.debts.models import Debt, Payment
from zhizhi.store.imports.resolve import Resolver
from zhizhi.store.keyring import SearchKeys, product_seal
from zhizhi.store.lenders.models import Lender
from zhizhi.store.remittances.models import SEAL, Remittance
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.transact.payments import NewPayment, PostedPayment, write_payment
from zhizhi.store.transact.person import LockedPerson, lock_persons
from zhizhi.store.transact.stops import NewStop, write_lift, write_stop

_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{5,39}")
_WORDS_MAX = 20
"""What is looked up of a remark: the first so many words that could be a number of ours."""
HELD_BY = "claims_paid"


@dataclass(frozen=True, slots=True)
class NewRemittance:
    """Money as its source tells of it. `account`, `customer`: as it names them; `by`: staff, None for a file."""

    lender_id: int
    source: Source
    amount_minor: int
    currency: str
    arrived_on: date
    reference: str = field(repr=False)
    account: str | None = field(default=None, repr=False)
    customer: str | None = field(default=None, repr=False)
    payer: str = field(default="", repr=False)
    remark: str = field(default="", repr=False)
    by: int | None = None
    file_id: int | None = None

    @property
    def words(self) -> dict[str, str | None]:
        """What is sealed."""
        names = ("reference", "account", "customer", "payer", "remark")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of it; `is_repeated` where it was known already and nothing was written."""

    remittance_id: int
    state: str
    why: str | None
    payment: PostedPayment | None = None
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What the money names: debts with their persons, and the persons alone."""

    named: tuple[Named, ...]
    person_of: dict[int, int]
    persons: frozenset[int]


def receive(new: NewRemittance, *, today: date, at: datetime) -> Arrived:
    """Keep money that came and post it where it belongs. Refuses: a reference that came with another amount."""
    try:
        with transaction.atomic(using="gate", durable=True):
            return write_remittance(new, today=today, at=at)
    except IntegrityError as broken:
        violated = broken.__cause__
        if not isinstance(violated, UniqueViolation) or violated.diag.constraint_name != "remittance_once":
            raise
    with transaction.atomic(using="gate", durable=True):  # somebody else brought it first, and it names nobody
        return write_remittance(new, today=today, at=at)


def write_remittance(new: NewRemittance, *, today: date, at: datetime) -> Arrived:
    """As `receive`, in the caller's transaction."""
    keys = SearchKeys(new.lender_id)
    reference = keys.identity(f"remittance {new.source.value}", new.reference)
    found = _named_by(new, keys)
    persons = lock_persons(found.persons)
    known = Remittance.objects.using("gate").filter(
        lender_id=new.lender_id, source=new.source.value, reference_key=reference
    )
    if (row := known.first()) is not None:
        return _repeated(row, new)
    row = Remittance(
        lender_id=new.lender_id,
        source=new.source.value,
        reference_key=reference,
        amount_minor=new.amount_minor,
        currency=new.currency,
        arrived_on=new.arrived_on,
        sealed=product_seal(SEAL).close_json(new.words, f"remittance/{new.lender_id}/{new.source.value}/{reference}"),
        recorded_at=at,
        recorded_by_id=new.by,
        import_id=new.file_id,
    )
    payment = _place(row, new, found, persons, keys, today, at)
    row.save(using="gate", force_insert=True)
    log_remittance(row, at)
    return Arrived(row.pk, row.state, row.why, payment)


def persons_named(new: NewRemittance) -> frozenset[int]:
    """Whom the money names; who writes several arrivals in one transaction locks all of them first."""
    return _named_by(new, SearchKeys(new.lender_id)).persons


def _repeated(row: Remittance, new: NewRemittance) -> Arrived:
    if (row.amount_minor, row.currency) != (new.amount_minor, new.currency):
        raise Refused(
            "other_remittance",
            Text(
                "该来源的同一流水号已登记为另一金额；请核对流水号",
                "this reference of the source came with another amount; help: check the reference",
            ),
        )
    return Arrived(row.pk, row.state, row.why, is_repeated=True)


def _place(
    row: Remittance,
    new: NewRemittance,
    found: _Found,
    persons: dict[int, LockedPerson],
    keys: SearchKeys,
    today: date,
    at: datetime,
) -> PostedPayment | None:
    """Where it goes, written but for the row itself."""
    money = Incoming(new.source, new.amount_minor, new.currency, new.arrived_on, new.account is not None)
    debts = {one.debt_id for one in found.named}
    told = _told_already(keys.identity("payment", new.reference), found.persons)
    if told is not None and (told.debt_id not in debts or told.amount_minor != new.amount_minor):
        _hold(row, Unmatched.MAYBE_SAME, {told.debt_id}, persons[told.person_id], at)
        return None
    matched = match(money, found.named, () if told else _posted_on(debts, found.persons, new.arrived_on))
    if isinstance(matched, Unmatched):
        alone = persons[next(iter(persons))] if len(persons) == 1 else None
        _hold(row, matched, debts, alone, at)
        return None
    person = persons[found.person_of[matched.debt_id]]
    if told is not None and told.debt_id == matched.debt_id:
        put_on(row, person, told.debt_id, told.id, state="known", rule=matched.rule.value, at=at)
        return None
    return post_on(row, person, matched.debt_id, new.reference, matched.rule.value, today=today, at=at, by=new.by)


def post_on(
    row: Remittance,
    person: LockedPerson,
    debt_id: int,
    reference: str,
    rule: str,
    *,
    today: date,
    at: datetime,
    by: int | None,
) -> PostedPayment:
    """Post the payment of a remittance; the caller writes the row."""
    who = f"u{by}" if by is not None else "system"
    new = NewPayment(person.id, debt_id, row.amount_minor, row.arrived_on, reference, row.source, who)
    posted = write_payment(person, new, today=today, at=at)
    put_on(row, person, debt_id, posted.payment_id, state="posted", rule=rule, at=at)
    return posted


def put_on(
    row: Remittance, person: LockedPerson, debt_id: int, payment_id: int, *, state: str, rule: str, at: datetime
) -> None:
    """Say on which payment a remittance is; whatever it held is let go."""
    release(row, person, at)
    row.state, row.why, row.rule, row.settled_at = state, None, rule, at
    row.person_id, row.debt_id, row.payment_id = person.id, debt_id, payment_id


def release(row: Remittance, person: LockedPerson | None, at: datetime) -> None:
    """Lift the stop that the money held while it waited."""
    if row.stop_id is not None and person is not None and person.id == row.person_id:
        write_lift(person, row.stop_id, f"来款 {row.pk} 已处理", at=at, by="system")
    row.stop_id = None


def _hold(row: Remittance, why: Unmatched, debts: Iterable[int], person: LockedPerson | None, at: datetime) -> None:
    """It waits; the one person whom it names is left alone meanwhile, about the one debt where it names one."""
    row.state, row.why = "unmatched", why.value
    if person is None or why is Unmatched.NO_OPEN_DEBT:
        return
    one = set(debts)
    row.person_id = person.id
    row.stop_id = write_stop(
        person, NewStop(HELD_BY, next(iter(one)) if len(one) == 1 else None, "来款待匹配", None, "system"), at
    )


def log_remittance(row: Remittance, at: datetime) -> None:
    """A leaf of the row as it stands."""
    values: dict[str, Any] = {
        "lender": row.lender_id,
        "source": row.source,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "arrived_on": row.arrived_on.isoformat(),
        "state": row.state,
        "rule": row.rule,
        "payment": row.payment_id,
        "approval": row.approval_id,
        "ground": row.ground,
    }
    add_leaves([NewLeaf(LeafKind.PAYMENT, at, row.subject, values, source_id=row.pk, source_table="remittance")])


def words_of(row: Remittance) -> dict[str, str | None]:
    """What the source wrote, opened."""
    place = f"remittance/{row.lender_id}/{row.source}/{row.reference_key}"
    opened: dict[str, str | None] = product_seal(SEAL).open_json(row.sealed, place)
    return opened


def _told_already(reference: Any, persons: Iterable[int]) -> Payment | None:
    """The payment that came under the same reference, whatever its source."""
    rows = Payment.objects.using("gate").filter(person_id__in=persons, reference_key=reference, kind="payment")
    found: Payment | None = rows.first()
    return found


def _posted_on(debts: Iterable[int], persons: Iterable[int], on: date) -> list[Posted]:
    rows = Payment.objects.using("gate").filter(
        person_id__in=persons, debt_id__in=debts, paid_on__range=(on - SAME_WITHIN, on + SAME_WITHIN)
    )
    paid = list(rows)
    back = {row.reverses_id for row in paid}
    return [
        Posted(row.debt_id, row.source, row.amount_minor, row.paid_on)
        for row in paid
        if row.kind == "payment" and row.id not in back
    ]


def _named_by(new: NewRemittance, keys: SearchKeys) -> _Found:
    """Debts that the money names, by account, remark, customer or case."""
    words = list(dict.fromkeys(_WORD.findall(new.remark)))[:_WORDS_MAX]
    by_key = {keys.identity("account", word): Rule.REMARK for word in words}
    if new.account is not None:
        by_key[keys.identity("account", new.account)] = Rule.ACCOUNT
    debts = Debt.objects.using("gate")
    named, person_of, persons = [], {}, set[int]()
    for debt in debts.filter(lender_id=new.lender_id, account_key__in=by_key):
        named.append(Named(debt.id, by_key[debt.account_key], debt.currency, debt.balance_minor > 0))
        person_of[debt.id] = debt.person_id
    persons |= set(person_of.values())
    customers = set(
        Case.objects.using("gate").filter(lender_id=new.lender_id, number__in=words).values_list("person_id", flat=True)
    )
    if new.customer is not None:
        customers |= _of_customer(new.lender_id, new.customer)
    for debt in debts.filter(lender_id=new.lender_id, person_id__in=customers):
        named.append(Named(debt.id, Rule.CUSTOMER, debt.currency, debt.balance_minor > 0))
        person_of.setdefault(debt.id, debt.person_id)
    return _Found(tuple(named), person_of, frozenset(persons or customers))


def _of_customer(lender_id: int, number: str) -> set[int]:
    code = Lender.objects.using("gate").values_list("code", flat=True).get(id=lender_id)
    resolver = Resolver({code: lender_id})
    resolver.load_persons([(code, number)])
    found = resolver.person(code, number)
    return {found.id} if found is not None else set()
