"""The database holds caps by itself: what wrong code tries is refused, what the law permits never is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_call, refused_by_database, rows
from wrong_code import MINTED, give_back, mint, minted, use
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.conduct.case import Event, parse_case
from zhizhi.core.conduct.counts import COUNTERS, SOURCES
from zhizhi.core.conduct.view import View
from zhizhi.core.conduct.words import CHANNELS, OUTCOMES
from zhizhi.core.law.law import rules_on
from zhizhi.core.law.nodes import Cap
from zhizhi.ops.caps_page import ON as CAPS_ON
from zhizhi.ops.caps_page import caps_page
from zhizhi.store.ids import ids
from zhizhi.store.law.caps import RECOUNTED, limits_of
from zhizhi.store.lenders.models import Lender
from zhizhi.store.packs import list_profiles, load_law
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call

pytestmark = pytest.mark.usefixtures("store")
Login = psycopg.Connection[tuple[object, ...]]
DAY = timedelta(days=1)
CALLS_A_DAY, DIALS_A_DAY, CALLS_IN_SEVEN_DAYS = 3, 6, 7  # GB/T 45251 5.3.2.2.2, CBA 14, 12 CFR 1006.14(b)(2)(i)(A)
UNANSWERED = {"talk_seconds": 0, "exchanged": False}


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def american(store: str) -> Lender:
    return make_lender("L2", "us.regf")


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return int(make_staff("collector", "collector", lender, 50).pk)


@pytest.fixture(scope="module")
def gate(store: str) -> Iterator[Login]:
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as connection:
        yield connection


class TestWrongCode:
    """It asks no law, takes no lock, compares no version."""

    def test_the_fourth_call_of_a_day_is_refused(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 1)
        answers = [minted(gate, who, TEN + n * MINUTE) for n in range(5)]
        assert answers == [None] * CALLS_A_DAY + [MINTED] * 2
        assert minted(gate, who, TEN + DAY) is None

    def test_several_in_one_transaction_are_counted_together(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 2)

        def all_at_once() -> None:
            with gate.transaction():
                for n in range(CALLS_A_DAY + 1):
                    mint(gate, who, TEN + n * MINUTE)

        with pytest.raises(psycopg.errors.RestrictViolation):
            all_at_once()
        assert rows("SELECT count(*) FROM permit WHERE person_id = %s", who.person) == [(0,)]

    @pytest.mark.parametrize("seed", range(3))
    def test_many_at_once_get_exactly_the_cap(self, seed: int, store: str, lender: Lender) -> None:
        who = make_borrower(lender, 10 + seed)

        def forge(n: int) -> str | None:
            with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as login:
                return minted(login, who, TEN + n * MINUTE / 60)

        answers = at_once([partial(forge, n) for n in range(12)])
        assert sorted(map(str, answers)) == ["None"] * CALLS_A_DAY + [MINTED] * (12 - CALLS_A_DAY)

    def test_at_once_the_last_dial_of_a_number_and_the_last_of_seven_days_go_once(
        self, store: str, gate: Login, lender: Lender, american: Lender
    ) -> None:
        dialled, called = make_borrower(lender, 15), make_borrower(american, 16)
        for n in range(DIALS_A_DAY - 1):
            with gate.transaction():
                permit = mint(gate, dialled, TEN + n * MINUTE)
            use(gate, dialled, permit, TEN + n * MINUTE, "no_answer", **UNANSWERED)
        for n in range(CALLS_IN_SEVEN_DAYS - 1):
            assert minted(gate, called, TEN - n * DAY, collector="L2") is None

        def forge(n: int) -> str | None:
            who, collector = (dialled, "L1") if n % 2 else (called, "L2")
            with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as login:
                return minted(login, who, TEN + (30 * MINUTE + n * MINUTE / 60), collector=collector)

        answers = at_once([partial(forge, n) for n in range(12)])
        assert [answers[start::2].count(None) for start in (0, 1)] == [1, 1], answers
        assert set(map(str, answers)) == {"None", MINTED}

    def test_a_snapshot_that_cannot_see_others_mints_nothing(self, store: str, lender: Lender) -> None:
        who = make_borrower(lender, 20)
        with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as login:
            for level in (psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE):
                login.isolation_level = level
                assert minted(login, who, TEN) == MINTED

    def test_a_decision_that_claims_more_than_the_law_gives_does_not_help(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 21)
        generous = [{"rule": rule, "limit": 99, "used": 0} for (rule,) in rows("SELECT DISTINCT rule FROM cap_limit")]
        assert [minted(gate, who, TEN + n * MINUTE, budgets=generous) for n in range(4)] == [None] * 3 + [MINTED]

    def test_a_decision_under_a_tighter_agreement_is_held_to_it(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 22)
        agreed = [{"rule": "cn.gbt45251/5.3.2.2.2/valid-calls-per-day", "limit": 1, "used": 0}]
        assert [minted(gate, who, TEN + n * MINUTE, budgets=agreed) for n in range(2)] == [None, MINTED]

    def test_a_permit_that_reaches_into_the_next_day_is_refused(self, gate: Login, lender: Lender) -> None:
        who, late = make_borrower(lender, 23), TEN.replace(hour=23, minute=59)
        assert minted(gate, who, late) == MINTED
        assert minted(gate, who, late, lasts=MINUTE) is None

    def test_another_form_another_channel_or_another_collector_is_no_way_round(
        self, gate: Login, lender: Lender
    ) -> None:
        who = make_borrower(lender, 24)
        ways = [{"form": "interactive"}, {"form": "notification"}, {"channel": "ringless_voicemail"}]
        assert [minted(gate, who, TEN + n * MINUTE, collector=f"A{n}", **way) for n, way in enumerate(ways)] == [
            None
        ] * 3
        assert [minted(gate, who, TEN + 9 * MINUTE, collector="A9", **way) for way in ways] == [MINTED] * 3
        assert minted(gate, who, TEN + 9 * MINUTE, channel="sms", form="interactive") == MINTED
        assert minted(gate, who, TEN + 9 * MINUTE, channel="sms", form="notification") is None

    def test_calls_that_came_with_the_book_count(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 25)
        for n in range(2):
            import_call(gate, who, n, "conversation")
        import_call(gate, who, 2, "no_answer")
        assert [minted(gate, who, TEN + n * MINUTE) for n in range(5, 7)] == [None, MINTED]

    def test_seven_days_are_recounted_each_debt_for_itself(self, gate: Login, american: Lender) -> None:
        who = make_borrower(american, 26)
        days = [minted(gate, who, TEN + n * DAY, collector="L2") for n in range(CALLS_IN_SEVEN_DAYS)]
        assert days == [None] * CALLS_IN_SEVEN_DAYS
        assert minted(gate, who, TEN + 6 * DAY + MINUTE, collector="L2") == MINTED
        assert minted(gate, who, TEN + 7 * DAY, collector="L2") is None

    def test_nothing_is_minted_under_a_profile_that_was_not_activated(self, gate: Login, store: str) -> None:
        who = make_borrower(make_lender("L3", "cn.never.activated"), 27)
        assert minted(gate, who, TEN, collector="L3") == MINTED
        assert store

    def test_a_reminder_is_none_while_a_debt_is_overdue(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 28)
        assert [minted(gate, who, TEN + n * MINUTE, purpose="remind") for n in range(4)] == [None] * 3 + [MINTED]


OUT_OF_REACH = {
    "a limit is raised": "UPDATE cap_limit SET most = 99",
    "a limit is added": "INSERT INTO cap_activation (profile, packs, activated_at) VALUES ('x', '[]', now())",
    "a limit is dropped": "DELETE FROM cap_limit",
    "a profile is taken out": "DELETE FROM cap_activation",
    "a slot is freed": "DELETE FROM permit_slot",
    "a slot is moved": "UPDATE permit_slot SET number = number + 1",
    "a slot is taken": "INSERT INTO permit_slot (person_id, permit_id, rule, key, on_day, number)"
    " SELECT person_id, permit_id, rule, key, on_day, number + 9 FROM permit_slot",
    "the trigger is put to sleep": "ALTER TABLE permit DISABLE TRIGGER permit_within_caps",
    "triggers are passed over": "SET session_replication_role = replica",
    "the count is replaced": "CREATE OR REPLACE FUNCTION zhizhi_permit_within_caps() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NULL; END $$",
    "a count that is found first": "CREATE FUNCTION public.zhizhi_counts(text, integer, text, text, text, integer,"
    " boolean, text) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$",
}


@pytest.mark.parametrize("what", OUT_OF_REACH)
def test_the_gate_login_reaches_neither_limits_nor_slots(what: str, gate: Login, lender: Lender) -> None:
    if not rows("SELECT 1 FROM permit_slot LIMIT 1"):
        assert minted(gate, make_borrower(lender, 40), TEN) is None
    assert refused_by_database(gate, OUT_OF_REACH[what]) == "InsufficientPrivilege"


class TestWhatTheLawPermits:
    """The second line stands behind the first: it never refuses what the gate may mint."""

    def test_a_call_that_nobody_answered_frees_its_number(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 50)
        for n in range(DIALS_A_DAY):
            permit = self.stands(gate, who, n)
            use(gate, who, permit, TEN + n * MINUTE, "no_answer", **UNANSWERED)
        assert minted(gate, who, TEN + 30 * MINUTE) == MINTED, "six dials of one number, answered or not"
        numbers = rows(
            "SELECT number FROM permit_slot WHERE person_id = %s AND rule LIKE '%%valid-calls%%'", who.person
        )
        assert numbers == [(1,)]

    def test_what_is_given_back_frees_its_number(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 51)
        for n in range(9):
            give_back(gate, who, self.stands(gate, who, n), TEN + n * MINUTE)

    def test_a_higher_frequency_that_was_agreed_stands_where_it_counts(
        self, gate: Login, lender: Lender, by: int
    ) -> None:
        who = make_borrower(lender, 52)
        record_statement(RecordStatement(who.person, who.party, "agree_frequency", {"per_day": 9}, by), TEN)
        dials = [{"rule": "cn.cba2026/14/dials-per-day", "limit": 9, "used": 0}]
        for n in range(9):
            permit = self.stands(gate, who, n, budgets=dials)
            use(gate, who, permit, TEN + n * MINUTE, "no_answer", **UNANSWERED)
        assert minted(gate, who, TEN + 30 * MINUTE, budgets=dials) == MINTED

    def test_a_callback_that_was_asked_for_is_weighed_by_the_gate(self, gate: Login, lender: Lender, by: int) -> None:
        who = make_borrower(lender, 53)
        for n in range(CALLS_A_DAY):
            self.stands(gate, who, n)
        until = (TEN + 60 * MINUTE).isoformat()
        asked = {"from": TEN.isoformat(), "until": until}
        assert minted(gate, who, TEN + 9 * MINUTE, purpose="answer_request") == MINTED
        record_statement(RecordStatement(who.person, who.party, "request_callback", asked, by), TEN)
        assert minted(gate, who, TEN + 9 * MINUTE, purpose="answer_request") is None

    def test_a_person_who_reviewed_the_rule_lets_the_doubtful_through_and_not_the_certain(
        self, gate: Login, lender: Lender
    ) -> None:
        who = make_borrower(lender, 54)
        permits = [self.stands(gate, who, n) for n in range(CALLS_A_DAY)]
        gate.execute(
            "INSERT INTO hold (person_id, id, decision_id, rule, opened_at, state, until_at)"
            " SELECT person_id, %s, decision_id, 'cn.gbt45251/5.3.2.2.2/valid-calls-per-day', %s, 'released', %s"
            " FROM permit WHERE id = %s",
            [ids.take(), TEN, TEN + DAY, permits[0]],
        )
        self.stands(gate, who, 9)
        for n, permit in enumerate(permits):
            use(gate, who, permit, TEN + n * MINUTE, "conversation", talk_seconds=60, exchanged=True)
        assert minted(gate, who, TEN + 20 * MINUTE) == MINTED

    def test_a_declared_clock_counts_what_it_has_seen(self, gate: Login, lender: Lender) -> None:
        who = make_borrower(lender, 55)
        for n in range(CALLS_A_DAY):
            self.stands(gate, who, n + 30)
        assert minted(gate, who, TEN) == MINTED
        assert minted(gate, who, TEN, origin="declared") is None

    @pytest.mark.parametrize("seed", range(12))
    def test_a_day_of_calls_by_the_gate_is_never_refused_and_one_more_by_wrong_code_always(
        self, seed: int, gate: Login, lender: Lender, by: int
    ) -> None:
        """The database refuses a forged permit exactly where a cap that it holds is what the law refuses by."""
        random, who = Random(seed), make_borrower(lender, 60 + seed)
        if random.random() < 0.5:
            said = {"per_day": random.choice([1, 2, 4, 8])}
            record_statement(RecordStatement(who.person, who.party, "agree_frequency", said, by), TEN)
        held, at = {rule for (rule,) in rows("SELECT DISTINCT rule FROM cap_limit")}, TEN
        for _ in range(14):
            at += random.randrange(1, 20) * MINUTE
            proposed = propose_call(who, by, at)
            decision: Any = proposed.decision.to_document()
            if proposed.permit_id is None:
                full = any(reason["rule"] in held for reason in decision["reasons"])
                answer = minted(gate, who, at, budgets=decision["budgets"])
                assert answer == (MINTED if full else None), (decision, answer)
                return
            if random.random() < 0.8:
                start_call(StartCall(who.person, proposed.permit_id, by), at)
            if random.random() < 0.8:
                finish(random, who, proposed.permit_id, by, at)

    @staticmethod
    def stands(gate: Login, who: Borrower, n: int, **changes: Any) -> int:
        """A forged permit that the database lets stand."""
        with gate.transaction():
            return mint(gate, who, TEN + n * MINUTE, **changes)


def finish(random: Random, who: Borrower, permit: int, by: int, at: datetime) -> None:
    """What came of a call that was begun."""
    if not rows("SELECT 1 FROM permit WHERE id = %s AND state = 'used'", permit):
        return
    outcome, seconds, exchanged = random.choice(
        [("no_answer", 0, None), ("conversation", 60, True), ("connected", 3, False), ("busy", None, None)]
    )
    record_outcome(
        RecordOutcome(who.person, permit, outcome, 5, None, seconds, exchanged, True, by),
        at + MINUTE / 4,
    )


def import_call(gate: Login, who: Borrower, n: int, outcome: str) -> None:
    """A call of an agency that came with the book."""
    gate.execute(
        "INSERT INTO contact (person_id, id, at, channel, direction, party_id, point_id, form, purpose, collector,"
        " collector_kind, outcome, import_id)"
        " VALUES (%s, %s, %s, 'voice', 'out', %s, %s, 'interactive', 'collect', 'A1', 'agency', %s, 1)",
        [who.person, ids.take(), TEN + n * MINUTE, who.party, who.mobile, outcome],
    )


def view_of_a_call() -> View:
    """A case whose contact goes to the number of every event below."""
    document = {
        "id": "mirror", "profile": "us.regf", "debtor": {"time_zones": ["UTC"], "state": "normal"},
        "debts": [{"id": "d1", "lender": "L1", "state": "overdue"}], "parties": [{"id": "p1", "role": "debtor"}],
        "points": [{"id": "m1", "party": "p1", "kind": "mobile"},
                   {"id": "m2", "party": "p1", "kind": "mobile", "misdirected": True}],
        "collector": {"kind": "lender", "id": "L1"}, "statements": [], "events": [],
        "proposed": {"at": TEN.isoformat(), "channel": "voice", "direction": "out", "party": "p1", "point": "m1",
                     "purpose": "collect"},
    }  # fmt: skip
    return View(parse_case(document), "UTC")


def test_the_database_counts_as_the_law_does_over_every_combination() -> None:
    view = view_of_a_call()
    base = Event(id="e1", at=TEN, channel="voice", direction="out", party="p1", form="interactive")
    asked = [
        (kind, channel, form, outcome, seconds, exchanged, misdirected)
        for kind, channel, form, outcome, seconds, exchanged in product(
            sorted(RECOUNTED), CHANNELS, ("interactive", "notification"), (None, *OUTCOMES), (None, 0, 3, 6, 60),
            (None, False, True),
        )
        if (SOURCES.get(kind, "calls") == "calls") == (channel in ("voice", "ringless_voicemail"))
        for misdirected in ((False, True) if kind in ("placed_calls", "silent_calls") else (False,))
    ]  # fmt: skip
    answers = rows(
        "SELECT zhizhi_counts(q.kind, 6, q.channel, q.form, q.outcome, q.seconds, q.exchanged, q.misdirected)"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::boolean[], %s::boolean[])"
        " WITH ORDINALITY AS q (kind, channel, form, outcome, seconds, exchanged, misdirected, place) ORDER BY place",
        *(list(column) for column in zip(*asked, strict=True)),
    )
    for (kind, channel, form, outcome, seconds, exchanged, misdirected), (counts,) in zip(asked, answers, strict=True):
        point = "m2" if misdirected else "m1"
        event = replace(
            base, channel=channel, form=form, outcome=outcome, talk_seconds=seconds, exchanged=exchanged, point=point
        )
        assert counts is COUNTERS[kind](event, view, 6), (kind, channel, form, outcome, seconds, exchanged, misdirected)
    assert len(asked) > 10_000


def test_what_is_active_is_what_the_packs_say() -> None:
    active = rows("SELECT profile, reading, rule, from_on, most, days FROM cap_limit")
    wanted = [
        (limit.profile, limit.reading, limit.rule, limit.from_on, limit.most, limit.days)
        for profile in list_profiles()
        for limit in limits_of(load_law(profile))
    ]
    assert sorted(active, key=str) == sorted(wanted, key=str)
    assert {profile for (profile,) in rows("SELECT profile FROM cap_activation")} == set(list_profiles())


def test_the_page_says_of_every_rule_who_holds_it() -> None:
    laws = [load_law(profile) for profile in list_profiles()]
    page = (Path(__file__).resolve().parents[2] / "docs/reference/caps.md").read_text(encoding="utf-8")
    assert page == caps_page(laws), "docs/reference/caps.md is not what `make docs` writes"
    held = {limit.rule for law in laws for limit in limits_of(law)}
    for law in laws:
        for bound in rules_on(law, "strict", CAPS_ON):
            forbids = isinstance(bound.clause.body, Cap) and bound.clause.breach != "warning"
            assert not forbids or bound.rule.id in held, f"{bound.rule.id} is a cap that the database does not hold"
