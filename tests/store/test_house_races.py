"""A house pack is activated while a campaign decides, a worker claims, a system leases or is about to ring."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.db import connections

from book import make_staff
from campaignwork import deliveries, running, send, step, targets, terms_of
from gatework import MINUTE, TEN, ToldChannel, rows
from housework import NO_CALL, NO_SMS, activated, agreed, open_owner, write_house
from leasework import Desk, Placed, bearer_of, lease, make_desk, place
from zhizhi.store.campaigns import pacing
from zhizhi.store.campaigns.terms import CampaignTerms
from zhizhi.store.law.activation import Signed, withdraw_house
from zhizhi.store.leases.answers import Asked
from zhizhi.store.transact import claims
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.usecases import lease as leasing
from zhizhi.usecases import lease_confirm
from zhizhi.usecases.campaigns import asking
from zhizhi.usecases.campaigns.asking import Asked as AskedChunk
from zhizhi.usecases.campaigns.asking import ask_chunk
from zhizhi.usecases.claim_contacts import claim_campaign_contacts, claim_contacts
from zhizhi.usecases.lease_confirm import ConfirmLease, confirm
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact

pytestmark = pytest.mark.usefixtures("store")
PROFILE = "cn.consumer_finance.online.cba"
HEAD = "head-of-house"
MEET_SECONDS = 120.0
WAITS = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 726512 AND NOT granted"
VERSIONS = (f"race-{n}" for n in range(1000))


@pytest.fixture(scope="module")
def desk(store: str) -> Desk:
    open_owner(store)
    made = make_desk()
    make_staff(HEAD, "head")
    return made


@pytest.fixture
def activate(desk: Desk, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Put a pack in force that forbids SMS and calls; it is withdrawn after the test."""
    cancel_expired(TEN + timedelta(days=300))
    rows("UPDATE campaign SET state = 'cancelled', ended_at = now() WHERE ended_at IS NULL RETURNING id")
    version = next(VERSIONS)
    folder = write_house(tmp_path / version, NO_SMS, NO_CALL, version=version)
    yield lambda: _activated(desk, folder)
    withdraw_house(desk.lender.code, Signed(HEAD, "测试结束"), TEN + MINUTE, agreed)


def _activated(desk: Desk, folder: Path) -> None:
    activated(desk.lender.code, PROFILE, folder, HEAD, TEN)


def campaign(desk: Desk, count: int) -> CampaignTerms:
    """A campaign that runs, for so many new persons."""
    placed = [place(desk) for _ in range(count)]
    by = rows("SELECT id FROM staff WHERE login = %s", HEAD)[0][0]
    return running(desk.lender, int(by), listed="\n".join(one.case for one in placed))


class Meanwhile:
    """An activation that begins in a thread of its own; answers whether it waits for what is under way here."""

    def __init__(self, activate: Callable[[], None]) -> None:
        self._activate = activate
        self._pool = ThreadPoolExecutor(1)
        self._begun: Future[None] | None = None

    def begin_and_look(self) -> bool:
        """Begin; True once it waits for the lock of the lender's law, False where it returned before that."""
        self._begun = self._pool.submit(self._run)
        until = monotonic() + MEET_SECONDS
        while monotonic() < until:
            if self._begun.done():
                return False
            with connections["owner"].cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 726512 AND NOT granted"
                )
                if cursor.fetchone():
                    return True
        raise AssertionError("the activation neither waits nor returns")

    def end(self) -> None:
        """Wait for it."""
        assert self._begun is not None
        self._begun.result(MEET_SECONDS)
        self._pool.shutdown()

    def _run(self) -> None:
        try:
            self._activate()
        finally:
            connections.close_all()


