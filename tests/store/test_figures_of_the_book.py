"""A figure is its rows: numbers and lists never differ, an old day stays what it was, and days of the book stand."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.db.models import F

from web.book import AT, Book, make_book
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.figures.attempts import load_third_persons
from zhizhi.store.figures.collected import COLLECTED_MONTH, COLLECTED_TODAY
from zhizhi.store.figures.every import FIGURES
from zhizhi.store.figures.figure import NOTHING, Asked, Figure, load_as_of, load_number, load_rows
from zhizhi.store.figures.flow import CURED, ENTERED, LEFT_OTHERWISE, ROLLED_BACK, ROLLED_FORWARD, load_rolls
from zhizhi.store.figures.promises import BROKEN, DUE_SEVEN, KEPT
from zhizhi.store.figures.zeros import AFTER_STOP, AT_NIGHT, THIRD_PARTY_TOLD, UNTRAINED, ZEROS
from zhizhi.store.ids import ids
from zhizhi.store.models import Case, Debt, DebtDay, Instalment, Party, Payment, Promise, Staff, Statement
from zhizhi.store.transact.debt_days import keep_debt_day
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.zones import days_as_span

DAY = date(2026, 3, 3)
NEXT = date(2026, 3, 4)
GATE = "gate"


@pytest.fixture(scope="module")
def book(store: str) -> Book:
    return make_book()


def asked(on: date = DAY, as_of: datetime | None = None) -> Asked:
    return Asked(on, *days_as_span(on, on), as_of or datetime.combine(on, time(23, 59), BEIJING))


def whole(book: Book) -> Viewer:
    return Viewer(book.staff["head"], "lender", book.lender, None)


def number(figure: Figure, viewer: Viewer, of: Asked) -> int:
    with reading(viewer):
        return load_number(figure, of).get("", NOTHING).of(figure.unit)


def keep(lender: int, on: date, at: datetime) -> int:
    with transaction.atomic(using=GATE):
        return keep_debt_day(lender, on, at)


def pay(book: Book, who: str, minor: int, on: date, at: datetime, **values: Any) -> int:
    person = book.persons[who]
    debt, payment = Debt.objects.using(GATE).get(person_id=person), ids.take_many(1)[0]
    terms = {"kind": "payment", "applied_minor": minor, "source": "bank"} | values
    Payment.objects.using(GATE).create(
        person_id=person, id=payment, debt_id=debt.id, paid_on=on, amount_minor=minor, reference_key=uuid4(),
        recorded_at=at, **terms,
    )  # fmt: skip
    return payment


def owe(book: Book, who: str, due_on: date, paid_on: date | None = None) -> None:
    person = book.persons[who]
    debt = Debt.objects.using(GATE).get(person_id=person)
    n = Instalment.objects.using(GATE).filter(person_id=person).count() + 1
    Instalment.objects.using(GATE).create(
        person_id=person, id=ids.take_many(1)[0], debt_id=debt.id, n=n, due_on=due_on, amount_minor=10_000,
        paid_minor=10_000 if paid_on else 0, paid_on=paid_on,
    )  # fmt: skip


@pytest.mark.parametrize("code", sorted(FIGURES))
def test_every_figure_and_its_list_agree(book: Book, code: str) -> None:
    figure = FIGURES[code]
    with reading(whole(book)):
        found = load_number(figure, asked()).get("", NOTHING)
        rows, more = load_rows(figure, asked(), "", 0)
    assert not more
    assert (len(rows), sum(row.amount_minor for row in rows)) == (found.rows, found.minor)


def test_money_counts_by_the_day_of_payment_as_recorded_by_then_and_a_reversal_takes_away(book: Book) -> None:
    owe(book, "wang", date(2026, 1, 15))
    noon, evening = datetime.combine(DAY, time(12), BEIJING), datetime.combine(DAY, time(20), BEIJING)
    first = pay(book, "wang", 30_000, DAY, noon)
    pay(book, "bobs", 7_000, DAY, noon)  # nothing of it was due before: no money of collecting
    assert number(COLLECTED_TODAY, whole(book), asked()) == 30_000
    pay(book, "wang", 30_000, DAY, evening, kind="reversal", reverses_id=first, applied_minor=0)
    assert number(COLLECTED_TODAY, whole(book), asked()) == 0
    assert number(COLLECTED_TODAY, whole(book), asked(as_of=evening)) == 30_000, "as of before the reversal"
    assert number(COLLECTED_MONTH, whole(book), asked()) == 0


def test_days_of_the_book_tell_who_entered_was_cured_and_rolled(book: Book) -> None:
    midnight = datetime.combine(DAY, time(0), BEIJING)
    debts = {who: Debt.objects.using(GATE).filter(person_id=book.persons[who]) for who in ("wang", "long", "bobs")}
    debts["long"].update(oldest_unpaid_due_on=DAY)  # due today: not overdue yet
    assert keep(book.lender, DAY, midnight) == 3
    assert keep(book.lender, DAY, midnight) == 0, "twice changes nothing"
    with reading(whole(book)):
        assert load_as_of(DAY, None, AT) == AT, "the day is not over"

    debts["long"].update(oldest_unpaid_due_on=DAY)  # a day later it is overdue
    debts["wang"].update(oldest_unpaid_due_on=NEXT - timedelta(days=10))  # from M2 back to M1
    debts["bobs"].update(state="settled", balance_minor=0, oldest_unpaid_due_on=None)
    Case.objects.using(GATE).filter(person_id=book.persons["bobs"]).update(closed_on=NEXT, exit="settled")
    keep(book.lender, NEXT, midnight + timedelta(days=1))

    head = whole(book)
    of = asked(NEXT)
    assert number(ENTERED, head, of) == 123_456_789_012
    assert number(ROLLED_BACK, head, of) == 1_248_630
    assert number(CURED, head, of) == 52_000, "by its amount of the day before"
    assert number(ROLLED_FORWARD, head, of) == number(LEFT_OTHERWISE, head, of) == 0
    assert number(ENTERED, head, asked(DAY)) == 0, "the first day has none before it"
    with reading(head):
        assert load_as_of(DAY, book.lender, AT + timedelta(days=9)) == midnight + timedelta(days=1)

    alice = Viewer(book.staff["alice"], "self", book.lender, None)
    assert number(CURED, alice, of) == 0, "it was bob's"
    assert number(ROLLED_BACK, alice, of) == 1_248_630
    stranger = Viewer(book.staff["stranger"], "lender", book.other_lender, None)
    assert number(ROLLED_BACK, stranger, of) == 0

    keep(book.lender, NEXT + timedelta(days=1), midnight + timedelta(days=2))
    left = DebtDay.objects.using(GATE).filter(person_id=book.persons["bobs"], is_worked_out=False)
    assert list(left.order_by("on").values_list("on", "exit")) == [(DAY, None), (NEXT, "settled")], "it leaves once"


def test_a_day_of_the_book_is_never_altered(book: Book, store: str) -> None:
    with psycopg.connect(store) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("UPDATE debt_day SET balance_minor = 0")
    with pytest.raises(DatabaseError), transaction.atomic(using=GATE):
        DebtDay.objects.using(GATE).update(balance_minor=F("balance_minor") + 1)


def test_the_months_before_the_first_day_are_worked_out_of_instalments(book: Book) -> None:
    owe(book, "other", date(2026, 1, 20))
    owe(book, "other", date(2026, 2, 20))
    owe(book, "other", date(2025, 12, 20), paid_on=date(2026, 1, 5))
    keep(book.other_lender, date(2026, 3, 10), AT)
    days = DebtDay.objects.using(GATE).filter(person_id=book.persons["other"]).order_by("on")
    worked = [tuple(row) for row in days.values_list("on", "days_past_due", "balance_minor", "is_worked_out")]
    assert worked == [
        (date(2026, 1, 1), 12, 10_000, True),
        (date(2026, 2, 1), 12, 10_000, True),
        (date(2026, 3, 1), 40, 20_000, True),
        (date(2026, 3, 10), 40, 990_000, False),
    ]
    with reading(Viewer(book.staff["stranger"], "lender", book.other_lender, None)):
        rolls = load_rolls(asked(date(2026, 3, 10)))
    assert [(one.first, one.last, one.is_worked_out) for one in rolls] == [
        (date(2026, 1, 1), date(2026, 2, 1), True),
        (date(2026, 2, 1), date(2026, 3, 1), True),
        (date(2026, 3, 1), date(2026, 3, 10), True),
    ]
    assert (rolls[1].share(1, 2), rolls[1].share(1, 0), rolls[1].share(3, 0)) == (1.0, 0.0, None)


def test_a_promise_kept_later_was_broken_on_the_day_asked_for(book: Book) -> None:
    for due, state, settled in ((DAY - timedelta(days=5), "kept", DAY + timedelta(days=3)), (NEXT, "open", None)):
        Promise.objects.using(GATE).create(
            person_id=book.persons["wang"], id=ids.take_many(1)[0], promised_at=AT - timedelta(days=9), due_on=due,
            amount_minor=5_000, state=state, settled_on=settled,
        )  # fmt: skip
    head = whole(book)
    assert (number(KEPT, head, asked()), number(BROKEN, head, asked())) == (0, 1)
    later = asked(DAY + timedelta(days=3))
    assert (number(KEPT, head, later), number(BROKEN, head, later)) == (1, 1), "the other one was due on the fourth"
    assert number(DUE_SEVEN, head, asked()) == 5_000


class Wrongdoer:
    """Contacts that the database refuses: written with its triggers at rest, as an intruder would."""

    def __init__(self, book: Book, address: str) -> None:
        self._book, self._address = book, address

    def contact(self, who: str, role: str, at: datetime, **values: object) -> None:
        """A contact that happened without the gate."""
        person = self._book.persons[who]
        party = Party.objects.using(GATE).get(person_id=person, role=role)
        row: dict[str, object] = {
            "person_id": person, "id": ids.take_many(1)[0], "at": at, "channel": "voice", "direction": "out",
            "party_id": party.id, "form": "interactive", "purpose": "collect", "collector": "L1",
            "collector_kind": "lender", "permit_id": ids.take_many(1)[0], "outcome": "conversation",
        }  # fmt: skip
        row |= values
        with psycopg.connect(self._address) as owner:
            owner.execute("SET session_replication_role = replica")
            names, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
            owner.execute(f"INSERT INTO contact ({names}) VALUES ({marks})", row)


def test_zeros_see_what_the_gate_did_not(book: Book, store: str) -> None:
    head = whole(book)
    on = date(2026, 3, 20)
    of = asked(on)
    assert [number(zero, head, of) for zero in ZEROS] == [0] * 6
    wrong = Wrongdoer(book, store)
    wrong.contact("wang", "debtor", datetime.combine(on, time(22, 0), BEIJING))
    wrong.contact("wang", "debtor", datetime.combine(on, time(21, 59, 59), BEIJING))
    assert number(AT_NIGHT, head, of) == 1
    wrong.contact("wang", "contact", datetime.combine(on, time(15), BEIJING), about_debt=True)
    wrong.contact("wang", "contact", datetime.combine(on, time(16), BEIJING), about_debt=False)
    assert number(THIRD_PARTY_TOLD, head, of) == 1
    with reading(head):
        assert [(one.role, one.about_debt) for one in load_third_persons(of)] == [("contact", True), ("contact", False)]

    relay = Party.objects.using(GATE).get(person_id=book.persons["wang"], role="contact")
    for kind, at, body in (
        ("refuse_contact", time(15, 30), {}),
        ("withdraw", time(17), {"of": "refuse_contact"}),
    ):
        instant = datetime.combine(on, at, BEIJING)
        Statement.objects.using(GATE).create(
            person_id=relay.person_id, id=ids.take_many(1)[0], party_id=relay.id, at=instant, kind=kind, body=body,
            recorded_at=instant,
        )  # fmt: skip
    wrong.contact("wang", "contact", datetime.combine(on, time(18), BEIJING), about_debt=False)
    assert number(AFTER_STOP, head, of) == 1, "between the refusal and its withdrawal"

    Staff.objects.using(GATE).filter(login="bob").update(trained_on=on - timedelta(days=366))
    for login in ("alice", "bob"):
        wrong.contact("wang", "debtor", datetime.combine(on, time(11), BEIJING), staff_id=book.staff[login])
    assert number(UNTRAINED, head, of) == 1
    assert number(AT_NIGHT, Viewer(book.staff["bob"], "self", book.lender, None), of) == 0, "no case of his"
