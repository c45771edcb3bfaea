"""Several messages of a channel on their way at once: claimed before they leave, one end each, no throttle outrun."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from book import Borrower, make_borrower, make_lender, make_staff
from campaignwork import book_of, running
from gatework import TEN, ToldChannel, at_once, propose_sms, rows
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.jobs import outbox
from zhizhi.jobs.outbox import HAND_OVER_WITHIN, Outbox
from zhizhi.jobs.under_way import Group
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.claims import Claimed
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.usecases.campaigns.asking import ask_chunk
from zhizhi.usecases.claim_contacts import claim_campaign_contacts

pytestmark = pytest.mark.usefixtures("store")
CODES = (f"P{n}" for n in range(100))
NUMBERS = iter(range(400_000, 500_000))
SECOND = timedelta(seconds=1)
MEET_SECONDS = 120.0
SMS = ("sink", "sms")


@pytest.fixture
def lender(store: str) -> Lender:
    cancel_expired(TEN + timedelta(days=300))
    return make_lender(next(CODES))


@pytest.fixture
def by(lender: Lender) -> int:
    return int(make_staff(f"head-{lender.code}", "supervisor", lender, 50).pk)


def waiting(lender: Lender, by: int, count: int) -> list[Borrower]:
    """So many persons, a message to each of whom waits in the outbox."""
    persons = [make_borrower(lender, next(NUMBERS)) for _ in range(count)]
    for who in persons:
        assert propose_sms(who, by, TEN).permit_id is not None
    return persons


def ends(lender: Lender) -> dict[str, int]:
    """Deliveries of the lender by state."""
    of_lender = "SELECT d.state, count(*) FROM delivery d JOIN permit m ON m.id = d.permit_id WHERE m.lender_id = %s"
    return dict(rows(f"{of_lender} GROUP BY 1", lender.pk))


@dataclass
class Meeting:
    """A channel that answers only when so many messages are on their way together; it remembers the most there were."""

    parties: int
    channel: str = "sms"
    most: int = 0
    sent: list[int] = field(default_factory=list)
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._barrier = threading.Barrier(self.parties)

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Wait for the others."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.sent.append(grant.permit_id)
        self._barrier.wait(MEET_SECONDS)
        with self._lock:
            self._now -= 1
        return Sent(f"m-{grant.permit_id}")


def test_as_many_leave_at_once_as_the_channel_takes_and_each_has_one_end(lender: Lender, by: int) -> None:
    waiting(lender, by, 12)
    channel = Meeting(4)
    assert Outbox({"sink": {"sms": channel}}, "w", at_once={SMS: 4}).drain(TEN) == 12
    assert channel.most == 4
    assert len(set(channel.sent)) == len(channel.sent) == 12
    assert ends(lender) == {"delivered": 12}
    contacts = "SELECT count(*), count(DISTINCT c.permit_id) FROM contact c JOIN permit m ON m.id = c.permit_id"
    assert rows(f"{contacts} WHERE m.lender_id = %s", lender.pk) == [(12, 12)]


def test_what_is_on_its_way_is_claimed_with_its_permit_in_use_and_no_more_than_one_group_is(
    lender: Lender, by: int
) -> None:
    """What a worker that is killed here leaves unknown."""
    waiting(lender, by, 9)
    seen: list[tuple[dict[str, int], list[tuple[object, ...]]]] = []

    def answer(grant: PermitGrant) -> SendOutcome:
        try:
            permit = rows(
                "SELECT m.state, d.state FROM permit m JOIN delivery d ON d.permit_id = m.id WHERE m.id = %s",
                grant.permit_id,
            )
            seen.append((ends(lender), permit))
        finally:
            connections.close_all()
        return Sent(f"m-{grant.permit_id}")

    Outbox({"sink": {"sms": ToldChannel(answer=answer)}}, "w", at_once={SMS: 3}).drain(TEN, limit=4)
    assert len(seen) == 9
    assert all(permit == [("used", "claimed")] for _, permit in seen)
    assert max(by_state["claimed"] for by_state, _ in seen) == 4
    assert all(sum(by_state.values()) == 9 for by_state, _ in seen)


def test_a_message_that_hangs_keeps_nobodys_end_from_being_written(
    lender: Lender, by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SETTLE_WITHIN_SECONDS", 0.01)
    hung, *_ = waiting(lender, by, 8)
    goes_on = threading.Event()

    def answer(grant: PermitGrant) -> SendOutcome:
        if grant.person_id == hung.person:
            assert goes_on.wait(MEET_SECONDS)
        return Sent(f"m-{grant.permit_id}")

    def beat() -> None:
        if ends(lender).get("delivered") == 7:
            goes_on.set()

    draining = Outbox({"sink": {"sms": ToldChannel(answer=answer)}}, "w", at_once={SMS: 2})
    assert draining.drain(TEN, beat=beat) == 8
    assert ends(lender) == {"delivered": 8}


def test_a_throttle_is_kept_however_many_leave_at_once(lender: Lender, by: int) -> None:
    book_of(lender, next(NUMBERS) + 50_000, 20)
    terms = running(lender, by, per_second=6)
    ask_chunk(terms, TEN)
    draining = Outbox({"sink": {"sms": ToldChannel()}}, "w", monotonic=lambda: 0.0, at_once={SMS: 8})
    assert draining.send(claim_campaign_contacts, TEN) == 1  # a bucket that was never used
    assert draining.send(claim_campaign_contacts, TEN + SECOND) == 6
    assert draining.send(claim_campaign_contacts, TEN + SECOND) == 0


def test_when_the_database_goes_away_what_is_on_its_way_keeps_its_end_and_nothing_more_begins(
    lender: Lender, by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SETTLE_MAX", 2)
    waiting(lender, by, 9)
    real, real_call_off, was_called_off = outbox.settle, Group.call_off, threading.Event()
    channel = ToldChannel(answer=lambda grant: Sent(f"m-{grant.permit_id}"))

    def away(settled: list[outbox.Settled]) -> object:
        if settled:
            connections["gate"].connection.close()
        return real(settled)

    def call_off(group: Group) -> list[Claimed]:
        unbegun = real_call_off(group)
        was_called_off.set()
        return unbegun

    monkeypatch.setattr(outbox, "settle", away)
    monkeypatch.setattr(Group, "call_off", call_off)

    def answer(grant: PermitGrant) -> SendOutcome:
        if len(channel.sent) > 2:
            assert was_called_off.wait(MEET_SECONDS)
        return Sent(f"m-{grant.permit_id}")

    channel.answer = answer
    draining = Outbox({"sink": {"sms": channel}}, "w", at_once={SMS: 2})
    with pytest.raises((OperationalError, InterfaceError)):
        draining.drain(TEN)
    close_old_connections()
    assert ends(lender) == {"claimed": 9}
    left = len(channel.sent)
    assert left <= 4, "what nobody had begun to hand over was handed over without a database"

    monkeypatch.setattr(outbox, "settle", real)
    draining.drain(TEN + SECOND)
    assert len(channel.sent) == left
    assert ends(lender) == {"delivered": left, "failed": 9 - left}
    unsent = "SELECT DISTINCT d.failure, m.state FROM delivery d JOIN permit m ON m.id = d.permit_id"
    assert rows(f"{unsent} WHERE m.lender_id = %s AND d.state = 'failed'", lender.pk) == [("not_sent", "released")]


def test_what_a_worker_has_had_for_too_long_is_not_begun_any_more(lender: Lender, by: int) -> None:
    """Others may take it for lost by now, and a person may say that it never left."""
    waiting(lender, by, 3)
    clock = [0.0]

    def hang(grant: PermitGrant) -> SendOutcome:
        clock[0] += HAND_OVER_WITHIN.total_seconds() + 1
        return Sent(f"m-{grant.permit_id}")

    channel = ToldChannel(answer=hang)
    assert Outbox({"sink": {"sms": channel}}, "w", monotonic=lambda: clock[0]).drain(TEN) == 3
    assert len(channel.sent) == 1
    assert ends(lender) == {"delivered": 1, "failed": 2}


def test_workers_that_hand_over_several_at_once_share_a_queue_and_send_nothing_twice(lender: Lender, by: int) -> None:
    waiting(lender, by, 30)
    peers = [ToldChannel() for _ in range(3)]
    workers = [Outbox({"sink": {"sms": peer}}, f"w{n}", at_once={SMS: 3}) for n, peer in enumerate(peers)]
    answers = at_once([partial(worker.drain, TEN, limit=5) for worker in workers])
    assert sum(one for one in answers if isinstance(one, int)) == 30, answers
    permits = [grant.permit_id for peer in peers for grant in peer.sent]
    assert len(permits) == len(set(permits)) == 30
    assert ends(lender) == {"delivered": 30}
