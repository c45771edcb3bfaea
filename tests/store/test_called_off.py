"""What a worker has claimed and not begun does not leave once a payment, words, a stop, a plan or a recall has come."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock

import psycopg
import pytest
from django.db import OperationalError, connections

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.called_off import CalledOff
from zhizhi.store.transact.deliveries import cancel_expired, cancel_waiting_of
from zhizhi.store.transact.person import writing
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.set_stop import SetStop, set_stop
from zhizhi.usecases.start_call import StartCall, start_call

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 1_000))
SMS = ("sink", "sms")


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return int(make_staff("head", "supervisor", lender, 50).pk)


@pytest.fixture
def two(lender: Lender, by: int) -> tuple[Borrower, Borrower]:
    """Two persons with a message each, the first of which is claimed first."""
    cancel_expired(TEN + timedelta(days=300))
    first, second = (make_borrower(lender, next(NUMBERS)) for _ in range(2))
    for who in (first, second):
        assert propose_sms(who, by, TEN).permit_id is not None
    return first, second


def pay(who: Borrower, by: int) -> None:
    record_payment(RecordPayment(who.person, who.debt, 100, TODAY, f"R{who.person}", "test", by), TEN)


def claim_paid(who: Borrower, by: int) -> None:
    record_statement(RecordStatement(who.person, who.party, "claims_paid", {"proof": True}, by), TEN)


def stop(kind: str) -> Callable[[Borrower, int], object]:
    return lambda who, by: set_stop(SetStop(who.person, kind, None, "客户来电说明", None, by), TEN)


def recall(who: Borrower, by: int) -> None:
    with writing(who.person):
        cancel_waiting_of([who.person], TEN, "placement_over")


EVENTS = {
    "payment": pay,
    "statement": claim_paid,
    "stop_hardship": stop("hardship"),
    "stop_plan": stop("plan"),
    "placement_over": recall,
}


def drained(comes: Callable[[], object], at_once: int = 1) -> list[int]:
    """The persons to whom something left, where `comes` happens while the first message is on its way."""
    turn, done = Lock(), Event()

    def answer(grant: PermitGrant) -> SendOutcome:
        if turn.acquire(blocking=False):
            comes()
            done.set()
            if at_once > 1:
                connections.close_all()
        assert done.wait(120)
        return Sent(f"m-{grant.permit_id}")

    channel = ToldChannel(answer=answer)
    Outbox({"sink": {"sms": channel}}, "test", at_once={SMS: at_once}).drain(TEN)
    return [grant.person_id for grant in channel.sent]


def ends(who: Borrower) -> tuple[object, ...]:
    return rows(
        "SELECT d.state, d.failure, m.state, (SELECT count(*) FROM contact c WHERE c.permit_id = m.id) FROM delivery d"
        " JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id WHERE d.person_id = %s",
        who.person,
    )[0]


@pytest.mark.parametrize("because", EVENTS)
def test_what_was_claimed_and_not_begun_never_leaves(because: str, two: tuple[Borrower, Borrower], by: int) -> None:
    first, second = two
    assert drained(lambda: EVENTS[because](second, by)) == [first.person]
    assert ends(second) == ("failed", because, "released", 0)
    assert ends(first)[0] == "delivered"


def test_nor_where_several_are_on_their_way_at_once(lender: Lender, by: int, two: tuple[Borrower, Borrower]) -> None:
    others = [make_borrower(lender, next(NUMBERS)) for _ in range(6)]
    for who in others:
        assert propose_sms(who, by, TEN).permit_id is not None

    def all_pay() -> None:
        for who in (*two, *others):
            pay(who, by)

    left = drained(all_pay, at_once=2)
    assert 1 <= len(left) <= 2, "what was on its way already, and nothing more"
    for who in (*two, *others):
        assert ends(who)[0] == ("delivered" if who.person in left else "failed")


def test_what_is_on_its_way_already_is_counted(two: tuple[Borrower, Borrower], by: int) -> None:
    first, second = two
    assert drained(lambda: pay(first, by)) == [first.person, second.person]
    assert ends(first) == ("delivered", None, "used", 1)


def test_a_database_that_is_away_when_it_is_asked_sends_nothing(
    two: tuple[Borrower, Borrower], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_desk: object, _claimed: object, _at: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(CalledOff, "why", away)
    assert drained(lambda: None) == []
    assert {ends(who)[:3] for who in two} == {("failed", "not_sent", "released")}


def test_a_call_at_a_desk_is_in_somebodys_hands(lender: Lender, by: int) -> None:
    who = make_borrower(lender, next(NUMBERS))
    permit = propose_call(who, by, TEN).permit_id
    assert permit is not None
    start_call(StartCall(who.person, permit, by), TEN)
    pay(who, by)
    assert rows("SELECT count(*) FROM called_off WHERE person_id = %s", who.person) == [(0,)]


def test_no_one_takes_it_back(two: tuple[Borrower, Borrower], by: int, store: str) -> None:
    drained(lambda: pay(two[1], by))
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        for statement in ("DELETE FROM called_off WHERE person_id = %s",
                          "UPDATE called_off SET because = 'x' WHERE person_id = %s"):  # fmt: skip
            assert refused_by_database(gate, statement, two[1].person) == "InsufficientPrivilege"
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as web:
        read = "SELECT count(*) FROM called_off WHERE person_id = %s"
        assert refused_by_database(web, read, two[1].person) == "InsufficientPrivilege"
