"""Who says to have paid is left alone until the money is there or somebody has looked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_sms, rows
from zhizhi.core.debt.remittance.claims import Claim, Found, due_at, is_met
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.remittances.claims import AnswerClaim, answer_paid_claim

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 1_000))
DAYS = st.integers(-60, 60).map(lambda days: TODAY + timedelta(days=days))


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return int(make_staff("super", "supervisor", lender, 50).pk)


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


def claim(who: Borrower, by: int, **said: object) -> int:
    return record_statement(RecordStatement(who.person, who.party, "claims_paid", said, by), TEN)


def pay(who: Borrower, minor: int, on: date = TODAY) -> None:
    record_payment(RecordPayment(who.person, who.debt, minor, on, f"P{who.person}{minor}", "test", None), TEN + MINUTE)


def holds(who: Borrower, by: int) -> bool:
    """Whether the law holds a message for the claim; permits that this asks for count, so it is asked once a test."""
    return propose_sms(who, by, TEN + 5 * MINUTE).decision.verdict == "hold"


def stops(who: Borrower) -> int:
    ((many,),) = rows("SELECT count(*) FROM stop WHERE person_id = %s AND lifted_at IS NULL", who.person)
    return int(many)


def test_a_claim_holds_until_it_is_answered_a_day_or_not(who: Borrower, by: int) -> None:
    claim(who, by, proof=True)
    assert propose_sms(who, by, TEN + timedelta(hours=25)).decision.verdict == "hold"
    assert (stops(who), due_at(TEN)) == (1, TEN + timedelta(hours=24))


def test_the_money_that_was_spoken_of_ends_it(who: Borrower, by: int) -> None:
    claim(who, by, amount_minor=500, on="2026-03-01", debt=f"d{who.debt}")
    pay(who, 500)
    assert (stops(who), holds(who, by)) == (0, False), "what is left is owed as before"


def test_other_money_does_not(who: Borrower, by: int) -> None:
    claim(who, by, amount_minor=500, on="2026-03-01")
    pay(who, 499)
    assert (stops(who), holds(who, by)) == (1, True)


def test_a_person_who_looked_ends_it_once_and_a_new_claim_holds_again(who: Borrower, by: int) -> None:
    said = claim(who, by, proof=True)
    answer = AnswerClaim(who.person, said, Found.NOTHING, "银行流水逐日核对，无此笔", by)
    answer_paid_claim(answer, TEN + MINUTE)
    assert stops(who) == 0
    with pytest.raises(Refused):
        answer_paid_claim(answer, TEN + 2 * MINUTE)
    assert not holds(who, by)
    record_statement(RecordStatement(who.person, who.party, "claims_paid", {}, by), TEN + 6 * MINUTE)
    assert propose_sms(who, by, TEN + 7 * MINUTE).decision.verdict == "hold"


def test_who_may_not_settle_money_answers_nothing(who: Borrower, by: int, lender: Lender) -> None:
    collector = make_staff(f"c-{who.person}", "collector", lender).pk
    said = claim(who, by)
    with pytest.raises(Refused):
        answer_paid_claim(AnswerClaim(who.person, said, Found.NOTHING, "银行流水核对", collector), TEN + MINUTE)


def test_the_log_says_what_the_rows_say(who: Borrower, by: int) -> None:
    claim(who, by, amount_minor=100)
    pay(who, 100)
    sequence_all(TEN + MINUTE)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []


@given(
    st.none() | st.integers(1, 3), st.none() | st.integers(1, 100), st.none() | DAYS, DAYS, st.integers(1, 100), DAYS
)
def test_less_money_another_debt_or_another_month_never_meets_a_claim(
    debt: int | None, minor: int | None, named: date | None, said_on: date, paid: int, paid_on: date
) -> None:
    if is_met(Claim(said_on, debt, minor, named), 1, paid, paid_on):
        assert debt in (None, 1)
        assert minor is None or paid >= minor
        assert abs((paid_on - (named or said_on)).days) <= 31
