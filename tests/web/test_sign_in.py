"""From the password to a session, and everything that ends one."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, override_settings

from signed import signed_in
from web.book import AT, PASSWORD, Book
from web.members import code_now, make_member, with_app
from zhizhi.store import keyring
from zhizhi.store.evidence.models import Leaf
from zhizhi.store.models import (
    Lender,
    RecoveryCode,
    SecondFactor,
    SignInAct,
    SignInWait,
    Staff,
    StaffSession,
)
from zhizhi.store.operations import clock_guard
from zhizhi.usecases.sign_in.refusals import LOCKED
from zhizhi.web.shared import clock

QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"
LETTERS = re.compile(r'<p class="letters"><code>([A-Z2-7 ]+)</code>')
CODE = re.compile(r"<code>([2-9a-z]{4}(?:-[2-9a-z]{4}){3})</code>")


@pytest.fixture(autouse=True)
def standing_clock(book: Book) -> Iterator[None]:
    """Each test may move the clock; nobody waits for another test's failures, nor for the hash of a password."""
    SignInWait.objects.using("gate").all().delete()
    with override_settings(PASSWORD_HASHERS=[QUICK, *settings.PASSWORD_HASHERS]):
        yield
    clock.install(lambda: AT)


def later(**span: float) -> None:
    clock.install(lambda: AT + timedelta(**span))


def post_password(client: Client, login: str, password: str = PASSWORD, **headers: str) -> str:
    answer = client.post("/sign-in", {"login": login, "password": password}, **headers)  # type: ignore[arg-type]  # META
    return answer.headers.get("Location", "") or answer.content.decode()


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_the_first_sign_in_enrols_an_app_and_shows_recovery_codes_once(book: Book) -> None:
    make_member("first")
    client = Client()
    assert post_password(client, "first") == "/sign-in/enrol"
    assert not is_in(client)
    page = client.get("/sign-in/enrol").content.decode()
    assert 'src="data:image/svg+xml' in page
    letters = LETTERS.search(page)
    assert letters is not None
    secret = base64.b32decode(letters[1].replace(" ", ""))
    wrong = client.post("/sign-in/enrol", {"code": "000000"})
    assert wrong.status_code == 400
    assert letters[1] in wrong.content.decode(), "a mistyped code does not throw the scanned secret away"
    done = client.post("/sign-in/enrol", {"code": code_now(secret), "label": "工作手机"})
    codes = CODE.findall(done.content.decode())
    assert len(set(codes)) == 10
    assert is_in(client)
    row = SecondFactor.objects.using("gate").get(staff__login="first")
    assert secret not in bytes(row.sealed)
    assert client.get("/sign-in/enrol").status_code == 302, "the way in is behind"


def test_the_next_sign_in_wants_a_code_of_the_app(book: Book) -> None:
    with_app(make_member("second"))
    client = Client()
    assert post_password(client, "second") == "/sign-in/factor"
    assert not is_in(client)
    assert client.post("/sign-in/factor", {"code": "123"}).status_code == 400
    assert not is_in(client)
    assert client.post("/sign-in/factor", {"code": code_now()})["Location"] == "/"
    assert is_in(client)


def test_a_code_is_used_once_by_whoever_comes_first(book: Book) -> None:
    with_app(make_member("twice"))
    first, other = Client(), Client()
    for client in (first, other):
        post_password(client, "twice")
    assert first.post("/sign-in/factor", {"code": code_now()}).status_code == 302
    assert other.post("/sign-in/factor", {"code": code_now()}).status_code == 400
    assert other.post("/sign-in/factor", {"code": code_now(off=-1)}).status_code == 400, "older than what was used"
    assert other.post("/sign-in/factor", {"code": code_now(off=1)}).status_code == 302


def test_a_recovery_code_opens_once_however_it_is_typed_and_is_evidence(book: Book) -> None:
    staff = make_member("lost")
    code = with_app(staff)[3]
    for typed, opens in ((code.upper().replace("-", " "), True), (code, False)):
        client = Client()
        post_password(client, "lost")
        assert (client.post("/sign-in/factor", {"code": typed}).status_code == 302) is opens
    assert RecoveryCode.objects.using("gate").filter(staff_id=staff).exclude(used_at=None).count() == 1
    act = SignInAct.objects.using("gate").get(staff_id=staff, kind="code_used")
    assert Leaf.objects.using("gate").filter(source_table="sign_in_act", source_id=act.pk).count() == 1


