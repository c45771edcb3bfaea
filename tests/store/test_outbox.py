"""From a permit to its end: what left, what surely did not, what nobody knows, and who may say so later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import psycopg
import pytest
from django.db import IntegrityError

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from filed import file_everything
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, rows, talk
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Failed, FailureKind, PermitGrant, SendOutcome, Sent, Unknown
from zhizhi.jobs.outbox import Outbox
from zhizhi.store import channels, packs
from zhizhi.store.contacts.unsettled import load_unsettled
from zhizhi.store.inbox.arrivals import Arrival, keep_arrivals
from zhizhi.store.keyring import person_seal
from zhizhi.store.law.houses import law_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Person
from zhizhi.store.people.rows import open_note
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.claims import CLAIM_LOST_AFTER, give_up_lost_claims
from zhizhi.store.transact.deliveries import Settled, cancel_expired, settle
from zhizhi.store.transact.person import NoSuchRow
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.propose_contact import ProposeContact, connected_gateway, propose_contact
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.settle_unknown import SettleUnknown, settle_unknown
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call
from zhizhi.usecases.work_inbox import RECEIPT_WAITS, work_inbox

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1000))


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("collector", "supervisor", lender, 50).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


@pytest.fixture
def sink(store: str) -> Iterator[ToldChannel]:
    """An empty outbox and a channel for this test alone."""
    cancel_expired(TEN + timedelta(days=300))
    yield ToldChannel()
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def drain(channel: ToldChannel, at: object = TEN) -> int:
    return Outbox({"sink": {"sms": channel}}, "test").drain(at)  # type: ignore[arg-type]  # an instant


def state_of(who: Borrower) -> tuple[str, str, int]:
    """Delivery, permit and number of contacts."""
    return rows(
        "SELECT d.state, m.state, (SELECT count(*) FROM contact c WHERE c.permit_id = m.id)"
        " FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id WHERE d.person_id = %s"
        " ORDER BY d.id DESC LIMIT 1",
        who.person,
    )[0]  # type: ignore[return-value]  # three columns


def is_refused(who: Borrower, by: int) -> bool:
    """Whether the law refuses an SMS."""
    return bool(propose_sms(who, by, TEN + MINUTE).decision.verdict == "forbid")


def counts(who: Borrower) -> int:
    """Contacts out that the law counts, certainly or perhaps."""
    document = load_facts([who.person], TEN)[who.person].document
    return sum(event["direction"] == "out" for event in document["events"])


class TestWhatTheProviderAnswers:
    def test_a_message_that_was_taken_is_a_contact(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        assert drain(sink) == 1
        assert state_of(who) == ("delivered", "used", 1)
        (grant,) = sink.sent
        assert grant.address == who.number
        assert grant.content.digest() == grant.content_digest
        assert rows("SELECT outcome, at FROM contact WHERE person_id = %s", who.person) == [("sent", TEN)]
        assert drain(sink) == 0

    def test_a_proven_failure_gives_the_permit_back(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        sink.answer = lambda _grant: Failed(FailureKind.TEMPORARY, "busy", Text("忙", "busy"))
        propose_sms(who, by, TEN)
        drain(sink)
        assert state_of(who) == ("failed", "released", 0)
        assert counts(who) == 0

    def test_an_unknown_end_stays_counted(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        sink.answer = lambda _grant: Unknown("no_answer", Text("无应答", "no answer"))
        propose_sms(who, by, TEN)
        drain(sink)
        assert state_of(who) == ("unknown", "used", 0)
        assert counts(who) == 1

    def test_a_channel_that_breaks_leaves_the_others_their_ends(
        self, lender: Lender, by: int, sink: ToldChannel
    ) -> None:
        persons = [make_borrower(lender, next(NUMBERS)) for _ in range(3)]
        for one in persons:
            propose_sms(one, by, TEN)

        def answer(grant: PermitGrant) -> SendOutcome:
            if grant.person_id == persons[1].person:
                raise ConnectionResetError
            return Sent(f"x-{grant.permit_id}")

        sink.answer = answer
        assert drain(sink) == 3
        assert [state_of(one)[0] for one in persons] == ["delivered", "unknown", "delivered"]

    def test_time_passes_while_a_batch_is_sent(self, lender: Lender, by: int, sink: ToldChannel) -> None:
        persons = [make_borrower(lender, next(NUMBERS)) for _ in range(3)]
        late = TEN.replace(hour=21, minute=58)
        for one in persons:
            propose_sms(one, by, late)
        clock = [0.0]

        def slow(grant: PermitGrant) -> SendOutcome:
            clock[0] += 70.0
            return Sent(f"slow-{grant.permit_id}")

        sink.answer = slow
        seen: list[object] = []
        send = sink.send

        def watched(grant: PermitGrant, at: object) -> SendOutcome:
            seen.append(at)
            return send(grant, at)  # type: ignore[arg-type]  # an instant

        sink.send = watched  # type: ignore[method-assign]  # the test listens
        Outbox({"sink": {"sms": sink}}, "slow", monotonic=lambda: clock[0]).drain(late)
        assert seen == [late, late + timedelta(seconds=70), late + timedelta(seconds=140)]


class TestWhoDies:
    def test_a_worker_that_dies_with_a_claim_leaves_an_unknown(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        assert len(claim_contacts(["sink"], TEN, "dying")) == 1
        assert state_of(who) == ("claimed", "used", 0)
        assert give_up_lost_claims(TEN + CLAIM_LOST_AFTER) == 0
        assert counts(who) == 1
        assert give_up_lost_claims(TEN + CLAIM_LOST_AFTER + MINUTE) == 1
        assert state_of(who) == ("unknown", "used", 0)
        assert counts(who) == 1
        assert drain(sink, TEN + 9 * MINUTE) == 0

    def test_a_worker_that_was_only_slow_still_writes_the_end(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        (claimed,) = claim_contacts(["sink"], TEN, "slow")
        give_up_lost_claims(TEN + 6 * MINUTE)
        assert settle([Settled(claimed, "delivered", TEN + 7 * MINUTE, "sent")]) == []
        assert state_of(who) == ("delivered", "used", 1)

    def test_a_person_says_with_proof_that_it_left(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        (claimed,) = claim_contacts(["sink"], TEN, "dying")
        give_up_lost_claims(TEN + 6 * MINUTE)
        command = SettleUnknown(
            who.person, claimed.delivery_id, True, "delivered", "运营商账单有此条", by, reference="LOG-1"
        )
        settle_unknown(command, TEN + 60 * MINUTE)
        assert state_of(who) == ("delivered", "used", 1)
        assert rows("SELECT at, outcome FROM contact WHERE person_id = %s", who.person) == [(TEN, "delivered")]
        with pytest.raises(NoSuchRow):
            settle_unknown(command, TEN + 61 * MINUTE)
        late = Settled(claimed, "failed", TEN + 62 * MINUTE, failure="late")
        assert settle([late]) == [late]

    def test_a_person_says_with_proof_that_nothing_left(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        sink.answer = lambda _grant: Unknown("no_answer", Text("无应答", "no answer"))
        propose_sms(who, by, TEN)
        drain(sink)
        delivery = rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0][0]
        with pytest.raises(UseCaseRefused, match="too_short"):
            settle_unknown(SettleUnknown(who.person, delivery, False, None, "?", by, reference="LOG-1"), TEN)
        settle_unknown(
            SettleUnknown(who.person, delivery, False, None, "运营商日志无此条", by, reference="LOG-1"),
            TEN + 60 * MINUTE,
        )
        assert state_of(who) == ("failed", "released", 0)
        assert counts(who) == 0
        leaf = rows("SELECT kind, source_table FROM leaf WHERE source_id = %s ORDER BY written DESC LIMIT 1", delivery)
        assert leaf == [("outcome", "delivery")]

    def test_a_message_whose_end_is_known_is_not_settled_again(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        drain(sink)
        delivery = rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0][0]
        with pytest.raises(NoSuchRow):
            settle_unknown(SettleUnknown(who.person, delivery, False, None, "其实没有发出", by, reference="LOG-1"), TEN)


class TestWhatWaitsForAPerson:
    def test_what_has_no_end_is_shown_to_those_who_see_the_case(
        self, who: Borrower, by: int, lender: Lender, sink: ToldChannel
    ) -> None:
        sink.answer = lambda _grant: Unknown("no_answer", Text("无应答", "no answer"))
        propose_sms(who, by, TEN)
        drain(sink)
        permit = propose_call(who, by, TEN + MINUTE).permit_id
        assert permit is not None
        start_call(StartCall(who.person, permit, by), TEN + MINUTE)
        with reading(Viewer(by, "lender", None, None)):
            assert [row for row in load_unsettled(TEN + 60 * MINUTE)[0] if row.person_id == who.person] == []
        rows(
            "INSERT INTO collection_case (person_id, id, number, lender_id, stage, is_lost_contact, days_past_due,"
            " balance_minor, currency, product, masked, opened_on, aged_on, team, assigned_because)"
            " VALUES (%s, 1, %s, %s, 'early', false, 9, 1, 'CNY', 'credit_card', '', now(), now(), '', '')"
            " RETURNING id",
            who.person,
            f"N{who.person}",
            lender.pk,
        )
        with reading(Viewer(by, "lender", None, None)):
            found = [row for row in load_unsettled(TEN + 60 * MINUTE)[0] if row.person_id == who.person]
        assert [(row.state, row.channel, row.case_number) for row in found] == [
            ("unknown", "sms", f"N{who.person}"),
            ("claimed", "voice", f"N{who.person}"),
        ]


class TestCallsByHand:
    def test_a_second_click_gives_the_first_permit_back(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        first, second = propose_call(who, by, TEN), propose_call(who, by, TEN + MINUTE)
        assert second.permit_id is not None
        assert rows("SELECT id, state, released_because FROM permit WHERE person_id = %s ORDER BY id", who.person) == [
            (first.permit_id, "released", "superseded"),
            (second.permit_id, "open", None),
        ]
        assert counts(who) == 1

    def test_a_call_that_was_begun_is_not_given_back_by_a_click(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        first = propose_call(who, by, TEN).permit_id
        assert first is not None
        start_call(StartCall(who.person, first, by), TEN)
        propose_call(who, by, TEN + MINUTE)
        assert rows("SELECT state FROM permit WHERE id = %s", first) == [("used",)]
        assert counts(who) == 2

    def test_a_permit_serves_only_the_collector_it_was_given_to(
        self, who: Borrower, by: int, lender: Lender, sink: ToldChannel
    ) -> None:
        permit = propose_call(who, by, TEN).permit_id
        assert permit is not None
        other = make_staff(f"other-{who.person}", "collector", lender, 50).pk
        with pytest.raises(UseCaseRefused, match="not_yours"):
            start_call(StartCall(who.person, permit, other), TEN)
        card = start_call(StartCall(who.person, permit, by), TEN)
        assert card.number == who.number
        with pytest.raises(UseCaseRefused, match="no_open_call"):
            start_call(StartCall(who.person, permit, by), TEN)

    def test_a_permit_that_nobody_clicked_runs_out_and_is_given_back(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        permit = propose_call(who, by, TEN).permit_id
        assert permit is not None
        assert cancel_expired(TEN + 9 * MINUTE) == 0
        with pytest.raises(UseCaseRefused, match="permit_over"):
            start_call(StartCall(who.person, permit, by), TEN + 10 * MINUTE)
        assert cancel_expired(TEN + 10 * MINUTE) == 1
        assert state_of(who) == ("cancelled", "released", 0)

    def test_a_call_whose_outcome_never_came_stays_counted_until_somebody_says(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        permit = propose_call(who, by, TEN).permit_id
        assert permit is not None
        start_call(StartCall(who.person, permit, by), TEN)
        assert give_up_lost_claims(TEN + timedelta(hours=9)) == 0
        assert counts(who) == 1
        delivery = rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0][0]
        settle_unknown(
            SettleUnknown(who.person, delivery, True, "no_answer", "通话记录显示未接", by, reference="LOG-1"),
            TEN + 60 * MINUTE,
        )
        assert rows("SELECT outcome, staff_id FROM contact WHERE person_id = %s", who.person) == [("no_answer", by)]

    def test_an_outcome_is_recorded_once(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        permit = talk(who, by, TEN)
        with pytest.raises(UseCaseRefused, match="no_open_call"):
            record_outcome(RecordOutcome(who.person, permit, "busy", 5, None, None, None, None, by), TEN)

    def test_whoever_made_a_call_says_what_came_of_it_though_money_ended_the_case_meanwhile(
        self, who: Borrower, lender: Lender, sink: ToldChannel
    ) -> None:
        mine, others = (make_staff(f"{name}-{who.person}", "collector", lender).pk for name in ("mine", "others"))
        age_book(lender.pk, EntryRules(-3, 0, 0, ((-30, "reminder"), (4, "early"))), TODAY, TEN)
        rows("UPDATE collection_case SET collector_id = %s WHERE person_id = %s RETURNING 1", mine, who.person)
        permit = propose_call(who, mine, TEN).permit_id
        assert permit is not None
        start_call(StartCall(who.person, permit, mine), TEN)
        record_payment(RecordPayment(who.person, who.debt, 123_456, TODAY, "R", "test", None), TEN + MINUTE)
        assert rows("SELECT closed_on FROM collection_case WHERE person_id = %s", who.person) == [(TODAY,)]
        said = RecordOutcome(who.person, permit, "conversation", 5, "answered", 60, True, True, mine)
        with pytest.raises(UseCaseRefused, match="not_allowed"):
            record_outcome(replace(said, by=others), TEN + 2 * MINUTE)
        record_outcome(said, TEN + 2 * MINUTE)
        assert rows("SELECT outcome, staff_id FROM contact WHERE person_id = %s", who.person) == [
            ("conversation", mine)
        ]
        with pytest.raises(UseCaseRefused, match="not_allowed"):
            record_outcome(said, TEN + 3 * MINUTE)


class TestWhatComesBetween:
    def test_a_payment_pulls_back_in_its_own_commit(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        posted = record_payment(RecordPayment(who.person, who.debt, 100, TEN.date(), "R", "test", by), TEN)
        assert posted.pulled_back == 1
        assert state_of(who) == ("cancelled", "released", 0)
        assert drain(sink) == 0
        assert counts(who) == 0

    def test_words_pull_back_what_waits(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        record_statement(RecordStatement(who.person, who.party, "refuse_medium", {"channel": "sms"}, by), TEN)
        assert drain(sink) == 0
        assert is_refused(who, by)

    @pytest.mark.parametrize("what", ["stop", "statement", "payment"])
    def test_what_no_code_announced_beats_the_permit(
        self, what: str, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        written = {
            "stop": "stop (person_id, id, kind, from_at, ground, set_by) VALUES (%s, 1, 'hardship', %s, 'x', 'x')",
            "statement": "statement (person_id, id, at, kind, body, source, recorded_at)"
            " VALUES (%s, 1, now(), 'refuse_contact', '{}', 'x', %s)",
            "payment": "payment (person_id, id, debt_id, kind, paid_on, amount_minor, applied_minor, reference_key,"
            " source, recorded_at) SELECT person_id, 1, id, 'payment', '2026-03-02', 1, 0, account_key, 'x', %s"
            " FROM debt WHERE person_id = %s",
        }
        propose_sms(who, by, TEN)
        values = (TEN + MINUTE, who.person) if what == "payment" else (who.person, TEN + MINUTE)
        rows(f"INSERT INTO {written[what]} RETURNING id", *values)
        assert drain(sink, TEN + MINUTE) == 0
        assert cancel_expired(TEN + 10 * MINUTE) == 1

    def test_an_erased_person_gets_nothing(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        Person.objects.using("gate").filter(id=who.person).update(data_key=None)
        assert drain(sink) == 0
        with pytest.raises(UseCaseRefused, match="erased_person"):
            propose_sms(who, by, TEN + MINUTE)
        assert cancel_expired(TEN + 10 * MINUTE) == 1

    def test_a_person_whose_values_do_not_open_gets_nothing(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        rows("UPDATE point SET sealed = '\\x01' WHERE person_id = %s RETURNING id", who.person)
        drain(sink)
        assert sink.sent == []
        assert state_of(who) == ("failed", "released", 0)


@pytest.fixture
def partial_law(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The packs of this release in a folder whose profiles name one pack more, which is not there."""
    folder = tmp_path / "packs"
    copytree(packs.PACKS_ROOT, folder)
    profiles = folder / packs.PROFILES_FILE
    profiles.write_text(profiles.read_text("utf-8").replace("packs = [", 'packs = ["cn.not_there_yet", '), "utf-8")
    monkeypatch.setattr(packs, "PACKS_ROOT", folder)
    packs.forget_laws()
    yield
    packs.forget_laws()


