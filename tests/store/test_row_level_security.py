"""Who sees which rows, asked with raw SQL by the web login, for every table that row-level security protects."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_sms, rows, talk
from zhizhi.config.databases import WEB_LOGIN
from zhizhi.store.ids import ids
from zhizhi.store.leases.minting import begin_campaign
from zhizhi.store.leases.tokens import create_token, load_bearer
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.run_day import RunDay, run_day

pytestmark = pytest.mark.usefixtures("store")
DUE_ON = date(2026, 2, 16)  # fourteen days: a step of the default strategy speaks of it
OF_PERSON = (
    "party", "point", "statement", "debt", "instalment", "payment", "entry", "stop", "note", "promise", "decision",
    "permit", "delivery", "contact", "hold", "wish", "former_row", "collection_case",
    "lease", "lease_record",
)  # fmt: skip


@dataclass(frozen=True)
class Floor:
    """Two lenders, an agency, and whose case is whose."""

    lender: Lender
    other: Lender
    alice: Staff
    bob: Staff
    manager: Staff
    worker: Staff
    alices: Borrower
    bobs: Borrower
    agencys: Borrower
    strangers: Borrower

    @property
    def persons(self) -> dict[str, int]:
        return {name: getattr(self, name).person for name in ("alices", "bobs", "agencys", "strangers")}


@pytest.fixture(scope="module")
def floor(store: str) -> Floor:
    """Every table has a row of every person."""
    lender, other = make_lender("L1"), make_lender("L2")
    agency = Agency.objects.using("gate").create(code="A1", name="外包甲", is_listed=True)
    alice, bob = make_staff("alice", "collector", lender, 50), make_staff("bob", "collector", lender, 50)
    manager, worker = make_staff("manager", "agency_manager"), make_staff("worker", "agency_collector")
    for member in (manager, worker):
        member.agency = agency
        member.save(using="gate")
    borrowers = [make_borrower(lender, n, due_on=DUE_ON) for n in range(3)] + [make_borrower(other, 3, due_on=DUE_ON)]
    made = Floor(lender, other, alice, bob, manager, worker, *borrowers)
    for one in (lender, other):
        run_day(RunDay(one.pk, TEN.date(), "declared"), TEN, lambda _at: None, lambda *_: None)
    for borrower, collector, placed in zip(
        borrowers, (alice, bob, worker, bob), (None, None, agency.pk, None), strict=True
    ):
        _with_everything(borrower, collector, placed)
    return made


def _with_everything(who: Borrower, collector: Staff, agency_id: int | None) -> None:
    sql = "UPDATE collection_case SET collector_id = %s, agency_id = %s WHERE person_id = %s RETURNING id"
    case_id = rows(sql, collector.pk, agency_id, who.person)[0][0]
    at = TEN + 20 * MINUTE
    by = rows("SELECT id FROM staff WHERE login = 'alice'")[0][0]
    talk(who, by, at)
    propose_sms(who, by, at + MINUTE)
    record_payment(RecordPayment(who.person, who.debt, 100, at.date(), f"R{who.person}", "test", by), at + 2 * MINUTE)
    promise = (100, at.date())
    note = RecordNote(
        who.person, case_id, "CALL_OUT", "PROMISE", None, "好", "CALL", at + 60 * MINUTE, None, promise, by
    )
    record_note(note, at + 3 * MINUTE)
    record_statement(RecordStatement(who.person, who.party, "claims_paid", {}, by), at + 4 * MINUTE)
    held = propose_sms(who, by, at + 5 * MINUTE)
    assert held.decision.verdict in ("hold", "forbid")
    rows(
        "INSERT INTO hold (person_id, id, decision_id, rule, opened_at, state)"
        " VALUES (%s, %s, %s, 'test', now(), 'open') RETURNING id",
        who.person,
        ids.take(),
        held.receipt.decision_id,
    )
    _leased(who)


def _leased(who: Borrower) -> None:
    """A lease and a record of it, on a permit that is there."""
    token_id, secret = create_token("test", "L1", None, ("lease",), expires_at=TEN + timedelta(days=1), at=TEN)
    bearer = load_bearer(secret, TEN)
    assert bearer is not None
    lease_id = ids.take()
    campaign_id = begin_campaign(bearer, "test", TEN).id
    rows(
        "INSERT INTO lease"
        " (person_id, id, permit_id, delivery_id, campaign_id, token_id, version, leased_at, expires_at)"
        " SELECT d.person_id, %s, d.permit_id, d.id, %s, %s, 0, now(), now() FROM delivery d WHERE d.person_id = %s"
        " LIMIT 1 RETURNING id",
        lease_id, campaign_id, token_id, who.person,
    )  # fmt: skip
    rows(
        "INSERT INTO lease_record (person_id, id, lease_id, token_id, kind, number_differs, recorded_at)"
        " VALUES (%s, %s, %s, %s, 'rang', false, now()) RETURNING id",
        who.person, ids.take(), lease_id, token_id,
    )  # fmt: skip


@pytest.fixture(scope="module")
def web(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as connection:
        yield connection


def seen(web: psycopg.Connection[tuple[object, ...]], table: str, **settings: object) -> set[int]:
    """The persons whose rows of a table somebody sees."""
    column = "id" if table == "person" else "person_id"
    with web.transaction():
        for name, value in settings.items():
            web.execute("SELECT set_config(%s, %s, true)", [f"zhizhi.{name}", str(value)])
        return {row[0] for row in web.execute(f"SELECT {column} FROM {table}").fetchall()}  # type: ignore[misc,arg-type]  # ids


def viewers(floor: Floor) -> dict[str, tuple[dict[str, object], set[str]]]:
    lender, other = {"scope": "lender", "lender": floor.lender.pk}, {"scope": "lender", "lender": floor.other.pk}
    return {
        "nobody": ({}, set()),
        "a scope without a value": ({"scope": "lender"}, set()),
        "an unknown scope": ({"scope": "everything", "lender": "*"}, set()),
        "Alice": ({"scope": "self", "staff": floor.alice.pk, "lender": floor.lender.pk}, {"alices"}),
        "Bob, who works for both": ({"scope": "self", "staff": floor.bob.pk}, {"bobs", "strangers"}),
        "the agency's manager": ({"scope": "agency", "agency": floor.manager.agency_id}, {"agencys"}),
        "the agency's collector": ({"scope": "self", "staff": floor.worker.pk, "agency": 1}, {"agencys"}),
        "another agency": ({"scope": "agency", "agency": 999_999}, set()),
        "the lender": (lender, {"alices", "bobs", "agencys"}),
        "the stranger": (other, {"strangers"}),
        "the auditor of all": ({"scope": "lender", "lender": "*"}, {"alices", "bobs", "agencys", "strangers"}),
    }


def test_every_table_has_a_row_of_every_person(floor: Floor) -> None:
    for table in OF_PERSON:
        found = {row[0] for row in rows(f"SELECT DISTINCT person_id FROM {table}")}
        missing = [name for name, person in floor.persons.items() if person not in found]
        assert not missing, (table, missing)


@pytest.mark.parametrize("table", ["person", *OF_PERSON])
def test_a_viewer_sees_the_rows_of_his_cases_and_no_others(
    table: str, floor: Floor, web: psycopg.Connection[tuple[object, ...]]
) -> None:
    there = {row[0] for row in rows(f"SELECT DISTINCT {'id' if table == 'person' else 'person_id'} FROM {table}")}
    for who, (settings, names) in viewers(floor).items():
        mine = {floor.persons[name] for name in names}
        assert seen(web, table, **settings) == mine & there, who


def test_a_table_of_a_person_without_a_policy_does_not_exist(floor: Floor) -> None:
    assert floor
    unprotected = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'person_id'"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity"
    )
    assert unprotected == []


def test_the_eyes_of_a_viewer_end_with_his_transaction(floor: Floor) -> None:
    from django.db import connections

    with reading(Viewer(floor.alice.pk, "lender", None, None)), connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM person")
        assert cursor.fetchone()[0] == 4
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM person")
        assert cursor.fetchone()[0] == 0


def test_a_viewer_cannot_write_whatever_the_statement(floor: Floor) -> None:
    from django.db import connections, utils

    def write() -> None:
        with reading(Viewer(floor.alice.pk, "lender", None, None)), connections["default"].cursor() as cursor:
            cursor.execute("UPDATE staff SET language = 'en'")

    with pytest.raises(utils.InternalError, match="read-only"):
        write()
