"""What a debtor asks for is answered with reasons by a working day, and looked at again by somebody else."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import psycopg
import pytest

from book import Borrower, make_lender, make_staff
from gatework import MINUTE, TEN, refused_by_database, rows
from placework import make_case
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.person_requests.reads import count_overdue, load_requests_of, load_waiting
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.person_requests.working import (
    AnswerRequest,
    AskSecondLook,
    RegisterRequest,
    answer_request,
    due_on,
    give_second_look,
    register_request,
    request_second_look,
)

pytestmark = pytest.mark.usefixtures("store")
STAFF: dict[str, int] = {}


@pytest.fixture(scope="module")
def who(store: str) -> Borrower:
    lender = make_lender("Q1")
    for role in ("supervisor", "head", "complaint_handler", "agency_collector"):
        STAFF[role] = make_staff(f"{role}-q", role, lender).pk
    STAFF["lender"] = lender.pk
    return make_case(lender).who


def register(who: Borrower, text: str = "希望减免利息，收入下降", kind: str = "waiver", at: datetime = TEN) -> int:
    return register_request(RegisterRequest(who.person, kind, "call", text, STAFF["supervisor"]), at)


def answered(who: Borrower, by: str = "supervisor") -> int:
    request = register(who)
    reasons = "目录中无此减免，可分期"
    answer_request(AnswerRequest(who.person, request, "partly", reasons, STAFF[by]), TEN + MINUTE)
    return request


@pytest.mark.parametrize(
    ("came", "due"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),
        (date(2026, 3, 6), date(2026, 3, 13)),
        (date(2026, 2, 14), date(2026, 2, 28)),  # before nine days of Spring Festival; the last Saturday is worked
        (date(2026, 9, 28), date(2026, 10, 10)),  # National Day, and the Saturday that is worked for it
    ],
)
def test_an_answer_is_due_on_the_fifth_working_day_after_receipt(came: date, due: date) -> None:
    assert due_on(datetime(came.year, came.month, came.day, 23, 30, tzinfo=BEIJING)) == due


def test_a_request_from_its_words_to_the_second_look(who: Borrower) -> None:
    request = answered(who)
    with pytest.raises(Refused, match="gone"):
        answer_request(AnswerRequest(who.person, request, "granted", "同意其请求", STAFF["head"]), TEN)
    with pytest.raises(Refused, match="gone"):
        give_second_look(AnswerRequest(who.person, request, "granted", "同意其请求", STAFF["head"]), TEN)
    later = TEN + timedelta(days=7)
    request_second_look(AskSecondLook(who.person, request, STAFF["supervisor"]), later)
    own = AnswerRequest(who.person, request, "refused", "维持原答复意见", STAFF["supervisor"])
    with pytest.raises(Refused, match="same_person"):
        give_second_look(own, later)
    give_second_look(AnswerRequest(who.person, request, "granted", "情况属实，予以同意", STAFF["head"]), later)
    with reading(Viewer(STAFF["head"], Scope.LENDER, STAFF["lender"], None)):
        (row,) = [one for one in load_requests_of(who.person) if one.id == request]
    assert (row.state, row.answer, row.second_answer, row.due_on) == ("closed", "partly", "granted", due_on(later))
    assert (row.text, row.answer_text, row.second_text) == (
        "希望减免利息，收入下降", "目录中无此减免，可分期", "情况属实，予以同意",
    )  # fmt: skip
    with pytest.raises(Refused, match="gone"):
        request_second_look(AskSecondLook(who.person, request, STAFF["supervisor"]), later)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("短", "waiver", "too_short"),
        ("请打我电话13800138000", "waiver", "number_in_text"),
        ("希望减免利息", "gift", "kind"),
    ],
)
def test_words_are_asked_for_and_hold_no_number(who: Borrower, text: str, kind: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        register(who, text, kind)
    assert refused.value.code == code


def test_whoever_may_not_answer_does_not(who: Borrower) -> None:
    request = register(who)
    for by in ("agency_collector",):
        with pytest.raises(Refused, match="not_allowed"):
            answer_request(AnswerRequest(who.person, request, "granted", "同意其请求", STAFF[by]), TEN)


def test_what_is_overdue_is_counted_for_whoever_sees_the_case(who: Borrower) -> None:
    before = len(waiting("head"))
    register(who)
    assert len(waiting("head")) == before + 1
    with reading(Viewer(STAFF["head"], Scope.LENDER, STAFF["lender"], None)):
        assert count_overdue(due_on(TEN)) == 0
        assert count_overdue(due_on(TEN) + timedelta(days=1)) == before + 1
    stranger = make_staff("stranger-q", "supervisor", make_lender("Q2")).pk
    with reading(Viewer(stranger, Scope.LENDER, None, None)):
        assert load_waiting() == []


def waiting(role: str) -> list[object]:
    with reading(Viewer(STAFF[role], Scope.LENDER, STAFF["lender"], None)):
        return list(load_waiting())


def test_the_database_keeps_the_steps_and_two_persons(
    who: Borrower, gate: psycopg.Connection[tuple[object, ...]]
) -> None:
    request = answered(who)
    other = "UPDATE person_request SET answer = 'refused' WHERE id = %s"
    assert refused_by_database(gate, other, request) == "RestrictViolation"
    back = (
        "UPDATE person_request SET state = 'open', answer = NULL, answered_by = NULL, answered_at = NULL WHERE id = %s"
    )
    assert refused_by_database(gate, back, request) == "RestrictViolation"
    assert refused_by_database(gate, "DELETE FROM person_request WHERE id = %s", request) == "InsufficientPrivilege"
    request_second_look(AskSecondLook(who.person, request, STAFF["supervisor"]), TEN)
    own = (
        "UPDATE person_request SET state = 'closed', second_answer = 'granted', second_sealed = '\\x00',"
        " second_at = now(), second_by = answered_by WHERE id = %s"
    )
    assert refused_by_database(gate, own, request) == "CheckViolation"
    assert refused_by_database(gate, "UPDATE person_request SET due_on = '2030-01-01' WHERE id = %s", request) == (
        "RestrictViolation"
    )


def test_rows_and_leaves_say_the_same(who: Borrower) -> None:
    request = answered(who)
    request_second_look(AskSecondLook(who.person, request, STAFF["supervisor"]), TEN)
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows("SELECT position FROM leaf WHERE source_table = 'person_request' AND source_id = %s", request)
    assert len(own) == 3
    assert found.isdisjoint(position for (position,) in own)


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