def test_the_step_between_lasts_ten_minutes_and_ends_where_the_member_changes(book: Book) -> None:
    staff = make_member("slow")
    with_app(staff)
    client = Client()
    post_password(client, "slow")
    later(minutes=11)
    assert client.post("/sign-in/factor", {"code": code_now()})["Location"] == "/sign-in"
    post_password(client, "slow")
    Staff.objects.using("gate").filter(pk=staff).update(role="supervisor")
    assert client.post("/sign-in/factor", {"code": code_now()})["Location"] == "/sign-in"


def test_whoever_waits_at_the_enrolment_does_not_enrol_after_the_member_did(book: Book) -> None:
    make_member("raced")
    thief, member = Client(), Client()
    for client in (thief, member):
        post_password(client, "raced")
    secrets = [LETTERS.search(client.get("/sign-in/enrol").content.decode()) for client in (thief, member)]
    theirs, own = (base64.b32decode(found[1].replace(" ", "")) for found in secrets if found is not None)
    assert member.post("/sign-in/enrol", {"code": code_now(own)}).status_code == 200
    assert thief.post("/sign-in/enrol", {"code": code_now(theirs)}).status_code == 400
    assert not is_in(thief)
    assert SecondFactor.objects.using("gate").filter(staff__login="raced").count() == 1


