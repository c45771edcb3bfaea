"""Webhooks below the API: nothing is lost or told twice under another id, retries, claims that run out, slow receivers,
endpoints that die, and what raw SQL may."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from book import make_borrower, make_lender, make_staff
from gatework import TEN, at_once, rows
from hookwork import LOOPBACK, Got, Receiver, end_endpoints, receiving, reply, sent, settings_for, told
from zhizhi.config.databases import WEB_LOGIN
from zhizhi.core.kernel.addresses import read_networks
from zhizhi.gateways.webhooks.sender import Sender
from zhizhi.gateways.webhooks.settings import WebhookSettings
from zhizhi.jobs.webhooks import PLACES_OF_ENDPOINT, Sending
from zhizhi.store.api.accounts import create_account_token, load_caller
from zhizhi.store.leases.tokens import load_bearer, revoke_token
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.models import Case
from zhizhi.store.transact.sequencer import sequence
from zhizhi.store.viewer import Viewer
from zhizhi.store.webhooks.endpoints import Changes, Made, NewEndpoint, change_endpoint, create_endpoint
from zhizhi.store.webhooks.erasing import KEPT_FOR, erase_deliveries
from zhizhi.store.webhooks.fan_out import fan_out
from zhizhi.store.webhooks.sending import CLAIM_LASTS, OFF_AFTER, claim_due
from zhizhi.usecases.set_stop import SetStop, set_stop
from zhizhi.usecases.webhooks.schedule import AFTER, TRIES_MAX

pytestmark = pytest.mark.usefixtures("store")
SECOND, MINUTE, HOUR, DAY = (timedelta(**{name: 1}) for name in ("seconds", "minutes", "hours", "days"))
NUMBERS = iter(range(1, 10_000))
PATIENCE_SECONDS = 120.0  # of whoever waits for what the test does next


class Floor:
    """A lender with an agency, and who sets stops."""

    def __init__(self) -> None:
        self.lender: Lender = make_lender("H1")
        self.other: Lender = make_lender("H2")
        self.agency = Agency.objects.using("gate").create(code="HA", name="外包甲")
        self.by = make_staff("hook-super", "supervisor", self.lender).pk

    def account(self, agency: str | None = None) -> tuple[int, int]:
        """A service account that may be told, and its token."""
        made = create_account_token(
            f"hooks-{next(NUMBERS)}", "H1", agency, ("webhooks",), expires_at=TEN + 300 * DAY, at=TEN
        )
        bearer = load_bearer(made[1], TEN)
        assert bearer is not None
        caller = load_caller(bearer)
        assert caller is not None
        return caller.staff_id, made[0]

    def endpoint(self, url: str, agency: str | None = None) -> Made:
        """An endpoint of an account of its own, for stops."""
        account, _ = self.account(agency)
        return create_endpoint(
            NewEndpoint(account, self.lender.pk, self.agency.pk if agency else None, url, ("stop.opened",), ""), TEN
        )

    def person(self, agency: bool = False) -> int:
        """A person with an open case."""
        n = next(NUMBERS)
        who = make_borrower(self.lender, n)
        Case.objects.using("gate").create(
            person_id=who.person, id=who.debt, number=f"C-H-{n}", lender_id=self.lender.pk, stage="early",
            agency_id=self.agency.pk if agency else None, days_past_due=12, balance_minor=1, product="instalment_loan",
            masked=b"", opened_on=TEN.date(), aged_on=TEN.date(),
        )  # fmt: skip
        return who.person

    def stop(self, person: int, at: datetime = TEN) -> None:
        """Something happens to a person."""
        set_stop(SetStop(person, "hardship", None, "突发疾病住院", None, self.by), at)


@pytest.fixture(scope="module")
def floor(store: str) -> Floor:
    return Floor()


@pytest.fixture(autouse=True)
def ends_with_its_test(store: str) -> Iterator[None]:
    yield
    end_endpoints()


def state_of(made: Made) -> list[tuple[str, int]]:
    asked = "SELECT state, tries FROM webhook_delivery WHERE endpoint_id = %s ORDER BY id"
    return [(state, tries) for state, tries in rows(asked, made.endpoint_id)]


def answering(status: int) -> Callable[[BaseHTTPRequestHandler, Got], None]:
    return lambda handler, got: reply(handler, status)


def off_because(made: Made) -> str | None:
    because: str | None = rows("SELECT off_because FROM webhook_endpoint WHERE id = %s", made.endpoint_id)[0][0]
    return because


class TestNothingIsLost:
    def test_leaves_of_many_commits_at_once_are_each_told_once(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        """Writers, the sequencer and two readers of the log at once: numbers are dense, no gap hides a late commit."""
        made = floor.endpoint(receiver.url)
        persons = [floor.person() for _ in range(24)]
        left = threading.Event()

        def write(some: list[int]) -> None:
            for person in some:
                floor.stop(person)

        def number() -> None:
            while not left.wait(0.005):
                sequence(TEN, limit=3)

        def read() -> None:
            while not left.wait(0.005):
                fan_out(TEN, limit=2)

        def write_all() -> None:
            try:
                assert at_once([partial(write, persons[n::4]) for n in range(4)]) == [None] * 4
            finally:
                left.set()

        answers = at_once([write_all, number, read, read])
        assert not [one for one in answers if isinstance(one, Exception)], answers
        told(TEN)
        assert len(state_of(made)) == len(persons)
        sent(sending, TEN)
        cases = [json.loads(one.body)["data"]["case"] for one in receiver.got]
        assert sorted(cases) == sorted(
            number for (number,) in rows("SELECT number FROM collection_case WHERE person_id = ANY (%s)", persons)
        )

    def test_what_happened_before_an_endpoint_was_made_is_not_told(self, floor: Floor, receiver: Receiver) -> None:
        person = floor.person()
        floor.stop(person)
        sequence(TEN)
        made = floor.endpoint(receiver.url)
        floor.stop(person)
        told(TEN)
        assert len(state_of(made)) == 1

    def test_a_reading_that_is_rolled_back_is_read_again(
        self, floor: Floor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = floor.endpoint(receiver.url)
        floor.stop(floor.person())
        sequence(TEN)
        with monkeypatch.context() as patch:
            patch.setattr("zhizhi.store.webhooks.fan_out._DONE", "SELECT 1 / 0 WHERE %s > 0")
            with pytest.raises(Exception, match="division"):
                fan_out(TEN)
        assert state_of(made) == []
        told(TEN)
        assert state_of(made) == [("waiting", 0)]


class TestTryingAgain:
    def test_a_message_that_never_arrives_is_tried_ten_times_by_the_schedule_and_then_failed(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        made = floor.endpoint(receiver.url)
        receiver.answer = lambda handler, got: reply(handler, 503)
        floor.stop(floor.person())
        told(TEN)
        at = TEN
        for n, pause in enumerate((timedelta(), *AFTER), start=1):
            if pause:
                sent(sending, at + pause - SECOND)
                assert len(receiver.got) == n - 1, "not before its time"
            at += pause + 3 * SECOND
            sent(sending, at)
            assert len(receiver.got) == n
        assert state_of(made) == [("failed", TRIES_MAX)]
        assert len({one.id for one in receiver.got}) == 1
        assert len(set(receiver.bodies)) == 1
        stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.got]
        assert stamps == sorted(set(stamps)), "each try is signed at its own instant"
        assert off_because(made) is None, "three days are not five"

    def test_an_endpoint_that_is_gone_is_not_asked_again(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        made = floor.endpoint(receiver.url)
        receiver.answer = lambda handler, got: reply(handler, 410)
        floor.stop(floor.person())
        told(TEN)
        sent(sending, TEN)
        assert (state_of(made), off_because(made)) == ([("failed", 1)], "gone")
        floor.stop(floor.person())
        told(TEN)
        sent(sending, TEN + DAY)
        assert (len(receiver.got), state_of(made)[-1]) == (1, ("missed", 0))

    def test_five_days_without_a_success_turn_an_endpoint_off_and_one_success_begins_them_anew(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        made = floor.endpoint(receiver.url)
        for day in range(12):
            receiver.answer = answering(204 if day == 3 else 500)
            floor.stop(floor.person())
            told(TEN + day * DAY)
            sent(sending, TEN + day * DAY + HOUR * 6)
            expected = "failing" if day >= 4 + OFF_AFTER.days else None
            assert off_because(made) == expected, day
        assert not [state for state, _ in state_of(made) if state == "waiting"]
        (leaf,) = rows("SELECT count(*) FROM leaf WHERE kind = 'setting' AND at >= %s", TEN + 9 * DAY)[0]
        assert leaf == 1, "that it was turned off is evidence"

    def test_who_dies_before_the_end_is_written_sends_the_same_message_again(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        """A real process that sends, killed by the receiver itself before it answers."""
        made = floor.endpoint(receiver.url)
        floor.stop(floor.person())
        told(TEN)
        arrived, victim = threading.Event(), [0]

        def killing(handler: BaseHTTPRequestHandler, got: Got) -> None:
            arrived.wait(PATIENCE_SECONDS)
            os.kill(victim[0], signal.SIGKILL)

        receiver.answer = killing
        connections.close_all()
        victim[0] = os.fork()
        if not victim[0]:
            try:
                sent(Sending(Sender(settings_for(receiver))), TEN)
            finally:
                os._exit(3)
        arrived.set()
        assert os.WIFSIGNALED(os.waitpid(victim[0], 0)[1])
        assert state_of(made) == [("waiting", 0)]
        receiver.answer = lambda handler, got: reply(handler, 204)
        sent(sending, TEN + CLAIM_LASTS - SECOND)
        assert len(receiver.got) == 1, "its claim holds"
        sent(sending, TEN + CLAIM_LASTS + SECOND)
        assert [one.id for one in receiver.got] == [receiver.got[0].id] * 2
        assert receiver.bodies[0] == receiver.bodies[1]
        assert state_of(made) == [("delivered", 1)]

    def test_two_workers_never_hold_one_message(self, floor: Floor, receiver: Receiver) -> None:
        floor.endpoint(receiver.url)
        for _ in range(6):
            floor.stop(floor.person())
        told(TEN)
        answers = at_once([lambda: claim_due(TEN, busy={}, each=4, limit=10, failing=False) for _ in range(3)])
        assert all(isinstance(one, list) for one in answers), answers
        held = [message.id for one in answers if isinstance(one, list) for message in one]
        assert len(held) == len(set(held)) == 6

    def test_a_slow_receiver_keeps_its_own_places_and_holds_up_nobody(
        self, floor: Floor, receiver: Receiver, sending: Sending, tmp_path: Path
    ) -> None:
        hold, at_the_same_time = threading.Event(), [0, 0]
        lock = threading.Lock()

        def slow(handler: BaseHTTPRequestHandler, got: Got) -> None:
            with lock:
                at_the_same_time[0] += 1
                at_the_same_time[1] = max(at_the_same_time)
            hold.wait(PATIENCE_SECONDS)
            with lock:
                at_the_same_time[0] -= 1
            reply(handler, 204)

        (tmp_path / "slow").mkdir()
        with receiving(tmp_path / "slow", plain=True) as slow_one:
            slow_one.answer = slow
            quick, late = floor.endpoint(receiver.url), floor.endpoint(slow_one.url)
            for _ in range(12):
                floor.stop(floor.person())
            told(TEN)
            both = WebhookSettings(read_networks(LOOPBACK), True, str(receiver.authority))
            working = Sending(Sender(both, seconds_max=PATIENCE_SECONDS))
            while state_of(quick) != [("delivered", 1)] * 12:
                working.work(TEN)
            assert state_of(late) == [("waiting", 0)] * 12
            hold.set()
            sent(working, TEN)
            working.close()
            assert state_of(late) == [("delivered", 1)] * 12
            assert at_the_same_time[1] <= PLACES_OF_ENDPOINT


class TestWhoMayKnow:
    def test_a_case_that_is_recalled_between_event_and_message_is_not_told(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        made, lender = floor.endpoint(receiver.url, "HA"), floor.endpoint(receiver.url)
        kept, recalled, never = floor.person(agency=True), floor.person(agency=True), floor.person()
        for person in (kept, recalled, never):
            floor.stop(person)
        told(TEN)
        assert len(state_of(made)) == 2, "its own placements alone"
        rows("UPDATE collection_case SET agency_id = NULL WHERE person_id = %s RETURNING 1", recalled)
        sent(sending, TEN)
        assert sorted(state_of(made)) == [("delivered", 1), ("withheld", 0)]
        assert state_of(lender) == [("delivered", 1)] * 3
        assert len(receiver.got) == 4

    def test_an_account_without_a_token_in_force_is_told_nothing(
        self, floor: Floor, receiver: Receiver, sending: Sending
    ) -> None:
        account, token = floor.account()
        made = create_endpoint(NewEndpoint(account, floor.lender.pk, None, receiver.url, (), ""), TEN)
        floor.stop(floor.person())
        told(TEN)
        revoke_token(token, TEN)
        sent(sending, TEN)
        assert (state_of(made), receiver.got) == ([("withheld", 0)], [])

    def test_another_lenders_events_are_nobodys_here(self, floor: Floor, receiver: Receiver) -> None:
        made = floor.endpoint(receiver.url)
        who = make_borrower(floor.other, next(NUMBERS))
        Case.objects.using("gate").create(
            person_id=who.person, id=who.debt, number=f"C-O-{who.person}", lender_id=floor.other.pk, stage="early",
            days_past_due=1, balance_minor=1, product="instalment_loan", masked=b"", opened_on=TEN.date(),
            aged_on=TEN.date(),
        )  # fmt: skip
        by = make_staff("other-super", "supervisor", floor.other).pk
        set_stop(SetStop(who.person, "hardship", None, "突发疾病住院", None, by), TEN)
        told(TEN)
        assert state_of(made) == []

    def test_raw_sql_of_the_web_login(self, floor: Floor, receiver: Receiver, store: str) -> None:
        mine, agencys = floor.endpoint(receiver.url), floor.endpoint(receiver.url, "HA")
        person = floor.person(agency=True)
        floor.stop(person)
        told(TEN)
        owner_of = {made.endpoint_id: account for made, account in (
            (one, rows("SELECT staff_id FROM webhook_endpoint WHERE id = %s", one.endpoint_id)[0][0])
            for one in (mine, agencys)
        )}  # fmt: skip
        eyes = {
            "mine": (owner_of[mine.endpoint_id], {mine.endpoint_id}),
            "agencys": (owner_of[agencys.endpoint_id], {agencys.endpoint_id}),
            "administrator": (make_staff("h-admin", "administrator").pk, {mine.endpoint_id, agencys.endpoint_id}),
            "auditor": (make_staff("h-audit", "auditor", floor.lender).pk, {mine.endpoint_id, agencys.endpoint_id}),
            "of another lender": (make_staff("h-audit-2", "auditor", floor.other).pk, set()),
            "head": (make_staff("h-head", "head", floor.lender).pk, set()),
            "collector": (make_staff("h-coll", "collector", floor.lender).pk, set()),
        }
        address = psycopg.conninfo.make_conninfo(store, user=WEB_LOGIN, password="")
        with psycopg.connect(address, autocommit=True) as web:
            for name, (staff, expected) in eyes.items():
                with web.transaction():
                    for setting, value in Viewer(staff, Scope.NONE, None, None).settings.items():
                        web.execute("SELECT set_config(%s, %s, true)", [setting, value])
                    seen = {row[0] for row in web.execute("SELECT id FROM webhook_endpoint WHERE deleted_at IS NULL")}
                    assert seen == expected, name
                    of = {row[0] for row in web.execute("SELECT DISTINCT endpoint_id FROM webhook_delivery")}
                    assert of & {mine.endpoint_id, agencys.endpoint_id} == expected, name
            assert web.execute("SELECT count(*) FROM webhook_delivery").fetchone() == (0,), "nobody sees nothing"
            for statement in (
                "SELECT sealed FROM webhook_endpoint", "SELECT sealed_before FROM webhook_endpoint",
                "INSERT INTO webhook_attempt (delivery_id, at, milliseconds, \"end\") VALUES (1, now(), 1, 'accepted')",
                "UPDATE webhook_endpoint SET url = 'https://evil.example/'", "DELETE FROM webhook_delivery",
                "UPDATE webhook_delivery SET state = 'delivered'",
            ):  # fmt: skip
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    web.execute(statement)

    def test_what_a_message_says_and_whose_an_endpoint_is_never_change(self, floor: Floor, receiver: Receiver) -> None:
        made = floor.endpoint(receiver.url)
        floor.stop(floor.person())
        told(TEN)
        for statement in (
            "UPDATE webhook_delivery SET body = '{}' WHERE endpoint_id = %s",
            "UPDATE webhook_delivery SET message_id = gen_random_uuid() WHERE endpoint_id = %s",
            "UPDATE webhook_endpoint SET agency_id = (SELECT min(id) FROM agency) WHERE id = %s",
        ):
            with pytest.raises(Exception, match=r"written once|never changes"):
                rows(statement, made.endpoint_id)


def test_messages_and_their_tries_are_erased_after_thirty_days(
    floor: Floor, receiver: Receiver, sending: Sending
) -> None:
    made = floor.endpoint(receiver.url)
    floor.stop(floor.person())
    told(TEN)
    sent(sending, TEN)
    erase_deliveries(TEN + KEPT_FOR)
    assert len(state_of(made)) == 1
    erase_deliveries(TEN + KEPT_FOR + SECOND)
    assert state_of(made) == []
    assert rows("SELECT count(*) FROM webhook_attempt a LEFT JOIN webhook_delivery d ON d.id = a.delivery_id"
                " WHERE d.id IS NULL") == [(0,)]  # fmt: skip


def test_a_change_while_a_request_is_under_way_loses_nothing(
    floor: Floor, receiver: Receiver, sending: Sending
) -> None:
    """Turned off while a message is on its way: it arrived, and stands as delivered."""
    made = floor.endpoint(receiver.url)
    account = rows("SELECT staff_id FROM webhook_endpoint WHERE id = %s", made.endpoint_id)[0][0]
    floor.stop(floor.person())
    told(TEN)
    hold = threading.Event()

    def late(handler: BaseHTTPRequestHandler, got: Got) -> None:
        hold.wait(PATIENCE_SECONDS)
        reply(handler, 204)

    receiver.answer = late
    while not receiver.got:
        sending.work(TEN)
        time.sleep(0.01)
    change_endpoint(made.endpoint_id, account, Changes(is_on=False), TEN)
    assert state_of(made) == [("missed", 0)]
    hold.set()
    sent(sending, TEN)
    assert state_of(made) == [("delivered", 1)]
