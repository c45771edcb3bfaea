"""Invitations by mail from the request to a real mail server: a code is made as it leaves, and is in no row."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest

from book import make_lender
from gatework import MINUTE, TEN, at_once, refused_by_database, rows
from postbox import Postbox, serve, text_of
from store.test_staff_changes import GOOD, GROUND, admitted
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.invitations.sender import InvitationSender
from zhizhi.gateways.smtp.settings import Security, SmtpSettings
from zhizhi.jobs.invitations import steps_of_invitations
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.sign_in.mails import KEPT_FOR, claim_mail, erase_mails, load_mail
from zhizhi.store.sign_in.models import Invitation, InvitationMail, WorkAddress
from zhizhi.usecases.staff import mailing
from zhizhi.usecases.staff.inviting import Choose, choose_password, invite, show_invitation
from zhizhi.usecases.staff.leaving import Leave, leave
from zhizhi.usecases.staff.mailing import (
    PAUSES,
    MailRules,
    SetAddress,
    ask_mail,
    load_mailbox,
    next_letter,
    set_address,
    undelivered,
)

pytestmark = pytest.mark.usefixtures("store")
DOMAINS = frozenset({"lender.example", "agency.example"})
SITE = "https://desk.lender.example/invitation"
HOUR = timedelta(hours=1)
NUMBERS = iter(range(1000))
CODE = re.compile(r"\b[0-9]+(?:-[a-z0-9]{4}){6}\b")


@pytest.fixture(scope="module")
def house(store: str) -> dict[str, int]:
    lender = make_lender("M1")
    agency = Agency.objects.using("gate").create(code="MA", name="外包")
    return {
        "lender": lender.pk, "agency": agency.pk, "admin": admitted("admin", "administrator"),
        "admin2": admitted("admin2", "administrator"), "head": admitted("head", "head"),
        "head2": admitted("head2", "head"), "manager": admitted("manager", "agency_manager", None, agency),
        "collector": admitted("collector", "collector", lender),
    }  # fmt: skip


@pytest.fixture(autouse=True)
def set_up(store: str) -> Iterator[None]:
    mailing.install(MailRules(has_origin=True, is_connected=True, domains=DOMAINS))
    yield
    mailing.install(MailRules())
    rows("UPDATE invitation_mail SET state = 'replaced', ended_at = now() WHERE ended_at IS NULL RETURNING 1")


@contextmanager
def worker(postbox: Postbox) -> Iterator[Callable[[datetime], object]]:
    """The worker's step as it runs, at an instant, with a mail server of its own."""
    with serve(postbox) as port:
        settings = SmtpSettings("127.0.0.1", port, "notice@lender.example", Security.PLAIN, timeout_seconds=2.0)
        sender = InvitationSender(settings, DOMAINS, SITE)
        yield lambda at: steps_of_invitations(sender, lambda: at)["invitations"](at, lambda: None)
        sender.close()


def somebody(house: dict[str, int], *, asked: bool = True, address: str = "") -> int:
    """A member without a password who has a work address, and for whom a mail is asked for."""
    login = f"m{next(NUMBERS)}"
    staff_id = admitted(login, "collector", Lender.objects.using("gate").get(pk=house["lender"]))
    set_address(SetAddress(staff_id, address or f"{login}@lender.example", house["admin"]), TEN)
    if asked:
        ask_mail(staff_id, house["admin"], TEN)
    return staff_id


def codes(postbox: Postbox) -> list[str]:
    """The codes that arrived, in their order."""
    return [CODE.findall(text_of(mail))[0] for mail in postbox.mails]


def opens(code: str, at: datetime) -> bool:
    try:
        show_invitation(code, f"10.1.1.{next(NUMBERS) % 250}", at)  # guesses of one address are slowed
    except Refused:
        return False
    return True


def state_of(staff_id: int) -> tuple[str, str]:
    found = load_mail(staff_id)
    assert found is not None
    return found.state, found.failure