def test_a_chunk_that_was_decided_before_it_commits_nothing_and_is_asked_again(
    desk: Desk, activate: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = campaign(desk, 4)
    real = asking.propose_many

    def overtaken(*asked: Any, **named: Any) -> Any:
        activate()
        return real(*asked, **named)

    monkeypatch.setattr(asking, "propose_many", overtaken)
    assert ask_chunk(terms, TEN) == AskedChunk()
    assert targets(terms.id) == {"waiting": 4}
    persons = "SELECT t.person_id FROM campaign_target t WHERE t.campaign_id = %s"
    assert rows(f"SELECT count(*) FROM decision WHERE person_id IN ({persons})", terms.id) == [(0,)]
    monkeypatch.undo()
    assert ask_chunk(terms, TEN).settled == 4
    assert targets(terms.id) == {"forbid": 4}


def test_what_a_campaign_was_permitted_before_it_is_not_claimed_after_it(
    desk: Desk, activate: Callable[[], None]
) -> None:
    terms, sink = campaign(desk, 3), ToldChannel()
    ask_chunk(terms, TEN)
    activate()
    assert send(sink) == 0
    assert deliveries(terms.id) == {"waiting": 3}


def test_an_activation_waits_for_the_claim_of_a_campaign_that_is_under_way(
    desk: Desk, activate: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it has returned nothing is claimed that it forbids, not even by a worker that had looked before it."""
    terms, sink = campaign(desk, 3), ToldChannel()
    ask_chunk(terms, TEN)
    meanwhile, waited = Meanwhile(activate), []
    real = pacing.take_due

    def under_way(*asked: Any, **named: Any) -> Any:
        found = real(*asked, **named)
        waited.append(meanwhile.begin_and_look())
        return found

    monkeypatch.setattr(pacing, "take_due", under_way)
    claimed = claim_campaign_contacts(["sink"], TEN, "w", limit=2)
    meanwhile.end()
    monkeypatch.undo()
    assert (waited, len(claimed)) == ([True], 2)
    assert send(sink) == 0


def test_an_activation_waits_for_the_claim_of_a_desks_message_that_is_under_way(
    desk: Desk, activate: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    who, by = place(desk).who, make_staff("supervisor", "supervisor", desk.lender).pk
    propose_contact(
        ProposeContact(who.person, who.party, who.mobile, "sms", "notification", "collect", "plan-sms", by), TEN
    )
    meanwhile, waited = Meanwhile(activate), []
    real = claims.take_due

    def under_way(*asked: Any, **named: Any) -> Any:
        found = real(*asked, **named)
        waited.append(meanwhile.begin_and_look())
        return found

    monkeypatch.setattr(claims, "take_due", under_way)
    claimed = claim_contacts(["sink"], TEN, "w")
    meanwhile.end()
    assert (waited, len(claimed)) == ([True], 1)


def test_a_chunk_the_claim_and_an_activation_wait_for_each_other_in_one_order(
    desk: Desk, activate: Callable[[], None]
) -> None:
    """The law of a lender before the row of its campaign: a deadlock would end one of the three."""
    terms, sink = campaign(desk, 30), ToldChannel()
    meanwhile = Meanwhile(activate)
    before = _deadlocks()

    def deciding() -> None:
        try:
            while ask_chunk(terms_of(terms.id), TEN, 3).settled:
                send(sink, limit=2)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(deciding) for _ in range(2)]
        begun = pool.submit(meanwhile._run)
        for one in (*others, begun):
            one.result(MEET_SECONDS)
    assert _deadlocks() == before
    while ask_chunk(terms, TEN).settled:
        pass
    assert send(sink) == 0
    step(terms.id, "cancelled", terms.created_by_id)


def _deadlocks() -> int:
    (found,) = rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0]
    return int(found)


def test_a_lease_that_was_decided_before_it_is_decided_again(
    desk: Desk, activate: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    someone: Placed = place(desk)
    real, tries = leasing.write_leases, []

    def overtaken(decided: Any, answers: Any) -> None:
        tries.append([one.body["verdict"] for one in decided])
        if len(tries) == 1:
            activate()
        real(decided, answers)

    monkeypatch.setattr(leasing, "write_leases", overtaken)
    (answer,) = lease(bearer_of(desk), someone)
    assert tries == [["permit"], ["forbid"]]
    assert "lease" not in answer
    assert "no-call" in str(answer)
    assert rows("SELECT count(*) FROM lease WHERE person_id = %s", someone.who.person) == [(0,)]


def test_an_activation_waits_for_a_confirmation_that_is_under_way(
    desk: Desk, activate: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = bearer_of(desk)
    first, second = (lease(bearer, place(desk))[0]["lease"] for _ in range(2))
    meanwhile, waited = Meanwhile(activate), []
    real = lease_confirm.confirm_lease

    def under_way(*held: Any) -> None:
        waited.append(meanwhile.begin_and_look())
        real(*held)

    monkeypatch.setattr(lease_confirm, "confirm_lease", under_way)
    keys = [Asked(bearer.token_id, f"race-{n}", b"") for n in range(2)]
    answer = confirm(ConfirmLease(bearer, first, keys[0]), TEN)
    meanwhile.end()
    assert (waited, answer["valid"]) == ([True], True)
    late = confirm(ConfirmLease(bearer, second, keys[1]), TEN)
    assert (late["valid"], late["code"]) == (False, "house_rules")
