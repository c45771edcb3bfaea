"""What the database refuses, whatever the application does: each guard tried with raw SQL by the login that could."""

from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows, talk
from wrong_code import MINTED, mint, minted
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.record_payment import RecordPayment, record_payment

pytestmark = pytest.mark.usefixtures("store")
Login = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def gate(store: str) -> Iterator[Login]:
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def web(store: str) -> Iterator[Login]:
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def worked(store: str) -> Borrower:
    """A person with a message that left, a call, a message that waits, a payment, and a numbered log."""
    lender = make_lender()
    collector = make_staff("collector", "collector", lender).pk
    who = make_borrower(lender, 1)
    talk(who, collector, TEN)
    propose_sms(who, collector, TEN + 5 * MINUTE)
    Outbox({"sink": {"sms": ToldChannel()}}, "test").drain(TEN + 5 * MINUTE)
    record_payment(RecordPayment(who.person, who.debt, 100, TEN.date(), "R1", "test", collector), TEN + 6 * MINUTE)
    propose_sms(who, collector, TEN + 7 * MINUTE)
    sequence_all(TEN + 7 * MINUTE)
    return who


@pytest.fixture(scope="module")
def leased(worked: Borrower) -> Borrower:
    """Another person of the same lender, whom nobody has reached."""
    assert worked
    return make_borrower(Lender.objects.using("gate").get(), 2)


USED_PERMIT = "SELECT id FROM permit WHERE state = 'used' ORDER BY id LIMIT 1"
OPEN_PERMIT = "SELECT id FROM permit WHERE state = 'open' ORDER BY id LIMIT 1"

