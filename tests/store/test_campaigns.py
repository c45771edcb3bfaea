"""A campaign: decided as the gate decides, in chunks that are there whole or not at all, sent no faster than told."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction

from book import TODAY, Borrower, make_lender, make_staff
from campaignwork import book_of, deliveries, draft, running, send, step, targets, terms_of
from gatework import MINUTE, TEN, ToldChannel, at_once, propose_sms, rows
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Failed, FailureKind, PermitGrant, SendOutcome, Sent
from zhizhi.store import channels
from zhizhi.store.campaigns.chunks import CampaignStopped
from zhizhi.store.campaigns.moves import CannotMove, set_pace, set_rate
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.usecases.campaigns import asking
from zhizhi.usecases.campaigns.asking import Asked, ask_chunk
from zhizhi.usecases.campaigns.running import AHEAD_SECONDS, work_campaigns
from zhizhi.usecases.claim_contacts import claim_campaign_contacts
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.set_stop import SetStop, set_stop
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")
CODES = (f"G{n}" for n in range(1000))
NUMBERS = iter(range(0, 100_000, 50))
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def lender(store: str) -> Lender:
    return make_lender(next(CODES))


@pytest.fixture
def by(lender: Lender) -> int:
    return make_staff(f"head-{lender.code}", "supervisor", lender).pk


@pytest.fixture(autouse=True)
def sink(store: str) -> Iterator[ToldChannel]:
    """An empty outbox, no other campaign, no throttle of the provider, and a channel for this test alone."""
    cancel_expired(TEN + timedelta(days=300))
    rows("UPDATE campaign SET state = 'cancelled', ended_at = now() WHERE ended_at IS NULL RETURNING id")
    set_pace("sink", "sms", None, TEN, 1)
    yield ToldChannel()
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def book(lender: Lender, count: int) -> list[Borrower]:
    return book_of(lender, next(NUMBERS), count)


DECIDED = (
    "SELECT facts, body, verdict, rule, channel, stage, by FROM decision WHERE person_id = %s ORDER BY id DESC LIMIT 1"
)
PERMITTED = (
    "SELECT m.lender_id, m.party_id, m.point_id, m.channel, m.form, m.purpose, m.debts, m.collector, m.content_digest,"
    " m.template_version_id, m.minted_at, m.not_before, m.expires_at, m.must_end_by, m.origin, d.gateway, d.state,"
    " d.due_at FROM permit m JOIN delivery d ON d.permit_id = m.id WHERE m.person_id = %s ORDER BY m.id DESC LIMIT 1"
)


def singly(who: Borrower, by: int) -> tuple[object, object]:
    """What the gate commits for one person, looked at and taken back."""
    with transaction.atomic(using="gate"):
        propose_contact(
            ProposeContact(who.person, who.party, who.mobile, "sms", "notification", "collect", "plan-sms", by), TEN
        )
        seen = rows(DECIDED, who.person), rows(PERMITTED, who.person)
        transaction.set_rollback(True, using="gate")
    return seen


class TestDeciding:
    def test_a_chunk_commits_for_each_person_what_the_gate_would(self, lender: Lender, by: int) -> None:
        persons = book(lender, 9)
        propose_sms(persons[1], by, TEN - MINUTE)  # perhaps written to a minute ago
        for n in range(3):
            propose_sms(persons[2], by, TEN - (n + 2) * MINUTE)
        rows("UPDATE point SET source = NULL, is_reserved = NULL WHERE person_id = %s RETURNING id", persons[3].person)
        rows("UPDATE person SET time_zones = '[\"America/New_York\"]' WHERE id = %s RETURNING id", persons[4].person)
        record_payment(RecordPayment(persons[5].person, persons[5].debt, 100, TODAY, "P", "test", by), TEN - MINUTE)
        for who in persons[7:]:  # whoever has not been told that the debt was transferred waits for a person
            rows("UPDATE debt SET state = 'transferred_without_notice' WHERE person_id = %s RETURNING id", who.person)
        propose_sms(persons[8], by, TEN - MINUTE)  # asked before: the question waits already
        expected = [singly(who, by) for who in persons]
        terms = running(lender, by)
        ask_chunk(terms, TEN)
        assert [(rows(DECIDED, who.person), rows(PERMITTED, who.person)) for who in persons] == expected
        verdicts = {seen[0][0][2] for seen in expected}  # type: ignore[index]  # rows
        assert verdicts >= {"permit", "forbid", "hold"}, f"this compares too little: {verdicts}"

    def test_a_stop_and_a_closed_case_are_asked_for_nothing(self, lender: Lender, by: int) -> None:
        stopped, paid, other = book(lender, 3)
        set_stop(SetStop(stopped.person, "hardship", None, "in hospital", None, by), TEN - MINUTE)
        terms = running(lender, by)
        record_payment(RecordPayment(paid.person, paid.debt, 123_456, TODAY, "P", "test", by), TEN - MINUTE)
        assert ask_chunk(terms, TEN) == Asked(3, 1, 0)
        told = rows("SELECT person_id, state, reason FROM campaign_target WHERE campaign_id = %s ORDER BY 1", terms.id)
        assert told == [
            (stopped.person, "hold", "stop_hardship"),
            (paid.person, "skipped", "case_closed"),
            (other.person, "permit", ""),
        ]

    def test_who_was_overtaken_is_asked_again_alone(
        self, lender: Lender, by: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        persons = book(lender, 5)
        terms = running(lender, by)
        load = asking.load_facts
        asked: list[list[int]] = []

        def overtaking(ids: list[int], at: object) -> object:
            facts = load(ids, at)  # type: ignore[arg-type]  # an instant
            if not asked:  # somebody else commits for the third person in the meantime
                at_once([partial(propose_sms, persons[2], by, TEN)])
            asked.append(ids)
            return facts

        monkeypatch.setattr(asking, "load_facts", overtaking)
        done = ask_chunk(terms, TEN)
        assert asked == [[who.person for who in persons], [persons[2].person]]
        assert (done.settled, done.again) == (5, 1)
        decided = rows("SELECT count(*) FROM decision WHERE person_id = %s", persons[2].person)
        assert decided == [(2,)]
        assert sum(targets(terms.id).values()) == 5

    def test_workers_share_a_campaign_and_ask_for_nobody_twice(self, lender: Lender, by: int) -> None:
        book(lender, 24)
        terms = running(lender, by)
        answers = at_once([partial(ask_chunk, terms, TEN, 6)] * 4)
        assert all(isinstance(one, Asked) for one in answers), answers
        while ask_chunk(terms, TEN, 6).settled:
            pass
        assert targets(terms.id) == {"permit": 24}
        sent = "SELECT count(*), count(DISTINCT person_id) FROM delivery WHERE campaign_id = %s"
        assert rows(sent, terms.id) == [(24, 24)]
        assert rows("SELECT DISTINCT asked FROM campaign_target WHERE campaign_id = %s", terms.id) == [(1,)]


class Killed(BaseException):
    """The process died here; no code may catch it."""


WRITING = (
    "UPDATE person",
    "INSERT INTO",
    "UPDATE campaign_target",
    "FOR SHARE",
    "FOR UPDATE OF t",
    "zhizhi_gate_facts",
)


def counted(campaign: int) -> list[tuple[Any, ...]]:
    """Everything that a campaign wrote."""
    return rows(
        "SELECT (SELECT count(*) FROM decision d JOIN campaign_target t ON t.decision_id = d.id"
        " WHERE t.campaign_id = %s),"
        " (SELECT count(*) FROM permit m JOIN delivery d ON d.permit_id = m.id WHERE d.campaign_id = %s),"
        " (SELECT count(*) FROM leaf l JOIN campaign_target t ON t.decision_id = l.source_id WHERE t.campaign_id = %s)",
        *(campaign, campaign, campaign),
    )


class TestKilled:
    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    def test_a_chunk_that_is_killed_at_any_step_is_there_whole_or_not_at_all(
        self, lender: Lender, by: int, after: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        book(lender, 6)
        terms = running(lender, by)
        steps = ("load_facts", "propose_many", "write_targets", "load_approved")
        killed = 0
        for name in steps:
            real = getattr(asking, name)

            def dying(*args: object, real: Any = real, **named: object) -> object:
                if after:
                    real(*args, **named)
                raise Killed

            with monkeypatch.context() as patched:
                patched.setattr(asking, name, dying)
                with pytest.raises(Killed):
                    ask_chunk(terms, TEN, 3)
            killed += 1
            assert counted(terms.id) == [(0, 0, 0)]
            assert targets(terms.id) == {"waiting": 6}
        assert killed == len(steps)
        assert ask_chunk(terms, TEN, 3).settled == 3
        assert ask_chunk(terms, TEN, 9).settled == 3
        assert ask_chunk(terms, TEN).settled == 0
        assert counted(terms.id) == [(6, 6, 6)]

    def test_a_backend_that_is_killed_within_a_chunk_leaves_nothing_of_it(
        self, lender: Lender, by: int, monkeypatch: pytest.MonkeyPatch, database: str
    ) -> None:
        import psycopg

        book(lender, 4)
        terms = running(lender, by)
        write = asking.write_targets

        def cut(results: Any) -> None:
            write(results)
            with connections["gate"].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (backend,) = cursor.fetchone()
            with psycopg.connect(database, autocommit=True) as owner:
                owner.execute("SELECT pg_terminate_backend(%s)", [backend])

        with monkeypatch.context() as patched:
            patched.setattr(asking, "write_targets", cut)
            with pytest.raises(DatabaseError):
                ask_chunk(terms, TEN)
        connections["gate"].close()
        assert counted(terms.id) == [(0, 0, 0)]
        assert ask_chunk(terms, TEN).permitted == 4
        assert counted(terms.id) == [(4, 4, 4)]


class TestStopping:
    def test_a_pause_holds_what_is_queued_and_what_is_about_to_be(
        self, lender: Lender, by: int, sink: ToldChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        book(lender, 6)
        terms = running(lender, by)
        ask_chunk(terms, TEN, 4)
        real = asking.propose_many

        def pausing(*args: Any, **named: Any) -> Any:
            at_once([partial(step, terms.id, "paused", by)])
            return real(*args, **named)

        monkeypatch.setattr(asking, "propose_many", pausing)
        with pytest.raises(CampaignStopped):
            ask_chunk(terms, TEN)
        monkeypatch.undo()
        assert send(sink) == 0
        assert deliveries(terms.id) == {"waiting": 4}
        step(terms.id, "resumed", by)
        assert send(sink) == 4
        assert targets(terms.id) == {"permit": 4, "waiting": 2}

    def test_a_pause_between_two_groups_stops_the_second(self, lender: Lender, by: int, sink: ToldChannel) -> None:
        book(lender, 9)
        terms = running(lender, by)
        ask_chunk(terms, TEN)

        def answer(grant: PermitGrant) -> SendOutcome:
            if len(sink.sent) == 1:
                step(terms.id, "paused", by)
            return Sent(f"m-{grant.permit_id}")

        sink.answer = answer
        assert send(sink, limit=3) == 3
        assert deliveries(terms.id) == {"delivered": 3, "waiting": 6}

    def test_the_database_lets_no_code_claim_for_a_campaign_that_is_paused(self, lender: Lender, by: int) -> None:
        (who,) = book(lender, 1)
        terms = running(lender, by)
        ask_chunk(terms, TEN)
        step(terms.id, "paused", by)
        rows("UPDATE permit SET state = 'used', used_at = not_before WHERE person_id = %s RETURNING id", who.person)
        with pytest.raises(DatabaseError, match="does not run sends nothing"):
            rows("UPDATE delivery SET state = 'claimed' WHERE person_id = %s RETURNING id", who.person)
        with pytest.raises(DatabaseError, match="not altered"):
            rows("UPDATE delivery SET campaign_id = NULL WHERE person_id = %s RETURNING id", who.person)

    def test_what_a_pause_kept_until_its_permit_ran_out_is_asked_again(
        self, lender: Lender, by: int, sink: ToldChannel
    ) -> None:
        book(lender, 5)
        terms = running(lender, by)
        work_campaigns(TEN)
        step(terms.id, "paused", by)
        late = TEN + 30 * MINUTE
        assert cancel_expired(late) == 5
        assert work_campaigns(late) == 0
        step(terms.id, "resumed", by, late)
        assert work_campaigns(late) == 5
        assert send(sink, late) == 5
        assert rows("SELECT state, asked, count(*) FROM campaign_target WHERE campaign_id = %s GROUP BY 1, 2",
                    terms.id) == [("permit", 2, 5)]  # fmt: skip
        assert len({grant.person_id for grant in sink.sent}) == 5

    def test_a_campaign_that_ended_never_runs_again(self, lender: Lender, by: int, sink: ToldChannel) -> None:
        book(lender, 3)
        terms = running(lender, by)
        ask_chunk(terms, TEN, 2)
        step(terms.id, "cancelled", by)
        assert send(sink) == 0
        with pytest.raises(CannotMove):
            step(terms.id, "resumed", by)
        with pytest.raises(DatabaseError, match="only forwards"):
            rows("UPDATE campaign SET state = 'running', ended_at = NULL WHERE id = %s RETURNING id", terms.id)

    def test_who_did_what_is_kept(self, lender: Lender, by: int) -> None:
        book(lender, 1)
        terms = running(lender, by)
        step(terms.id, "paused", by)
        set_rate(terms.id, 7, TEN, by)
        step(terms.id, "resumed", by)
        assert rows("SELECT what, why, by_id FROM campaign_step WHERE campaign_id = %s ORDER BY id", terms.id) == [
            ("created", "", by), ("started", "", by), ("paused", "", by), ("throttled", "7", by), ("resumed", "", by),
        ]  # fmt: skip
        with pytest.raises(DatabaseError, match="permission denied"):
            rows("UPDATE campaign_step SET why = 'x' WHERE campaign_id = %s RETURNING id", terms.id)


class TestThrottles:
    def test_a_campaign_is_sent_no_faster_than_its_throttle_by_all_workers_together(
        self, lender: Lender, by: int, sink: ToldChannel
    ) -> None:
        book(lender, 20)
        terms = running(lender, by, per_second=4)
        ask_chunk(terms, TEN)
        assert send(sink, TEN, "a") == 1  # a bucket that was never used
        assert send(sink, TEN, "b") == 0
        assert [send(sink, TEN + SECOND, worker) for worker in "ab"] == [4, 0]
        assert send(sink, TEN + SECOND + SECOND / 4, "b") == 1
        assert send(sink, TEN + 10 * SECOND, "a") == 4  # a second's tokens at most, however long nobody came
        assert send(sink, TEN + 9 * SECOND, "slow clock") == 0
        assert send(sink, TEN + 10 * SECOND, "b") == 0

    def test_workers_at_the_same_instant_take_the_tokens_once(self, lender: Lender, by: int) -> None:
        book(lender, 30)
        terms = running(lender, by, per_second=6)
        ask_chunk(terms, TEN)
        peers = [ToldChannel() for _ in range(4)]
        send(peers[0], TEN)
        answers = at_once([partial(send, peer, TEN + SECOND, str(n)) for n, peer in enumerate(peers)])
        assert sum(one for one in answers if isinstance(one, int)) == 6, answers

    def test_a_provider_is_sent_no_more_than_its_throttle_by_all_campaigns(
        self, lender: Lender, by: int, sink: ToldChannel
    ) -> None:
        book(lender, 12)
        first = running(lender, by)
        other = make_lender(next(CODES))
        book(other, 12)
        second = running(other, make_staff(f"h-{other.code}", "head", other).pk)
        for terms in (first, second):
            ask_chunk(terms, TEN)
        set_pace("sink", "sms", 5, TEN, by)
        send(sink, TEN)
        assert send(sink, TEN + SECOND) == 5
        assert send(sink, TEN + 2 * SECOND) == 5
        set_pace("sink", "sms", None, TEN, by)
        assert send(sink, TEN + 2 * SECOND) == 13

    def test_a_long_campaign_does_not_keep_a_short_one_waiting(self, lender: Lender, by: int) -> None:
        book(lender, 9)
        other = make_lender(next(CODES))
        book(other, 3)
        campaigns = [running(lender, by), running(other, make_staff(f"h-{other.code}", "head", other).pk)]
        for terms in campaigns:
            ask_chunk(terms, TEN)
        for limit, parts in ((4, [2, 2]), (6, [3, 1]), (8, [4, 0])):  # of nine and of three
            claimed = [one.permit_id for one in claim_campaign_contacts(["sink"], TEN, "w", limit=limit)]
            counts = dict(
                rows("SELECT campaign_id, count(*) FROM delivery WHERE permit_id = ANY (%s) GROUP BY 1", claimed)
            )
            assert [counts.get(terms.id, 0) for terms in campaigns] == parts

    def test_a_message_of_a_desk_does_not_wait_for_a_campaign(self, lender: Lender, by: int, sink: ToldChannel) -> None:
        from zhizhi.jobs.outbox import Outbox

        who, *_ = book(lender, 3)
        terms = running(lender, by, per_second=1, listed="nobody\n" + _numbers(lender)[1])
        ask_chunk(terms, TEN)
        propose_sms(who, by, TEN)
        assert Outbox({"sink": {"sms": sink}}, "desk", monotonic=lambda: 0.0).drain(TEN) == 1
        assert deliveries(terms.id) == {"waiting": 1}

    def test_it_decides_only_as_far_ahead_as_it_sends(self, lender: Lender, by: int, sink: ToldChannel) -> None:
        book(lender, AHEAD_SECONDS + 10)
        terms = running(lender, by, per_second=1)
        work_campaigns(TEN)
        assert deliveries(terms.id) == {"waiting": AHEAD_SECONDS}
        assert work_campaigns(TEN) == 0
        send(sink, TEN)
        assert work_campaigns(TEN) == 1


class TestHours:
    def test_it_rests_outside_its_hours_and_goes_on_by_itself_the_next_day(
        self, lender: Lender, by: int, sink: ToldChannel
    ) -> None:
        book(lender, 4)
        terms = running(lender, by, until_on=TODAY + timedelta(days=1), per_second=1)
        evening = TEN.replace(hour=17, minute=59)
        ask_chunk(terms, evening, 2)
        assert send(sink, evening) == 1
        night = TEN.replace(hour=18, minute=0)
        assert send(sink, night) == 0
        assert work_campaigns(night) == 0
        cancel_expired(night + HOUR)
        morning = TEN.replace(hour=9) + timedelta(days=1)
        assert work_campaigns(morning) == 3
        assert send(sink, morning) == 1
        set_rate(terms.id, None, morning, by)
        assert send(sink, morning) == 2
        work_campaigns(morning)
        assert rows("SELECT state FROM campaign WHERE id = %s", terms.id) == [("finished",)]

    def test_what_the_law_permits_later_within_the_campaign_waits_for_it(self, lender: Lender, by: int) -> None:
        here, there = book(lender, 2)
        rows("UPDATE person SET time_zones = '[\"Europe/Berlin\"]' WHERE id = %s RETURNING id", there.person)
        terms = running(lender, by)
        ask_chunk(terms, TEN)
        told = dict(rows("SELECT person_id, state FROM campaign_target WHERE campaign_id = %s", terms.id))
        assert told[here.person] == "permit"
        assert told[there.person] == "waiting"
        (later,) = rows("SELECT not_before, reason <> '' FROM campaign_target WHERE person_id = %s", there.person)
        assert later[1]
        assert later[0] > TEN
        assert ask_chunk(terms, later[0] - SECOND).settled == 0
        assert ask_chunk(terms, later[0]).permitted == 1

    def test_a_refusal_beyond_its_last_hour_is_final(self, lender: Lender, by: int) -> None:
        (who,) = book(lender, 1)
        rows("UPDATE person SET time_zones = '[\"America/Sao_Paulo\"]' WHERE id = %s RETURNING id", who.person)
        terms = running(lender, by)
        ask_chunk(terms, TEN)
        assert targets(terms.id) == {"forbid": 1}

    def test_whom_it_did_not_come_to_by_its_end_is_said(self, lender: Lender, by: int) -> None:
        book(lender, 2)
        terms = running(lender, by)
        ask_chunk(terms, TEN, 1)
        over = TEN.replace(hour=18)
        cancel_expired(over)
        work_campaigns(over)
        (ended,) = rows("SELECT state, counts::text FROM campaign WHERE id = %s", terms.id)
        assert ended == ("finished", '{"skipped/campaign_finished": 2}')


class TestMaking:
    def test_a_list_names_cases_or_accounts_and_keeps_why_lines_were_rejected(self, lender: Lender, by: int) -> None:
        one, two, three = book(lender, 3)
        numbers = _numbers(lender)
        account = f"A{rows('SELECT substr(%s, 4)::int', one.number)[0][0]}"
        closed = rows("UPDATE collection_case SET closed_on = opened_on, exit = 'settled' WHERE person_id = %s"
                      " RETURNING number", three.person)[0][0]  # fmt: skip
        listed = f'\ufeff{account},x\n\n"{numbers[1]}";y\nnobody\n{numbers[0]}\n{closed}\n{"9" * 300}\n'
        campaign = draft(lender, by, listed=listed)
        found = rows("SELECT person_id FROM campaign_target WHERE campaign_id = %s ORDER BY 1", campaign)
        assert found == [(one.person,), (two.person,)]
        rejected = rows("SELECT line, code FROM campaign_reject WHERE campaign_id = %s ORDER BY line", campaign)
        assert rejected == [(4, "unknown"), (5, "double"), (6, "no_open_case"), (7, "unknown")]
        assert rows("SELECT total, source::text FROM campaign WHERE id = %s", campaign) == [
            (2, '{"kind": "list", "lines": 6}')
        ]

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("name", {"name": " "}),
            ("template", {"template_code": "call-plan"}),
            ("template", {"template_code": "none"}),
            ("per_second", {"per_second": 0}),
            ("until_on", {"until_on": date(2026, 3, 1)}),
            ("listed", {"listed": "\n\n"}),
        ],
    )
    def test_what_could_never_be_sent_is_refused_at_its_field(
        self, lender: Lender, by: int, field: str, wrong: dict[str, object]
    ) -> None:
        with pytest.raises(UseCaseRefused) as refused:
            draft(lender, by, **wrong)  # type: ignore[arg-type]  # as named
        assert refused.value.field == field

    def test_a_draft_sends_and_decides_nothing(self, lender: Lender, by: int) -> None:
        book(lender, 2)
        campaign = draft(lender, by)
        assert work_campaigns(TEN) == 0
        with pytest.raises(CampaignStopped):
            ask_chunk(terms_of(campaign), TEN)
        assert targets(campaign) == {"waiting": 2}

    def test_another_wording_or_no_channel_pauses_it_before_anybody_is_settled(self, lender: Lender, by: int) -> None:
        book(lender, 2)
        terms = running(lender, by)
        channels.install({"voice": "manual"})
        work_campaigns(TEN)
        channels.install({"sms": "sink"})
        step(terms.id, "resumed", by)
        approver = make_staff(f"c-{lender.code}", "compliance", lender).pk
        version = draft_template(
            DraftTemplate(
                lender.pk, "plan-sms", "sms", "collection", "新", "", "新的文字，拒收请回复R", (), (), True, "N", by
            ),
            TEN,
        )
        approve_template(ApproveTemplate(version, True, approver), TEN)
        work_campaigns(TEN)
        assert targets(terms.id) == {"waiting": 2}
        paused = "SELECT what, why, by_id FROM campaign_step WHERE campaign_id = %s AND what = 'paused' ORDER BY id"
        assert rows(paused, terms.id) == [("paused", "not_connected", None), ("paused", "wording_changed", None)]


class TestFailures:
    def test_a_provider_that_refuses_gives_the_permit_back_and_the_campaign_ends(
        self, lender: Lender, by: int, sink: ToldChannel
    ) -> None:
        book(lender, 3)
        terms = running(lender, by)
        work_campaigns(TEN)
        sink.answer = lambda _grant: Failed(FailureKind.PERMANENT, "no_such_number", Text("空号", "no such number"))
        assert send(sink) == 3
        work_campaigns(TEN)
        assert deliveries(terms.id) == {"failed": 3}
        assert rows("SELECT state FROM campaign WHERE id = %s", terms.id) == [("finished",)]

    def test_what_a_database_that_was_away_kept_from_leaving_is_asked_again(self, lender: Lender, by: int) -> None:
        from zhizhi.store.transact.deliveries import Settled, settle

        book(lender, 2)
        terms = running(lender, by)
        work_campaigns(TEN)
        held = claim_campaign_contacts(["sink"], TEN, "away", limit=9)
        settle([Settled(one, "failed", TEN, failure="not_sent") for one in held])
        assert work_campaigns(TEN) == 2
        assert deliveries(terms.id) == {"failed": 2, "waiting": 2}


def _numbers(lender: Lender) -> list[str]:
    return [
        row[0] for row in rows("SELECT number FROM collection_case WHERE lender_id = %s ORDER BY person_id", lender.pk)
    ]
