"""Somebody of a case asks for a code and reads who looked: who gets one, what the law refuses, what a code opens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import psycopg
import pytest
from django.db import connections, transaction

from book import make_borrower, make_lender
from gatework import ToldChannel, at_once, refused_by_database, rows
from web.book import AT
from web.rights_book import NAME, Row, make_rights_book
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.portal.finding import find_asker, normal_number
from zhizhi.store.portal.requests import SESSION_LASTS, erase_requests
from zhizhi.store.portal.sessions import end_visit, load_visitor
from zhizhi.store.unmasking.reads import LOOKS_TOLD_MAX, load_looks_at_me
from zhizhi.store.viewer import PersonViewer, reading
from zhizhi.usecases.defaults import AddDefaults, add_defaults
from zhizhi.usecases.portal.answering import answer_requests
from zhizhi.usecases.portal.entering import AskCode, PortalRefused, ask_code, show_code
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.templates import DraftTemplate, draft_template
from zhizhi.usecases.unmask import Unmask, unmask

pytestmark = pytest.mark.usefixtures("store")
MINUTE = timedelta(minutes=1)
NIGHT = AT + timedelta(hours=13)  # eleven in the evening in Beijing
ADDRESSES = (f"198.51.100.{n}" for n in count(1))


@dataclass(frozen=True)
class Values:
    """A case of the book, and what its people know of it."""

    person: int
    case: int
    debtor: int
    contact: int
    reference: str
    number: str
    others: str


@pytest.fixture(scope="module")
def book(store: str) -> dict[str, Row]:
    made = make_rights_book()
    Outbox({"sink": {"sms": ToldChannel()}}, "test").drain(AT)  # what the book itself was about to send
    return made


@pytest.fixture
def sink() -> Iterator[ToldChannel]:
    rows("DELETE FROM sign_in_wait RETURNING 1")
    yield ToldChannel()
    rows("DELETE FROM portal_session RETURNING 1")
    rows("DELETE FROM portal_request RETURNING 1")


def values_of(row: Row) -> Values:
    parties = dict(rows("SELECT role, id FROM party WHERE person_id = %s", row.person))
    case = rows("SELECT id FROM collection_case WHERE person_id = %s", row.person)[0][0]
    last = f"{row.person % 10000:04d}"
    return Values(
        row.person, case, parties["debtor"], parties["contact"], row.number, f"1090000{last}", f"1091000{last}"
    )


def ask(reference: str, number: str, at: datetime = AT) -> str:
    return ask_code(AskCode(reference, number, next(ADDRESSES)), at)


def sent_by(sink: ToldChannel, at: datetime = AT) -> list[str]:
    """What left the house."""
    sink.sent.clear()
    Outbox({"sink": {"sms": sink}}, "test").drain(at)
    return [grant.content.body for grant in sink.sent]


def code_of(message: str) -> str:
    return message.partition("验证码为")[2][:6]


def entered(of: Values, sink: ToldChannel, number: str | None = None) -> str:
    """The secret of a session of somebody who asked, got the code and showed it."""
    secret = ask(of.reference, number or of.number)
    assert answer_requests(AT) == 1
    (message,) = sent_by(sink)
    return show_code(secret, code_of(message), AT + MINUTE)


def test_a_code_goes_to_the_number_that_we_hold_opens_once_and_the_session_is_that_partys(
    book: dict[str, Row], sink: ToldChannel
) -> None:
    of = values_of(book["own queue, nobody's"])
    secret = ask(of.reference, f"+86 {of.number[:3]}-{of.number[3:]}")
    assert answer_requests(AT) == 1
    assert answer_requests(AT) == 0
    (message,) = sent_by(sink)
    (grant,) = sink.sent
    assert (grant.address, grant.party_id) == (of.number, of.debtor)
    code = code_of(message)
    assert len(code) == 6
    assert code.isdigit()
    for told in (NAME, "L1", of.reference, "还款", "逾期", "欠", "账单"):
        assert told not in message
    session = show_code(secret, f"{code[:3]} {code[3:]}", AT + MINUTE)
    with pytest.raises(PortalRefused, match="wrong_code"):
        show_code(secret, code, AT + MINUTE)
    visitor = load_visitor(session, AT + MINUTE)
    assert visitor is not None
    assert visitor.viewer == PersonViewer("borrower", of.person, of.debtor)
    assert visitor.masked == f"109****{of.number[-4:]}"
    assert load_visitor(session, AT + MINUTE + SESSION_LASTS) is None
    assert load_visitor(session, AT) is None, "it has not begun"
    assert load_visitor(("B" if session[0] == "A" else "A") + session[1:], AT + MINUTE) is None
    end_visit(session, AT + 2 * MINUTE)
    assert load_visitor(session, AT + 2 * MINUTE) is None


def test_the_decision_is_an_answer_that_speaks_of_no_debt_and_is_of_the_portal(
    book: dict[str, Row], sink: ToldChannel
) -> None:
    of = values_of(book["own queue, nobody's"])
    entered(of, sink)
    said = "SELECT facts -> 'proposed' ->> 'purpose', facts -> 'proposed' ->> 'discloses_debt', by FROM decision"
    assert rows(f"{said} WHERE person_id = %s ORDER BY id DESC LIMIT 1", of.person) == [
        ("answer_request", "false", "portal")
    ]
    assert rows("SELECT sealed IS NULL, count(*) FROM portal_request WHERE handled_at IS NULL GROUP BY 1") == []


def test_the_contracts_number_will_do_and_a_contact_person_is_known_as_one(book: dict[str, Row]) -> None:
    who = make_borrower(make_lender("L9"), 901)
    by_contract = find_asker(" a901 ", who.number)
    assert by_contract is not None
    assert (by_contract.role, by_contract.person_id, by_contract.point_id) == ("borrower", who.person, who.mobile)
    assert find_asker("A902", who.number) is None
    of = values_of(book["field officer's"])
    as_other = find_asker(of.reference.lower(), of.others)
    assert as_other is not None
    assert (as_other.role, as_other.party_id) == ("contact_person", of.contact)
    for wrong in ("invalid_since = now()", "is_misdirected = true"):
        with connections["gate"].cursor() as cursor, transaction.atomic(using="gate"):
            cursor.execute(f"UPDATE point SET {wrong} WHERE id = %s", [who.mobile])
            assert find_asker("A901", who.number) is None
            transaction.set_rollback(True, using="gate")


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("C-2026-99999999", "own"),
        ("own", "10900009999"),
        ("other", "own"),
        ("C-2026-99999999", "10900009999"),
    ],
)
def test_for_whoever_does_not_know_both_nothing_leaves_and_nothing_that_was_typed_is_kept(
    book: dict[str, Row], sink: ToldChannel, reference: str, number: str
) -> None:
    of, other = values_of(book["own queue, nobody's"]), values_of(book["field officer's"])
    references = {"own": of.reference, "other": other.reference}
    secret = ask(references.get(reference, reference), of.number if number == "own" else number)
    assert answer_requests(AT) == 0
    assert sent_by(sink) == []
    assert rows("SELECT handled_at IS NOT NULL, sealed IS NULL, person_id FROM portal_request") == [(True, True, None)]
    with pytest.raises(PortalRefused) as refused:
        show_code(secret, "000000", AT)
    with pytest.raises(PortalRefused) as of_nobody:
        show_code("never given", "000000", AT)
    assert refused.value.text == of_nobody.value.text


def test_at_night_and_to_a_third_person_whom_nobody_may_contact_the_law_lets_nothing_leave(
    book: dict[str, Row], sink: ToldChannel
) -> None:
    of = values_of(book["own queue, nobody's"])
    ask(of.reference, of.others)
    assert answer_requests(AT) == 0
    assert sent_by(sink) == []
    said = "SELECT verdict, rule FROM decision WHERE person_id = %s ORDER BY id DESC LIMIT 1"
    assert rows(said, of.person)[0][0] != "permit", "it was asked, and it refused"
    ask(of.reference, of.number, NIGHT)
    assert answer_requests(NIGHT) == 0
    assert sent_by(sink, NIGHT) == []


def test_an_answer_that_comes_too_late_is_none(book: dict[str, Row], sink: ToldChannel) -> None:
    of = values_of(book["own queue, nobody's"])
    ask(of.reference, of.number)
    assert answer_requests(AT + 6 * MINUTE) == 0
    assert sent_by(sink, AT + 6 * MINUTE) == []


def test_five_wrong_codes_end_a_code_and_so_do_ten_minutes(book: dict[str, Row], sink: ToldChannel) -> None:
    of = values_of(book["own queue, nobody's"])
    for wrong, at in ((5, AT), (0, AT + 11 * MINUTE)):
        secret = ask(of.reference, of.number)
        assert answer_requests(AT) == 1
        code = code_of(sent_by(sink)[0])
        for _ in range(wrong):
            with pytest.raises(PortalRefused, match="wrong_code"):
                show_code(secret, f"{(int(code) + 1) % 1_000_000:06d}", at)
        with pytest.raises(PortalRefused, match="wrong_code"):
            show_code(secret, code, at)


def test_a_code_opens_nothing_in_another_browser_and_one_of_two_at_once(
    book: dict[str, Row], sink: ToldChannel
) -> None:
    of = values_of(book["own queue, nobody's"])
    secret = ask(of.reference, of.number)
    assert answer_requests(AT) == 1
    code = code_of(sent_by(sink)[0])
    elsewhere = ask(of.reference, "10900009999")
    with pytest.raises(PortalRefused, match="wrong_code"):
        show_code(elsewhere, code, AT)
    opened = at_once([lambda: show_code(secret, code, AT)] * 4)
    assert sum(isinstance(one, str) for one in opened) == 1


def test_requests_are_slowed_by_number_whoever_it_is_and_from_wherever(book: dict[str, Row], sink: ToldChannel) -> None:
    of = values_of(book["own queue, nobody's"])
    for number, hours in ((of.number, 0), ("10900009999", 2)):
        begun = AT + timedelta(hours=hours)
        for n in range(3):
            ask(of.reference, number, begun + n * MINUTE)
        for n in (3, 60):
            with pytest.raises(PortalRefused, match="waits"):
                ask(of.reference, number, begun + n * MINUTE)
        ask(of.reference, number, begun + 62 * MINUTE)
    with pytest.raises(PortalRefused, match="waits"):
        ask("C-2026-99999999", "10900009999", AT + 4 * 60 * MINUTE)


def test_an_address_is_slowed_too(sink: ToldChannel) -> None:
    def from_one(n: int) -> None:
        ask_code(AskCode("C-1", f"1091234{n:04d}", "203.0.113.9"), AT)

    for n in range(21):
        from_one(n)
    with pytest.raises(PortalRefused, match="waits"):
        from_one(21)


@pytest.mark.parametrize(
    ("reference", "number", "code"),
    [("", "10900001234", "bad_reference"), ("C" * 65, "10900001234", "bad_reference"), ("C-1", "12345", "bad_number")],
)
def test_what_names_nobody_is_refused_before_anything_is_kept(reference: str, number: str, code: str) -> None:
    with pytest.raises(PortalRefused, match=code):
        ask_code(AskCode(reference, number, "203.0.113.1"), AT)
    assert rows("SELECT count(*) FROM portal_request") == [(0,)]


def test_numbers_are_read_as_people_write_them() -> None:
    for written in ("109 0000 1234", "+86-10900001234", "８６１０９００００１２３４"):
        assert normal_number(written) == "10900001234"
    assert [normal_number(one) for one in ("0109000012", "20900001234", "", "109000012345")] == [""] * 4


def test_each_reads_the_looks_at_the_own_values_and_nobody_any_others(book: dict[str, Row], sink: ToldChannel) -> None:
    of, other = values_of(book["own queue, nobody's"]), values_of(book["own"])

    def look(whose: Values, what: int, ground: str, login: str) -> None:
        by = int(Staff.objects.using("gate").get(login=login).pk)
        unmask(Unmask(whose.person, whose.case, "name", what, ground, by), AT)

    look(of, of.debtor, "correct", "supervisor")
    look(other, other.debtor, "complaint", "complaint_handler")
    visitor = load_visitor(entered(of, sink), AT + MINUTE)
    assert visitor is not None
    with reading(visitor.viewer):
        assert [(one.what, one.role, one.ground) for one in load_looks_at_me()] == [("name", "supervisor", "correct")]
    function = rows("SELECT prosrc FROM pg_proc WHERE proname = 'zhizhi_looks_at_me'")[0][0]
    assert f"LIMIT {LOOKS_TOLD_MAX}" in function


def test_raw_sql_of_the_web_neither_reads_nor_makes_a_way_in(
    book: dict[str, Row], store: str, sink: ToldChannel
) -> None:
    of = values_of(book["own queue, nobody's"])
    entered(of, sink)
    said = f"borrower {of.person} {of.debtor}"
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as web:
        for statement in (
            "SELECT mark FROM portal_session",
            "SELECT code_mark FROM portal_request",
            "UPDATE portal_session SET person_id = person_id + 1",
            "INSERT INTO portal_session (id) VALUES (1)",
            "DELETE FROM portal_request",
        ):
            assert refused_by_database(web, statement) == "InsufficientPrivilege"
        with web.transaction():
            web.execute(
                "SELECT set_config('zhizhi.person', %s, true), set_config('zhizhi.seal', 'guessed', true)", [said]
            )
            assert web.execute("SELECT count(*) FROM zhizhi_looks_at_me()").fetchone() == (0,)
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        for statement in (
            "UPDATE portal_session SET person_id = person_id + 1",
            "UPDATE portal_session SET ends_at = ends_at + interval '1 day'",
            "UPDATE portal_request SET used_at = NULL",
            "UPDATE portal_request SET person_id = person_id + 1",
            "UPDATE portal_request SET tries = -1 + tries",
            "INSERT INTO portal_session SELECT 1, 'x', 1, person_id, party_id + 1, role, sealed, began_at, ends_at"
            " FROM portal_session",
        ):
            assert refused_by_database(gate, statement) == "RestrictViolation"


def test_nobody_at_a_desk_can_send_or_write_a_wording_of_codes_that_says_more(book: dict[str, Row]) -> None:
    of = values_of(book["own queue, nobody's"])
    author = int(Staff.objects.using("gate").get(login="author").pk)
    point = rows("SELECT id FROM point WHERE party_id = %s AND kind = 'mobile'", of.debtor)[0][0]
    wish = ProposeContact(of.person, of.debtor, point, "sms", "notification", "collect", "portal-code-sms", author)
    with pytest.raises(UseCaseRefused, match="unknown_variable"):
        propose_contact(wish, AT)
    lender = Lender.objects.using("gate").get(code="L1").pk

    def drafted(kind: str, body: str, variables: tuple[str, ...], *, discloses: bool) -> None:
        draft_template(
            DraftTemplate(
                lender, "code-2", "sms", kind, "验证码", "", body, variables, (), discloses, "code-2", author
            ),
            AT,
        )

    for kind, body, variables, discloses, code in (
        ("sign_in", "验证码{code}", ("code",), True, "bad_sign_in"),
        ("sign_in", "请登录", (), False, "bad_sign_in"),
        ("sign_in", "{code}，应还{amount}", ("code", "amount"), False, "bad_variable"),
        ("collection", "{code}", ("code",), True, "bad_variable"),
        ("collection", "{code}", (), True, "bad_variable"),
    ):
        with pytest.raises(Refused, match=code):
            drafted(kind, body, variables, discloses=discloses)
    drafted("sign_in", "验证码{code}，{minutes}分钟", ("code", "minutes"), discloses=False)


def test_without_an_approved_wording_nothing_leaves_and_a_lender_that_has_none_gets_one(
    book: dict[str, Row], sink: ToldChannel, caplog: pytest.LogCaptureFixture
) -> None:
    of = values_of(book["own queue, nobody's"])
    rows("UPDATE template_version SET state = 'retired' WHERE provider_template = 'portal-code-sms-1' RETURNING 1")
    try:
        ask(of.reference, of.number)
        assert answer_requests(AT) == 0
        assert "no_template" in caplog.text
        assert of.number not in caplog.text
        assert of.reference not in caplog.text
    finally:
        rows("UPDATE template_version SET state = 'approved' WHERE provider_template = 'portal-code-sms-1' RETURNING 1")
    login = {row.login: row.pk for row in Staff.objects.using("gate").filter(login__in=["author", "approver"])}
    assert add_defaults(AddDefaults(login["author"], login["approver"]), AT).templates == 0


def test_requests_and_sessions_are_gone_after_two_days(book: dict[str, Row], sink: ToldChannel) -> None:
    entered(values_of(book["own queue, nobody's"]), sink)
    ask("C-1", "10900009999")
    assert erase_requests(AT + timedelta(days=1)) == 0
    assert erase_requests(AT + timedelta(days=2, minutes=2)) == 2
    assert rows("SELECT count(*) FROM portal_session") == [(0,)]