@pytest.mark.parametrize("login", ["worked", "unknown-to-all", "has-left", "has-none"])
def test_one_password_is_hashed_once_whoever_it_is(book: Book, login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if login != "unknown-to-all":
        make_member(login)
    Staff.objects.using("gate").filter(login="has-left").update(is_active=False)
    Staff.objects.using("gate").filter(login="has-none").update(password="!")
    hashed: list[str] = []
    plain = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(salt)
        return plain(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    post_password(Client(), login, "wrong-password")
    assert len(hashed) == 1


def test_the_session_key_changes_with_each_step(book: Book) -> None:
    with_app(make_member("fixed"))
    client = Client()
    planted = client.session.session_key
    post_password(client, "fixed")
    between = client.session.session_key
    client.post("/sign-in/factor", {"code": code_now()})
    assert len({planted, between, client.session.session_key}) == 3


# ---- the demonstration


def test_a_synthetic_member_of_a_synthetic_book_needs_no_second_factor_and_reads_why(book: Book) -> None:
    client = Client()
    assert post_password(client, "alice") == "/"
    assert "演示登录" in client.get("/account").content.decode()


def test_with_the_first_real_lender_the_synthetic_are_out_and_come_back_with_a_second_factor(book: Book) -> None:
    client = Client()
    post_password(client, "alice")
    real = Lender.objects.using("gate").create(code="REAL", name="真", profile="cn.bank.card", is_synthetic=False)
    try:
        assert not is_in(client)
        assert post_password(Client(), "alice") == "/sign-in/enrol"
    finally:
        Lender.objects.using("gate").filter(pk=real.pk).update(is_synthetic=True)


# ---- waits and locks


def test_unknown_and_known_logins_wait_and_lock_alike(book: Book) -> None:
    make_member("target")
    said: dict[str, list[str]] = {}
    for login in ("nobody-at-all", "target"):
        at, answers = 0.0, []
        SignInWait.objects.using("gate").all().delete()  # both come from one address
        for _ in range(24):
            later(seconds=at)
            page = post_password(Client(), login, "wrong-password")
            answers.append(re.sub(r"\s+", " ", re.sub(r'(value|name="csrf\w+")="[^"]*"', "", page)))
            at += 901  # beyond the longest wait
        said[login] = [page.replace(login, "·") for page in answers]
    for known, unknown in zip(said["target"], said["nobody-at-all"], strict=True):
        assert known == unknown
    assert LOCKED.zh in said["target"][-1]
    later(days=1)
    assert LOCKED.zh in post_password(Client(), "target"), "time alone does not open it, nor does the right password"


def test_after_the_free_failures_even_the_right_password_waits(book: Book) -> None:
    make_member("waits")
    for _ in range(5):
        post_password(Client(), "waits", "wrong-password")
    assert "请等待 15 秒" in post_password(Client(), "waits").replace("\u2009", " ").replace("16 秒", "15 秒")
    later(seconds=16)
    assert post_password(Client(), "waits") == "/sign-in/enrol"


def test_an_outsider_who_shuts_a_login_does_not_shut_the_members_own_device(book: Book) -> None:
    with_app(make_member("attacked"))
    own = signed_in("attacked")
    own.post("/sign-out")
    for turn in range(21):
        later(seconds=901 * turn)
        post_password(Client(REMOTE_ADDR="203.0.113.9"), "attacked", "wrong-password")
    assert LOCKED.zh in post_password(Client(), "attacked")
    assert post_password(own, "attacked") == "/sign-in/factor"


def test_a_floor_behind_one_address_is_slowed_and_never_shut(book: Book) -> None:
    make_member("colleague")
    for turn in range(60):
        later(milliseconds=5001 * turn)
        post_password(Client(), f"guess-{turn}", "wrong-password")
    assert SignInWait.objects.using("gate").exclude(locked_at=None).count() == 0
    later(milliseconds=5001 * 60)
    assert post_password(Client(), "colleague") == "/sign-in/enrol"


def test_guesses_of_a_second_factor_wait_and_lock_too(book: Book) -> None:
    with_app(make_member("guessed"))
    for turn in range(20):
        later(seconds=901 * turn)
        client = Client()
        post_password(client, "guessed")
        client.post("/sign-in/factor", {"code": "000000"})
    later(seconds=901 * 20)
    client = Client()
    post_password(client, "guessed")
    page = client.post("/sign-in/factor", {"code": code_now()})
    assert page.status_code == 400
    assert LOCKED.zh in page.content.decode()


# ---- fail closed


def test_nobody_signs_in_by_a_clock_that_is_not_trusted(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = clock_guard.ClockNotTrusted("clock_stepped", clock_guard.WHY[clock_guard.ClockState.STEPPED])

    def untrusted() -> None:
        raise refused

    monkeypatch.setattr("zhizhi.usecases.sign_in.refusals.require_clock", untrusted)
    answer = Client().post("/sign-in", {"login": "alice", "password": PASSWORD})
    assert answer.status_code == 503
    assert "时钟不可信" in answer.content.decode()


def test_without_the_key_service_no_factor_is_checked(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    with_app(make_member("keyless"))
    client = Client()
    post_password(client, "keyless")
    monkeypatch.setattr(keyring, "_installed", [])
    answer = client.post("/sign-in/factor", {"code": code_now()})
    assert answer.status_code == 503
    assert "密钥服务不可用" in answer.content.decode()


# ---- sessions end


@pytest.mark.parametrize(
    "change",
    [{"role": "supervisor"}, {"is_active": False}, {"password": "!"}, {"agency_id": None, "lender_id": 0}],
    ids=["role", "leaving", "password", "lender"],
)
def test_a_session_ends_at_once_where_the_member_changes_whoever_changed_it(
    book: Book, change: dict[str, object], request: pytest.FixtureRequest
) -> None:
    login = f"changes-{request.node.callspec.id}"
    staff = make_member(login)
    client = signed_in(login)
    assert is_in(client)
    wanted = {name: book.lender if value == 0 and name == "lender_id" else value for name, value in change.items()}
    Staff.objects.using("gate").filter(pk=staff).update(**wanted)
    assert not is_in(client)
    assert StaffSession.objects.using("gate").get(staff_id=staff).ended_because == "standing_changed"


def test_a_session_ends_after_idle_and_after_its_whole_time(book: Book) -> None:
    make_member("idle")
    client = signed_in("idle")
    for minutes in (29, 58, 87):
        later(minutes=minutes)
        assert is_in(client)
    later(minutes=87 + 30)
    assert not is_in(client)
    later(minutes=0)
    client = signed_in("idle")
    for quarter in range(9 * 4):
        later(minutes=15 * quarter)
        assert is_in(client)
    later(hours=9)
    assert not is_in(client)


def test_parts_that_a_script_fetches_are_nobody_at_the_desk(book: Book) -> None:
    make_member("away")
    client = signed_in("away")
    later(minutes=20)
    assert client.get("/cases", headers={"HX-Request": "true"}).status_code == 200
    later(minutes=31)
    assert not is_in(client)


def test_a_session_that_began_in_the_future_is_not_honoured_until_the_clock_is_right(book: Book) -> None:
    make_member("stepped")
    later(hours=1)
    client = signed_in("stepped")
    later(hours=0)
    assert not is_in(client)
    later(hours=1, minutes=1)
    assert is_in(client)


def test_signing_out_ends_the_row_and_not_only_the_cookie(book: Book) -> None:
    make_member("leaves")
    client = signed_in("leaves")
    copied = client.cookies["sessionid"].value
    kept = dict(client.session)
    client.post("/sign-out")
    thief = Client()
    session = thief.session
    session.update(kept)
    session.save()
    assert copied
    assert not is_in(thief)


# ---- one's own page


def test_a_new_device_is_told_on_every_other_and_cannot_hide_itself(book: Book) -> None:
    make_member("told")
    desk, fresh = signed_in("told"), signed_in("told")
    assert "有新设备登录了您的账号" in desk.get("/").content.decode()
    assert "有新设备登录了您的账号" not in fresh.get("/").content.decode()
    fresh.post("/account/devices/seen")
    assert "有新设备登录了您的账号" in desk.get("/").content.decode()
    desk.post("/account/devices/seen")
    assert "有新设备登录了您的账号" not in desk.get("/").content.decode()


def test_a_member_ends_the_own_sessions_and_nobody_elses(book: Book) -> None:
    make_member("owner"), make_member("neighbour")
    here, there, neighbour = signed_in("owner"), signed_in("owner"), signed_in("neighbour")
    foreign = StaffSession.objects.using("gate").get(staff__login="neighbour").pk
    assert here.post(f"/account/sessions/{foreign}/end").status_code == 400
    assert is_in(neighbour)
    assert here.post("/account/sessions/end-others").status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_a_forgotten_device_is_signed_out_and_new_again(book: Book) -> None:
    make_member("forgets")
    here, laptop = signed_in("forgets"), signed_in("forgets")
    stolen = StaffSession.objects.using("gate").filter(staff__login="forgets").order_by("-pk")[0].device_id
    assert here.post(f"/account/devices/{stolen}/forget").status_code == 302
    assert not is_in(laptop)


def test_the_last_factor_stays_and_a_second_one_may_go(book: Book) -> None:
    staff = make_member("factors")
    with_app(staff)
    client = signed_in("factors")
    (only,) = SecondFactor.objects.using("gate").filter(staff_id=staff).values_list("pk", flat=True)
    page = client.post(f"/account/factors/{only}/remove")
    assert page.status_code == 400
    with_app(staff, off=0)
    assert client.post(f"/account/factors/{only}/remove").status_code == 302
    gone = SecondFactor.objects.using("gate").get(pk=only)
    assert (gone.ended_at is not None, bytes(gone.sealed)) == (True, b"")


def test_a_changed_password_ends_every_other_session_and_is_asked_to_be_good(book: Book) -> None:
    make_member("password")
    here, there = signed_in("password"), signed_in("password")
    form = {"present": PASSWORD, "wanted": "", "again": ""}
    for bad in ("short", "password1234", "aaaaaaaaaaaaaa", "qwertyuiop123"):
        answer = here.post("/account/password", {**form, "wanted": bad, "again": bad})
        assert answer.status_code == 400, bad
        assert bad not in answer.content.decode()
    good = "turnip lantern ferry 42"
    assert here.post("/account/password", {**form, "wanted": good, "again": good}).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert post_password(Client(), "password", good) == "/sign-in/enrol"


# ---- what another person does


def test_an_administrator_opens_a_lock_on_a_ground_and_never_the_own(book: Book) -> None:
    staff, admin = make_member("locked-out"), make_member("boss", "administrator")
    for turn in range(20):
        later(seconds=901 * turn)
        post_password(Client(), "locked-out", "wrong-password")
    boss = signed_in("boss")
    assert "已锁定" in boss.get("/sign-ins").content.decode()
    assert boss.post(f"/sign-ins/{staff}", {"act": "unlock", "ground": ""}).status_code == 400
    assert boss.post(f"/sign-ins/{staff}", {"act": "unlock", "ground": "本人到场核实"}).status_code == 302
    assert post_password(Client(), "locked-out") == "/sign-in/enrol"
    act = SignInAct.objects.using("gate").get(staff_id=staff, kind="unlocked")
    assert (act.by_id, act.ground) == (admin, "本人到场核实")
    assert "unlock" not in boss.get(f"/sign-ins/{admin}").content.decode()


def test_a_reset_takes_factors_codes_and_sessions_and_enrols_anew(book: Book) -> None:
    staff = make_member("resets")
    code = with_app(staff)[0]
    make_member("boss2", "administrator")
    client, boss = signed_in("resets"), signed_in("boss2")
    assert boss.post(f"/sign-ins/{staff}", {"act": "reset", "ground": "手机丢失，视频核实"}).status_code == 302
    assert not is_in(client)
    again = Client()
    assert post_password(again, "resets") == "/sign-in/enrol"
    assert again.post("/sign-in/factor", {"code": code})["Location"] == "/sign-in"


@pytest.mark.parametrize("login", ["alice", "head", "auditor"])
def test_nobody_else_ends_or_resets_anything(book: Book, login: str) -> None:
    staff = book.staff["bob"]
    answer = signed_in(login).post(f"/sign-ins/{staff}", {"act": "reset", "ground": "没有依据"})
    assert answer.status_code in (200, 403)
    assert not SignInAct.objects.using("gate").filter(staff_id=staff).exists()


def test_an_administrator_of_one_lender_does_not_find_the_other_lenders_staff(book: Book) -> None:
    make_member("boss3", "administrator", book.lender)
    boss = signed_in("boss3")
    assert boss.get(f"/sign-ins/{book.staff['stranger']}").status_code == 404
    assert "stranger" not in boss.get("/sign-ins").content.decode()