def test_a_code_is_made_as_it_leaves_opens_once_and_is_in_no_row(store: str, house: dict[str, int]) -> None:
    postbox, staff_id = Postbox(), somebody(house)
    assert not Invitation.objects.using("gate").filter(staff_id=staff_id).exists(), "asking makes no code"
    with worker(postbox) as work:
        assert work(TEN + MINUTE) == 1
        assert work(TEN + MINUTE) == 0
    (code,) = codes(postbox)
    assert postbox.mails[0].rcpt_tos == [f"{Staff.objects.using('gate').get(pk=staff_id).login}@lender.example"]
    assert state_of(staff_id) == ("sent", "")
    letters = code.partition("-")[2]
    with psycopg.connect(store) as owner:
        tables = [name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            dump = "".join(str(row) for row in owner.execute(f'SELECT t::text FROM "{table}" t'))
            assert letters not in dump, table
            assert "@lender.example" not in dump, table
    opened = show_invitation(code, "10.1.0.2", TEN + HOUR)
    choose_password(Choose(opened, GOOD), TEN + HOUR)
    assert not opens(code, TEN + HOUR)
    found = load_mail(staff_id)
    assert found is not None
    assert found.used_at == TEN + HOUR


def test_another_mail_voids_the_code_before_and_the_first_one_ends_after_a_day(house: dict[str, int]) -> None:
    postbox, staff_id = Postbox(), somebody(house)
    with worker(postbox) as work:
        work(TEN)
        ask_mail(staff_id, house["admin"], TEN + HOUR)
        work(TEN + HOUR)
    first, second = codes(postbox)
    assert (opens(first, TEN + HOUR), opens(second, TEN + HOUR)) == (False, True)
    assert not opens(second, TEN + 25 * HOUR)
    found = load_mail(staff_id)
    assert found is not None
    assert (found.is_over(TEN + HOUR), found.is_over(TEN + 25 * HOUR)) == (False, True)
    by_hand = invite(staff_id, house["admin"], TEN + 2 * HOUR)
    assert (opens(second, TEN + 2 * HOUR), opens(by_hand.code, TEN + 2 * HOUR)) == (False, True)


def test_a_server_that_is_away_is_tried_again_each_time_with_another_code(house: dict[str, int]) -> None:
    postbox, staff_id, at = Postbox(DATA="451 later"), somebody(house), TEN
    with worker(postbox) as work:
        for pause in PAUSES:
            work(at)
            assert state_of(staff_id) == ("waiting", "smtp_451")
            assert work(at) == 0, "not before its time"
            at += pause
        postbox.answers.clear()
        work(at)
    assert state_of(staff_id) == ("sent", "")
    tried = codes(postbox)
    assert len(set(tried)) == len(PAUSES) + 1
    assert [opens(code, at) for code in tried] == [False] * len(PAUSES) + [True], "what did not leave opens nothing"


def test_what_cannot_be_delivered_is_told_to_whoever_invited_and_opens_nothing(house: dict[str, int]) -> None:
    postbox, staff_id = Postbox(RCPT="550 nobody here"), somebody(house)
    with worker(postbox) as work:
        work(TEN)
    assert state_of(staff_id) == ("failed", "smtp_550")
    assert not Invitation.objects.using("gate").filter(staff_id=staff_id, used_at=None, void_at=None).exists()
    told = [one for one in undelivered(house["admin"], TEN) if one.staff_id == staff_id]
    assert [(one.words.zh, one.words.en) for one in told] == [
        ("邮件服务器拒收（代码 550）", "the mail server refused it (code 550)")
    ]
    assert staff_id not in [one.staff_id for one in undelivered(house["admin2"], TEN)], "of whoever asked alone"
    with worker(Postbox()) as work:
        ask_mail(staff_id, house["admin"], TEN + MINUTE)
        work(TEN + MINUTE)
    assert staff_id not in [one.staff_id for one in undelivered(house["admin"], TEN)], "a later one made it good"


def test_a_server_that_stays_away_is_given_up_and_told(house: dict[str, int]) -> None:
    staff_id, at = somebody(house), TEN
    with worker(Postbox(MAIL="421 closing")) as work:
        for pause in (*PAUSES, MINUTE):
            work(at)
            at += pause
    assert state_of(staff_id) == ("failed", "smtp_421")
    assert staff_id in [one.staff_id for one in undelivered(house["admin"], at)]


def test_silence_after_the_message_leaves_the_code_open_and_is_told(house: dict[str, int]) -> None:
    postbox, staff_id = Postbox(DATA="cut"), somebody(house)
    with worker(postbox) as work:
        work(TEN)
        assert work(TEN + HOUR) == 0, "a second mail is for a person to ask for"
    assert state_of(staff_id) == ("unknown", "no_answer")
    assert opens(codes(postbox)[0], TEN + MINUTE), "should it have arrived, it opens"
    assert staff_id in [one.staff_id for one in undelivered(house["admin"], TEN)]


def test_a_worker_that_dies_while_it_sends_is_followed_by_another_with_another_code(house: dict[str, int]) -> None:
    postbox, staff_id = Postbox(), somebody(house)
    died = next_letter(TEN)
    assert died is not None
    with worker(postbox) as work:
        assert work(TEN + 4 * MINUTE) == 0, "it may still be at it"
        assert work(TEN + 6 * MINUTE) == 1
    (code,) = codes(postbox)
    assert (opens(died.code, TEN + 7 * MINUTE), opens(code, TEN + 7 * MINUTE)) == (False, True)
    mailing.did_not_leave(died, "not_connected", TEN + 7 * MINUTE, again=False)
    assert state_of(staff_id) == ("sent", ""), "the end of a claim that is over changes nothing"
    assert opens(code, TEN + 7 * MINUTE)


def test_two_workers_at_once_send_it_once(house: dict[str, int]) -> None:
    postbox = Postbox()
    staff = [somebody(house) for _ in range(6)]
    with worker(postbox) as work:
        ends = at_once([lambda: work(TEN) for _ in range(3)])
    assert not [end for end in ends if isinstance(end, Exception)]
    assert len(postbox.mails) == len(staff)
    assert {state_of(staff_id) for staff_id in staff} == {("sent", "")}


class TestWhatIsLookedAtAgain:
    @pytest.mark.parametrize("why", ["member", "inviter", "no_address", "too_late"])
    def test_what_changed_since_it_was_asked_for_is_seen_as_it_leaves(self, house: dict[str, int], why: str) -> None:
        postbox, staff_id, at = Postbox(), somebody(house, asked=False), TEN
        asker = admitted(f"asker-{why}", "administrator")
        ask_mail(staff_id, asker, TEN)
        if why == "member":
            leave(Leave(staff_id, GROUND, house["admin"]), TEN)
        elif why == "inviter":
            leave(Leave(asker, GROUND, house["admin"]), TEN)
        elif why == "no_address":
            set_address(SetAddress(staff_id, "", house["admin"]), TEN)
        else:
            at = TEN + timedelta(hours=24, seconds=1)
        with worker(postbox) as work:
            work(at)
        assert (state_of(staff_id), postbox.mails) == (("failed", why), [])

    def test_whoever_leaves_has_no_address_any_more(self, house: dict[str, int]) -> None:
        staff_id = somebody(house, asked=False)
        leave(Leave(staff_id, GROUND, house["admin"]), TEN)
        assert not WorkAddress.objects.using("gate").filter(staff_id=staff_id).exists()

    def test_a_worker_without_a_mail_server_says_so(self, house: dict[str, int]) -> None:
        staff_id = somebody(house)
        steps_of_invitations(None, lambda: TEN)["invitations"](TEN, lambda: None)
        assert state_of(staff_id) == ("failed", "not_set_up")


class TestAsking:
    @pytest.mark.parametrize(
        ("rules", "code"),
        [
            (MailRules(has_origin=False, is_connected=True, domains=DOMAINS), "no_origin"),
            (MailRules(has_origin=True, is_connected=False, domains=DOMAINS), "no_mail"),
            (MailRules(has_origin=True, is_connected=True), "no_domains"),
        ],
    )
    def test_where_it_is_not_set_up_it_is_refused_with_the_remedy(
        self, house: dict[str, int], rules: MailRules, code: str
    ) -> None:
        staff_id = somebody(house, asked=False)
        mailing.install(rules)
        with pytest.raises(Refused, match=code) as refused:
            ask_mail(staff_id, house["admin"], TEN)
        assert load_mailbox(staff_id, house["admin"]).because == refused.value.text
        assert invite(staff_id, house["admin"], TEN).code, "by hand remains possible"

    @pytest.mark.parametrize(
        ("address", "code"),
        [("e1@qq.com", "not_ours"), ("e1@sub.lender.example", "not_ours"), ("e1", "bad_address"),
         ("e1@lender.example\nbcc: x@qq.com", "bad_address"), ("<e1@lender.example>", "bad_address")],
    )  # fmt: skip
    def test_an_address_of_elsewhere_is_refused(self, house: dict[str, int], address: str, code: str) -> None:
        staff_id = somebody(house, asked=False)
        with pytest.raises(Refused, match=code):
            set_address(SetAddress(staff_id, address, house["admin"]), TEN)

    def test_it_takes_whoever_may_invite_and_not_oneself(self, house: dict[str, int]) -> None:
        staff_id = somebody(house, asked=False)
        for by in (house["collector"], house["head"]):
            for act in (
                lambda by=by: set_address(SetAddress(staff_id, "x@lender.example", by), TEN),
                lambda by=by: ask_mail(staff_id, by, TEN),
                lambda by=by: load_mailbox(staff_id, by),
            ):
                with pytest.raises(Refused, match="not_allowed"):
                    act()
        for act in (
            lambda: set_address(SetAddress(staff_id, "x@agency.example", house["manager"]), TEN),
            lambda: ask_mail(staff_id, house["manager"], TEN),
        ):
            with pytest.raises(Refused, match="nobody"):
                act()
        with pytest.raises(Refused, match="oneself"):
            ask_mail(house["admin"], house["admin"], TEN)

    def test_who_has_a_password_or_no_address_is_sent_nothing(self, house: dict[str, int]) -> None:
        staff_id = somebody(house, asked=False)
        set_address(SetAddress(staff_id, "", house["admin"]), TEN)
        with pytest.raises(Refused, match="no_address"):
            ask_mail(staff_id, house["admin"], TEN)
        known = somebody(house, asked=False)
        choose_password(Choose(show_invitation(invite(known, house["admin"], TEN).code, "10.1.0.9", TEN), GOOD), TEN)
        with pytest.raises(Refused, match="has_password"):
            ask_mail(known, house["admin"], TEN)

    def test_what_is_shown_of_an_address_is_masked(self, house: dict[str, int]) -> None:
        staff_id = somebody(house, asked=False, address="wangxiaoming@lender.example")
        shown = load_mailbox(staff_id, house["admin"]).masked
        assert shown is not None
        assert "wangxiaoming" not in shown


class TestRows:
    def test_the_webs_login_reads_no_address_and_asks_for_no_mail(self, store: str, house: dict[str, int]) -> None:
        staff_id = somebody(house)
        with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as web:
            for statement in (
                "SELECT * FROM work_address",
                "SELECT * FROM invitation_mail",
                f"INSERT INTO invitation_mail (staff_id, asked_by_id, asked_at, state, tries, due_at, failure)"
                f" VALUES ({staff_id}, {staff_id}, now(), 'waiting', 0, now(), '')",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    web.execute(statement.encode())

    def test_what_ended_stays_as_it_ended_and_who_asked_is_said_once(self, store: str, house: dict[str, int]) -> None:
        staff_id = somebody(house)
        asker = "UPDATE invitation_mail SET asked_by_id = %s WHERE staff_id = %s"
        again = "UPDATE invitation_mail SET state = 'waiting', ended_at = NULL WHERE staff_id = %s"
        with psycopg.connect(store, autocommit=True) as gate:
            gate.execute(f"SET ROLE {GATE_LOGIN}")
            assert refused_by_database(gate, asker, house["admin2"], staff_id) == "RestrictViolation"
            with worker(Postbox()) as work:
                work(TEN)
            assert refused_by_database(gate, again, staff_id) == "RestrictViolation"

    def test_they_are_erased_after_thirty_days(self, house: dict[str, int]) -> None:
        staff_id = somebody(house)
        with worker(Postbox()) as work:
            work(TEN)
        erase_mails(TEN + KEPT_FOR)
        assert InvitationMail.objects.using("gate").filter(staff_id=staff_id).exists()
        erase_mails(TEN + KEPT_FOR + MINUTE)
        assert not InvitationMail.objects.using("gate").filter(staff_id=staff_id).exists()


def test_nothing_of_an_address_or_a_code_is_in_a_repr(house: dict[str, int]) -> None:
    staff_id = somebody(house)
    letter = next_letter(TEN)
    assert letter is not None
    assert letter.mail.staff_id == staff_id
    assert "@" not in repr(letter)
    assert letter.code not in repr(letter)
    assert "@" not in repr(SetAddress(staff_id, "a@lender.example", 1))
    assert claim_mail(TEN) is None