ALTERATIONS = {
    "a minted permit gets another point": f"UPDATE permit SET point_id = point_id + 1 WHERE id = ({OPEN_PERMIT})",
    "a minted permit gets another content": "UPDATE permit SET content_digest = repeat('0', 64)"
    f" WHERE id = ({OPEN_PERMIT})",
    "a minted permit is made to last": f"UPDATE permit SET expires_at = 'infinity' WHERE id = ({OPEN_PERMIT})",
    "a permit is used twice": f"UPDATE permit SET used_at = now() WHERE id = ({USED_PERMIT})",
    "a used permit is opened again": f"UPDATE permit SET state = 'open', used_at = NULL WHERE id = ({USED_PERMIT})",
    "a permit is used without an instant": f"UPDATE permit SET state = 'used' WHERE id = ({OPEN_PERMIT})",
    "a permit of a contact is given back": f"UPDATE permit SET state = 'released', released_at = now(),"
    f" released_because = 'please' WHERE id = ({USED_PERMIT})",
    "a permit is given back while its delivery waits": f"UPDATE permit SET state = 'released', released_at = now(),"
    f" released_because = 'please' WHERE id = ({OPEN_PERMIT})",
    "a permit is given back without a reason": f"UPDATE permit SET state = 'released', released_at = now()"
    f" WHERE id = ({OPEN_PERMIT})",
    "a permit is deleted": "DELETE FROM permit",
    "a delivery is claimed without its permit": "UPDATE delivery SET state = 'claimed' WHERE state = 'waiting'",
    "a delivery is delivered without a claim": "UPDATE delivery SET state = 'delivered' WHERE state = 'waiting'",
    "a delivered message waits again": "UPDATE delivery SET state = 'waiting' WHERE state = 'delivered'",
    "a delivered message never left": "UPDATE delivery SET state = 'failed' WHERE state = 'delivered'",
    "a delivery gets another content": "UPDATE delivery SET sealed = '\\x00' WHERE state = 'waiting'",
    "a delivery changes its gateway": "UPDATE delivery SET gateway = 'sms_http' WHERE state = 'waiting'",
    "a delivery is deleted": "DELETE FROM delivery",
    "a contact changes its time": "UPDATE contact SET at = at - interval '1 day' WHERE permit_id IS NOT NULL",
    "a contact loses its permit": "UPDATE contact SET permit_id = NULL WHERE permit_id IS NOT NULL",
    "a contact forgets its outcome": "UPDATE contact SET outcome = NULL WHERE permit_id IS NOT NULL",
    "a contact gets a shorter talk": "UPDATE contact SET talk_seconds = 1 WHERE talk_seconds IS NOT NULL",
    "a contact is deleted": "DELETE FROM contact",
    "a decision is changed": "UPDATE decision SET verdict = 'permit'",
    "a decision is deleted": "DELETE FROM decision",
    "an entry is changed": "UPDATE entry SET amount_minor = 0",
    "an entry is deleted": "DELETE FROM entry",
    "a payment is changed": "UPDATE payment SET amount_minor = amount_minor + 1",
    "a payment is deleted": "DELETE FROM payment",
    "a leaf says something else": "UPDATE leaf SET body = '{}'",
    "a leaf gets another kind": "UPDATE leaf SET kind = 'view'",
    "a leaf gets another number": "UPDATE leaf SET position = position + 100000",
    "a leaf loses its number": "UPDATE leaf SET position = NULL",
    "a leaf points at another row": "UPDATE leaf SET source_id = 1 WHERE source_id IS NOT NULL",
    "a leaf points at another person": "UPDATE leaf SET source_person_id = 1 WHERE source_person_id IS NOT NULL",
    "a leaf is deleted": "DELETE FROM leaf",
    "a checkpoint is changed": "UPDATE checkpoint SET size = size + 1",
    "a checkpoint is deleted": "DELETE FROM checkpoint",
    "history is changed": "UPDATE former_row SET was = '{}'",
    "history is deleted": "DELETE FROM former_row",
    "a person is deleted": "DELETE FROM person",
    "a statement is deleted": "DELETE FROM statement",
    "a stop is deleted": "DELETE FROM stop",
    "a case is deleted": "DELETE FROM collection_case",
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_the_gate_login_cannot_undo_what_happened(what: str, gate: Login, worked: Borrower) -> None:
    assert worked
    assert refused_by_database(gate, ALTERATIONS[what]) in ("RestrictViolation", "InsufficientPrivilege")


OWNER_ALTERATIONS = [
    "a minted permit gets another point",
    "a permit is used twice",
    "a permit of a contact is given back",
    "a permit is deleted",
    "a delivery is claimed without its permit",
    "a delivered message never left",
    "a contact changes its time",
    "a contact is deleted",
    "a decision is changed",
    "an entry is deleted",
    "a payment is changed",
    "a leaf says something else",
    "a leaf gets another number",
    "a checkpoint is deleted",
    "history is deleted",
]


@pytest.mark.parametrize("what", OWNER_ALTERATIONS)
def test_even_the_owner_is_stopped_by_the_trigger(what: str, store: str, worked: Borrower) -> None:
    assert worked
    with psycopg.connect(store, autocommit=True) as owner:
        assert refused_by_database(owner, ALTERATIONS[what]) == "RestrictViolation"


COLUMNS_OF_PERMIT = (
    "person_id, id, decision_id, lender_id, party_id, point_id, channel, form, purpose, debts, collector,"
    " content_digest, minted_at, not_before, expires_at, must_end_by, origin, state"
)


def test_a_permit_needs_a_decision_that_permits(gate: Login, worked: Borrower) -> None:
    assert rows("SELECT count(*) FROM permit WHERE person_id = %s", worked.person) == [(3,)]
    copied = (
        "INSERT INTO permit ({columns}) SELECT person_id, id + 1, {decision}, lender_id, party_id, point_id, channel,"
        " form, purpose, debts, collector, content_digest, minted_at, not_before, expires_at, must_end_by, origin,"
        " 'open' FROM permit LIMIT 1"
    )
    without = copied.format(columns=COLUMNS_OF_PERMIT, decision="decision_id + 1")
    assert refused_by_database(gate, without) == "RestrictViolation"
    again = copied.format(columns=COLUMNS_OF_PERMIT, decision="decision_id")
    assert refused_by_database(gate, again) == "UniqueViolation"


def test_a_refusal_mints_nothing(gate: Login, worked: Borrower, store: str) -> None:
    night = TEN.replace(hour=23)
    collector = rows("SELECT id FROM staff WHERE login = 'collector'")[0][0]
    refused = propose_call(worked, collector, night)
    assert refused.decision.verdict == "forbid"
    minted = (
        f"INSERT INTO permit ({COLUMNS_OF_PERMIT}) SELECT person_id, id + 1, %s, lender_id, party_id, point_id,"
        " channel, form, purpose, debts, collector, content_digest, minted_at, not_before, expires_at, must_end_by,"
        " origin, 'open' FROM permit LIMIT 1"
    )
    assert refused_by_database(gate, minted, refused.receipt.decision_id) == "RestrictViolation"


def test_an_outbound_contact_needs_its_permit(gate: Login, worked: Borrower) -> None:
    columns = "person_id, id, at, channel, direction, party_id, point_id, form, collector, collector_kind, permit_id"
    free = (
        f"INSERT INTO contact ({columns})"
        " VALUES (%s, 1, now(), 'voice', 'out', %s, %s, 'interactive', 'L1', 'lender', NULL)"
    )
    assert refused_by_database(gate, free, worked.person, worked.party, worked.mobile) == "CheckViolation"
    borrowed = (
        f"INSERT INTO contact ({columns}) SELECT person_id, 1, now(), 'email', 'out', party_id, point_id,"
        f" 'interactive', 'L1', 'lender', id FROM permit WHERE id = ({OPEN_PERMIT})"
    )
    assert refused_by_database(gate, borrowed) == "RestrictViolation"
    unused = borrowed.replace("'email'", "channel")
    assert refused_by_database(gate, unused) == "RestrictViolation"
    again = (
        f"INSERT INTO contact ({columns}, purpose) SELECT person_id, 1, {{at}}, channel, 'out', party_id, point_id,"
        f" form, collector, 'lender', id, purpose FROM permit WHERE id = ({USED_PERMIT})"
    )
    assert refused_by_database(gate, again.format(at="used_at")) == "UniqueViolation"
    assert refused_by_database(gate, again.format(at="used_at + interval '1 day'")) == "RestrictViolation"


def test_a_delivery_begins_as_waiting(gate: Login, worked: Borrower) -> None:
    assert worked
    born = (
        "INSERT INTO delivery (person_id, id, permit_id, channel, gateway, state, sealed, due_at, attempts)"
        f" SELECT person_id, 1, id, channel, 'sink', 'delivered', '', now(), 0 FROM permit WHERE id = ({USED_PERMIT})"
    )
    assert refused_by_database(gate, born) == "RestrictViolation"


BESIDE = (
    "INSERT INTO delivery (person_id, id, permit_id, channel, gateway, state, sealed, due_at, attempts, claimed_at)"
    " SELECT person_id, id + 1, id, channel, 'dialler', 'claimed', '', used_at, 1, used_at + interval '{late} seconds'"
    " FROM permit WHERE id = %s"
)


def test_a_delivery_begins_as_claimed_only_where_its_permit_is_minted(gate: Login, leased: Borrower) -> None:
    """A lease is used from its commit; nothing else gets around being asked again about what was written since."""
    at = TEN + 9 * MINUTE
    with gate.transaction(force_rollback=True):
        permit = mint(gate, leased, at, state="used", used_at=at)
        assert refused_by_database(gate, BESIDE.format(late=1), permit) == "RestrictViolation"
        assert gate.execute(BESIDE.format(late=0), [permit]).rowcount == 1
    with gate.transaction():
        permit = mint(gate, leased, at, state="used", used_at=at)
    assert refused_by_database(gate, BESIDE.format(late=0), permit) == "RestrictViolation"


@pytest.mark.parametrize("used_at", [None, TEN + 11 * MINUTE, TEN + 9 * MINUTE])
def test_a_permit_begins_as_used_only_at_the_instant_of_its_decision(
    used_at: datetime | None, gate: Login, leased: Borrower
) -> None:
    assert minted(gate, leased, TEN + 10 * MINUTE, state="used", used_at=used_at) == MINTED


def test_amounts_are_never_negative_and_lists_are_closed(gate: Login, worked: Borrower) -> None:
    for sql in (
        "UPDATE debt SET balance_minor = -1",
        "UPDATE debt SET state = 'written_off'",
        "UPDATE instalment SET paid_minor = -1",
        "UPDATE person SET state = 'gone'",
    ):
        assert refused_by_database(
            gate, f"{sql} WHERE {'id' if 'person ' in sql else 'person_id'} = %s", worked.person
        ) == ("CheckViolation")


def test_every_change_of_a_row_keeps_what_it_was(gate: Login, worked: Borrower) -> None:
    before = rows("SELECT count(*) FROM former_row WHERE person_id = %s", worked.person)[0][0]
    gate.execute("UPDATE debt SET product = 'credit_card' WHERE person_id = %s", [worked.person])
    table, was, by = rows(
        "SELECT \"table\", was ->> 'product', changed_by FROM former_row WHERE person_id = %s ORDER BY id DESC LIMIT 1",
        worked.person,
    )[0]
    assert (table, was, by) == ("debt", "instalment_loan", GATE_LOGIN)
    assert rows("SELECT count(*) FROM former_row WHERE person_id = %s", worked.person)[0][0] == before + 1
    gate.execute("UPDATE person SET version = version + 1 WHERE id = %s", [worked.person])
    assert rows("SELECT count(*) FROM former_row WHERE person_id = %s", worked.person)[0][0] == before + 1


def test_every_change_of_a_person_but_of_the_version_leaves_its_former_row(worked: Borrower) -> None:
    watched = rows(
        "SELECT a.attname FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)"
        " WHERE t.tgname = 'person_keeps_former'"
    )
    columns = rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'person'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    assert set(columns) - set(watched) == {("version",)}


def test_the_web_login_writes_nothing_but_its_sessions(web: Login, gate: Login, worked: Borrower) -> None:
    assert worked
    tables = [row[0] for row in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    kinds = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
    allowed = {
        table: [kind for kind in kinds if rows("SELECT has_table_privilege(%s, %s, %s)", WEB_LOGIN, table, kind)[0][0]]
        for table in tables
    }
    assert {table: right for table, right in allowed.items() if right} == {
        "django_session": ["INSERT", "UPDATE", "DELETE"]
    }
    columns = rows(
        "SELECT table_name, column_name FROM information_schema.column_privileges WHERE grantee = %s"
        " AND privilege_type = 'UPDATE' AND table_name <> 'django_session' ORDER BY 1, 2",
        WEB_LOGIN,
    )
    assert set(columns) <= {("staff", "language"), ("staff", "last_login"), ("staff", "password")}
    assert refused_by_database(web, "SELECT zhizhi_gate_facts(ARRAY[1]::bigint[], 1)") == "InsufficientPrivilege"
    assert refused_by_database(web, "SELECT * FROM salt") == "InsufficientPrivilege"
    assert refused_by_database(web, "SELECT * FROM inbox_item") == "InsufficientPrivilege"


def test_the_gate_login_deletes_only_salts(gate: Login, worked: Borrower) -> None:
    assert worked
    tables = [row[0] for row in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    deletes = [t for t in tables if rows("SELECT has_table_privilege(%s, %s, 'DELETE')", GATE_LOGIN, t)[0][0]]
    assert "salt" in deletes
    # refused rows, answers kept for a repeated key, the list of whom a campaign was for, the waits of sign-in, what was
    # sent to webhooks and the portal's way in are of use for a term only, and no evidence rests on them
    for_a_term = {"webhook_delivery", "webhook_attempt", "portal_request", "portal_session", "invitation_mail"}
    for_a_term |= {"work_address"}  # as long as somebody works here
    assert set(deletes) <= {"salt", "refused_row", "kept_answer", "campaign_target", "sign_in_wait", *for_a_term}
    assert not any(rows("SELECT has_table_privilege(%s, %s, 'TRUNCATE')", GATE_LOGIN, t)[0][0] for t in tables)
