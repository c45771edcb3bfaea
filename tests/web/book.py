"""A small book for the screens: two lenders, their staff, and cases with something of everything."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import uuid4

from django.contrib.auth.hashers import make_password

from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys, list_seal, new_person_key
from zhizhi.store.models import Case, Contact, Debt, Lender, Party, Payment, Person, Point, Queue, Staff
from zhizhi.store.people.rows import (
    Masked,
    PartySecrets,
    PersonSecrets,
    customer_key,
    id_number_key,
    last_four_key,
    mask_name,
    mask_number,
    name_key,
    point_key,
    seal_account_number,
    seal_point,
)
from zhizhi.usecases.defaults import AddDefaults, add_defaults

# Tuesday, ten in the morning in Beijing: inside every pack's hours.
AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password"
LONG_NAME = "阿卜杜热合曼·买买提吐尔逊"


@cache
def password_hash(hasher: str = "pbkdf2_sha256") -> str:
    """Of `PASSWORD`; hashing takes its time on purpose, so once for all members of all books of a process."""
    return make_password(PASSWORD, hasher=hasher)


@dataclass(frozen=True)
class Book:
    """Ids by name."""

    lender: int
    other_lender: int
    staff: dict[str, int]
    cases: dict[str, str]
    persons: dict[str, int]


def make_book() -> Book:
    """Fill an empty database."""
    lender = Lender.objects.using("gate").create(
        code="L1",
        name="甲消费金融",
        profile="cn.consumer_finance.online.cba",
        recorder="on",
        signature="甲金",
        is_synthetic=True,
    )
    other = Lender.objects.using("gate").create(
        code="L2", name="乙银行", profile="cn.bank.card", recorder="on", signature="乙行", is_synthetic=True
    )
    queue = Queue.objects.using("gate").create(lender=lender, code="M2", name="M2中风险", hand="自营")
    staff = {login: _staff(login, *rest) for login, *rest in _staff_of(lender, other)}
    add_defaults(AddDefaults(staff["group_author"], staff["group"]), AT)
    cases, persons = {}, {}
    for who, (name, lender_id, collector, days, minor) in {
        "wang": ("王小伟", lender.pk, "alice", 47, 1_248_630),
        "long": (LONG_NAME, lender.pk, "alice", 16, 123_456_789_012),
        "bobs": ("李四", lender.pk, "bob", 95, 52_000),
        "other": ("赵六", other.pk, "stranger", 33, 990_000),
    }.items():
        queue_id = queue.pk if lender_id == lender.pk else None
        persons[who], cases[who] = make_case(name, lender_id, staff[collector], queue_id, days, minor)
    return Book(lender.pk, other.pk, staff, cases, persons)


def _staff_of(lender: Lender, other: Lender) -> list[tuple[str, str, str, Lender | None]]:
    return [
        ("alice", "李敏", "collector", lender),
        ("bob", "王涛", "collector", lender),
        ("stranger", "陌生人", "collector", other),
        ("super", "陈主管", "supervisor", lender),
        ("head", "孙负责人", "head", lender),
        ("auditor", "周审计", "auditor", lender),
        ("admin", "系统管理员", "administrator", None),
        ("group", "集团催收负责人", "head", None),
        ("group_author", "集团策略岗", "supervisor", None),
    ]


def _staff(login: str, name: str, role: str, lender: Lender | None) -> int:
    row = Staff.objects.using("gate").create(
        login=login,
        name=name,
        role=role,
        lender=lender,
        password=password_hash(),
        capacity=100,
        trained_on=date(2026, 1, 5),
        certified_until=date(2027, 1, 5),
        is_synthetic=True,  # as the whole book: they sign in by password alone
    )
    return row.pk


def make_case(
    name: str, lender_id: int, collector_id: int, queue_id: int | None, days: int, minor: int
) -> tuple[int, str]:
    """One person with a debt, two points, a contact person, a call, a payment, and an open case."""
    person_id, debtor, contact, mobile, email, relay, debt, case, event, payment = ids.take_many(10)
    keys, wrapped, seal = SearchKeys(lender_id), *new_person_key()
    number, id_number = f"1090000{person_id % 10000:04d}", f"75010119900101{person_id % 10000:04d}"
    masked = Masked(mask_name(name), mask_number(number)).seal(list_seal(lender_id), person_id)
    gate = "gate"
    Person.objects.using(gate).create(
        id=person_id,
        lender_id=lender_id,
        subject=uuid4(),
        identity_key=keys.identity("id_number", id_number),
        customer_key=customer_key(keys, f"K{person_id}"),
        name_key=name_key(keys, name),
        id_number_key=id_number_key(keys, id_number),
        last_four_key=last_four_key(keys, id_number),
        data_key=wrapped,
        sealed=PersonSecrets(name, id_number, f"K{person_id}").seal(seal, person_id),
        masked=masked,
        time_zones=["Asia/Shanghai"],
        created_at=AT - timedelta(days=60),
    )
    for party, role, called, relation in ((debtor, "debtor", name, ""), (contact, "contact", "张三姐", "姐姐")):
        Party.objects.using(gate).create(
            person_id=person_id, id=party, role=role, sealed=PartySecrets(called, relation).seal(seal, party),
            is_named_by_debtor=role == "contact" or None,
        )  # fmt: skip
    for point, party, kind, value in (
        (mobile, debtor, "mobile", number),
        (email, debtor, "email", f"p{person_id}@example.invalid"),
        (relay, contact, "mobile", f"1091000{person_id % 10000:04d}"),
    ):
        Point.objects.using(gate).create(
            person_id=person_id, id=point, party_id=party, kind=kind, sealed=seal_point(seal, value, point),
            value_key=point_key(keys, value), last_four_key=last_four_key(keys, value),
            is_reserved=party == debtor or None, source="contract",
        )  # fmt: skip
    Debt.objects.using(gate).create(
        person_id=person_id, id=debt, lender_id=lender_id, account_key=uuid4(),
        sealed=seal_account_number(seal, f"A{person_id}", debt), product="instalment_loan", state="overdue",
        oldest_unpaid_due_on=(AT - timedelta(days=days)).date(), principal_minor=minor - minor // 10,
        term_interest_minor=minor // 10, balance_minor=minor, as_of_on=AT.date(), row_digest=b"",
    )  # fmt: skip
    case_number = f"C-2026-{person_id:08d}"
    Case.objects.using(gate).create(
        person_id=person_id, id=case, number=case_number, lender_id=lender_id, queue_id=queue_id,
        collector_id=collector_id, team="演示组", stage="early", days_past_due=days, balance_minor=minor,
        product="instalment_loan", masked=masked, opened_on=(AT - timedelta(days=days)).date(), aged_on=AT.date(),
        latest_contact_at=AT - timedelta(days=2),
    )  # fmt: skip
    Contact.objects.using(gate).create(
        person_id=person_id, id=event, at=AT - timedelta(days=2), channel="voice", direction="in", party_id=debtor,
        point_id=mobile, collector="L1", outcome="conversation", talk_seconds=192, exchanged=True, about_debt=True,
    )  # fmt: skip
    Payment.objects.using(gate).create(
        person_id=person_id, id=payment, debt_id=debt, kind="payment", paid_on=(AT - timedelta(days=6)).date(),
        amount_minor=50_000, applied_minor=50_000, reference_key=uuid4(), source="import",
        recorded_at=AT - timedelta(days=6),
    )  # fmt: skip
    return person_id, case_number
