"""Figures for those who keep it running: every leaf counted once, queues and ages as the rows say, and cheap."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, at_once, propose_call, propose_sms, rows, talk
from zhizhi.core.kernel.clocks import ClockState
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.permit import Failed, FailureKind, PermitGrant, SendOutcome, Sent, Unknown
from zhizhi.jobs.outbox import Outbox
from zhizhi.jobs.steps import StepProgress, ThreadProgress
from zhizhi.jobs.telling import fall_silent, tell_heartbeats
from zhizhi.store.lenders.models import Lender
from zhizhi.store.operations.clock_guard import guard
from zhizhi.store.operations.figures import load_figures
from zhizhi.store.operations.heartbeats import Beat, beat, load_heartbeats
from zhizhi.store.operations.tallies import count_leaves, load_tallies
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.store.transact.sequencer import sequence, sequence_all
from zhizhi.usecases.settle_unknown import SettleUnknown, settle_unknown

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1000))


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("collector", "collector", lender, 50).pk


@pytest.fixture
def ruler(lender: Lender) -> int:
    return make_staff(f"leader{next(NUMBERS)}", "team_leader", lender).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


@pytest.fixture
def before(store: str) -> Iterator[dict[tuple[str, str, str], int]]:
    """What was counted before the test; everything that was written before is counted."""
    cancel_expired(TEN + timedelta(days=300))
    count_all()
    return counted()


def count_all() -> None:
    """Number and count everything."""
    sequence_all(TEN)
    while count_leaves():
        pass


def counted() -> dict[tuple[str, str, str], int]:
    """Every count by its labels."""
    return {(one.figure, one.first, one.second): one.total for one in load_tallies()}


def grown(before: dict[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    """What has come since."""
    return {key: total - before.get(key, 0) for key, total in counted().items() if total != before.get(key, 0)}


def answers(*outcomes: SendOutcome) -> ToldChannel:
    """A channel that answers one after the other."""
    told = iter(outcomes)

    def answer(_grant: PermitGrant) -> SendOutcome:
        return next(told)

    return ToldChannel(answer=answer)


def drain(channel: ToldChannel, at: datetime = TEN) -> None:
    Outbox({"sink": {"sms": channel}}, "test").drain(at)


NOBODY_KNOWS = Unknown("no_answer", Text("无应答", "no answer"))
NOTHING_LEFT = Failed(FailureKind.PERMANENT, "rejected", Text("拒绝", "rejected"))


class TestCounts:
    def test_permits_refusals_and_ends_are_counted_as_they_happened(
        self, lender: Lender, by: int, before: dict[tuple[str, str, str], int]
    ) -> None:
        persons = [make_borrower(lender, next(NUMBERS)) for _ in range(4)]
        for one in persons:
            propose_sms(one, by, TEN)
        drain(answers(Sent("m1"), NOTHING_LEFT, NOBODY_KNOWS, Sent("m2")))
        talk(persons[1], by, TEN + MINUTE)
        refused = propose_sms(persons[0], by, TEN + timedelta(hours=13))  # at eleven in the evening
        assert refused.decision.verdict == "forbid"
        count_all()
        assert grown(before) == {
            ("permit", "sms", ""): 4,
            ("permit", "voice", ""): 1,
            ("refusal", refused.decision.to_document()["reasons"][0]["rule"], ""): 1,
            ("end", "delivered", "sms"): 2,
            ("end", "delivered", "voice"): 1,
            ("end", "failed", "sms"): 1,
            ("end", "unknown", "sms"): 1,
        }

    @pytest.mark.parametrize("counted_between", [True, False], ids=["counted between", "counted after"])
    def test_a_message_that_became_unknown_and_was_settled_counts_as_both(
        self, who: Borrower, by: int, ruler: int, before: dict[tuple[str, str, str], int], counted_between: bool
    ) -> None:
        propose_sms(who, by, TEN)
        drain(answers(NOBODY_KNOWS))
        if counted_between:
            count_all()
        delivery = int(str(rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0][0]))
        settle_unknown(
            SettleUnknown(who.person, delivery, False, None, "与运营商账单核对", ruler, "LOG-1"), TEN + MINUTE
        )
        count_all()
        ends = {key: n for key, n in grown(before).items() if key[0] == "end"}
        assert ends == {("end", "unknown", "sms"): 1, ("end", "failed", "sms"): 1}

    def test_several_that_count_at_once_count_everything_once(
        self, lender: Lender, by: int, before: dict[tuple[str, str, str], int]
    ) -> None:
        for _ in range(6):
            propose_sms(make_borrower(lender, next(NUMBERS)), by, TEN)
        sequence_all(TEN)

        def count() -> int:
            return sum(iter(partial(count_leaves, limit=2), 0))

        assert not [fault for fault in at_once([count] * 4) if isinstance(fault, Exception)]
        count_all()
        assert grown(before)["permit", "sms", ""] == 6

    def test_a_leaf_without_a_number_is_not_counted_yet(
        self, who: Borrower, by: int, before: dict[tuple[str, str, str], int]
    ) -> None:
        propose_sms(who, by, TEN)
        count_leaves()
        assert grown(before) == {}
        sequence(TEN)
        count_leaves()
        assert grown(before) == {("permit", "sms", ""): 1}

    def test_a_person_erased_before_counting_counts_all_the_same(
        self, who: Borrower, by: int, before: dict[tuple[str, str, str], int]
    ) -> None:
        propose_sms(who, by, TEN)
        rows("UPDATE leaf SET source_person_id = NULL WHERE source_person_id = %s RETURNING 1", who.person)
        count_all()
        assert grown(before) == {("permit", "", ""): 1}


class TestTheInstallationNow:
    def test_what_waits_is_counted_with_the_age_of_the_oldest(self, who: Borrower, by: int, store: str) -> None:
        cancel_expired(TEN + timedelta(days=300))
        rows("UPDATE delivery SET state = 'failed' WHERE state = 'unknown' RETURNING 1")
        propose_sms(who, by, TEN)
        figures = load_figures()
        assert figures is not None
        age = datetime.now(UTC) - TEN
        waiting = [one for one in figures.deliveries if one.state == "waiting"]
        assert [(one.channel, one.count) for one in waiting] == [("sms", 1)]
        assert abs(waiting[0].oldest - age) < timedelta(minutes=5)
        drain(answers(NOBODY_KNOWS))
        permit = propose_call(who, by, TEN + MINUTE)
        assert permit.permit_id is not None
        figures = load_figures()
        assert figures is not None
        assert [(one.state, one.channel, one.count) for one in figures.deliveries] == [("unknown", "sms", 1)]
        assert {one.queue for one in figures.queues} == {
            *("inbox", "leaves", "imports", "audits", "impacts"),
            *("holds", "contradictions", "inquiries_overdue", "incident_deadlines_near", "incident_deadlines_over"),
            *("canary_alarms", "portal_requests", "webhooks", "webhooks_failed", "webhook_endpoints_off"),
        }
        assert figures.profiles == (lender_profile(),)
        sequence_all(TEN)
        while count_leaves():
            pass
        figures = load_figures()
        assert figures is not None
        assert figures.uncounted == 0
        assert {one.queue: one.count for one in figures.queues}["leaves"] == 0


def lender_profile() -> str:
    """The profile of the only lender."""
    return str(rows("SELECT DISTINCT profile FROM lender")[0][0])


class TestSignsOfLife:
    def test_a_step_says_how_it_gets_on_and_a_worker_that_ends_is_not_missed(self, store: str) -> None:
        now = datetime.now(UTC)
        steps = (
            StepProgress("outbox", now - timedelta(minutes=3), 2, 1, "OperationalError at zhizhi.x:1"),
            StepProgress("sequencer", now, 1, 0, "an old one"),
        )
        tell_heartbeats(ThreadProgress("deliveries", now, steps))
        own = {row.thread: row for row in load_heartbeats() if row.process == guard().process}
        assert abs(own["outbox"].age - timedelta(minutes=3)) < timedelta(minutes=2)
        assert (own["outbox"].faults, own["outbox"].fault) == (2, "OperationalError at zhizhi.x:1")
        assert (own["sequencer"].faults, own["sequencer"].fault) == (1, "")
        assert own["outbox"].clock is ClockState.AGREES
        fall_silent()
        assert [row for row in load_heartbeats() if row.process == guard().process] == []

    def test_a_process_that_died_is_forgotten_after_a_day(self, store: str) -> None:
        beat("gone/1", [Beat("outbox", timedelta(hours=25))], ClockState.AGREES, timedelta(0))
        beat("here/1", [Beat("outbox")], ClockState.AGREES, timedelta(0))
        assert {row.process for row in load_heartbeats()} & {"gone/1", "here/1"} == {"here/1"}