class TestWhereItMayGo:
    @pytest.mark.usefixtures("partial_law")
    def test_a_partial_profile_never_mints_for_a_real_gateway(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        channels.install({"sms": "sms_http", "voice": "manual"})
        with pytest.raises(UseCaseRefused, match="partial_profile"):
            propose_sms(who, by, TEN)
        assert rows("SELECT count(*) FROM permit WHERE person_id = %s", who.person) == [(0,)]
        assert rows("SELECT count(*) FROM decision WHERE person_id = %s", who.person) == [(0,)]

    def test_a_complete_profile_may_use_a_real_gateway(
        self, lender: Lender, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        file_everything(lender, TEN)
        channels.install({"sms": "sms_http", "voice": "manual"})
        assert propose_sms(who, by, TEN).permit_id is not None

    @pytest.mark.usefixtures("partial_law")
    def test_a_partial_profile_shows_no_real_number_to_the_caller(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        Lender.objects.using("gate").update(is_synthetic=False)
        try:
            permit = propose_call(who, by, TEN).permit_id
            assert permit is not None
            card = start_call(StartCall(who.person, permit, by), TEN)
        finally:
            Lender.objects.using("gate").update(is_synthetic=True)
        assert card.masked is not None
        assert "*" in card.number

    def test_a_channel_that_is_not_connected_gets_no_permit(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        channels.install({})
        with pytest.raises(UseCaseRefused, match="not_connected"):
            propose_sms(who, by, TEN)

    @pytest.mark.parametrize(("channel", "missing"), [("im", "会话存档"), ("app", "推送适配器"), ("web", "未接入")])
    def test_a_channel_without_an_adapter_says_what_is_missing(self, store: str, channel: str, missing: str) -> None:
        with pytest.raises(UseCaseRefused, match="not_connected") as why:
            connected_gateway(channel, law_of("cn.consumer_finance.online.cba", None))
        assert missing in why.value.text.zh

    def test_a_wording_serves_its_own_channel_only(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        command = ProposeContact(who.person, who.party, who.mobile, "sms", "notification", "collect", "call-plan", by)
        with pytest.raises(UseCaseRefused, match="other_channel"):
            propose_contact(command, TEN)

    def test_a_worker_never_touches_the_permits_of_a_declared_day(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        propose_sms(who, by, TEN)
        assert Outbox({"sink": {"sms": sink}}, "day", origin="declared").drain(TEN + timedelta(days=9)) == 0
        assert state_of(who) == ("waiting", "open", 0)
        assert drain(sink) == 1


class TestReceiptsAndReplies:
    def receipt(self, key: str, message: str, state: str, at: object = TEN) -> Arrival:
        return Arrival(key, {"provider_message_id": message, "state": state, "at": at.isoformat()})  # type: ignore[attr-defined]  # an instant

    @pytest.mark.parametrize(
        ("states", "outcome"),
        [
            (["delivered", "delivered"], "delivered"),
            (["undelivered", "undelivered"], "undelivered"),
            (["delivered", "undelivered"], "delivered"),
            (["undelivered", "delivered"], "delivered"),
            (["accepted", "delivered"], "delivered"),
        ],
    )
    def test_receipts_may_come_doubled_and_in_any_order(
        self, states: list[str], outcome: str, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        propose_sms(who, by, TEN)
        drain(sink)
        message = rows("SELECT provider_key FROM delivery WHERE person_id = %s", who.person)[0][0]
        for n, state in enumerate(states):
            keep_arrivals("sink/receipts", [self.receipt(f"{who.person}-{n}", message, state)], str(n), TEN)
            keep_arrivals("sink/receipts", [self.receipt(f"{who.person}-{n}", message, state)], str(n), TEN)
        assert work_inbox(TEN) == len(states)
        assert work_inbox(TEN) == 0
        assert rows("SELECT outcome FROM contact WHERE person_id = %s", who.person) == [(outcome,)]

    def test_a_receipt_that_overtakes_the_commit_of_its_sending_waits_for_it(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        sink.answer = lambda _grant: Sent(f"early-{who.person}")
        propose_sms(who, by, TEN)
        keep_arrivals("sink/receipts", [self.receipt(f"e{who.person}", f"early-{who.person}", "delivered")], "1", TEN)
        assert work_inbox(TEN) == 0
        drain(sink)
        assert work_inbox(TEN + MINUTE) == 1
        assert rows("SELECT outcome FROM contact WHERE person_id = %s", who.person) == [("delivered",)]

    def test_a_receipt_of_somebody_elses_message_is_put_aside(self, sink: ToldChannel) -> None:
        keep_arrivals("sink/receipts", [self.receipt("alien", "alien", "delivered")], "1", TEN)
        assert work_inbox(TEN) == 0
        assert work_inbox(TEN + RECEIPT_WAITS) == 1
        assert rows("SELECT state, failure FROM inbox_item WHERE idempotency_key = 'alien'") == [
            ("refused", "unknown_message")
        ]

    def test_an_event_that_cannot_be_read_stops_no_other(self, who: Borrower, by: int, sink: ToldChannel) -> None:
        propose_sms(who, by, TEN)
        drain(sink)
        message = rows("SELECT provider_key FROM delivery WHERE person_id = %s", who.person)[0][0]
        broken = [Arrival(f"b{who.person}", {"state": "delivered"}), Arrival(f"c{who.person}", {"state": 7})]
        keep_arrivals("sink/receipts", [*broken, self.receipt(f"g{who.person}", message, "delivered")], "1", TEN)
        assert work_inbox(TEN) == 3
        assert rows("SELECT outcome FROM contact WHERE person_id = %s", who.person) == [("delivered",)]

    def test_an_event_that_breaks_something_waits_and_is_told_of_once_the_others_are_done(
        self, who: Borrower, by: int, sink: ToldChannel, store: str
    ) -> None:
        propose_sms(who, by, TEN)
        drain(sink)
        message = rows("SELECT provider_key FROM delivery WHERE person_id = %s", who.person)[0][0]
        events = [self.receipt(f"{name}{who.person}", message, "delivered") for name in ("poison", "good")]
        keep_arrivals("sink/receipts", events, "1", TEN)
        with psycopg.connect(store, autocommit=True) as owner:
            owner.execute(
                "CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'poison' USING ERRCODE = 'check_violation'; END $$"
            )
            owner.execute(
                "CREATE TRIGGER break_it BEFORE UPDATE ON inbox_item FOR EACH ROW"
                " WHEN (OLD.idempotency_key LIKE 'poison%') EXECUTE FUNCTION break_it()"
            )
            with pytest.raises(IntegrityError):
                work_inbox(TEN)
            states = "SELECT state FROM inbox_item WHERE idempotency_key LIKE %s ORDER BY id"
            assert rows(states, f"%{who.person}") == [("waiting",), ("done",)]
            owner.execute("DROP FUNCTION break_it CASCADE")
        assert work_inbox(TEN) == 1

    def test_a_refusal_by_reply_refuses_the_medium_at_once_for_everybody_with_the_number(
        self, who: Borrower, by: int, sink: ToldChannel, lender: Lender
    ) -> None:
        twin = make_borrower(lender, next(NUMBERS))
        rows(
            "UPDATE point SET value_key = (SELECT value_key FROM point WHERE id = %s) WHERE id = %s RETURNING id",
            who.mobile,
            twin.mobile,
        )
        propose_sms(who, by, TEN)
        propose_sms(twin, by, TEN)
        reply = {"address": who.number, "kind": "refuse_medium", "channel": "sms", "at": TEN.isoformat(), "text": "T"}
        keep_arrivals("sink/replies", [Arrival(f"r{who.person}", reply)], "1", TEN)
        assert work_inbox(TEN) == 1
        assert drain(sink) == 0
        for one in (who, twin):
            assert state_of(one) == ("cancelled", "released", 0)
            assert is_refused(one, by)
            assert rows("SELECT direction, outcome FROM contact WHERE person_id = %s", one.person) == [
                ("in", "received")
            ]
        assert propose_call(who, by, TEN + MINUTE).decision.verdict == "permit"

    def test_a_reply_is_worked_on_once_though_two_workers_read_it(
        self, who: Borrower, by: int, sink: ToldChannel
    ) -> None:
        from gatework import at_once

        reply = {"address": who.number, "kind": "refuse_medium", "channel": "sms", "at": TEN.isoformat(), "text": "T"}
        keep_arrivals("sink/replies", [Arrival(f"twice{who.person}", reply)], "1", TEN)
        answers = at_once([lambda: work_inbox(TEN)] * 4)
        assert not [one for one in answers if isinstance(one, Exception)], answers
        assert rows("SELECT count(*) FROM statement WHERE person_id = %s", who.person) == [(1,)]
        assert rows("SELECT count(*) FROM contact WHERE person_id = %s", who.person) == [(1,)]

    def test_words_that_refuse_nothing_reach_a_person_sealed_and_with_a_next_step(
        self, who: Borrower, lender: Lender
    ) -> None:
        age_book(lender.pk, EntryRules(-3, 0, 0, ((-30, "reminder"), (4, "early"))), TODAY, TEN)
        words = "下周一发工资就还"
        reply = {"address": who.number, "kind": "free_text", "channel": "sms", "at": TEN.isoformat(), "text": words}
        keep_arrivals("sink/replies", [Arrival(f"words{who.person}", reply)], "1", TEN)
        assert work_inbox(TEN) == 1
        ((note_id, sealed, next_step, due_at),) = rows(
            "SELECT id, sealed, next_step, next_step_at FROM note WHERE person_id = %s", who.person
        )
        ((data_key,),) = rows("SELECT data_key FROM person WHERE id = %s", who.person)
        assert words.encode() not in bytes(sealed)  # type: ignore[call-overload]  # the driver's bytes
        assert open_note(person_seal(data_key), sealed, note_id) == words  # type: ignore[arg-type]  # rows are untyped
        assert (next_step, due_at) == ("READ_REPLY", TEN)
        assert rows("SELECT count(*) FROM statement WHERE person_id = %s", who.person) == [(0,)]
