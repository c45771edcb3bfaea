"""A small book for tests that need the store: one lender and persons that cannot exist."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import uuid4

from zhizhi.store.debts.models import Debt, Instalment
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys, list_seal, new_person_key
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.people.models import Party, Person, Point
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

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Borrower:
    """Ids of one person of the test book."""

    person: int
    party: int
    mobile: int
    debt: int
    number: str


def make_staff(login: str, role: str, lender: Lender | None = None, capacity: int = 0) -> Staff:
    """Somebody at a desk, trained this year."""
    return Staff.objects.using("gate").create(
        login=login, name=login, role=role, lender=lender, capacity=capacity, trained_on=date(2026, 1, 5), team="A"
    )


def make_lender(code: str = "L1", profile: str = "cn.consumer_finance.online.cba") -> Lender:
    """A lender with the default codes, wordings and strategies, signed by two persons."""
    lender = Lender.objects.using("gate").create(
        code=code, name=f"测试机构{code}", profile=profile, recorder="on", signature="测试机构", is_synthetic=True
    )
    author, approver = make_staff(f"author-{code}", "supervisor"), make_staff(f"approver-{code}", "compliance")
    add_defaults(AddDefaults(author.pk, approver.pk), START)
    return lender


def make_borrower(
    lender: Lender, n: int, *, due_on: date = date(2026, 2, 18), amount_minor: int = 123_456, name: str = "测某某"
) -> Borrower:
    """One person with one mobile and one overdue loan; numbers of a range that no carrier has."""
    keys, number = SearchKeys(lender.pk), f"100{n:08d}"
    wrapped, seal = new_person_key()
    person, party, point, debt, instalment = ids.take_many(5)
    secrets = PersonSecrets(name, f"99999919900101{n:04d}", f"C{n}")
    masked = Masked(mask_name(name), mask_number(number)).seal(list_seal(lender.pk), person)
    Person.objects.using("gate").create(
        id=person,
        lender_id=lender.pk,
        subject=uuid4(),
        identity_key=keys.identity("id_number", secrets.id_number or ""),
        customer_key=customer_key(keys, f"C{n}"),
        name_key=name_key(keys, name),
        id_number_key=id_number_key(keys, secrets.id_number or ""),
        last_four_key=last_four_key(keys, secrets.id_number or ""),
        data_key=wrapped,
        sealed=secrets.seal(seal, person),
        masked=masked,
        time_zones=["Asia/Shanghai"],
        created_at=START,
    )
    Party.objects.using("gate").create(
        person_id=person, id=party, role="debtor", sealed=PartySecrets(name).seal(seal, party)
    )
    Point.objects.using("gate").create(
        person_id=person,
        id=point,
        party_id=party,
        kind="mobile",
        sealed=seal_point(seal, number, point),
        value_key=point_key(keys, number),
        last_four_key=last_four_key(keys, number),
        is_reserved=True,
        source="contract",
    )
    Debt.objects.using("gate").create(
        person_id=person,
        id=debt,
        lender_id=lender.pk,
        account_key=keys.identity("account", f"A{n}"),
        sealed=seal_account_number(seal, f"A{n}", debt),
        product="instalment_loan",
        state="overdue",
        oldest_unpaid_due_on=due_on,
        principal_minor=amount_minor,
        balance_minor=amount_minor,
        as_of_on=TODAY,
        row_digest=b"",
    )
    Instalment.objects.using("gate").create(
        person_id=person, id=instalment, debt_id=debt, n=1, due_on=due_on, amount_minor=amount_minor
    )
    return Borrower(person, party, point, debt, number)
