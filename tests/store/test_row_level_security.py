"""Who sees which rows, asked with raw SQL by the web login, for every table that row-level security protects.

What each viewer should see is written by hand here, by the names of the borrowers; nothing of it is taken from the
policies or from `SCOPE_OF_ROLE`.
"""

from collections.abc import Iterator, Mapping
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
from zhizhi.store.lenders.models import Agency, Lender, Queue, Staff
from zhizhi.store.lenders.scopes import SCOPE_OF_ROLE, Scope
from zhizhi.store.viewer import PersonViewer, UnknownViewer, Viewer, reading
from zhizhi.store.words import PERSON_ROLES, SERVICE_ROLE, STAFF_ROLES
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
DUE_ON = date(2026, 2, 16)  # fourteen days: a step of the default strategy speaks of it
OF_PERSON = (
    "party", "point", "statement", "debt", "instalment", "payment", "entry", "stop", "note", "promise", "decision",
    "permit", "delivery", "contact", "hold", "wish", "former_row", "collection_case",
    "lease", "lease_record",
)  # fmt: skip


NAMES = ("alices", "bobs", "agencys", "strangers", "former", "recalled")


@dataclass(frozen=True)
class Floor:
    """Two lenders, an agency, who looks, and whose case is whose."""

    lender: Lender
    other: Lender
    staff: Mapping[str, Staff]
    borrowers: Mapping[str, Borrower]

    @property
    def persons(self) -> dict[str, int]:
        return {name: borrower.person for name, borrower in self.borrowers.items()}


@pytest.fixture(scope="module")
def floor(store: str) -> Floor:
    """Every table has a row of every person. `former`: a placement that is closed; `recalled`: one that was taken back,
    whose case still names the agency's collector."""
    lender, other = make_lender("L1"), make_lender("L2")
    agency, elsewhere = (
        Agency.objects.using("gate").create(code=code, name=code, is_listed=True) for code in ("A1", "A2")
    )
    own = ("head", "compliance", "supervisor", "team_leader", "quality", "assignment", "settlement_approver",
           "settlement_clerk", "complaint_handler", "legal", "field_officer", "administrator")  # fmt: skip
    make_staff("rover", "supervisor")  # writes a row of everything
    staff = {role: make_staff(role, role, lender) for role in own}
    staff |= {"alice": make_staff("alice", "collector", lender, 50), "bob": make_staff("bob", "collector", None, 50)}
    staff |= {"auditor": make_staff("auditor", "auditor"), "stranger": make_staff("stranger", "head", other)}
    staff |= {"group administrator": make_staff("group-admin", "administrator")}
    placed = {"manager": agency, "worker": agency, "elsewhere": elsewhere, "nowhere": None, "two hats": agency}
    for name, where in placed.items():
        role = {"worker": "agency_collector", "two hats": "supervisor"}.get(name, "agency_manager")
        staff[name] = make_staff(name, role, lender if name == "two hats" else None)
        staff[name].agency = where
        staff[name].save(using="gate")
    staff["other team"] = make_staff("other-team", "team_leader", lender)
    Staff.objects.using("gate").filter(login="other-team").update(team="B")
    lenders = dict.fromkeys(NAMES, lender) | {"strangers": other}
    borrowers = {name: make_borrower(lenders[name], n, due_on=DUE_ON) for n, name in enumerate(NAMES)}
    for one in (lender, other):
        run_day(RunDay(one.pk, TEN.date(), "declared"), TEN, lambda _at: None, lambda *_: None)
    hands = {"alices": "alice", "bobs": "bob", "agencys": "worker", "strangers": "bob", "former": "worker"}
    for name, who in borrowers.items():
        at_agency = agency.pk if name in ("agencys", "former") else None
        _with_everything(who, staff[hands.get(name, "worker")], at_agency)
    rows("UPDATE collection_case SET stage = 'litigation' WHERE person_id = %s RETURNING 1", borrowers["bobs"].person)
    rows(
        "UPDATE collection_case SET closed_on = '2026-03-02', exit = 'settled' WHERE person_id = %s RETURNING 1",
        borrowers["former"].person,
    )
    queue = Queue.objects.using("gate").create(lender=lender, code="TB", name="乙组", team="B")
    bobs = borrowers["bobs"].person
    rows("UPDATE collection_case SET queue_id = %s WHERE person_id = %s RETURNING 1", queue.pk, bobs)
    for kind in ("complaint", "deceased"):  # the graver one is what the case shows
        set_stop(SetStop(borrowers["recalled"].person, kind, None, "客户来电说明", None, staff["head"].pk), TEN)
    return Floor(lender, other, staff, borrowers)


def _with_everything(who: Borrower, collector: Staff, agency_id: int | None) -> None:
    sql = "UPDATE collection_case SET collector_id = %s, agency_id = %s WHERE person_id = %s RETURNING id"
    case_id = rows(sql, collector.pk, agency_id, who.person)[0][0]
    at = TEN + 20 * MINUTE
    by = rows("SELECT id FROM staff WHERE login = 'rover'")[0][0]
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


def seen(web: psycopg.Connection[tuple[object, ...]], table: str, settings: Mapping[str, str]) -> set[int]:
    """The persons whose rows of a table somebody sees."""
    column = "id" if table == "person" else "person_id"
    with web.transaction():
        for name, value in settings.items():
            web.execute("SELECT set_config(%s, %s, true)", [name, value])
        return {row[0] for row in web.execute(f"SELECT {column} FROM {table}").fetchall()}  # type: ignore[misc,arg-type]  # ids


