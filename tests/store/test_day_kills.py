"""A day killed anywhere and started again ends as one that ran through; two processes never work one day twice."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from book import TODAY, make_borrower, make_lender, make_staff
from gatework import ToldChannel, at_once, rows
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.jobs.outbox import Outbox
from zhizhi.store import channels
from zhizhi.store.lenders.models import Lender
from zhizhi.store.strategy.working import DayFigures
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=BEIJING)
# Days past due at which the default strategy wishes for reminders, messages, calls and letters.
DUE = [TODAY - timedelta(days=days) for days in (-3, 0, 2, 4, 6, 14, 22, 33, 35)]
NUMBERS = iter(range(10_000))


class Killed(BaseException):
    """The process died here; no code may catch it."""


def quiet(_lender: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def make_book(code: str) -> tuple[Lender, list[int]]:
    lender = make_lender(code)
    make_staff(f"collector-{code}", "collector", lender, capacity=5)
    return lender, [make_borrower(lender, next(NUMBERS), due_on=due_on).person for due_on in DUE]


def work(lender: Lender, channel: ToldChannel) -> DayFigures:
    outbox = Outbox({"sink": {"sms": channel, "email": channel}}, "day", origin="declared")
    return run_day(RunDay(lender.pk, TODAY, "declared"), EIGHT, lambda at: _deliver(outbox, at), quiet)


def _deliver(outbox: Outbox, at: datetime) -> None:
    outbox.drain(at)


def comparable(figures: DayFigures, lender: Lender) -> tuple[object, ...]:
    counts = rows('SELECT step, counts FROM run WHERE lender_id = %s AND "on" = %s', lender.pk, TODAY)
    kinds = rows(
        "SELECT l.kind, count(*) FROM leaf l JOIN person p ON p.subject = l.subject WHERE p.lender_id = %s"
        " GROUP BY 1 ORDER BY 1",
        lender.pk,
    )
    return figures, counts, kinds


@pytest.fixture(scope="module")
def unharmed(store: str) -> tuple[object, ...]:
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})
    lender, _ = make_book("WHOLE")
    return comparable(work(lender, ToldChannel()), lender)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, bool], None]]:
    """Kill the process before or after its n-th durable commit."""
    real = transaction.Atomic.__exit__
    begun = {"left": 0, "after": False}

    def leave(self: transaction.Atomic, kind: object, value: object, trace: object) -> None:
        if not self.durable or kind is not None or begun["left"] <= 0:
            return real(self, kind, value, trace)  # type: ignore[arg-type]  # as Django hands them on
        begun["left"] = int(begun["left"]) - 1
        if begun["left"]:
            return real(self, None, None, None)
        if begun["after"]:
            real(self, None, None, None)
            raise Killed
        killed = Killed()
        real(self, Killed, killed, None)
        raise killed

    monkeypatch.setattr(transaction.Atomic, "__exit__", leave)

    def kill_at(n: int, after: bool) -> None:
        begun.update(left=n, after=after)

    yield kill_at
    begun["left"] = 0


def test_a_day_that_runs_through_adds_up(unharmed: tuple[object, ...]) -> None:
    figures = unharmed[0]
    assert isinstance(figures, DayFigures)
    assert figures.planned == 0
    assert figures.wishes == figures.skipped + figures.permitted + figures.refused + figures.held
    assert figures.permitted == sum(figures.deliveries.values())
    assert set(figures.deliveries) <= {"delivered", "failed", "cancelled"}
    assert figures.deliveries["delivered"] > 0


# Up to the number of durable commits of such a day, which is about sixty; beyond it the day ends before the kill.
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_day_that_is_killed_at_any_commit_ends_as_one_that_was_not(
    after: bool, unharmed: tuple[object, ...], commits: Callable[[int, bool], None]
) -> None:
    n = 0
    while True:
        n += 8 if n > 6 else 1
        lender, _ = make_book(f"K{int(after)}-{n}")
        channel = ToldChannel()
        commits(n, after)
        try:
            work(lender, channel)
        except Killed:
            commits(0, False)
            figures = work(lender, channel)
        else:
            commits(0, False)
            assert n > 20, "the day has more commits than this"
            return
        lost = rows(
            "SELECT count(*) FROM delivery d JOIN run r ON r.id = d.run_id"
            " WHERE r.lender_id = %s AND d.state = 'claimed'",
            lender.pk,
        )
        grants = [grant.idempotency_key for grant in channel.sent]
        assert len(grants) == len(set(grants)), f"sent twice after a kill at commit {n}"
        if lost == [(0,)]:
            assert comparable(figures, lender) == unharmed, f"after a kill at commit {n}"
        else:
            # Died between claim and settlement: those may have left, stay counted and wait for a person.
            whole = unharmed[0]
            assert isinstance(whole, DayFigures)
            assert (figures.wishes, figures.permitted, figures.skipped) == (
                whole.wishes,
                whole.permitted,
                whole.skipped,
            )


def test_two_processes_that_work_one_day_do_it_once(unharmed: tuple[object, ...]) -> None:
    lender, _ = make_book("TWO")
    channel = ToldChannel()
    answers = at_once([partial(work, lender, channel)] * 3)
    refused = [one for one in answers if isinstance(one, UseCaseRefused)]
    worked = [one for one in answers if isinstance(one, DayFigures)]
    assert len(refused) + len(worked) == 3, answers
    assert all(one.code == "being_worked" for one in refused)
    assert comparable(work(lender, channel), lender) == unharmed
    assert len({grant.idempotency_key for grant in channel.sent}) == len(channel.sent)


def test_on_the_systems_clock_what_lies_later_stays_planned_until_a_later_call(store: str) -> None:
    lender, _ = make_book("SYSTEM")

    def at(hour: int) -> DayFigures:
        command = RunDay(lender.pk, TODAY, "system")
        return run_day(command, EIGHT.replace(hour=hour), lambda _at: None, quiet)

    early = at(8)
    assert early.planned == early.wishes - early.skipped
    noon = at(12)
    later = "SELECT count(*) FROM wish w JOIN run r ON r.id = w.run_id WHERE r.lender_id = %s AND w.planned_at > %s"
    assert [(noon.planned,)] == rows(later + " AND w.result <> 'skipped'", lender.pk, EIGHT.replace(hour=12))
    night = at(21)
    assert night.planned == 0
    assert early.wishes == noon.wishes == night.wishes
    assert night == at(21)
    assert night.permitted + night.refused + night.held == early.planned
    decided = rows(
        "SELECT DISTINCT d.at FROM decision d JOIN run r ON r.id = d.run_id WHERE r.lender_id = %s", lender.pk
    )
    assert {row[0] for row in decided} <= {EIGHT.replace(hour=12), EIGHT.replace(hour=21)}


def test_what_nobody_came_back_for_is_skipped_when_the_next_day_begins(store: str) -> None:
    lender, _ = make_book("PAST")
    early = run_day(RunDay(lender.pk, TODAY, "system"), EIGHT, lambda _at: None, quiet)
    assert early.planned
    tomorrow = EIGHT + timedelta(days=1)
    run_day(RunDay(lender.pk, tomorrow.date(), "system"), tomorrow, lambda _at: None, quiet)
    assert rows(
        "SELECT r.step, w.result, w.reason, count(*) FROM run r JOIN wish w ON w.run_id = r.id WHERE r.lender_id = %s"
        " AND r.\"on\" = %s AND w.reason = 'day_over' GROUP BY 1, 2, 3",
        lender.pk,
        TODAY,
    ) == [("done", "skipped", "day_over", early.planned)]


def test_a_day_of_another_clock_or_another_date_is_refused(store: str) -> None:
    lender, _ = make_book("CLOCK")
    with pytest.raises(UseCaseRefused, match="other_day"):
        run_day(RunDay(lender.pk, date(2026, 3, 3), "system"), EIGHT, lambda _at: None, quiet)
    run_day(RunDay(lender.pk, TODAY, "declared"), EIGHT, lambda _at: None, quiet)
    with pytest.raises(UseCaseRefused, match="other_clock"):
        run_day(RunDay(lender.pk, TODAY, "system"), EIGHT, lambda _at: None, quiet)


def test_a_declared_clock_refuses_to_run_beside_a_real_channel(store: str) -> None:
    lender, _ = make_book("REAL")
    channels.install({"sms": "sms_http", "voice": "manual"})
    try:
        with pytest.raises(UseCaseRefused, match="declared_clock"):
            run_day(RunDay(lender.pk, TODAY, "declared"), EIGHT, lambda _at: None, quiet)
        assert rows("SELECT count(*) FROM run WHERE lender_id = %s", lender.pk) == [(0,)]
    finally:
        channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


def test_what_a_person_paid_or_a_stop_rests_is_not_proposed_any_more(store: str) -> None:
    lender, persons = make_book("PAID")
    by = make_staff("stopper", "supervisor", lender).pk
    before = run_day(RunDay(lender.pk, TODAY, "system"), EIGHT, lambda _at: None, quiet)
    assert before.planned
    (wished,) = rows(
        "SELECT DISTINCT person_id FROM wish WHERE result = 'planned' AND person_id = ANY (%s) LIMIT 1", persons
    )
    for person in persons:
        debt = rows("SELECT id, balance_minor FROM debt WHERE person_id = %s", person)[0]
        if person == wished[0]:
            set_stop(SetStop(person, "hardship", None, "hospital stay", None, by), EIGHT)
        else:
            record_payment(RecordPayment(person, debt[0], debt[1], TODAY, f"P{person}", "test", by), EIGHT)
    after = run_day(RunDay(lender.pk, TODAY, "system"), EIGHT.replace(hour=21), lambda _at: None, quiet)
    assert (after.permitted, after.refused, after.planned) == (0, 0, 0)
    reasons = dict(
        rows(
            "SELECT reason, count(*) FROM wish WHERE person_id = ANY (%s) AND reason <> 'not_connected' GROUP BY 1",
            persons,
        )
    )
    assert set(reasons) - {"robot_not_connected"} == {"case_closed", "stop_hardship"}
