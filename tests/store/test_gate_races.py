"""Counts are exact under any concurrency: real threads on real connections, started together, several times over."""

from functools import partial

import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, at_once, propose_call, propose_sms, rows, talk
from zhizhi.core.evidence.fsck import check_history
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.store.transact.sequencer import sequence
from zhizhi.usecases.propose_contact import Proposed
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
THREADS = 8
VALID_CALLS_A_DAY = 3  # cn.gbt45251/5.3.2.2.2/valid-calls-per-day


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def collectors(lender: Lender) -> list[int]:
    return [make_staff(f"collector-{n}", "collector", lender, 50).pk for n in range(THREADS)]


def counted(who: Borrower) -> int:
    """Calls of today that happened or may happen."""
    return int(rows("SELECT count(*) FROM permit WHERE person_id = %s AND state <> 'released'", who.person)[0][0])


@pytest.mark.parametrize("seed", range(4))
def test_eight_collectors_who_want_the_last_call_get_one_permit(
    seed: int, lender: Lender, collectors: list[int]
) -> None:
    who = make_borrower(lender, 100 + seed)
    for n in range(VALID_CALLS_A_DAY - 1):
        talk(who, collectors[0], TEN + n * 10 * MINUTE)
    # Their clocks differ, as clocks do: who decides on an earlier one still knows what is committed.
    asked = [
        partial(propose_call, who, by, TEN + 40 * MINUTE - (n * (seed % 2) * MINUTE) / 60)
        for n, by in enumerate(collectors)
    ]
    answers = at_once(asked)
    permits = [one for one in answers if isinstance(one, Proposed) and one.permit_id]
    assert len(permits) == 1, answers
    assert all(isinstance(one, Proposed | UseCaseRefused) for one in answers), answers
    assert {one.decision.hold_for for one in answers if isinstance(one, Proposed) and not one.permit_id} == {"outcome"}
    assert counted(who) == VALID_CALLS_A_DAY


def test_a_collector_who_clicks_eight_times_has_one_permit(lender: Lender, collectors: list[int]) -> None:
    who = make_borrower(lender, 110)
    answers = at_once([partial(propose_call, who, collectors[0], TEN)] * THREADS)
    assert all(isinstance(one, Proposed | UseCaseRefused) for one in answers), answers
    assert rows(
        "SELECT state, count(*) FROM delivery WHERE person_id = %s GROUP BY 1 HAVING state = 'waiting'", who.person
    ) == [("waiting", 1)]
    assert counted(who) == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_payment_or_a_stop_beats_a_claim_or_comes_after_it(seed: int, lender: Lender, collectors: list[int]) -> None:
    who = make_borrower(lender, 120 + seed)
    for n in range(3):
        propose_sms(who, collectors[n], TEN + n * MINUTE)
    at, channel = TEN + 3 * MINUTE, ToldChannel()
    interrupt = (
        partial(record_payment, RecordPayment(who.person, who.debt, 100, at.date(), f"P{seed}", "test", None), at)
        if seed % 2
        else partial(set_stop, SetStop(who.person, "hardship", None, "hospital stay", None, collectors[0]), at)
    )
    workers = [Outbox({"sink": {"sms": channel}}, f"worker {n}") for n in range(3)]
    answers = at_once([interrupt, *(partial(worker.drain, at) for worker in workers)])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    states = dict(rows("SELECT state, count(*) FROM delivery WHERE person_id = %s GROUP BY 1", who.person))
    assert states.get("waiting", 0) == 0
    assert states.get("delivered", 0) == len(channel.sent) == counted(who)
    called_off = rows("SELECT count(*) FROM called_off WHERE person_id = %s", who.person)[0][0]
    assert states.get("failed", 0) <= called_off, "claimed and not begun when it came"
    assert sum(states.get(end, 0) for end in ("delivered", "cancelled", "failed")) == 3


def test_two_workers_send_nothing_twice(lender: Lender, collectors: list[int]) -> None:
    borrowers = [make_borrower(lender, 200 + n) for n in range(30)]
    for who in borrowers:
        propose_sms(who, collectors[0], TEN)
    channel = ToldChannel()
    workers = [Outbox({"sink": {"sms": channel}}, f"worker {n}") for n in range(4)]
    answers = at_once([partial(worker.drain, TEN + MINUTE, limit=7) for worker in workers])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    keys = [grant.idempotency_key for grant in channel.sent]
    assert len(keys) == len(set(keys)) == len(borrowers)


def test_writers_that_meet_never_wait_for_each_other(lender: Lender, collectors: list[int]) -> None:
    borrowers = [make_borrower(lender, 300 + n) for n in range(12)]
    for who in borrowers:
        propose_sms(who, collectors[0], TEN)
    later = TEN + 11 * MINUTE

    def stop_all(order: int) -> None:
        for who in borrowers[::order]:
            set_stop(SetStop(who.person, "hardship", None, "hospital stay", None, collectors[0]), later)

    jobs = [partial(stop_all, 1), partial(stop_all, -1), partial(cancel_expired, later), partial(cancel_expired, later)]
    answers = at_once(jobs)
    assert not [one for one in answers if isinstance(one, Exception)], answers


def test_sequencers_number_every_leaf_once_without_a_gap(lender: Lender, collectors: list[int]) -> None:
    def work(by: int, n: int) -> None:
        who = make_borrower(lender, 400 + n)
        propose_sms(who, by, TEN)

    def number() -> None:
        for _ in range(5):
            sequence(TEN, limit=3)

    jobs = [partial(work, by, n) for n, by in enumerate(collectors[:4])] + [number] * 4
    answers = at_once(jobs)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    while sequence(TEN).added:
        pass
    positions = [row[0] for row in rows("SELECT position FROM leaf ORDER BY position")]
    assert positions == list(range(len(positions)))
    with open_log() as log:
        assert list(check_history(log.entries(), log.notes(), log.verifiers())) == []
