"""What tests of commission do over and over: a rate card of two persons, money on a day, the statement of a month."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from book import make_staff
from gatework import TEN, rows, talk
from placework import Floor, Placed, approve
from zhizhi.core.placement.rate_card import RateCard, Tier, card_of_tiers
from zhizhi.store.ids import ids
from zhizhi.store.models import Agency
from zhizhi.usecases.commission.act import AskRateCard, ask_rate_card
from zhizhi.usecases.commission.signing import SignStatement
from zhizhi.usecases.commission.stating import StateMonth, state_month
from zhizhi.usecases.record_payment import PostedPayment, RecordPayment, record_payment
from zhizhi.usecases.zones import civil_day

MARCH = date(2026, 3, 1)
APRIL = TEN + timedelta(days=40)
CARD = card_of_tiers(
    [(1, 0, 0, Tier(0, 1_000)), (1, 0, 0, Tier(50_000, 1_550)), (1, 60, 0, Tier(0, 2_000)),
     (1, 60, 200_000, Tier(0, 1_234)), (2, 0, 0, Tier(0, 3_000))],
    tail_days=7, base_minor=5_000, breach_minor=30_000,
)  # fmt: skip


@dataclass(frozen=True)
class Books:
    """A floor with its settlement clerk."""

    floor: Floor
    clerk: int


def make_books(floor: Floor, card: RateCard = CARD) -> Books:
    """A floor whose two agencies have the same card from March on."""
    clerk = make_staff(f"clerk-{floor.lender.code}", "settlement_clerk", floor.lender).pk
    for agency in floor.agencies:
        give_card(floor, agency, card)
    return Books(floor, clerk)


def give_card(floor: Floor, agency: Agency, card: RateCard = CARD, month: date = MARCH) -> None:
    """Of two persons."""
    ask = AskRateCard(floor.lender.pk, agency.pk, "CNY", month, card, "年度费率", floor.asks)
    approve(floor, ask_rate_card(ask, TEN))


def pay(case: Placed, minor: int, at: datetime, *, paid_on: date | None = None) -> PostedPayment:
    """Money on the case's debt."""
    on = paid_on or civil_day(at)
    return record_payment(RecordPayment(case.who.person, case.who.debt, minor, on, f"R{ids.take()}", "test", None), at)


def reach(floor: Floor, case: Placed, at: datetime) -> None:
    """The first agency's collector speaks with the person."""
    talk(case.who, floor.collector, at)


def stated(books: Books, agency: Agency | None = None, at: datetime = APRIL, month: date = MARCH) -> int:
    """The statement of a month, of the first agency where none is named."""
    floor = books.floor
    to = agency or floor.agencies[0]
    return state_month(StateMonth(floor.lender.pk, to.pk, month, "CNY", books.clerk), at)


def sums(statement: int) -> dict[str, Any]:
    """Its sums."""
    names = ("state", "n", "lines", "base_minor", "commission_minor", "deducted_minor", "due_minor")
    ((row),) = rows(f"SELECT {', '.join(names)} FROM commission_statement WHERE id = %s", statement)
    return dict(zip(names, row, strict=True))


def lines(statement: int) -> list[tuple[Any, ...]]:
    """Case, amount and why nothing, in their order."""
    return rows(
        "SELECT case_number, amount_minor, nothing FROM commission_line WHERE statement_id = %s ORDER BY n", statement
    )


def signing(statement: int, by: int) -> SignStatement:
    """The command of whoever signs what is there."""
    ((digest,),) = rows("SELECT encode(digest, 'hex') FROM commission_statement WHERE id = %s", statement)
    return SignStatement(statement, digest, by)


def reverse(case: Placed, payment_id: int, minor: int, at: datetime) -> None:
    """The ledger takes a payment back, as an import's file does."""
    rows(
        "INSERT INTO payment (person_id, id, debt_id, kind, paid_on, amount_minor, applied_minor, reference_key,"
        " reverses_id, source, recorded_at)"
        " SELECT person_id, %s, debt_id, 'reversal', %s::date, %s, %s, reference_key, id, 'test', %s"
        " FROM payment WHERE payment.id = %s AND person_id = %s RETURNING 1",
        ids.take(), at, minor, minor, at, payment_id, case.who.person,
    )  # fmt: skip


def breach(books: Books, permit: int, person: int) -> None:
    """An inquiry that ended as a breach, within the month."""
    rows(
        "INSERT INTO breach_inquiry (lender_id, subject, source, source_name, \"on\", kind, fingerprint, person_id,"
        " permit_id, sealed, state, opened_at, due_at, answered_by, article, consequence, ended_at, ended_by)"
        " VALUES (%s, gen_random_uuid(), 'line', '线路', %s, 'permit_without_record', %s, %s, %s,"
        " '\\x00', 'breach', %s, %s, NULL, 'GBT-021', 'warned', %s, %s) RETURNING 1",
        books.floor.lender.pk, MARCH, permit.to_bytes(8, "big"), person, permit, TEN, TEN,
        TEN + timedelta(days=1), books.floor.approves,
    )  # fmt: skip