def eyes(floor: Floor, name: str) -> dict[str, str]:
    """The settings of a member of staff; the fields beside the id choose indexes and nothing else."""
    return Viewer(floor.staff[name].pk, Scope.NONE, None, None).settings


OF_LENDER = {"alices", "bobs", "agencys", "former", "recalled"}
OPEN_OF_LENDER = OF_LENDER - {"former"}
SEEN_BY = {
    "head": OF_LENDER,
    "compliance": OF_LENDER,
    "supervisor": OF_LENDER,
    "quality": OF_LENDER,
    "assignment": OF_LENDER,
    "auditor": {*NAMES},
    "stranger": {"strangers"},
    "team_leader": {"alices", "bobs"},
    "other team": {"bobs"},
    "settlement_clerk": OPEN_OF_LENDER,  # everybody of this book claims to have paid
    "settlement_approver": set[str](),
    "complaint_handler": {"recalled"},
    "legal": {"bobs", "recalled"},
    "alice": {"alices"},
    "bob": {"bobs", "strangers"},
    "manager": {"agencys"},
    "worker": {"agencys"},
    "elsewhere": set[str](),
    "nowhere": set[str](),
    "two hats": set[str](),  # a lender's role held at an agency
    "field_officer": set[str](),
    "administrator": set[str](),
    "group administrator": set[str](),
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
    assert floor.staff.keys() == SEEN_BY.keys()
    there = {row[0] for row in rows(f"SELECT DISTINCT {'id' if table == 'person' else 'person_id'} FROM {table}")}
    for name, borrowers in SEEN_BY.items():
        mine = {floor.persons[borrower] for borrower in borrowers}
        assert seen(web, table, eyes(floor, name)) == mine & there, name


def test_a_table_of_a_person_without_a_policy_does_not_exist(floor: Floor) -> None:
    assert floor
    unprotected = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'person_id'"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity"
    )
    assert unprotected == []


def test_a_case_that_moves_on_is_gone_with_the_statement_that_moves_it(
    floor: Floor, web: psycopg.Connection[tuple[object, ...]]
) -> None:
    person = floor.persons["agencys"]
    moves = {
        "closed": ("closed_on = '2026-03-03', exit = 'settled'", "closed_on = NULL, exit = NULL"),
        "recalled": ("agency_id = NULL", f"agency_id = {floor.staff['worker'].agency_id}"),
    }
    for name, (there, back) in moves.items():
        rows(f"UPDATE collection_case SET {there} WHERE person_id = %s RETURNING 1", person)
        assert [person in seen(web, "point", eyes(floor, who)) for who in ("worker", "manager")] == [False, False], name
        assert person in seen(web, "point", eyes(floor, "head"))
        rows(f"UPDATE collection_case SET {back} WHERE person_id = %s RETURNING 1", person)
        assert person in seen(web, "point", eyes(floor, "worker"))


def test_somebody_who_left_sees_nothing_from_that_statement_on(
    floor: Floor, web: psycopg.Connection[tuple[object, ...]]
) -> None:
    mine = eyes(floor, "alice")
    rows("UPDATE staff SET is_active = false WHERE login = 'alice' RETURNING 1")
    try:
        assert seen(web, "person", mine) == set()
        with pytest.raises(UnknownViewer), reading(Viewer(floor.staff["alice"].pk, Scope.SELF, None, None)):
            pass
    finally:
        rows("UPDATE staff SET is_active = true WHERE login = 'alice' RETURNING 1")
    assert seen(web, "person", mine) == {floor.persons["alices"]}


def test_the_portal_shows_a_borrower_the_own_debts_and_a_contact_person_the_own_contacts(
    floor: Floor, web: psycopg.Connection[tuple[object, ...]]
) -> None:
    who = floor.borrowers["alices"]
    own = {
        "borrower": {"person", "party", "point", "statement", "debt", "instalment", "payment", "entry", "promise"}
        | {"contact"},
        "contact_person": {"contact"},
    }
    for role, tables in own.items():
        settings = PersonViewer(role, who.person, who.party).settings
        for table in ("person", *OF_PERSON):
            expected = {who.person} if table in tables else set()
            assert seen(web, table, settings) == expected, (role, table)
        nobody = PersonViewer(role, who.person, who.party + 1).settings
        assert seen(web, "contact", nobody) == set()


def test_the_database_and_the_table_of_rights_name_the_same_scope_for_every_role(floor: Floor) -> None:
    roles = [*STAFF_ROLES, *PERSON_ROLES, SERVICE_ROLE, "somebody else"]
    found = dict(rows("SELECT role, zhizhi_scope_of(role) FROM unnest(%s::text[]) role", roles))
    assert found == {**SCOPE_OF_ROLE, "somebody else": "none"}


def test_the_eyes_of_a_viewer_end_with_his_transaction(floor: Floor) -> None:
    from django.db import connections

    with (
        reading(Viewer(floor.staff["auditor"].pk, Scope.LENDER, None, None)),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute("SELECT count(*) FROM person")
        assert cursor.fetchone()[0] == len(NAMES)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM person")
        assert cursor.fetchone()[0] == 0


def test_a_viewer_cannot_write_whatever_the_statement(floor: Floor) -> None:
    from django.db import connections, utils

    def write() -> None:
        viewer = Viewer(floor.staff["auditor"].pk, Scope.LENDER, None, None)
        with reading(viewer), connections["default"].cursor() as cursor:
            cursor.execute("UPDATE staff SET language = 'en'")

    with pytest.raises(utils.InternalError, match="read-only"):
        write()
