"""What the rows of sign-in hold by themselves: who may write them, what is told of them, and what happens at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connections

from book import make_lender, make_staff
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.core.kernel.identity import Identity
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.sign_in.devices import ShownDevice
from zhizhi.store.sign_in.factors import load_factors, make_codes, use_code, use_count
from zhizhi.store.sign_in.marks import mark_of
from zhizhi.store.sign_in.members import begin, find_member
from zhizhi.store.sign_in.models import ProviderLink, SecondFactor, SignInWait, StaffSession
from zhizhi.store.sign_in.pace import PERSON
from zhizhi.store.sign_in.proofs import NewFactor, keep_factor
from zhizhi.store.sign_in.provided import bind_identity
from zhizhi.store.sign_in.waits import count_attempt, of_login
from zhizhi.store.viewer import Viewer
from zhizhi.store.words import SERVICE_ROLE

AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
AT_ONCE = 16
TABLES = ("second_factor", "recovery_code", "staff_device", "staff_session", "sign_in_wait", "sign_in_act")
Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def alice(store: str) -> Staff:
    """Somebody of a lender with a factor, codes, a session and a wait; a stranger of another lender has the same."""
    for login, lender in (("alice", make_lender("L1")), ("stranger", make_lender("L2"))):
        member = make_staff(login, "collector", lender, 10)
        keep_factor(member.pk, NewFactor("totp", "手机", b"secret of " + login.encode(), 5), AT)
        known = find_member(login)
        assert known is not None
        begin(known, ShownDevice(f"device of {login}", "Chrome · Linux"), "totp", AT)
        count_attempt({of_login(login, None): PERSON}, AT)
    return Staff.objects.using("gate").get(login="alice")


@pytest.fixture
def web(store: str, alice: Staff) -> Iterator[Connection]:
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "UPDATE {} SET id = id"])
def test_the_webs_login_writes_nothing_of_a_sign_in(web: Connection, table: str, verb: str) -> None:
    statement = verb.format(table).replace("id = id", "mark = mark") if table == "sign_in_wait" else verb.format(table)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute(statement)  # type: ignore[arg-type]  # a statement of this test


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT sealed FROM second_factor",
        "SELECT mark FROM recovery_code",
        "SELECT mark FROM staff_session",
        "SELECT mark FROM staff_device",
        "SELECT * FROM sign_in_wait",
        "UPDATE staff SET password = '!'",
        "UPDATE staff SET role = 'administrator'",
    ],
)
def test_the_webs_login_reads_no_secret_and_changes_no_password(web: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute(statement)  # type: ignore[arg-type]  # a statement of this test


@pytest.mark.parametrize("table", [table for table in TABLES if table != "sign_in_wait"])
def test_a_viewer_sees_the_own_rows_and_a_lenders_viewer_the_lenders(web: Connection, alice: Staff, table: str) -> None:
    def seen(staff: Staff | None) -> set[object]:
        settings = Viewer(staff.pk, Scope.NONE, None, None).settings if staff is not None else {}
        with web.transaction():
            for name, value in settings.items():
                web.execute("SELECT set_config(%s, %s, true)", [name, value])
            return {row[0] for row in web.execute(f"SELECT staff_id FROM {table}")}  # type: ignore[arg-type]  # names

    assert seen(None) == set()
    assert seen(alice) == {alice.pk}
    assert seen(somebody("keeper", "administrator", alice.lender)) == {alice.pk}
    assert len(seen(somebody("keeper of all", "administrator", None))) == 2
    assert seen(somebody("manager", "agency_manager", None)) == set()


def somebody(login: str, role: str, lender: Lender | None) -> Staff:
    return Staff.objects.using("gate").filter(login=login).first() or make_staff(login, role, lender)


def test_a_session_is_found_by_its_mark_and_by_nothing_else(web: Connection, alice: Staff) -> None:
    mark = bytes(StaffSession.objects.using("gate").get(staff=alice).mark)
    ask = "SELECT staff_id FROM zhizhi_signed_in(%s)"
    assert web.execute(ask, [mark]).fetchall() == [(alice.pk,)]
    assert web.execute(ask, [mark_of("a guess")]).fetchall() == []
    assert web.execute(ask, [None]).fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE second_factor SET count = count - 1",
        "UPDATE sign_in_act SET ground = 'x'",
        "DELETE FROM second_factor",
        "DELETE FROM staff_session",
        "UPDATE staff_session SET ends_at = ends_at + interval '1 day'",
        "UPDATE staff_session SET mark = mark",
    ],
)
def test_the_gate_cannot_turn_back_what_has_happened(store: str, alice: Staff, statement: str) -> None:
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate, pytest.raises(refused):
        gate.execute(statement)  # type: ignore[arg-type]  # a statement of this test


def test_what_ended_stays_so(alice: Staff) -> None:
    codes = make_codes(alice.pk, AT)
    assert use_code(alice.pk, codes[0], AT)
    with pytest.raises(Exception, match="used or voided once"), connections["gate"].cursor() as cursor:
        cursor.execute("UPDATE recovery_code SET used_at = NULL WHERE used_at IS NOT NULL")


def at_once(act: object) -> list[object]:
    """The answers of sixteen who do the same at the same time, each on a connection of its own."""

    def run(turn: int) -> object:
        try:
            return act(turn)  # type: ignore[operator]  # a function of one number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_of_many_who_use_a_code_at_once_one_gets_in(alice: Staff) -> None:
    (factor,) = load_factors(alice.pk)
    assert at_once(lambda _: use_count(factor.id, factor.count + 1, AT)).count(True) == 1
    code = make_codes(alice.pk, AT)[0]
    assert at_once(lambda _: use_code(alice.pk, code, AT)).count(True) == 1


def test_guesses_at_once_are_no_more_than_one_after_another(alice: Staff) -> None:
    key = of_login("guessed at once", None)
    admitted = [answer for answer in at_once(lambda _: count_attempt({key: PERSON}, AT)) if answer is None]
    assert len(admitted) == PERSON.free + 1
    assert SignInWait.objects.using("gate").get(mark=key).failures == PERSON.free + 1


def test_a_wait_of_two_days_ago_is_forgotten_and_a_lock_is_not(alice: Staff) -> None:
    old, locked, fresh = (of_login(name, None) for name in ("old", "locked", "fresh"))
    for key in (old, locked):
        count_attempt({key: PERSON}, AT)
    SignInWait.objects.using("gate").filter(mark=locked).update(locked_at=AT)
    count_attempt({fresh: PERSON}, AT + timedelta(days=3))
    left = {bytes(mark) for mark in SignInWait.objects.using("gate").values_list("mark", flat=True)}
    assert left & {old, locked, fresh} == {locked, fresh}


def test_a_sealed_secret_opens_for_its_member_alone(alice: Staff) -> None:
    rows = SecondFactor.objects.using("gate")
    stranger = rows.exclude(staff=alice).get()
    with pytest.raises(Exception, match="permission denied"):
        rows.filter(pk=stranger.pk).update(staff=alice)
    rows.filter(staff=alice).update(sealed=bytes(stranger.sealed))
    with pytest.raises(KeyUnavailable):
        load_factors(alice.pk)


def test_nobody_signs_in_as_a_service_account_by_password_or_provider(alice: Staff, store: str) -> None:
    account = make_staff("api-system", SERVICE_ROLE, alice.lender)
    with psycopg.connect(store, autocommit=True) as owner:  # as if two persons had let it in
        owner.execute("ALTER TABLE staff DISABLE TRIGGER USER")
        owner.execute("UPDATE staff SET is_admitted = true WHERE id = %s", [account.pk])
        owner.execute("ALTER TABLE staff ENABLE TRIGGER USER")
    assert find_member("api-system") is None
    assert bind_identity(Identity("https://id.test", "subject", "api-system", True, AT), AT) is None
    assert not ProviderLink.objects.using("gate").filter(staff=account).exists()
