"""Somebody who does not exist: planted by two people, contacted by nobody, counted in nothing, loud, and known to
compliance alone.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_sms, rows
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.core.conduct.decision import Decision
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.jobs.erasures import steps_of_erasures
from zhizhi.store import objects
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.assignment.facts import load_facts
from zhizhi.store.backups import count_tables
from zhizhi.store.campaigns.making import cases_of
from zhizhi.store.canaries.alarms import seal_alarms
from zhizhi.store.canaries.planting import STOP_GROUND, STOP_KIND, Shape
from zhizhi.store.cases.reads import CaseFilter, Sort, load_worklist, search_cases
from zhizhi.store.figures.every import FIGURES
from zhizhi.store.figures.figure import EVERY_PRODUCT, Asked, load_number, load_rows
from zhizhi.store.figures.flow import load_rolls
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.operations.figures import load_figures
from zhizhi.store.transact.assigning import preview_undo
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.store.views.recording import record_view
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.canaries.asking import AskCanaries, ask_canaries
from zhizhi.usecases.canaries.inventing import MOBILE, PROVINCES, check_digit, invent
from zhizhi.usecases.canaries.ruling import RuleAlarm, rule_on_alarm
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop
from zhizhi.usecases.withdraw_import import WithdrawImport, withdraw_import
from zhizhi.usecases.zones import days_as_span

pytestmark = pytest.mark.usefixtures("store")
DAY = timedelta(days=1)
PLANTED = 3
COUNTED = ("opened", "aged", "closed", "assigned", "without_room", "stood")


@dataclass(frozen=True)
class House:
    """A lender with a book of a day, an agency that has some of it, and canaries among the agency's."""

    lender: Lender
    agency: Agency
    staff: dict[str, Staff]
    canaries: tuple[Borrower, ...]
    before: dict[str, Any]


def eyes(member: Staff) -> Viewer:
    return Viewer(member.pk, Scope.LENDER, member.lender_id, None)


def day_of(lender: Lender, at: datetime) -> dict[str, int]:
    """Work a day; what its run counted."""
    run_day(RunDay(lender.pk, at.date(), "declared"), at, lambda _at: None, lambda *_: None)
    ((written,),) = rows('SELECT counts::text FROM run WHERE lender_id = %s AND "on" = %s', lender.pk, at.date())
    counts = json.loads(written)
    return {name: counts[name] for name in COUNTED}


def figures(member: Staff, at: datetime, *, counting: bool = True) -> dict[str, Any]:
    """Every figure of the overview, by product, with the rows behind it; and the roll rates."""
    asked = Asked(at.date(), *days_as_span(at.date(), at.date()), at + 12 * 60 * MINUTE)
    with reading(eyes(member), counting=counting):
        found: dict[str, Any] = {code: load_number(one, asked) for code, one in FIGURES.items()}
        found |= {f"rows of {code}": load_rows(one, asked, "", 0) for code, one in FIGURES.items()}
        return found | {"rolls": load_rolls(asked)}


def plant(house_lender: Lender, agency_id: int | None, count: int, by: tuple[int, int], at: datetime) -> None:
    asked = ask_canaries(AskCanaries(house_lender.pk, agency_id, count, "例行布设", by[0]), at)
    standing = load_standing(asked)
    assert standing is not None
    rule(Rule(asked, standing.digest, True, by[1]), at)


@pytest.fixture(scope="module")
def house(store: str) -> House:
    lender = make_lender()
    agency = Agency.objects.using("gate").create(code="A1", name="甲外包", is_listed=True)
    people = {"head": "head", "auditor": "auditor", "first": "compliance", "second": "compliance",
              "supervisor": "supervisor", "administrator": "administrator", "collector": "collector"}  # fmt: skip
    staff = {login: make_staff(login, role, lender, 50 if role == "collector" else 0) for login, role in people.items()}
    staff["worker"] = make_staff("worker", "agency_collector", None, 50)
    Staff.objects.using("gate").filter(login="worker").update(agency=agency)
    for n in range(8):
        who = make_borrower(lender, n, due_on=TEN.date() - timedelta(days=13 + n))
        if n % 2:
            rows("UPDATE debt SET agency_id = %s WHERE person_id = %s RETURNING 1", agency.pk, who.person)
    day_of(lender, TEN)
    before = figures(staff["head"], TEN)
    plant(lender, agency.pk, PLANTED, (staff["first"].pk, staff["second"].pk), TEN + MINUTE)
    found = rows(
        "SELECT k.person_id, p.id, o.id, d.id FROM canary k JOIN party p ON p.person_id = k.person_id"
        " JOIN point o ON o.person_id = k.person_id JOIN debt d ON d.person_id = k.person_id ORDER BY 1"
    )
    canaries = tuple(Borrower(*ids, number="") for ids in found)
    return House(lender, agency, staff, canaries, before)


@pytest.fixture
def web(store: str) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as connection:
        yield connection


def told(decision: Decision) -> list[object]:
    """What a decision says to whoever asked."""
    return [(one.rule, one.effect, one.explain) for one in decision.reasons]


def alarms(house: House, who: Borrower) -> list[tuple[Any, ...]]:
    return rows("SELECT how, staff_id FROM canary_alarm WHERE person_id = %s ORDER BY id", who.person)


class TestPlanting:
    def test_two_people_of_compliance_and_nobody_else(self, house: House) -> None:
        first, second, head = (house.staff[name].pk for name in ("first", "second", "head"))
        with pytest.raises(Refused, match="not_allowed"):
            ask_canaries(AskCanaries(house.lender.pk, None, 1, "例行布设", head), TEN)
        asked = ask_canaries(AskCanaries(house.lender.pk, None, 1, "例行布设", first), TEN)
        standing = load_standing(asked)
        assert standing is not None
        for by, code in ((first, "same_person"), (head, "not_allowed")):
            with pytest.raises(Refused, match=code):
                rule(Rule(asked, standing.digest, True, by), TEN)
        rule(Rule(asked, standing.digest, False, second, "暂不需要"), TEN)
        for count in (0, 21):
            with pytest.raises(Refused, match="bad_count"):
                ask_canaries(AskCanaries(house.lender.pk, None, count, "例行布设", first), TEN)

    def test_there_are_as_many_as_were_agreed_on_each_a_whole_case_with_the_agency(self, house: House) -> None:
        assert len(house.canaries) == PLANTED
        found = rows(
            "SELECT agency_id, stop, closed_on, collector_id, number FROM collection_case c WHERE person_id = ANY (%s)",
            [one.person for one in house.canaries],
        )
        assert {row[:3] for row in found} == {(house.agency.pk, "no_contact_order", None)}
        assert {row[3] for row in found} == {house.staff["worker"].pk}
        assert all(re.fullmatch(r"C-2026-\d{6}", row[4]) for row in found)

    def test_each_says_why_its_collector_has_it_as_every_case_of_that_day_does(self, house: House) -> None:
        persons = [one.person for one in house.canaries]
        told = "SELECT person_id, at, why, from_id, agency_id, capacity, held FROM assignment_move WHERE to_id = %s"
        moves = rows(told, house.staff["worker"].pk)
        assert {move[0] for move in moves} > set(persons), "and of real ones, to be like"
        own, others = ([move for move in moves if (move[0] in persons) is mine] for mine in (True, False))
        assert {move[1:6] for move in own} == {move[1:6] for move in others}
        assert len({move[6] for move in moves}) == len(moves), "no two had the same place"
        because = "SELECT count(*) FROM collection_case WHERE person_id = ANY (%s) AND assigned_because = ''"
        assert rows(because, persons) == [(0,)]

    def test_an_assignment_that_is_undone_says_nothing_of_them(self, house: House) -> None:
        ((morning,),) = rows("SELECT id FROM assignment WHERE lender_id = %s AND kind = 'morning'", house.lender.pk)
        cases = {case for (case,) in rows("SELECT c.id FROM collection_case c JOIN canary k USING (person_id)")}
        undoing = preview_undo(house.lender.pk, morning, TEN.date())
        named = {move.case_id for move in undoing.assignment.moves} | {case for case, _ in undoing.stuck}
        assert named, "else nothing was tried"
        assert not named & cases

    def test_a_real_person_is_never_made_one_nor_more_than_were_agreed_on(self, house: House, store: str) -> None:
        insert = (
            "INSERT INTO canary (person_id, lender_id, approval_id, planted_at) SELECT %s, %s, id, now() FROM approval"
        )
        real = rows("SELECT max(id) FROM person WHERE id NOT IN (SELECT person_id FROM canary)")[0][0]
        with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
            with pytest.raises(psycopg.errors.RestrictViolation):
                gate.execute(f"{insert} WHERE act = 'canary' AND state = 'executed'", [real, house.lender.pk])
            for change in ("DELETE FROM canary", "UPDATE canary SET planted_at = now()", "DELETE FROM canary_alarm"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    gate.execute(change.encode())

    @pytest.mark.parametrize("is_synthetic", [True, False])
    def test_who_is_invented_cannot_exist_and_looks_right(self, is_synthetic: bool) -> None:
        shape = Shape(
            "credit_card", "CNY", "early", 20, 10_000, None, None, "", TEN.date(), None, TEN, None, is_synthetic
        )
        for _ in range(200):
            who = invent(shape)
            assert re.fullmatch(r"[1-9]\d{16}[0-9X]", who.id_number)
            assert who.id_number[:2] in PROVINCES
            assert who.id_number[-1] == check_digit(who.id_number[:17])
            assert len(who.mobile) == 11
            assert who.mobile.startswith("109" if is_synthetic else MOBILE)
            assert 7_000 <= who.balance_minor < 13_000
        assert check_digit("11010519491231002") == "X"  # the example of the standard


class TestNobodyIsContacted:
    def test_who_lifts_the_stop_finds_it_standing_again_and_is_refused_as_anybody_is(self, house: House) -> None:
        who, by = house.canaries[0], house.staff["supervisor"].pk
        elsewhere = make_lender("L9")
        real, other = make_borrower(elsewhere, 90), make_staff("supervisor-9", "supervisor", elsewhere).pk
        set_stop(SetStop(real.person, STOP_KIND, None, "客户书面要求", None, other), TEN)
        ordinary = propose_sms(real, other, TEN + 2 * MINUTE).decision
        for minutes in (2, 4):  # however often somebody tries
            refused = propose_sms(who, by, TEN + minutes * MINUTE).decision
            assert (refused.verdict, told(refused)) == ("forbid", told(ordinary))
            ((stop,),) = rows("SELECT id FROM stop WHERE person_id = %s AND lifted_at IS NULL", who.person)
            lift_stop(LiftStop(who.person, stop, "客户来电同意联系", by), TEN + (minutes + 1) * MINUTE)
        assert rows(
            "SELECT kind, ground, set_by, count(*) FROM stop WHERE person_id = %s GROUP BY 1, 2, 3", who.person
        ) == [(STOP_KIND, STOP_GROUND, "import", 3)]
        assert rows("SELECT DISTINCT stop FROM collection_case WHERE person_id = %s", who.person) == [(STOP_KIND,)]

    def test_a_stop_that_somebody_adds_and_lifts_leaves_the_one_that_stands(self, house: House) -> None:
        who, by = house.canaries[0], house.staff["supervisor"].pk
        before = rows("SELECT count(*) FROM stop WHERE person_id = %s", who.person)[0][0]
        stop = set_stop(SetStop(who.person, "complaint", None, "客户投诉", None, by), TEN + 6 * MINUTE)
        lift_stop(LiftStop(who.person, stop, "投诉已办结", by), TEN + 7 * MINUTE)
        assert rows("SELECT count(*) FROM stop WHERE person_id = %s", who.person) == [(before + 1,)]

    def test_where_no_stop_stands_at_all_the_database_refuses(self, house: House, store: str) -> None:
        who, by = house.canaries[0], house.staff["supervisor"].pk
        lift = "UPDATE stop SET lifted_at = {} WHERE person_id = %s AND lifted_at {}"
        with psycopg.connect(store, autocommit=True) as owner:
            owner.execute(lift.format("'2000-01-01Z'", "IS NULL").encode(), [who.person])
            with pytest.raises(DatabaseError, match="this person is not contacted"):
                propose_sms(who, by, TEN + 8 * MINUTE)
            owner.execute(lift.format("NULL", "= '2000-01-01Z'").encode(), [who.person])
        assert rows("SELECT count(*) FROM permit WHERE person_id = %s", who.person) == [(0,)]

    def test_no_row_of_a_contact_out_is_taken_whatever_code_writes_it(self, house: House, store: str) -> None:
        with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
            insert = "INSERT INTO contact (person_id, id, direction) VALUES (%s, 1, 'out')"
            with pytest.raises(psycopg.errors.RestrictViolation, match="not contacted"):
                gate.execute(insert, [house.canaries[0].person])


class TestNothingCountsThem:
    def test_every_figure_and_the_rows_behind_it_stay_as_they_were(self, house: House) -> None:
        assert figures(house.staff["head"], TEN) == house.before
        with_them = figures(house.staff["head"], TEN, counting=False)
        assert with_them["open_cases"] != house.before["open_cases"], "else nothing was tried"

    def test_a_day_of_the_book_counts_none_and_they_grow_older_with_it(self, house: House) -> None:
        persons = [one.person for one in house.canaries]
        old = dict(rows("SELECT person_id, days_past_due FROM collection_case WHERE person_id = ANY (%s)", persons))
        counts = day_of(house.lender, TEN + DAY)
        open_ones = rows(
            "SELECT count(*) FROM collection_case WHERE closed_on IS NULL AND person_id <> ALL (%s)", persons
        )
        assert (counts["stood"], counts["aged"], counts["closed"], counts["opened"]) == (open_ones[0][0], 8, 0, 0)
        now = dict(rows("SELECT person_id, days_past_due FROM collection_case WHERE person_id = ANY (%s)", persons))
        assert now == {person: days + 1 for person, days in old.items()}
        kept = rows(
            'SELECT count(*) FROM debt_day WHERE person_id = ANY (%s) AND "on" = %s', persons, (TEN + DAY).date()
        )
        assert kept == [(PLANTED,)], "raw rows of a day tell nobody apart"
        numbers = {row[0] for row in rows("SELECT number FROM collection_case WHERE person_id = ANY (%s)", persons)}
        for code, found in figures(house.staff["head"], TEN + DAY).items():
            if code.startswith("rows of"):
                assert not numbers & {row.case_number for row in found[0]}, code

    def test_they_take_no_room_at_a_desk(self, house: House) -> None:
        facts = load_facts(house.lender.pk, (TEN + DAY).date())
        held = {desk.id: desk.cases for desk in facts.desks}
        for case in facts.cases:
            if case.holder_id is not None:
                held[case.holder_id] += 1
        worker = house.staff["worker"].pk
        real = rows("SELECT count(*) FROM collection_case WHERE collector_id = %s AND closed_on IS NULL", worker)[0][0]
        assert held[worker] == real - PLANTED


class TestAlarms:
    def test_views_clear_values_searches_exports_and_the_api_each_raise_one_a_quarter(self, house: House) -> None:
        who, worker = house.canaries[1], house.staff["worker"].pk
        at = TEN + 2 * DAY
        for ground in ("work", "work", "system"):
            record_view(who.person, worker, ground, at)
        ((number, case_id),) = rows("SELECT number, id FROM collection_case WHERE person_id = %s", who.person)
        with reading(Viewer(worker, Scope.SELF, None, house.agency.pk)):
            for _ in range(2):
                assert [
                    row.number
                    for row in search_cases(
                        Viewer(worker, Scope.SELF, None, house.agency.pk), number, [house.lender.pk], at
                    )
                ] == [number]
        rows(
            "INSERT INTO unmasking (person_id, id, lender_id, case_id, party_id, what, target_id, ground, staff_id,"
            " role, at, until)"
            " VALUES (%s, 1, %s, %s, %s, 'name', %s, 'verify', %s, 'agency_collector', %s, %s) RETURNING 1",
            who.person, house.lender.pk, case_id, who.party, who.party, worker, at, at + MINUTE,
        )  # fmt: skip
        rows(
            "INSERT INTO leaf (id, kind, at, subject, body, source_person_id)"
            " VALUES (1, 'export', %s, gen_random_uuid(), '', %s) RETURNING 1",
            at, who.person,
        )  # fmt: skip
        head = house.staff["head"].pk
        rows(
            "INSERT INTO export (subject, lender_id, kind, target, person_id, data_class, rows, units, day_limit,"
            " recipient, recipient_key, ground, staff_id, role, sha256, taken_at)"
            " VALUES (gen_random_uuid(), %s, 'settlement_proof', 'x', %s, 'other', 1, 1, 10, 'x', 'x', 'x', %s, 'head',"
            " '', %s) RETURNING 1",
            house.lender.pk, who.person, head, at,
        )  # fmt: skip
        told = [("view", worker), ("api", worker), ("search", worker), ("unmask", worker), ("export", None)]
        told += [("export", head)]
        assert alarms(house, who) == told
        record_view(who.person, worker, "work", at + 15 * MINUTE)
        assert alarms(house, who) == [*told, ("view", worker)]

    def test_looking_at_somebody_real_raises_none(self, house: House) -> None:
        before = rows("SELECT count(*) FROM canary_alarm")
        person, number = rows("SELECT person_id, number FROM collection_case ORDER BY id LIMIT 1")[0]
        record_view(person, house.staff["head"].pk, "oversee", TEN)
        with reading(eyes(house.staff["head"])):
            assert search_cases(eyes(house.staff["head"]), number, [house.lender.pk], TEN)
        assert rows("SELECT count(*) FROM canary_alarm") == before

    def test_each_gets_a_leaf_that_names_no_person_and_is_counted_while_it_waits(self, house: House) -> None:
        record_view(house.canaries[2].person, house.staff["collector"].pk, "work", TEN)
        waiting = rows("SELECT count(*) FROM canary_alarm WHERE ruling IS NULL")[0][0]
        seal_alarms(TEN)
        assert seal_alarms(TEN) == 0
        assert rows("SELECT count(*) FROM canary_alarm WHERE sealed_at IS NULL") == [(0,)]
        leaves = rows("SELECT source_person_id, kind FROM leaf WHERE source_table = 'canary_alarm'")
        assert set(leaves) == {(None, "incident")}
        now = load_figures()
        assert now is not None
        assert {one.queue: one.count for one in now.queues}["canary_alarms"] == waiting

    def test_compliance_rules_once_and_an_incident_is_opened(self, house: House) -> None:
        who, at = house.canaries[2], TEN + 3 * DAY
        for hours, login in ((1, "collector"), (2, "collector"), (3, "first")):
            record_view(who.person, house.staff[login].pk, "work", at + timedelta(hours=hours))
        waiting = rows("SELECT id FROM canary_alarm WHERE person_id = %s AND at > %s ORDER BY at", who.person, at)
        explained, grave, own = (row[0] for row in waiting)
        by, late = house.staff["first"].pk, at + DAY
        for alarm, someone, code in (
            (explained, house.staff["head"].pk, "not_allowed"),
            (own, by, "own_alarm"),
        ):
            with pytest.raises(Refused, match=code):
                rule_on_alarm(RuleAlarm(alarm, "explained", "接到客户来电，核对", someone), late)
        assert rule_on_alarm(RuleAlarm(explained, "explained", "接到客户来电，核对", by), late) is None
        incident = rule_on_alarm(RuleAlarm(grave, "incident", "无办理事由的查看", by), late)
        assert rows("SELECT kind, lender_id FROM incident WHERE id = %s", incident) == [("leak", house.lender.pk)]
        assert rows("SELECT count(*) > 0 FROM incident_deadline WHERE incident_id = %s", incident) == [(True,)]
        with pytest.raises(Refused, match="no_alarm"):
            rule_on_alarm(RuleAlarm(grave, "explained", "接到客户来电，核对", by), late)
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic(using="gate"):
            rows("UPDATE canary_alarm SET remark = 'x' WHERE id = %s RETURNING 1", grave)


class TestComplianceAlone:
    @pytest.mark.parametrize(("login", "sees"), [
        ("first", True), ("head", False), ("auditor", False), ("supervisor", False), ("administrator", False),
        ("collector", False), ("worker", False),
    ])  # fmt: skip
    def test_raw_sql_of_every_other_role_finds_neither_list_alarm_nor_request(
        self, house: House, web: "psycopg.Connection[tuple[Any, ...]]", login: str, sees: bool
    ) -> None:
        record_view(house.canaries[0].person, house.staff["head"].pk, "oversee", TEN)
        seal_alarms(TEN)
        questions = (
            "SELECT count(*) FROM canary",
            "SELECT count(*) FROM canary_alarm",
            "SELECT count(*) FROM approval WHERE act = 'canary'",
        )
        with web.transaction():
            for name, value in eyes(house.staff[login]).settings.items():
                web.execute("SELECT set_config(%s, %s, true)", [name, value])
            web.execute("SELECT set_config('zhizhi.counting', 'on', true)")  # not sealed: believed in nothing
            counts = [web.execute(question.encode()).fetchone() for question in questions]
            assert web.execute("SELECT zhizhi_uncounted()").fetchone() == ([],)
        assert [count is not None and count[0] > 0 for count in counts] == [sees] * 3

    def test_functions_that_know_them_are_not_the_web_logins(self, web: "psycopg.Connection[tuple[Any, ...]]") -> None:
        for call in ("zhizhi_told_of('{}', 1, 'search', now())", "zhizhi_raise_alarm(1, 1, 'view', now())"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(f"SELECT {call}".encode())


# Every table that holds something of a canary, and by which column.
TABLES = (
    *("person", "party", "point", "debt", "instalment", "entry", "collection_case", "stop", "canary", "canary_alarm"),
    "debt_day",
)


def kept(canaries: Sequence[Borrower]) -> dict[str, list[tuple[Any, ...]]]:
    """All that the tables hold of them."""
    persons = [one.person for one in canaries]
    return {
        table: rows(
            f"SELECT to_jsonb(t) FROM {table} t WHERE t.{'id' if table == 'person' else 'person_id'} = ANY (%s)"
            " ORDER BY to_jsonb(t)::text",
            persons,
        )
        for table in TABLES
    }


def of_lender(lender: Lender) -> tuple[Borrower, ...]:
    """Its canaries."""
    found = rows(
        "SELECT k.person_id, p.id, o.id, d.id FROM canary k JOIN party p ON p.person_id = k.person_id"
        " JOIN point o ON o.person_id = k.person_id JOIN debt d ON d.person_id = k.person_id"
        " WHERE k.lender_id = %s ORDER BY 1",
        lender.pk,
    )
    return tuple(Borrower(*ids, number="") for ids in found)


BOOK = """[file]
kind = "accounts"
lender = "L2"
[columns]
customer = "c"
account = "a"
name = "n"
id_number = "i"
product = { constant = "instalment_loan" }
oldest_unpaid_due_on = "d"
principal = "p"
"""


def brought(folder: Path, first: int, on: datetime, count: int = 4) -> int:
    """Import a file of so many customers, from this number on; answers the file."""
    path = folder / f"{first}.csv"
    lines = [f"C{n},A{n},张三,,2026-02-01,{1000 + n}," for n in range(first, first + count)]
    path.write_text("\n".join(["c,a,n,i,d,p,t", *lines]) + "\n", encoding="utf-8")
    with open_table(path) as table:
        report = import_file(ImportFile(path.name, read_map(BOOK), on=on.date()), table, at=on)
    assert report.counts.new == count
    return report.file_id


@dataclass(frozen=True)
class Imported:
    """A lender whose whole book came in one file, and canaries that were formed after it."""

    lender: Lender
    head: Staff
    file_id: int
    canaries: tuple[Borrower, ...]


@pytest.fixture(scope="module")
def imported(house: House, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    lender = make_lender("L2")
    head, *compliance = (
        make_staff(f"{name}-2", role, lender)
        for name, role in (("head", "head"), ("first", "compliance"), ("second", "compliance"))
    )
    make_staff("desk-2", "collector", lender, 50)
    file_id = brought(tmp_path_factory.mktemp("book"), 1, TEN)
    day_of(lender, TEN)
    plant(lender, None, 2, (compliance[0].pk, compliance[1].pk), TEN + MINUTE)
    return Imported(lender, head, file_id, of_lender(lender))


class TestTheyLast:
    """What happens to the book around them, in the order of a life: each leaves them as they are, and uncounted."""

    def uncounted(self, where: Imported, at: datetime, cases: int) -> None:
        """So many cases are counted and listed behind figures, and no canary is among them."""
        persons = [one.person for one in where.canaries]
        numbers = {row[0] for row in rows("SELECT number FROM collection_case WHERE person_id = ANY (%s)", persons)}
        found = figures(where.head, at)
        assert found["open_cases"][EVERY_PRODUCT].rows == cases
        for code, behind in found.items():
            if code.startswith("rows of"):
                assert not numbers & {row.case_number for row in behind[0]}, code

    def test_a_list_shows_them_like_everybody_else(self, imported: Imported) -> None:
        with reading(eyes(imported.head)):
            listed = {row.number for row in load_worklist(eyes(imported.head), CaseFilter(), Sort.DAYS, None).rows}
        open_ones = rows("SELECT number FROM collection_case WHERE lender_id = %s", imported.lender.pk)
        assert len(open_ones) == 6
        assert listed == {row[0] for row in open_ones}

    def test_a_campaign_reaches_none_of_them(self, imported: Imported) -> None:
        chosen = {person for person, _ in cases_of(imported.lender.pk, CaseFilter())}
        assert len(chosen) == 4
        assert not chosen & {one.person for one in imported.canaries}

    def test_a_file_that_does_not_hold_them_closes_nothing(self, imported: Imported, tmp_path: Path) -> None:
        before = kept(imported.canaries)
        brought(tmp_path, 11, TEN + DAY, count=2)
        assert kept(imported.canaries) == before
        counts = day_of(imported.lender, TEN + DAY)
        assert (counts["stood"], counts["opened"], counts["closed"]) == (6, 2, 0)
        ((stood,),) = rows(
            "SELECT count(*) FROM collection_case WHERE person_id = ANY (%s) AND closed_on IS NULL AND stop = %s",
            [one.person for one in imported.canaries], STOP_KIND,
        )  # fmt: skip
        assert stood == 2
        self.uncounted(imported, TEN + DAY, 6)

    def test_a_file_that_is_withdrawn_takes_none_of_them_with_it(self, imported: Imported) -> None:
        persons = [one.person for one in imported.canaries]
        assert rows("SELECT DISTINCT import_id FROM person WHERE id = ANY (%s)", persons) == [(imported.file_id,)]
        before = kept(imported.canaries)
        done = withdraw_import(WithdrawImport(imported.file_id, "测试撤回", imported.head.pk), TEN + DAY + MINUTE)
        assert (done.debts, done.cases) == (4, 4)
        assert kept(imported.canaries) == before
        counts = day_of(imported.lender, TEN + 2 * DAY)
        assert (counts["stood"], counts["closed"]) == (2, 0)
        self.uncounted(imported, TEN + 2 * DAY, 2)

    def test_no_step_of_the_worker_erases_anything_of_them_in_fifty_years(
        self, imported: Imported, tmp_path: Path
    ) -> None:
        objects.install(FolderObjects(tmp_path / "objects"))
        before, at = kept(imported.canaries), TEN + 50 * 365 * DAY
        steps = steps_of_erasures(tmp_path / "uploads")
        assert len(steps) > 5
        for work in steps.values():
            work(at, lambda: None)
        assert kept(imported.canaries) == before
        self.uncounted(imported, TEN + 2 * DAY, 2)

    def test_a_backup_counts_their_table_like_every_other(self, store: str, imported: Imported) -> None:
        assert count_tables(store)["canary"] == rows("SELECT count(*) FROM canary")[0][0]


def test_the_rows_of_alarms_agree_with_their_leaves(house: House) -> None:
    from store.test_evidence_of_rows import findings

    seal_alarms(TEN)
    sequence_all(TEN + 9 * DAY)
    assert [one for one in findings() if "canary" in str(one)] == []
